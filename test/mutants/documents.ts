import { bugsIn, type Mutant } from './mutant';

const transfer = bugsIn('stock/transfer');
const count = bugsIn('stock/count');
const reverse = bugsIn('stock/reverse');
const evolve = bugsIn('stock/evolve');
const state = bugsIn('stock/state');
const index = bugsIn('stock/index');

/** Transfers, counts and reversals. */
export const documents: readonly Mutant[] = [
  transfer(
    'what is on its way comes before it left',
    'happenedAt >= dispatchedAt',
    "happenedAt > ''",
  ),
  transfer(
    'a transfer takes what is reserved or on hold',
    'if (named) return [lineOf(named, Math.min(units, unreserved(named)))];',
    'if (named) return [lineOf(named, Math.min(units, named.onHand))];',
  ),
  transfer(
    'a transfer goes to an inactive place',
    'return facts.destination.active',
    'return facts.destination',
  ),
  transfer(
    'more arrives than was sent',
    'if (units < 0 || units + missing > outstanding) {',
    'if (units < 0 || units > outstanding) {',
  ),
  transfer(
    'what is missing is forgotten where something has come',
    'const gone = Math.min(lost, line.outstanding - here);',
    'const gone = here > 0 ? 0 : Math.min(lost, line.outstanding - here);',
  ),
  transfer(
    'all lots are received though one is named',
    'data.lotCode === undefined || lotCode === data.lotCode,',
    'data.lotCode !== null || lotCode === data.lotCode,',
  ),
  transfer(
    'what comes back from a transfer is new',
    'data: { receivedAt, ...data } };\n    }',
    "data: { receivedAt: '2026-06-30T00:00:00.000Z', ...data } };\n    }",
  ),
  transfer(
    'an older word travels with the goods and wins over the newer one here',
    'return (here.lotRevision ?? -1) >= (told.lotRevision ?? -1) ? here : told;',
    'return (here.lotRevision ?? -1) < (told.lotRevision ?? -1) ? here : told;',
  ),
  transfer(
    'goods for a rejected lot arrive in free stock',
    "const isRefused = qcStatus === 'REJECTED' || qcStatus === 'RECALLED';",
    "const isRefused = qcStatus === 'RECALLED';",
  ),
  transfer(
    'goods for an inactive place arrive in free stock',
    'onHold: !facts.location?.active || isRefused,',
    'onHold: isRefused,',
  ),
  transfer(
    'arriving goods are as old as their arrival here',
    '        receivedAt,\n        expiresOn,\n        qcStatus,\n        lotRevision,\n        ...movedOf(data, lotCode, item),',
    '        receivedAt: facts.now,\n        expiresOn,\n        qcStatus,\n        lotRevision,\n        ...movedOf(data, lotCode, item),',
  ),
  transfer(
    'the milder of two words on a lot stands',
    'QC_STATUSES.indexOf(a) > QC_STATUSES.indexOf(b) ? a : b;',
    'QC_STATUSES.indexOf(a) < QC_STATUSES.indexOf(b) ? a : b;',
  ),
  transfer(
    'an arrival that rejects a lot leaves its allocations there',
    'if (!known || known.reserved === 0) return accept(arrived);',
    'if (known || data) return accept(arrived);',
  ),

  count(
    'a count is compared with what the books say now',
    'const variance = counted.counted - counted.book;',
    "const variance = counted.counted - (lotOf(state.lots, counted.lotCode ?? '')?.onHand ?? 0);",
  ),
  count(
    'the variance has the wrong sign',
    'const variance = counted.counted - counted.book;',
    'const variance = counted.book - counted.counted;',
  ),
  count(
    'the limit of variance is off by one',
    'Math.abs(units - book) > limit)',
    'Math.abs(units - book) >= limit)',
  ),
  count(
    'what was counted too much needs no approval',
    'Math.abs(units - book) > limit)',
    'book - units > limit)',
  ),
  count(
    'the counter approves the own count',
    'if (pending.countedBy === facts.actor) {',
    'if (pending.countedBy === null) {',
  ),
  count(
    'a count takes what is promised before what is on hold',
    'const promised = Math.max(0, reserved - after);',
    'const promised = Math.min(reserved, Math.max(0, reserved + held - after));',
  ),
  count(
    'a count leaves reservations of what is not there',
    'const promised = Math.max(0, reserved - after);',
    'const promised = Math.min(0, reserved - after);',
  ),
  count(
    'a count leaves the hold on what is not there',
    'const fromHold = Math.min(held, Math.max(0, reserved + held - after));',
    'const fromHold = Math.min(held, Math.max(0, held - after));',
  ),
  count('a count brings stock below zero', 'if (after < 0) {', 'if (after < -1) {'),
  count(
    'a recount gets an id of its own',
    'const ordinal = again?.ordinal ?? state.counts.made + 1;',
    'const ordinal = state.counts.made + 1;',
  ),
  count(
    'a count is settled under the id of another lot',
    'if (again && again.lotCode !== lotCode) {',
    'if (again && again.lotCode === undefined) {',
  ),

  reverse(
    'a movement is reversed twice',
    'if (wasReversed(state, movementId)) {',
    "if (movementId === '') {",
  ),
  reverse(
    'a reversal does the same again',
    'const effect = -effectOf(movement);',
    'const effect = effectOf(movement);',
  ),
  reverse(
    'a reversal takes what is reserved',
    'if (onHand - reserved + effect < 0) {',
    'if (onHand + effect < 0) {',
  ),
  reverse(
    'a reversal leaves the hold on what is gone',
    'const fromHold = effect > 0 ? 0 : returnedToHold ? Math.min(held, -effect) : beyondFree;',
    'const fromHold = effect > 0 || beyondFree > 0 || returnedToHold ? 0 : held;',
  ),
  reverse(
    'goods that were on hold come back free',
    "const toHold = effect > 0 && 'fromHold' in original ? original.fromHold : 0;",
    'const toHold = 0;',
  ),
  reverse(
    'a transfer is reversed like a receipt',
    '!isReversible(movement.type) || effectOf(movement) === 0',
    'effectOf(movement) === 0',
  ),

  evolve(
    'a lot that was empty is as old as nothing',
    'if (!known || known.onHand === 0) return at;',
    'if (!known) return at;',
  ),
  evolve(
    'later goods make a lot younger',
    'change > 0 && at < known.receivedAt ? at : known.receivedAt;',
    'change > 0 && at > known.receivedAt ? at : known.receivedAt;',
  ),
  evolve('the lower of two revisions is kept', 'Math.max(a, b);', 'Math.min(a, b);'),
  evolve(
    'returned goods are free at once',
    "event.data.disposition === 'QUARANTINE' ? event.data.quantity : 0;",
    '0;',
  ),
  evolve(
    'a cancelled transfer brings nothing back',
    "    case 'TransferCancelled':\n    case 'StockAdjusted.v2':",
    "    case 'StockAdjusted.v2':",
  ),
  evolve(
    'a written-off transfer stays outstanding',
    'const outstanding = line.outstanding - data.quantity;',
    "const outstanding = 'receivedAt' in data ? line.outstanding - data.quantity : line.outstanding;",
  ),
  evolve(
    'the second lot of a transfer replaces the first',
    'const lines = [...(openOf(state.transfers, ordinal)?.lines ?? []), line];',
    'const lines = [line];',
  ),
  evolve(
    'a count that was turned down still waits',
    "event.type === 'CountSubmitted' ? { ...event.data, ordinal } : undefined;",
    "event.type === 'CountSubmitted' ? { ...event.data, ordinal } : openOf(state.counts, ordinal);",
  ),
  evolve(
    'that a movement was reversed is forgotten',
    'return withReversed(after, event.data.movementId);',
    'return after;',
  ),

  state(
    'a snapshot forgets which movements were reversed',
    'reversed: fromSorted(IDS, reversed),',
    'reversed: fromSorted(IDS, reversed.slice(1)),',
  ),
  state(
    'a snapshot forgets which reservations expire',
    'reservations.open.filter(({ expiresAt }) => expiresAt !== null);',
    'reservations.open.filter(({ expiresAt }) => expiresAt === undefined);',
  ),
  state(
    'ids are given anew when what had them is over',
    'made: Math.max(made, ordinal),',
    'made: document ? Math.max(made, ordinal) : ordinal - 1,',
  ),
  index(
    'books that are closed take counts',
    "return 'refused' in at ? at.refused : verdictAt(command, state, facts, at.item);",
    "if ('refused' in at && command.type === 'CountStock' && facts.item && facts.location)\n    return verdictAt(command, state, facts, facts.item);\n  return 'refused' in at ? at.refused : verdictAt(command, state, facts, at.item);",
  ),
];
