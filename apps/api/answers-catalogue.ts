import { ALLOCATION_POLICIES, LOCATION_KINDS, TRACKING } from '../../libs/domain';
import {
  component,
  count,
  described,
  flag,
  listOf,
  number,
  object,
  oneOf,
  optional,
  orNull,
  type Schema,
  someOf,
  text,
  textMap,
} from './answer-schema';
import { instant, sku, locationCode, quantity, position, revision } from './answer-fields';
import { MAX_DECIMALS } from './canonical';

/** Answers about items and locations. */

const supplier = component(
  'Supplier',
  object({ supplier: text(), supplierSku: orNull(text()), leadTimeDays: orNull(count) }),
);
const threshold = orNull(quantity);
const locationThreshold = component(
  'LocationThreshold',
  object({ location: locationCode, reorderThreshold: threshold }),
);
const itemDetails = {
  name: text(),
  description: text(),
  category: orNull(text()),
  attributes: textMap,
  aliases: listOf(text()),
  barcodes: listOf(text()),
  suppliers: listOf(supplier),
  tracking: oneOf(...TRACKING),
  qcRequired: flag,
  allocationPolicy: oneOf(...ALLOCATION_POLICIES),
  active: flag,
  reorderThreshold: threshold,
  reorderThresholds: listOf(locationThreshold),
};
const itemFields = {
  sku,
  id: described(sku, 'The SKU again, as other systems call it.'),
  code: described(sku, 'The SKU again, as other systems call it.'),
  unit: text(),
  decimals: number({ type: 'integer', minimum: 0, maximum: MAX_DECIMALS }),
  ...itemDetails,
};
const history = { registeredAt: instant, updatedAt: instant, revision };

export const itemAnswer = component('Item', object({ ...itemFields, ...history }));
export const registeredItem = component(
  'RegisteredItem',
  object({ ...itemFields, revision, position }),
);

/** Where nothing changed there is no position to wait for. */
const place = { revision, position: optional(position) };
const changes = <T>(of: Schema<T>): Schema<T> =>
  described(of, 'What is different now; empty where everything was so already.');

export const changedItem = component(
  'ChangedItem',
  object({ sku, changes: changes(someOf(itemDetails)), ...place }),
);

const locationDetails = {
  name: text(),
  kind: oneOf(...LOCATION_KINDS),
  parent: orNull(locationCode),
  timeZone: described(text(), 'IANA name.'),
  active: flag,
};
const locationFields = { code: locationCode, ...locationDetails };
export const locationAnswer = component('Location', object({ ...locationFields, ...history }));
export const registeredLocation = component(
  'RegisteredLocation',
  object({ ...locationFields, revision, position }),
);
export const changedLocation = component(
  'ChangedLocation',
  object({ code: locationCode, changes: changes(someOf(locationDetails)), ...place }),
);
