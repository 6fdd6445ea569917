import {
  accept,
  refuse,
  type Decision,
  type EventsOf,
  type Refusal,
  type StreamDefinition,
} from './kernel';
import type { Item } from './item';
import {
  heldOn,
  isExpired,
  lotOf,
  noLots,
  packLots,
  unpackLots,
  visitUsable,
  withLot,
  type Lots,
  type LotsAsJson,
} from './lots';
import { fromBaseUnits, MAX_QUANTITY, toBaseUnits, type QuantityCode } from './quantity';
import {
  calendarDate,
  decimals,
  money,
  oneOf,
  orNull,
  quantity,
  signedQuantity,
  text,
  type Money,
} from './schema';
import { QC_STATUSES, type StockLot } from './stock-lot';

/** All quantity of one SKU at one location: the pool of stock without a lot code, and the lots. */

export { lotsOf } from './lots';
export { QC_STATUSES, type StockLot } from './stock-lot';
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

/** One movement is one lot (null = the pool of stock without a code) at one place. */
const moved = {
  sku: text,
  location: text,
  lotCode: orNull(text),
  unit: text,
  decimals,
  reference: orNull(text),
};

export const stockEvents = {
  StockReceived: {
    ...moved,
    quantity,
    purpose: oneOf(...RECEIPT_PURPOSES),
    expiresOn: orNull(calendarDate),
    qcStatus: oneOf(...QC_STATUSES),
    /** Cost of one unit of the item, not of one base unit. */
    unitCost: orNull(money),
  },
  StockIssued: { ...moved, quantity, purpose: oneOf(...ISSUE_PURPOSES) },
  StockAdjusted: { ...moved, quantity: signedQuantity, purpose: oneOf(...ADJUSTMENT_PURPOSES) },
};
export type StockEvent = EventsOf<typeof stockEvents>;

interface Movement {
  readonly sku: string;
  readonly location: string;
  /** As entered: a decimal text in the item's unit. */
  readonly quantity: string;
  readonly lotCode?: string;
  readonly reference?: string;
}

export type StockCommand =
  | {
      readonly type: 'ReceiveStock';
      readonly data: Movement & {
        readonly purpose?: (typeof RECEIPT_PURPOSES)[number];
        readonly expiresOn?: string;
        readonly unitCost?: Money;
        /** True puts the receipt into quarantine even where the item does not ask for it. */
        readonly qcRequired?: boolean;
      };
    }
  | {
      readonly type: 'IssueStock';
      readonly data: Movement & { readonly purpose?: (typeof ISSUE_PURPOSES)[number] };
    }
  | {
      readonly type: 'AdjustStock';
      readonly data: Movement & { readonly purpose?: (typeof ADJUSTMENT_PURPOSES)[number] };
    };

export interface StockState {
  readonly onHand: number;
  readonly lots: Lots;
}

/** What the decision knows from outside the stream. */
export interface StockFacts {
  readonly item: Pick<
    Item,
    'unit' | 'decimals' | 'active' | 'tracking' | 'qcRequired' | 'allocationPolicy'
  > | null;
  readonly location: { readonly active: boolean } | null;
  /** The calendar date at the location when the movement takes effect. */
  readonly localDate: string;
  /** The code for a lot that needs one and came without. */
  readonly generatedLotCode: string;
}

export type StockCode =
  | 'ITEM_NOT_FOUND'
  | 'ITEM_INACTIVE'
  | 'LOCATION_NOT_FOUND'
  | 'LOCATION_INACTIVE'
  | 'LOT_NOT_FOUND'
  | 'LOT_CODE_REQUIRED'
  | 'LOT_EXPIRED'
  | 'LOT_EXPIRY_MISMATCH'
  | 'INSUFFICIENT_STOCK'
  | 'INSUFFICIENT_APPROVED_STOCK'
  | 'NO_QC_APPROVED_LOT'
  | QuantityCode;

type StockDecision = Decision<StockEvent, StockCode>;
type Receive = Extract<StockCommand, { type: 'ReceiveStock' }>['data'];
type Issue = Extract<StockCommand, { type: 'IssueStock' }>['data'];
type Adjust = Extract<StockCommand, { type: 'AdjustStock' }>['data'];
type Held = ReturnType<typeof heldOn>;
type KnownItem = NonNullable<StockFacts['item']>;

