import { documentId } from '../names';
import { valuesOf } from '../sorted-tree';
import { allocate, MAX_LOTS, sumOf } from './allocate';
import type { MOVE_CAUSES, StockEventOf } from './events';
import { evolve } from './evolve';
import type { KnownItem, Place, StockFacts } from './facts';
import type { Allocation, Reservation, StockState } from './state';

type AllocationsMoved = StockEventOf<'AllocationsMoved'>;
type Cause = (typeof MOVE_CAUSES)[number];

/** An append has its limits; what is left is judged when it is issued. */
const MAX_MOVED = 150;

/**
 * Allocations of a lot that may not be used any more, for those of other lots by the strategy of each reservation. Where
 * there are none, or where the lots were named, the reservation is short, for all to see. The oldest reservations choose
 * first; where only so much has to leave, the youngest give way.
 */
export function movedAway(
  place: Place,
  lotCode: string | null,
  cause: Cause,
  state: StockState,
  facts: Pick<StockFacts, 'localDate' | 'now'>,
  item: Pick<KnownItem, 'unit' | 'decimals'>,
  /** How much has to leave. */
  limit = Infinity,
): AllocationsMoved[] {
  const events: AllocationsMoved[] = [];
  let [after, left] = [state, limit];
  const open = valuesOf(state.reservations.open);
  for (const reservation of limit === Infinity ? open : open.reverse()) {
    if (left <= 0 || events.length >= MAX_MOVED) break;
    const all = reservation.allocations.find((allocation) => allocation.lotCode === lotCode);
    if (!all) continue;
    const quantity = Math.min(all.quantity, left);
    const event = moveOf(place, reservation, [{ lotCode, quantity }], cause, after, facts, item);
    left -= quantity;
    events.push(event);
    after = evolve(after, event, { effectiveAt: facts.now });
  }
  return events;
}

/** One reservation's allocations, moved to lots that may be used. */
export function moveOf(
  { sku, location }: Place,
  { ordinal, strategy, hard, allocations }: Reservation,
  from: readonly Allocation[],
  cause: Cause,
  { lots }: Pick<StockState, 'lots'>,
  { localDate }: Pick<StockFacts, 'localDate'>,
  { unit, decimals }: Pick<KnownItem, 'unit' | 'decimals'>,
): AllocationsMoved {
  const wanted = sumOf(from);
  const staying = allocations.filter(
    (line) =>
      !from.some((each) => each.lotCode === line.lotCode && each.quantity === line.quantity),
  );
  const bounds = {
    except: new Set(from.map(({ lotCode }) => lotCode)),
    maxLots: MAX_LOTS - staying.length,
  };
  const to = hard ? [] : allocate(lots, strategy, localDate, wanted, bounds);
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
      short: wanted - sumOf(to),
      cause,
    },
  };
}
