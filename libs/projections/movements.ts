import { effectOf } from '../domain';
import { add } from './amounts';
import { sum, type RowOf } from './columns';
import type { EventOf } from './view';

/** What the views of stock have in common. */

const effective = {
  'StockReceived.v2': true,
  StockReturned: true,
  'StockIssued.v2': true,
  'StockAdjusted.v2': true,
  StockCounted: true,
  MovementReversed: true,
  StockDispatched: true,
  StockArrived: true,
  TransferCancelled: true,
} as const;
/** Events that change what is on hand. */
export type MovementType = keyof typeof effective;

const promises = {
  StockReserved: true,
  ReservationReleased: true,
  ReservationExpired: true,
  AllocationsMoved: true,
} as const;
/** Events that change what is reserved and nothing else. */
export type PromiseType = keyof typeof promises;

const holds = { StockHeld: true, HoldLifted: true } as const;

/** Every event that changes a quantity here. */
export const quantityEvents = { ...effective, ...promises, ...holds } as const;
export type QuantityType = keyof typeof quantityEvents;
export type QuantityEvent = EventOf<QuantityType>;

export const isMovement = (event: QuantityEvent): event is EventOf<MovementType> =>
  Object.hasOwn(effective, event.type);

/** received - issued + adjusted + transferred_in - transferred_out = on_hand, always. */
export const sums = {
  on_hand: sum,
  received: sum,
  issued: sum,
  adjusted: sum,
  transferred_in: sum,
  transferred_out: sum,
  reserved: sum,
  /** On hold: part of what is on hand. */
  held: sum,
} as const;
export type Sums = RowOf<typeof sums>;

export const NOTHING: Sums = {
  on_hand: 0,
  received: 0,
  issued: 0,
  adjusted: 0,
  transferred_in: 0,
  transferred_out: 0,
  reserved: 0,
  held: 0,
};

/** In which sum the effect of a movement is counted: returns as received; counts and reversals as adjusted. */
const COUNTED_AS = {
  'StockReceived.v2': 'received',
  StockReturned: 'received',
  'StockIssued.v2': 'issued',
  'StockAdjusted.v2': 'adjusted',
  StockCounted: 'adjusted',
  MovementReversed: 'adjusted',
  StockDispatched: 'transferred_out',
  StockArrived: 'transferred_in',
  TransferCancelled: 'transferred_in',
} as const satisfies Readonly<Record<MovementType, keyof Sums>>;

/** What an event changes of one lot; '' is the pool. */
export interface Effect {
  readonly lot: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly held: number;
}

interface Line {
  readonly lotCode: string | null;
  readonly quantity: number;
}
const reservedBy =
  (sign: 1 | -1) =>
  ({ lotCode, quantity }: Line): Effect => ({
    lot: lotCode ?? '',
    onHand: 0,
    reserved: sign * quantity,
    held: 0,
  });

/** One effect for each lot that is touched; of a lot that is touched twice, two. */
export function effectsOf(event: QuantityEvent): readonly Effect[] {
  switch (event.type) {
    case 'StockReserved':
      return event.data.allocations.map(reservedBy(1));
    case 'ReservationReleased':
    case 'ReservationExpired':
      return event.data.allocations.map(reservedBy(-1));
    case 'AllocationsMoved':
      return [...event.data.from.map(reservedBy(-1)), ...event.data.to.map(reservedBy(1))];
    default: {
      const onHand = effectOf(event);
      const isReserved = event.type === 'StockIssued.v2' && event.data.reservationId !== null;
      const reserved = isReserved ? onHand : 0;
      return [{ lot: event.data.lotCode ?? '', onHand, reserved, held: heldBy(event) }];
    }
  }
}

function heldBy(event: EventOf<Exclude<QuantityType, PromiseType>>): number {
  const { data, type } = event;
  if (type === 'StockHeld') return data.quantity;
  if (type === 'HoldLifted') return -data.quantity;
  if (type === 'StockReturned') return data.disposition === 'QUARANTINE' ? data.quantity : 0;
  if (type === 'StockArrived') return data.onHold ? data.quantity : 0;
  return 'fromHold' in data ? -data.fromHold : 0;
}

/** The lots that an event touches, each once. */
export const lotsOfEvent = (event: QuantityEvent): string[] => [
  ...new Set(effectsOf(event).map(({ lot }) => lot)),
];

/** The sums after an event; of one lot where one is named, else of all. */
export function summed(row: Sums = NOTHING, event: QuantityEvent, lot?: string): Sums {
  let [onHand, reserved, held] = [0, 0, 0];
  for (const effect of effectsOf(event)) {
    if (lot !== undefined && effect.lot !== lot) continue;
    onHand += effect.onHand;
    reserved += effect.reserved;
    held += effect.held;
  }
  const after = {
    on_hand: add(row.on_hand, onHand),
    received: row.received,
    issued: row.issued,
    adjusted: row.adjusted,
    transferred_in: row.transferred_in,
    transferred_out: row.transferred_out,
    reserved: add(row.reserved, reserved),
    held: add(row.held, held),
  };
  if (isMovement(event)) {
    const counted = COUNTED_AS[event.type];
    const isOut = counted === 'issued' || counted === 'transferred_out';
    after[counted] = add(row[counted], isOut ? -onHand : onHand);
  }
  return after;
}
