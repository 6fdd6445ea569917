import { documentId } from '../names';
import { valuesOf } from '../sorted-tree';
import { allocate } from './allocate';
import type { MOVE_CAUSES, StockEventOf } from './events';
import { evolve } from './evolve';
import type { KnownItem, Place, StockFacts } from './facts';
import type { Allocation, Reservation, StockState } from './state';

type AllocationsMoved = StockEventOf<'AllocationsMoved'>;
type Cause = (typeof MOVE_CAUSES)[number];

/** An append has its limits; what is left is judged when it is issued. */
const MAX_MOVED = 400;

/**
 * Allocations of a lot that may not be used any more, for those of other lots by the strategy of each reservation. Where
 * there are none, or where the lots were named, the reservation is short, for all to see.
 */
export function movedAway(
  place: Place,
  lotCode: string | null,
  cause: Cause,
  state: StockState,
  facts: Pick<StockFacts, 'localDate' | 'now'>,
  item: Pick<KnownItem, 'unit' | 'decimals'>,
  /** How much has to leave; the youngest reservations give way first. */
  limit = Infinity,
): AllocationsMoved[] {
  const events: AllocationsMoved[] = [];
  let [after, left] = [state, limit];
  const touched = valuesOf(state.reservations.open).filter(({ allocations }) =>
    allocations.some((allocation) => allocation.lotCode === lotCode),
  );
  const order = limit === Infinity ? touched : touched.reverse();
  for (const reservation of order) {
    if (left <= 0 || events.length >= MAX_MOVED) break;
    const all = reservation.allocations.find((allocation) => allocation.lotCode === lotCode);
    if (!all) continue;
    const from = [{ lotCode, quantity: Math.min(all.quantity, left) }];
    const event = moveOf(place, reservation, from, cause, after, facts, item);
    left -= from[0]?.quantity ?? 0;
    events.push(event);
    after = evolve(after, event, { effectiveAt: facts.now });
  }
  return events;
}

/** One reservation's allocations, moved to lots that may be used. */
export function moveOf(
  { sku, location }: Place,
  { ordinal, strategy, hard }: Reservation,
  from: readonly Allocation[],
  cause: Cause,
  state: StockState,
  { localDate }: Pick<StockFacts, 'localDate'>,
  { unit, decimals }: Pick<KnownItem, 'unit' | 'decimals'>,
): AllocationsMoved {
  const leaving = new Set(from.map(({ lotCode }) => lotCode));
  const wanted = from.reduce((sum, { quantity }) => sum + quantity, 0);
  const to = hard ? [] : allocate(state.lots, strategy, localDate, wanted, leaving);
  const found = to.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    type: 'AllocationsMoved',
    data: {
      reservationId: documentId('reservation', sku, location, ordinal),
      sku,
      location,
      unit,
      decimals,
      from,
      to,
      short: wanted - found,
      cause,
    },
  };
}
