import { inIssueOrder, isExpired, isUsable } from './allocation';
import {
  accept,
  refuse,
  type Decision,
  type EventsOf,
  type Refusal,
  type StreamDefinition,
} from './kernel';
import type { Item } from './item';
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

/** All quantity of one SKU at one location: the pool of stock without a lot code, and the lots. */

export const QC_STATUSES = ['APPROVED', 'QUARANTINE'] as const;
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

export interface StockLot {
  /** null = the pool. */
  readonly lotCode: string | null;
  readonly onHand: number;
  /** When the stock that is here now began to arrive, by effectiveAt; decides FIFO. */
  readonly receivedAt: string;
  readonly expiresOn: string | null;
  readonly qcStatus: (typeof QC_STATUSES)[number];
}

export interface StockState {
  readonly onHand: number;
  /** By lot code; '' is the pool. A lot stays known when it is empty. */
  readonly lots: ReadonlyMap<string, StockLot>;
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
  const known = lotCode === null ? undefined : state.lots.get(lotCode);
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
  const named = data.lotCode === undefined ? undefined : state.lots.get(data.lotCode);
  if (data.lotCode !== undefined && !named) return unknownLot(data);
  const held = (named ? [named] : [...state.lots.values()]).filter((lot) => lot.onHand > 0);
  const usable = held.filter((lot) => isUsable(lot, facts.localDate, purpose));
  if (sum(usable) < units) {
    const refusal = shortage(data, units, held, facts.localDate, item);
    return { accepted: false, refusal };
  }
  const events: StockEvent[] = [];
  let left = units;
  for (const lot of inIssueOrder(usable, item.allocationPolicy)) {
    if (left === 0) break;
    const taken = Math.min(left, lot.onHand);
    left -= taken;
    events.push({
      type: 'StockIssued',
      data: { quantity: taken, purpose, ...movedOf(data, lot.lotCode, item) },
    });
  }
  return accept(...events);
}

function adjust(data: Adjust, units: number, state: StockState, item: KnownItem): StockDecision {
  const lot = state.lots.get(data.lotCode ?? '');
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

function shortage(
  data: Issue,
  units: number,
  held: readonly StockLot[],
  localDate: string,
  item: KnownItem,
): Refusal<StockCode> {
  const isDisposal = data.purpose === 'DISPOSAL';
  const fresh = held.filter((lot) => isDisposal || !isExpired(lot.expiresOn, localDate));
  const approved = sum(fresh.filter((lot) => lot.qcStatus === 'APPROVED'));
  const all = sum(fresh);
  const place = `${data.sku} at ${data.location}`;
  if (!isDisposal && all > 0 && approved === 0) {
    return {
      code: 'NO_QC_APPROVED_LOT',
      detail: `no lot of ${place} is approved; ${inUnits(all, item)} await quality control; approve a lot first`,
    };
  }
  const [expired] = held;
  if (data.lotCode !== undefined && expired && fresh.length === 0) {
    return {
      code: 'LOT_EXPIRED',
      detail: `lot ${data.lotCode} expired on ${expired.expiresOn}; only a DISPOSAL may issue it`,
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
  const lot = state.lots.get(key) ?? {
    lotCode,
    onHand: 0,
    receivedAt: effectiveAt,
    expiresOn: null,
    qcStatus: 'APPROVED' as const,
  };
  const change = event.type === 'StockIssued' ? -moved : moved;
  const began = lot.onHand === 0 ? effectiveAt : lot.receivedAt;
  const next: StockLot = {
    ...lot,
    ...(event.type === 'StockReceived' && {
      expiresOn: event.data.expiresOn,
      qcStatus: event.data.qcStatus,
    }),
    receivedAt: change > 0 ? (effectiveAt < began ? effectiveAt : began) : lot.receivedAt,
    onHand: lot.onHand + change,
  };
  return { onHand: state.onHand + change, lots: new Map(state.lots).set(key, next) };
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
const sum = (lots: readonly StockLot[]): number =>
  lots.reduce((total, lot) => total + lot.onHand, 0);

export const stock: StreamDefinition<StockState, StockCommand, StockEvent, StockFacts, StockCode> =
  {
    category: 'stock',
    events: stockEvents,
    upcasts: {},
    initial: { onHand: 0, lots: new Map() },
    decide,
    evolve,
  };
