import {
  ADJUSTMENT_PURPOSES,
  ISSUE_PURPOSES,
  QC_STATUSES,
  RECEIPT_PURPOSES,
  REVERSAL_ERRORS,
} from '../../../libs/domain';
import { STOCK_STATES } from '../../../libs/postgres/queries';
import {
  component,
  count,
  described,
  flag,
  listOf,
  object,
  oneOf,
  openObject,
  optional,
  orNull,
  text,
} from '../document/answer-schema';
import {
  instant,
  date,
  uuid,
  sku,
  locationCode,
  lotCode,
  lotId,
  metadata,
  quantity,
  money,
  currency,
  position,
  revision,
} from '../document/answer-fields';
import { LEDGER_TYPES } from './stock-queries.dto';

/** Answers about stock: movements, levels, ledger and reports. */

const ledgerType = oneOf(...LEDGER_TYPES);
const movementType = oneOf(...LEDGER_TYPES, 'HOLD', 'UNHOLD');
const purpose = orNull(
  oneOf(
    ...new Set([
      ...RECEIPT_PURPOSES,
      ...ISSUE_PURPOSES,
      ...ADJUSTMENT_PURPOSES,
      'RETURN',
      ...REVERSAL_ERRORS,
    ]),
  ),
);
export const qcStatus = oneOf(...QC_STATUSES);
const told = { reference: orNull(text()), reason: orNull(text()) };
const moments = { effectiveAt: instant, recordedAt: instant };

const movement = component(
  'Movement',
  object({
    movementId: uuid,
    type: movementType,
    lotCode: orNull(lotCode),
    quantity: described(quantity, 'As it was asked for: below 0 only for an adjustment downwards.'),
    unit: text(),
    purpose,
    expiresOn: described(optional(orNull(date)), 'Of a receipt.'),
    qcStatus: described(optional(qcStatus), 'Of a receipt.'),
    unitCost: described(optional(orNull(money)), 'Of a receipt.'),
    currency: described(optional(orNull(currency)), 'Of a receipt.'),
    reverses: described(optional(uuid), 'Of a reversal: the movement that it takes back.'),
    ...told,
    ...moments,
  }),
);
export const movedStock = component(
  'MovedStock',
  object({
    commandId: uuid,
    sku,
    location: locationCode,
    movements: described(listOf(movement), 'One for each lot that was touched.'),
    reservationId: described(optional(text()), 'That it was set aside for.'),
    revision,
    position,
  }),
);

const sums = {
  onHand: described(quantity, 'Everything that is physically there.'),
  reserved: quantity,
  onHold: described(quantity, 'There, but not to be used until someone lifts it.'),
  available: described(
    quantity,
    'Approved, not expired by the date of UTC, neither reserved nor on hold.',
  ),
  quarantined: quantity,
  rejected: described(quantity, 'In lots that were rejected or recalled.'),
  expired: quantity,
  received: quantity,
  issued: quantity,
  adjusted: quantity,
  transferredIn: quantity,
  transferredOut: quantity,
};
export const levelFields = {
  sku,
  location: locationCode,
  lotCode: described(orNull(lotCode), 'null: the pool of stock without a lot code.'),
  ...sums,
  unit: text(),
  qcStatus,
  expiresOn: orNull(date),
  receivedAt: instant,
  lastMovementAt: instant,
  revision,
};
export const levelAnswer = component('StockLevel', object(levelFields));

const summaryFields = {
  sku,
  itemId: described(sku, 'The SKU again.'),
  name: text(),
  category: orNull(text()),
  active: flag,
  unit: text(),
  ...sums,
  inTransit: described(
    quantity,
    'Has left one location and is not yet at another; of a location: what is on its way there. No part of onHand.',
  ),
  lastMovementAt: described(orNull(instant), 'null: it has never moved.'),
};
const placeSummary = component(
  'PlaceSummary',
  object({ ...summaryFields, location: locationCode }),
);
export const summaryAnswer = component(
  'Summary',
  object({
    ...summaryFields,
    location: described(optional(locationCode), 'Where the question names a location.'),
  }),
);
export const itemSummary = component(
  'ItemSummary',
  object({ ...summaryFields, locations: listOf(placeSummary) }),
);

const ledgerFields = {
  position,
  movementId: uuid,
  sku,
  location: locationCode,
  lotId: orNull(lotId),
  lotCode: orNull(lotCode),
  type: ledgerType,
  quantity: described(
    quantity,
    'The effect on what is on hand: below 0 for what went. Of RESERVE and UNRESERVE, how much is set aside or freed.',
  ),
  balance: described(quantity, 'On hand of the SKU at the location after it, in log order.'),
  reserved: described(quantity, 'Reserved of the SKU at the location after it.'),
  unit: text(),
  purpose: described(
    orNull(text()),
    'Of a movement, or why allocations moved, what kind of count it was, what was wrong.',
  ),
  ...told,
  unitCost: orNull(money),
  currency: orNull(currency),
  documentId: described(orNull(text()), 'The reservation, transfer or count it belongs to.'),
  reverses: described(orNull(uuid), 'The movement that it takes back.'),
  ...metadata,
  revision,
  ...moments,
};
export const ledgerRow = component('LedgerRow', object(ledgerFields));
export const lotLedgerRow = component(
  'LotLedgerRow',
  object({
    ...ledgerFields,
    lotBalance: described(quantity, 'On hand of the lot at all places after it, in log order.'),
  }),
);

export const auditRow = component(
  'AuditRow',
  object({
    position,
    eventId: uuid,
    stream: text(),
    category: text(),
    revision,
    type: described(text(), 'Type of the event.'),
    sku: orNull(sku),
    location: orNull(locationCode),
    reason: orNull(text()),
    causationId: text(),
    ...metadata,
    ...moments,
    data: described(openObject, 'The event as it is stored: quantities in whole base units.'),
  }),
);

export const lowStockRow = component(
  'LowStock',
  object({
    sku,
    name: text(),
    category: orNull(text()),
    location: described(orNull(locationCode), 'null: the item over all places.'),
    state: described(
      oneOf(...STOCK_STATES),
      'The first that is true: nothing is available, less than the safety stock, no more than the reorder threshold; ' +
        'more is on hand than the maximum.',
    ),
    threshold: described(orNull(quantity), 'The reorder threshold.'),
    safetyStock: orNull(quantity),
    maximum: orNull(quantity),
    onHand: quantity,
    available: quantity,
    shortBy: described(
      orNull(quantity),
      'What is missing to the reorder threshold; 0 where nothing is, null where there is none.',
    ),
    unit: text(),
  }),
);

export const statsAnswer = component(
  'Stats',
  object({
    items: count,
    activeItems: count,
    locations: count,
    activeLocations: count,
    lots: count,
    stockedLevels: described(count, 'SKUs at a location with something on hand.'),
    movements: count,
    lowStock: count,
    units: listOf(
      object({
        unit: text(),
        onHand: quantity,
        reserved: quantity,
        received: quantity,
        issued: quantity,
        adjusted: quantity,
      }),
    ),
  }),
);
