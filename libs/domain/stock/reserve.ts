import { accept, refuse } from '../kernel';
import { documentId, parseDocumentId } from '../names';
import { enteredQuantity, type EnteredQuantity } from '../units';
import { allocate } from './allocate';
import type {
  ExtendReservation,
  IssueReserved,
  ReleaseReservation,
  ReserveStock,
} from './commands';
import type { StockEvent, StockEventOf } from './events';
import { evolve } from './evolve';
import {
  inactive,
  inUnits,
  movedOf,
  unknownLot,
  type KnownItem,
  type Place,
  type StockDecision,
  type StockFacts,
  type StockRefusal,
} from './facts';
import { heldIn, heldOn, isUsable, lotOf } from './lots';
import { moveOf } from './move-away';
import { shortage } from './shortage';
import {
  dueReservations,
  isDue,
  openOf,
  type Allocation,
  type Reservation,
  type StockState,
} from './state';
import { unreserved } from './stock-lot';

/** Stock set aside for a demand. All or nothing, unless a part is asked for. */
export function reserve(
  data: ReserveStock,
  wanted: EnteredQuantity,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const refused = inactive(data, 'reservations', facts);
  if (refused) return refused;
  const { expiresAt = null } = data;
  if (expiresAt !== null && expiresAt <= facts.now) return alreadyPassed(expiresAt);
  const strategy = data.strategy ?? item.allocationPolicy;
  const { units, entered } = wanted;
  const chosen = data.lots
    ? namedAllocations(data, data.lots, state, facts, item)
    : allocate(state.lots, strategy, facts.localDate, units);
  if (!Array.isArray(chosen)) return chosen;
  const found = chosen.reduce((sum, { quantity }) => sum + quantity, 0);
  if (found < units && (data.partial !== true || found === 0)) {
    const held = heldOn(state.lots, facts.localDate);
    return shortage(data, inUnits(units, item), units, held, undefined, item);
  }
  const { sku, location } = data;
  return accept({
    type: 'StockReserved',
    data: {
      reservationId: documentId('reservation', sku, location, state.reservations.made + 1),
      sku,
      location,
      quantity: units,
      entered,
      allocations: chosen,
      short: units - found,
      strategy,
      hard: data.lots !== undefined,
      batchId: data.batchId ?? null,
      reference: data.reference ?? null,
      expiresAt,
      unit: item.unit,
      decimals: item.decimals,
    },
  });
}

/** What a reservation asks for: a quantity, or the sum of its named lots. */
export function wantedBy(data: ReserveStock, item: KnownItem) {
  if (!data.lots) return enteredQuantity({ ...data, quantity: data.quantity ?? '' }, item);
  let units = 0;
  for (const line of data.lots) {
    const each = enteredQuantity({ ...data, quantity: line.quantity }, item);
    if ('code' in each) return each;
    units += each.units;
  }
  return { units, entered: null };
}

/** Named lots must be there in full, or as far as they are where a part will do. */
function namedAllocations(
  data: ReserveStock,
  lots: NonNullable<ReserveStock['lots']>,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): Allocation[] | StockRefusal {
  const allocations: Allocation[] = [];
  for (const { lotCode, quantity } of lots) {
    const lot = lotOf(state.lots, lotCode);
    if (!lot) return unknownLot(data, lotCode);
    const wanted = enteredQuantity({ ...data, quantity }, item);
    if ('code' in wanted) return { accepted: false, refusal: wanted };
    const free = isUsable(lot, facts.localDate) ? unreserved(lot) : 0;
    if (free < wanted.units && data.partial !== true) {
      const held = heldIn(lot, facts.localDate);
      return shortage(data, inUnits(wanted.units, item), wanted.units, held, lot, item);
    }
    if (free > 0) allocations.push({ lotCode, quantity: Math.min(free, wanted.units) });
  }
  return allocations;
}

const alreadyPassed = (expiresAt: string): StockRefusal =>
  refuse(
    'EXPIRES_AT_PASSED',
    `expiresAt ${expiresAt} has passed; send a later one, or none for a reservation that does not expire`,
  );

