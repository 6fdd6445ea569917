import {
  ALLOCATION_POLICIES,
  LOCATION_KINDS,
  THRESHOLD_KINDS,
  TRACKING,
} from '../../../libs/domain';
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
} from '../document/answer-schema';
import {
  instant,
  locationCode,
  metadata,
  position,
  quantity,
  revision,
  sku,
} from '../document/answer-fields';
import { MAX_DECIMALS } from '../http/canonical';

/** Answers about items and locations. */

const supplier = component(
  'Supplier',
  object({ supplier: text(), supplierSku: orNull(text()), leadTimeDays: orNull(count) }),
);
const itemUnit = component(
  'ItemUnit',
  object({
    unit: text(),
    numerator: described(count, "One of it is numerator / denominator of the item's own unit."),
    denominator: count,
  }),
);
const threshold = orNull(quantity);
const levels = {
  safetyStock: described(threshold, 'What is kept against surprises.'),
  reorderThreshold: described(threshold, 'Stock at or below it counts as low.'),
  maximum: described(threshold, 'More on hand is too much.'),
};
const locationLevels = component(
  'LocationThresholds',
  object({ location: locationCode, ...levels }),
);
const locationLevelChanges = component(
  'ChangedLocationThresholds',
  object({
    location: locationCode,
    safetyStock: optional(threshold),
    reorderThreshold: optional(threshold),
    maximum: optional(threshold),
  }),
);
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
  units: described(listOf(itemUnit), "Packs and other units beside the item's own."),
  countVarianceLimit: described(
    orNull(quantity),
    'A count that differs by more waits for the approval of somebody else; null: none does.',
  ),
  active: flag,
  ...levels,
  thresholds: listOf(locationLevels),
  reorderThresholds: described(
    listOf(locationThreshold),
    'The reorder thresholds among `thresholds`.',
  ),
};
const itemChanges = { ...itemDetails, thresholds: listOf(locationLevelChanges) };
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
  object({ sku, changes: changes(someOf(itemChanges)), ...place }),
);

export const thresholdChange = component(
  'ThresholdChange',
  object({
    sku,
    location: described(orNull(locationCode), 'null: the item over all places.'),
    kind: oneOf(...THRESHOLD_KINDS),
    was: described(threshold, 'null: there was none.'),
    threshold: described(threshold, 'null: it was taken away.'),
    unit: text(),
    reason: orNull(text()),
    ...metadata,
    effectiveAt: instant,
    recordedAt: instant,
  }),
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
