import { component, count, described, id, number, text } from './answer-schema';
import { MAX_LOCATION_CODE, MAX_SKU } from '../http/fields';

/** Kinds of fields that answers are made of. */

export const instant = text({
  format: 'date-time',
  description: 'RFC 3339 in UTC, with milliseconds.',
});
export const date = text({ format: 'date' });
export const uuid = text({ format: 'uuid' });
export const sku = component('Sku', described(id(MAX_SKU), 'Case-sensitive.'));
export const locationCode = component(
  'LocationCode',
  described(id(MAX_LOCATION_CODE), 'Case-sensitive.'),
);
export const lotCode = component('LotCode', id(MAX_SKU));
export const lotId = component(
  'LotId',
  text({
    description: '`<sku>.<lotCode>`, both percent-encoded outside letters, digits, _ and -.',
  }),
);
export const quantity = component(
  'Quantity',
  number({
    description:
      'In the unit of the item, with at most the decimals that the item is registered with: 1.25 kg is 1.25.',
  }),
);
export const money = component(
  'Money',
  text({ pattern: '^\\d+(\\.\\d+)?$', description: 'A decimal text; never a binary fraction.' }),
);
export const currency = text({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' });
export const position = component(
  'Position',
  text({
    pattern: '^[0-9a-f]{8}-\\d{1,20}$',
    description: 'A place in the log of one event store. Send it back as `after`.',
  }),
);
export const revision = component(
  'Revision',
  described(count, 'How often it has changed since it began; the ETag and If-Match hold it.'),
);
export const cursor = text({
  minLength: 1,
  description: 'Send it back as `cursor`. null: the last page.',
});

export const metadata = { actor: text(), commandId: uuid, correlationId: text() };