/** The open reservation of an id, or why there is none. One whose time is over counts as ended, written or not. */
function openReservation(
  id: string,
  state: StockState,
  { now }: StockFacts,
): Reservation | StockRefusal {
  const ordinal = parseDocumentId('reservation', id)?.ordinal ?? Infinity;
  if (ordinal > state.reservations.made) {
    return refuse(
      'RESERVATION_NOT_FOUND',
      `there is no reservation ${id}; GET /api/v1/reservations lists those there are`,
    );
  }
  const reservation = openOf(state.reservations, ordinal);
  if (reservation && !isDue(reservation, now)) return reservation;
  return refuse(
    'INSUFFICIENT_RESERVED_STOCK',
    `reservation ${id} ${reservation ? `expired at ${reservation.expiresAt}` : 'has ended'}; nothing is set aside for it any more, reserve again`,
  );
}

const allocatedTo = ({ allocations }: Reservation): number =>
  allocations.reduce((sum, { quantity }) => sum + quantity, 0);

/** In the order of its allocations. What may not be used any more is moved to other lots first. */
export function issueReserved(
  data: IssueReserved,
  wanted: EnteredQuantity | undefined,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const found = openReservation(data.reservationId, state, facts);
  if ('accepted' in found) return found;
  const moves = unusableMoved(data, found, state, facts, item);
  const after = moves.reduce((s, event) => evolve(s, event, { effectiveAt: facts.now }), state);
  const reservation = openOf(after.reservations, found.ordinal) ?? found;
  const allocated = allocatedTo(reservation);
  const units = wanted?.units ?? allocated;
  if (units > allocated || units === 0) {
    const short = reservation.short > 0 ? `, ${inUnits(reservation.short, item)} are short` : '';
    return refuse(
      'INSUFFICIENT_RESERVED_STOCK',
      `${inUnits(allocated, item)} are set aside for reservation ${data.reservationId}${short}; issue at most that`,
    );
  }
  const issued = inOrder(reservation.allocations, units).map(
    ({ lotCode, quantity }): StockEvent => ({
      type: 'StockIssued.v2',
      data: {
        quantity,
        entered: wanted?.entered ?? null,
        purpose: data.purpose ?? 'OTHER',
        reservationId: data.reservationId,
        fromHold: 0,
        ...movedOf(data, lotCode, item),
      },
    }),
  );
  return accept(...moves, ...issued);
}

function unusableMoved(
  place: Place,
  reservation: Reservation,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockEventOf<'AllocationsMoved'>[] {
  const unusable = reservation.allocations.filter(({ lotCode }) => {
    const lot = lotOf(state.lots, lotCode ?? '');
    return !lot || !isUsable(lot, facts.localDate);
  });
  if (unusable.length === 0) return [];
  const isExpiry = unusable.every(
    ({ lotCode }) => lotOf(state.lots, lotCode ?? '')?.qcStatus === 'APPROVED',
  );
  const cause = isExpiry ? 'LOT_EXPIRED' : 'LOT_NOT_APPROVED';
  return [moveOf(place, reservation, unusable, cause, state, facts, item)];
}

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
  const found = openReservation(data.reservationId, state, facts);
  if ('accepted' in found) return found;
  const remaining = allocatedTo(found) + found.short;
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
  const found = openReservation(reservationId, state, facts);
  if ('accepted' in found) return found;
  if (expiresAt !== null && expiresAt <= facts.now) return alreadyPassed(expiresAt);
  if (expiresAt === found.expiresAt) return accept();
  return accept({
    type: 'ReservationExtended',
    data: { reservationId, sku, location, expiresAt },
  });
}

/** An append has its limits; whoever asks again gets the next ones. */
const MAX_EXPIRED = 400;

/** Ends the reservations whose time is over. */
export function expired(
  place: Place,
  state: StockState,
  { now }: StockFacts,
  item: Pick<KnownItem, 'unit' | 'decimals'>,
): StockEventOf<'ReservationExpired'>[] {
  return dueReservations(state, now, MAX_EXPIRED).map((reservation) => ({
    type: 'ReservationExpired',
    data: {
      allocations: reservation.allocations,
      short: reservation.short,
      expiresAt: reservation.expiresAt ?? now,
      ...headOf(place, reservation, item),
    },
  }));
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
