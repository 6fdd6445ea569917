import { accept, refuse } from '../kernel';
import { MAX_QUANTITY } from '../quantity';
import type { ReverseMovement } from './commands';
import { REVERSIBLE, type StockEvent, type StockEventOf } from './events';
import { effectOf } from './evolve';
import {
  inUnits,
  movedOf,
  placeOf,
  tooMuch,
  type KnownItem,
  type StockDecision,
  type StockFacts,
} from './facts';
import { lotOf } from './lots';
import { wasReversed, type StockState } from './state';
import { unreserved } from './stock-lot';

type Reversible = StockEventOf<(typeof REVERSIBLE)[number]>;
const isReversible = (type: string): type is (typeof REVERSIBLE)[number] =>
  (REVERSIBLE as readonly string[]).includes(type);

/** A new movement with the opposite effect that points at the old one; the old one stays. */
export function reverse(
  data: ReverseMovement,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const { movementId, error } = data;
  const { movement } = facts;
  if (!movement) {
    return refuse(
      'MOVEMENT_NOT_FOUND',
      `there is no movement ${movementId} of ${placeOf(data)}; GET /api/v1/ledger lists them`,
    );
  }
  if (!isReversible(movement.type) || effectOf(movement) === 0) {
    return refuse(
      'MOVEMENT_NOT_REVERSIBLE',
      `a ${movement.type} is not reversed; transfers are cancelled or sent back, reservations released`,
    );
  }
  if (wasReversed(state, movementId)) {
    return refuse('MOVEMENT_ALREADY_REVERSED', `movement ${movementId} has been reversed already`);
  }
  const { type, data: original } = movement as Reversible;
  const effect = -effectOf(movement);
  if (state.onHand + effect > MAX_QUANTITY) return tooMuch(data, item);
  const lot = lotOf(state.lots, original.lotCode ?? '');
  const { onHand = 0, reserved = 0, held = 0 } = lot ?? {};
  if (onHand - reserved + effect < 0) {
    return refuse(
      'REVERSAL_CONFLICT',
      `the stock has moved on: ${inUnits(onHand, item)} of it are on hand, ${inUnits(reserved, item)} reserved, and ${inUnits(-effect, item)} would go; reverse what came after it first, or adjust`,
    );
  }
  // What came onto hold leaves from there; else a hold is touched last.
  const returnedToHold =
    movement.type === 'StockReturned' && movement.data.disposition === 'QUARANTINE';
  const beyondFree = lot ? Math.max(0, -effect - unreserved(lot)) : 0;
  const fromHold = effect > 0 ? 0 : returnedToHold ? Math.min(held, -effect) : beyondFree;
  const { unit, decimals, lotCode, reference } = original;
  const moved = { ...movedOf(data, lotCode, { unit, decimals }), reference };
  const events: StockEvent[] = [
    {
      type: 'MovementReversed',
      data: { quantity: effect, movementId, movementType: type, error, fromHold, ...moved },
    },
  ];
  // What left a hold comes back onto it: it was never looked at.
  const toHold = effect > 0 && 'fromHold' in original ? original.fromHold : 0;
  if (toHold > 0)
    events.push({ type: 'StockHeld', data: { quantity: toHold, entered: null, ...moved } });
  return accept(...events);
}