/** Precedence of refusals: item, location, quantity, lot, then what stock there is. */
function decide(command: StockCommand, state: StockState, facts: StockFacts): StockDecision {
  const { sku, location, quantity: entered } = command.data;
  if (!facts.item)
    return refuse('ITEM_NOT_FOUND', `there is no item ${sku}; POST /api/v1/items registers one`);
  if (!facts.location) {
    return refuse(
      'LOCATION_NOT_FOUND',
      `there is no location ${location}; POST /api/v1/locations registers one`,
    );
  }
  const units = toBaseUnits(entered, facts.item.decimals);
  if (typeof units === 'object') return { accepted: false, refusal: units };
  if (units === 0 || (units < 0 && command.type !== 'AdjustStock')) {
    return refuse('QUANTITY_INVALID', `a quantity of ${entered} moves nothing; it must be above 0`);
  }
  switch (command.type) {
    case 'ReceiveStock':
      return receive(command.data, units, state, facts, facts.item);
    case 'IssueStock':
      return issue(command.data, units, state, facts, facts.item);
    case 'AdjustStock':
      return adjust(command.data, units, state, facts.item);
  }
}

function receive(
  data: Receive,
  units: number,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  if (!item.active)
    return refuse(
      'ITEM_INACTIVE',
      `item ${data.sku} is inactive and takes no receipts; reactivate it first`,
    );
  if (!facts.location?.active) {
    return refuse(
      'LOCATION_INACTIVE',
      `location ${data.location} is inactive and takes no receipts; reactivate it first`,
    );
  }
  if (state.onHand + units > MAX_QUANTITY) return tooMuch(data, item);
  if (item.tracking === 'lot' && data.lotCode === undefined) {
    return refuse(
      'LOT_CODE_REQUIRED',
      `item ${data.sku} is tracked by lot; say which lotCode arrives`,
    );
  }
  const quarantined = item.qcRequired || data.qcRequired === true;
  const needsLot = quarantined || data.expiresOn !== undefined;
  const lotCode = data.lotCode ?? (needsLot ? facts.generatedLotCode : null);
  const known = lotCode === null ? undefined : lotOf(state.lots, lotCode);
  const expiresOn = data.expiresOn ?? known?.expiresOn ?? null;
  if (known && expiresOn !== known.expiresOn) {
    return refuse(
      'LOT_EXPIRY_MISMATCH',
      `lot ${lotCode} here ${known.expiresOn ? `expires on ${known.expiresOn}` : 'has no expiry'}, not ${expiresOn}; check the date and the lot code`,
    );
  }
  const qcStatus = quarantined ? 'QUARANTINE' : (known?.qcStatus ?? 'APPROVED');
  return accept({
    type: 'StockReceived',
    data: {
      quantity: units,
      purpose: data.purpose ?? 'OTHER',
      expiresOn,
      qcStatus,
      unitCost: data.unitCost ?? null,
      ...movedOf(data, lotCode, item),
    },
  });
}

/** Without a lot code the oldest usable stock goes first, one event for each lot that it touches. */
function issue(
  data: Issue,
  units: number,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const purpose = data.purpose ?? 'OTHER';
  const named = data.lotCode === undefined ? undefined : lotOf(state.lots, data.lotCode);
  if (data.lotCode !== undefined && !named) return unknownLot(data);
  const day = purpose === 'DISPOSAL' ? null : facts.localDate;
  const held = named ? heldIn(named, day) : heldOn(state.lots, day);
  if ((day === null ? held.onHand : held.approved) < units) {
    return { accepted: false, refusal: shortage(data, units, held, named, item) };
  }
  const events: StockEvent[] = [];
  let left = units;
  const take = (lot: StockLot): boolean => {
    const quantity = Math.min(left, lot.onHand);
    left -= quantity;
    events.push({
      type: 'StockIssued',
      data: { quantity, purpose, ...movedOf(data, lot.lotCode, item) },
    });
    return left > 0;
  };
  if (named) take(named);
  else visitUsable(state.lots, item.allocationPolicy, day, take);
  return accept(...events);
}

/** What `heldOn` tells of all lots, of one. */
function heldIn(lot: StockLot, day: string | null): Held {
  const onHand = day !== null && isExpired(lot.expiresOn, day) ? 0 : lot.onHand;
  return { onHand, approved: lot.qcStatus === 'APPROVED' ? onHand : 0 };
}

function adjust(data: Adjust, units: number, state: StockState, item: KnownItem): StockDecision {
  const lot = lotOf(state.lots, data.lotCode ?? '');
  if (data.lotCode !== undefined && !lot) return unknownLot(data);
  if (item.tracking === 'lot' && data.lotCode === undefined) {
    return refuse(
      'LOT_CODE_REQUIRED',
      `item ${data.sku} is tracked by lot; say which lotCode to adjust`,
    );
  }
  if (state.onHand + units > MAX_QUANTITY) return tooMuch(data, item);
  const onHand = lot?.onHand ?? 0;
  if (onHand + units < 0) {
    return refuse(
      'INSUFFICIENT_STOCK',
      `${inUnits(onHand, item)} on hand, so ${inUnits(-units, item)} cannot be taken away; adjust by less, or count again`,
    );
  }
  return accept({
    type: 'StockAdjusted',
    data: {
      quantity: units,
      purpose: data.purpose ?? 'CORRECTION',
      ...movedOf(data, data.lotCode ?? null, item),
    },
  });
}

