import type { EventsOf } from '../kernel';
import {
  calendarDate,
  change,
  count,
  decimals,
  entered,
  flag,
  instant,
  listOf,
  money,
  oneOf,
  optional,
  orNull,
  quantity,
  signedQuantity,
  text,
  texts,
} from '../schema';
import { ALLOCATION_POLICIES } from '../item';
import { QC_STATUSES } from './stock-lot';

/** What can happen to the stock of one SKU at one location. */

export const RECEIPT_PURPOSES = ['OPENING', 'PURCHASE', 'PRODUCTION', 'OTHER'] as const;
export const ISSUE_PURPOSES = [
  'SALE',
  'CONSUMPTION',
  'DISPOSAL',
  'RETURN_TO_SUPPLIER',
  'REMOVAL',
  'OTHER',
] as const;
export const ADJUSTMENT_PURPOSES = ['CORRECTION', 'DAMAGE', 'LOSS', 'FOUND', 'OTHER'] as const;
/** Where returned goods go: on hold until someone has looked at them, or straight back into stock. */
export const RETURN_DISPOSITIONS = ['QUARANTINE', 'STOCK'] as const;
/** GS1 CBV: counting as one goes is not for the books, a stocktake is. */
export const COUNT_KINDS = ['CYCLE_COUNT', 'STOCKTAKE'] as const;
/** GS1 EPCIS, errorDeclaration.reason. */
export const REVERSAL_ERRORS = ['did_not_occur', 'incorrect_data'] as const;
export const REVERSIBLE = [
  'StockReceived.v2',
  'StockReturned',
  'StockIssued.v2',
  'StockAdjusted.v2',
  'StockCounted',
] as const;
/** Why an allocation left a lot without anyone having asked for it. */
export const MOVE_CAUSES = ['LOT_NOT_APPROVED', 'LOT_EXPIRED', 'COUNTED_LESS'] as const;

const place = { sku: text, location: text };
const measured = { unit: text, decimals };

/** One movement is one lot (null = the pool of stock without a code) at one place. */
const moved = { ...place, lotCode: orNull(text), ...measured, reference: orNull(text) };
/** What a lot is when it leaves or arrives. */
const lotState = {
  expiresOn: orNull(calendarDate),
  qcStatus: oneOf(...QC_STATUSES),
  /** Revision of the lot stream that was decided upon; null = that did not yet know of this place. */
  lotRevision: orNull(count),
};
const lotLines = listOf({ lotCode: orNull(text), quantity });
const reservation = { reservationId: text, ...place, ...measured };
const transfer = {
  transferId: text,
  ...place,
  to: text,
  lotCode: orNull(text),
  ...measured,
  quantity,
  /** Of the whole transfer, after this. */
  outstanding: count,
};
const counted = {
  countId: text,
  ...place,
  lotCode: orNull(text),
  ...measured,
  kind: oneOf(...COUNT_KINDS),
  /** The counter was not shown what the books say. */
  blind: flag,
  counted: count,
  entered,
  /** On hand of the lot after this revision of the stream. */
  book: count,
  countedAtRevision: count,
  countedBy: text,
  /** The sheet or list behind it; absent where none was told. */
  reference: optional(text),
};

export const stockEvents = {
  'StockReceived.v2': {
    ...moved,
    quantity,
    entered,
    purpose: oneOf(...RECEIPT_PURPOSES),
    ...lotState,
    /** Cost of one unit of the item, not of one base unit. */
    unitCost: orNull(money),
    supplierLot: orNull(text),
    manufacturedOn: orNull(calendarDate),
    /** Lot ids that this lot was made of. */
    parentLots: texts,
    /** The receipt itself asked for quality control. */
    qcRequired: flag,
  },
  /** From a customer. */
  StockReturned: {
    ...moved,
    quantity,
    entered,
    disposition: oneOf(...RETURN_DISPOSITIONS),
    ...lotState,
  },
  'StockIssued.v2': {
    ...moved,
    quantity,
    entered,
    purpose: oneOf(...ISSUE_PURPOSES),
    /** The reservation it was set aside for. */
    reservationId: orNull(text),
    /** How much of it was on hold. */
    fromHold: count,
  },
  'StockAdjusted.v2': {
    ...moved,
    quantity: signedQuantity,
    entered,
    purpose: oneOf(...ADJUSTMENT_PURPOSES),
    fromHold: count,
  },
  StockHeld: { ...moved, quantity, entered },
  HoldLifted: { ...moved, quantity, entered },

  StockReserved: {
    ...reservation,
    quantity,
    entered,
    allocations: lotLines,
    /** Asked for and not there: the reservation is partial. */
    short: count,
    strategy: oneOf(...ALLOCATION_POLICIES),
    /** The lots were named: no other may take their place. */
    hard: flag,
    batchId: orNull(text),
    reference: orNull(text),
    expiresAt: orNull(instant),
  },
  ReservationReleased: {
    ...reservation,
    allocations: lotLines,
    /** How much of what is short is given up with it. */
    short: count,
  },
  ReservationExpired: { ...reservation, allocations: lotLines, short: count, expiresAt: instant },
  ReservationExtended: { reservationId: text, ...place, expiresAt: orNull(instant) },
  /** Allocations left lots that may not be used any more, for others where there are any. */
  AllocationsMoved: {
    ...reservation,
    from: lotLines,
    to: lotLines,
    /** How much found no other lot. */
    short: count,
    cause: oneOf(...MOVE_CAUSES),
  },
  /** The word of the lot stream has come here. */
  LotStatusApplied: {
    ...place,
    lotCode: text,
    ...measured,
    expiresOn: orNull(calendarDate),
    qcStatus: oneOf(...QC_STATUSES),
    lotRevision: count,
  },

  StockDispatched: {
    ...moved,
    quantity,
    entered,
    transferId: text,
    to: text,
    receivedAt: instant,
    ...lotState,
  },
  /** The destination has it: written where it was sent from, which alone knows what is outstanding. */
  TransferReceived: { ...transfer, receivedAt: instant, ...lotState },
  /** Lost on the way. */
  TransferWrittenOff: transfer,
  /** Back where it was sent from. */
  TransferCancelled: { ...transfer, receivedAt: instant },
  StockArrived: {
    ...moved,
    quantity,
    transferId: text,
    from: text,
    receivedAt: instant,
    ...lotState,
    /** The place was inactive, or the lot rejected or recalled. */
    onHold: flag,
  },

  /** Waits for another person's approval. */
  CountSubmitted: counted,
  /** Makes the books agree with the count as of its revision. */
  StockCounted: {
    ...counted,
    /** counted - book: the effect on what is on hand. */
    variance: change,
    fromHold: count,
    reference: orNull(text),
  },
  CountRejected: counted,

  MovementReversed: {
    ...moved,
    /** The effect on what is on hand: the opposite of the movement's. */
    quantity: signedQuantity,
    movementId: text,
    movementType: oneOf(...REVERSIBLE),
    error: oneOf(...REVERSAL_ERRORS),
    fromHold: count,
  },
};
export type StockEvent = EventsOf<typeof stockEvents>;
export type StockEventOf<T extends StockEvent['type']> = Extract<StockEvent, { readonly type: T }>;
