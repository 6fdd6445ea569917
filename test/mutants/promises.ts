import { bugsIn, type Mutant } from './mutant';

const reserve = bugsIn('stock/reserve');
const reservation = bugsIn('stock/reservation');
const away = bugsIn('stock/move-away');
const status = bugsIn('stock/lot-status');
const evolve = bugsIn('stock/evolve');
const state = bugsIn('stock/state');

/** Reservations, and how they leave lots that may not be used. */
export const promises: readonly Mutant[] = [
  reserve(
    'partial is ignored: all or nothing',
    'const partWillDo = data.partial === true && found > 0;',
    'const partWillDo = false;',
  ),
  reserve(
    'a part will do though nobody asked for it',
    'const partWillDo = data.partial === true && found > 0;',
    'const partWillDo = found > 0;',
  ),
  reserve(
    'the item decides the order though the request says another',
    'const strategy = data.strategy ?? item.allocationPolicy;',
    'const strategy = item.allocationPolicy;',
  ),
  reserve(
    'a lot that is named twice is judged once',
    '(byCode.get(line.lotCode) ?? 0) + each.units',
    'each.units',
  ),
  reserve(
    'an expired lot that is named is reserved',
    'const free = isUsable(lot, localDate) ? unreserved(lot) : 0;',
    'const free = unreserved(lot);',
  ),
  reserve('named lots may be left for others', 'hard: lots !== undefined,', 'hard: false,'),
  reserve(
    'the next reservation takes the id of the last',
    'state.reservations.made + 1)',
    'Math.max(1, state.reservations.made))',
  ),
  reserve(
    'a reservation may end before it begins',
    'if (expiresAt !== null && expiresAt <= facts.now) return alreadyPassed(expiresAt);',
    '',
  ),
  reserve('what is short is not noted', 'short: units - sumOf(chosen),', 'short: 0,'),

  reservation(
    'a reservation whose time is over is issued',
    'if (reservation && !isDue(reservation, now)) return reservation;',
    'if (reservation) return reservation;',
  ),
  reservation(
    'more is issued than is set aside',
    'if (units > allocated || units === 0) {',
    'if (units > allocated + 1 || units === 0) {',
  ),
  reservation(
    'what may not be used any more is issued all the same',
    'if (unusable.length === 0) return [];',
    'if (unusable.length >= 0) return [];',
  ),
  reservation(
    'a release gives back the lots before what is short',
    'const short = Math.min(units, found.short);',
    'const short = Math.max(0, units - sumOf(found.allocations));',
  ),
  reservation(
    'more is released than remains',
    'if (units > remaining) {',
    'if (units > remaining + 1) {',
  ),
  reservation(
    'a release keeps the lots',
    'allocations: inOrder(found.allocations, units - short),',
    'allocations: [],',
  ),
  reservation(
    'an expiry keeps the lots',
    'data: { allocations, short, expiresAt: expiresAt ?? now, ...head },',
    'data: { allocations: [], short, expiresAt: expiresAt ?? now, ...head },',
  ),
  reservation(
    'a reservation is extended into the past',
    'if (expiresAt !== null && expiresAt <= facts.now) return alreadyPassed(expiresAt);',
    '',
  ),
  reservation(
    'an extension to the same time is written again and again',
    'if (expiresAt === found.expiresAt) return accept();',
    '',
  ),

  away(
    'allocations of a rejected lot are lost',
    'to = hard ? [] : allocate(lots, strategy, localDate, wanted, bounds);',
    'to = hard || wanted > 0 ? [] : allocate(lots, strategy, localDate, wanted, bounds);',
  ),
  away('lots that were named give way to others', 'to = hard ? [] :', 'to = !hard && hard ? [] :'),
  away('what found no other lot is forgotten', 'short: wanted - sumOf(to),', 'short: 0,'),
  away(
    'the oldest reservations give way first',
    'limit === Infinity ? open : open.reverse()',
    'limit === Infinity ? open : open',
  ),
  away(
    'all of a reservation leaves where a part would do',
    'const quantity = Math.min(all.quantity, left);',
    'const quantity = all.quantity;',
  ),

  status(
    'an older word of the lot wins over a newer',
    'known.lotRevision !== null && known.lotRevision >= lotRevision) return accept();',
    'known.lotRevision !== null && known.lotRevision <= lotRevision) return accept();',
  ),
  status(
    'the same word of the lot is written again',
    'known.lotRevision >= lotRevision) return accept();',
    'known.lotRevision > lotRevision) return accept();',
  ),
  status(
    'allocations stay in a lot that is rejected',
    'lot.reserved === 0 || isUsable(lot, facts.localDate)) return accept(applied);',
    'lot.reserved >= 0 || isUsable(lot, facts.localDate)) return accept(applied);',
  ),

  evolve(
    'a release frees twice',
    'return reservationChanged(setAside(state, allocations, -1), reservationId,',
    'return reservationChanged(setAside(setAside(state, allocations, -1), allocations, -1), reservationId,',
  ),
  evolve(
    'a reservation sets nothing aside',
    'return withReservation(setAside(state, allocations, 1), undefined, made);',
    'return withReservation(state, undefined, made);',
  ),
  evolve(
    'what is issued of a reservation stays reserved',
    "{ at: '', reserved: -quantity }",
    "{ at: '' }",
  ),
  evolve(
    'a reservation keeps what was issued of it',
    'allocations: without(reservation.allocations, [event.data]),',
    'allocations: reservation.allocations,',
  ),
  evolve(
    'what is moved is not set aside in the new lots',
    'const after = setAside(setAside(state, from, -1), to, 1);',
    'const after = setAside(state, from, -1);',
  ),
  evolve(
    'a second allocation in one lot replaces the first',
    'quantity: each.quantity + quantity }',
    'quantity }',
  ),

  state(
    'a reservation that is over at this very instant still holds',
    'expiresAt !== null && expiresAt <= now;',
    'expiresAt !== null && expiresAt < now;',
  ),
  state(
    'what is short alone does not keep a reservation open',
    'const ended = after.allocations.length === 0 && after.short === 0;',
    'const ended = after.allocations.length === 0;',
  ),
  state(
    'an extension leaves the old time in the order of expiry',
    'if (before && before.expiresAt !== null) expiring = remove(EXPIRY, expiring, before);',
    '',
  ),
];
