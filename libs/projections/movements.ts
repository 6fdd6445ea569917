import { add } from './amounts';
import { sum, type RowOf } from './columns';
import type { EventOf } from './view';

/** What the views of stock have in common. */

export type MovementType = 'StockReceived' | 'StockIssued' | 'StockAdjusted';
export type Movement = EventOf<MovementType>;

export const movements = { StockReceived: true, StockIssued: true, StockAdjusted: true } as const;

/** received - issued + adjusted + transferred_in - transferred_out = on_hand, always. */
export const sums = {
  on_hand: sum,
  received: sum,
  issued: sum,
  adjusted: sum,
  transferred_in: sum,
  transferred_out: sum,
  reserved: sum,
} as const;
export type Sums = RowOf<typeof sums>;

const NOTHING: Sums = {
  on_hand: 0,
  received: 0,
  issued: 0,
  adjusted: 0,
  transferred_in: 0,
  transferred_out: 0,
  reserved: 0,
};

/** The sums after a movement. */
export function summed(row: Sums = NOTHING, event: Movement): Sums {
  const { transferred_in, transferred_out, reserved } = row;
  const { quantity } = event.data;
  return {
    on_hand: add(row.on_hand, effectOf(event)),
    received: event.type === 'StockReceived' ? add(row.received, quantity) : row.received,
    issued: event.type === 'StockIssued' ? add(row.issued, quantity) : row.issued,
    adjusted: event.type === 'StockAdjusted' ? add(row.adjusted, quantity) : row.adjusted,
    transferred_in,
    transferred_out,
    reserved,
  };
}

/** By how much a movement changes what is on hand. */
export const effectOf = (event: Movement): number =>
  event.type === 'StockIssued' ? -event.data.quantity : event.data.quantity;