/** `held` is what has not expired; of the lot that was named, or of all. */
function shortage(
  data: Issue,
  units: number,
  { onHand: all, approved }: Held,
  named: StockLot | undefined,
  item: KnownItem,
): Refusal<StockCode> {
  const place = `${data.sku} at ${data.location}`;
  if (data.purpose !== 'DISPOSAL' && all > 0 && approved === 0) {
    return {
      code: 'NO_QC_APPROVED_LOT',
      detail: `no lot of ${place} is approved; ${inUnits(all, item)} await quality control; approve a lot first`,
    };
  }
  if (named && named.onHand > 0 && all === 0) {
    return {
      code: 'LOT_EXPIRED',
      detail: `lot ${data.lotCode} expired on ${named.expiresOn}; only a DISPOSAL may issue it`,
    };
  }
  if (all >= units) {
    return {
      code: 'INSUFFICIENT_APPROVED_STOCK',
      detail: `${inUnits(approved, item)} of ${place} are approved, ${data.quantity} asked for; ask for less, or approve more first`,
    };
  }
  return {
    code: 'INSUFFICIENT_STOCK',
    detail: `${inUnits(all, item)} of ${place} are available, ${data.quantity} asked for; ${
      all > 0 ? `ask for at most ${fromBaseUnits(all, item.decimals)}` : 'receive some first'
    }`,
  };
}

function evolve(
  state: StockState,
  event: StockEvent,
  { effectiveAt }: { readonly effectiveAt: string },
): StockState {
  const { lotCode, quantity: moved } = event.data;
  const key = lotCode ?? '';
  const known = lotOf(state.lots, key);
  const change = event.type === 'StockIssued' ? -moved : moved;
  const onHand = (known?.onHand ?? 0) + change;
  const isReceipt = event.type === 'StockReceived';
  const lot: StockLot = {
    lotCode,
    onHand,
    receivedAt: onHand === 0 ? '' : beganAt(known, change, effectiveAt),
    expiresOn: isReceipt ? event.data.expiresOn : (known?.expiresOn ?? null),
    qcStatus: isReceipt ? event.data.qcStatus : (known?.qcStatus ?? 'APPROVED'),
    place: known?.place ?? state.lots.count,
  };
  return { onHand: state.onHand + change, lots: withLot(state.lots, known, lot) };
}

/** The earliest arrival counts; what came before the lot was last empty does not. */
function beganAt(known: StockLot | undefined, change: number, effectiveAt: string): string {
  if (!known || known.onHand === 0) return effectiveAt;
  return change > 0 && effectiveAt < known.receivedAt ? effectiveAt : known.receivedAt;
}

/** Spread last where it is used: an object that begins with a spread takes V8 some 2 us for each field added to it. */
const movedOf = (data: Movement, lotCode: string | null, item: KnownItem) => ({
  sku: data.sku,
  location: data.location,
  lotCode,
  unit: item.unit,
  decimals: item.decimals,
  reference: data.reference ?? null,
});

const unknownLot = (data: Movement): StockDecision =>
  refuse(
    'LOT_NOT_FOUND',
    `there is no lot ${data.lotCode} of ${data.sku} at ${data.location}; GET /api/v1/lots lists those there are`,
  );

const tooMuch = (data: Movement, item: KnownItem): StockDecision =>
  refuse(
    'QUANTITY_TOO_LARGE',
    `${data.sku} at ${data.location} would hold more than ${inUnits(MAX_QUANTITY, item)}; send less`,
  );

const inUnits = (units: number, item: KnownItem): string =>
  `${fromBaseUnits(units, item.decimals)} ${item.unit}`;

interface PackedStock {
  readonly onHand: number;
  readonly lots: LotsAsJson;
}

export const stock: StreamDefinition<StockState, StockCommand, StockEvent, StockFacts, StockCode> =
  {
    category: 'stock',
    events: stockEvents,
    upcasts: {},
    initial: { onHand: 0, lots: noLots },
    decide,
    evolve,
    form: {
      version: 1,
      pack: ({ onHand, lots }): PackedStock => ({ onHand, lots: packLots(lots) }),
      unpack(packed) {
        const { onHand, lots: packedLots } = packed as PackedStock;
        const lots = unpackLots(packedLots);
        if (heldOn(lots, null).onHand !== onHand) throw new Error('lots and balance differ');
        return { onHand, lots };
      },
      sizeOf: ({ lots }) => lots.count,
    },
  };
