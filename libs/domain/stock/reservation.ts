import { accept, refuse } from '../kernel';
import { documentId, parseDocumentId } from '../names';
import type { EnteredQuantity } from '../units';
import { sumOf } from './allocate';
import type { ExtendReservation, IssueReserved, ReleaseReservation } from './commands';
import type { StockEvent, StockEventOf } from './events';
import { evolve } from './evolve';
import {
  inUnits,
  movedOf,
  type KnownItem,
  type Place,
  type StockDecision,
  type StockFacts,
  type StockRefusal,
} from './facts';
import { isUsable, lotOf } from './lots';
import { moveOf } from './move-away';
import { alreadyPassed } from './reserve';
import {
  dueReservations,
  isDue,
  openOf,
  type Allocation,
  type Reservation,
  type StockState,
} from './state';

/** What becomes of a reservation: it is issued, released, extended, or its time is over. */

interface OfReservation extends Place {
  readonly reservationId: string;
}
const ordinalIn = (id: string): number => parseDocumentId('reservation', id)?.ordinal ?? Infinity;

/** First in the order of refusals: an id says nothing to a client but whether there is such a reservation. */
export function unknownReservation(
  { reservationId: id, sku, location }: OfReservation,
  { reservations }: StockState,
): StockRefusal | undefined {
  const ordinal = ordinalIn(id);
  // An id that is not spelled as we do, or of another place, is nobody's.
  const isOurs = ordinal <= reservations.made;
  return isOurs && id === documentId('reservation', sku, location, ordinal)
    ? undefined
    : refuse(
        'RESERVATION_NOT_FOUND',
        `there is no reservation ${id}; GET /api/v1/reservations lists those there are`,
      );
}

/** The open reservation of an id, or why there is none. One whose time is over counts as ended, written or not. */
function openReservation(
  { reservationId: id }: OfReservation,
  state: StockState,
  { now }: StockFacts,
): Reservation | StockRefusal {
  const reservation = openOf(state.reservations, ordinalIn(id));
  if (reservation && !isDue(reservation, now)) return reservation;
  return refuse(
    'INSUFFICIENT_RESERVED_STOCK',
    `reservation ${id} ${reservation ? `expired at ${reservation.expiresAt}` : 'has ended'}; nothing is set aside for it any more, reserve again`,
  );
}

/** In the order of its allocations. What may not be used any more is moved to other lots first. */
export function issueReserved(
  data: IssueReserved,
  wanted: EnteredQuantity | undefined,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const found = openReservation(data, state, facts);
  if ('accepted' in found) return found;
  const moves = unusableMoved(data, found, state, facts, item);
  const after = stateAfter(state, moves, facts);
  const { allocations, short } = openOf(after.reservations, found.ordinal) ?? found;
  const allocated = sumOf(allocations);
  const units = wanted?.units ?? allocated;
  if (units > allocated || units === 0) {
    const missing = short > 0 ? `, ${inUnits(short, item)} are short` : '';
    return refuse(
      'INSUFFICIENT_RESERVED_STOCK',
      `${inUnits(allocated, item)} are set aside for reservation ${data.reservationId}${missing}; ${
        allocated > 0 ? 'issue at most that' : 'release it and reserve again'
      }`,
    );
  }
  const issued = inOrder(allocations, units).map(({ lotCode, quantity }): StockEvent => ({
    type: 'StockIssued.v2',
    data: {
      quantity,
      entered: wanted?.entered ?? null,
      purpose: data.purpose ?? 'OTHER',
      reservationId: data.reservationId,
      fromHold: 0,
      ...movedOf(data, lotCode, item),
    },
  }));
  return accept(...moves, ...issued);
}

function unusableMoved(
  place: Place,
  reservation: Reservation,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockEvent[] {
  const lotIn = ({ lotCode }: Allocation) => lotOf(state.lots, lotCode ?? '');
  const unusable = reservation.allocations.filter((allocation) => {
    const lot = lotIn(allocation);
    return !lot || !isUsable(lot, facts.localDate);
  });
  if (unusable.length === 0) return [];
  const areApproved = unusable.every((allocation) => lotIn(allocation)?.qcStatus === 'APPROVED');
  const cause = areApproved ? 'LOT_EXPIRED' : 'LOT_NOT_APPROVED';
  const freeing = expired(place, state, facts, item);
  const freed = stateAfter(state, freeing, facts);
  return [...freeing, moveOf(place, reservation, unusable, cause, freed, facts, item)];
}

const stateAfter = (
  state: StockState,
  events: readonly StockEvent[],
  { now }: StockFacts,
): StockState => events.reduce((s, event) => evolve(s, event, { effectiveAt: now }), state);

/** The first of the allocations, as much as is wanted. */
function inOrder(allocations: readonly Allocation[], wanted: number): Allocation[] {
  const taken: Allocation[] = [];
  let left = wanted;
  for (const { lotCode, quantity } of allocations) {
    if (left === 0) break;
    const part = Math.min(left, quantity);
    taken.push({ lotCode, quantity: part });
    left -= part;
  }
  return taken;
}

/** What is short goes first, then the allocations in their order. */
export function release(
  data: ReleaseReservation,
  wanted: EnteredQuantity | undefined,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const found = openReservation(data, state, facts);
  if ('accepted' in found) return found;
  const remaining = sumOf(found.allocations) + found.short;
  const units = wanted?.units ?? remaining;
  if (units > remaining) {
    return refuse(
      'INSUFFICIENT_RESERVED_STOCK',
      `${inUnits(remaining, item)} remain of reservation ${data.reservationId}; release at most that`,
    );
  }
  const short = Math.min(units, found.short);
  return accept({
    type: 'ReservationReleased',
    data: {
      allocations: inOrder(found.allocations, units - short),
      short,
      ...headOf(data, found, item),
    },
  });
}

export function extend(
  data: ExtendReservation,
  state: StockState,
  facts: StockFacts,
): StockDecision {
  const { reservationId, expiresAt, sku, location } = data;
  const found = openReservation(data, state, facts);
  if ('accepted' in found) return found;
  if (expiresAt !== null && expiresAt <= facts.now) return alreadyPassed(expiresAt);
  if (expiresAt === found.expiresAt) return accept();
  return accept({
    type: 'ReservationExtended',
    data: { reservationId, sku, location, expiresAt },
  });
}

/** An append has its limits; whoever asks again gets the next ones. */
const MAX_EXPIRED = 150;
const MAX_EXPIRED_LINES = 600;

/** Ends the reservations whose time is over, the earliest first. */
export function expired(
  place: Place,
  state: StockState,
  { now }: Pick<StockFacts, 'now'>,
  item: Pick<KnownItem, 'unit' | 'decimals'>,
): StockEventOf<'ReservationExpired'>[] {
  const events: StockEventOf<'ReservationExpired'>[] = [];
  let lines = 0;
  for (const reservation of dueReservations(state, now, MAX_EXPIRED)) {
    const { allocations, short, expiresAt } = reservation;
    lines += allocations.length;
    if (lines > MAX_EXPIRED_LINES) break;
    const head = headOf(place, reservation, item);
    events.push({
      type: 'ReservationExpired',
      data: { allocations, short, expiresAt: expiresAt ?? now, ...head },
    });
  }
  return events;
}

const headOf = (
  { sku, location }: Place,
  { ordinal }: Reservation,
  { unit, decimals }: Pick<KnownItem, 'unit' | 'decimals'>,
) => ({
  reservationId: documentId('reservation', sku, location, ordinal),
  sku,
  location,
  unit,
  decimals,
});
