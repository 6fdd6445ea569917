import { bugsIn, type Mutant } from './mutant';

const lot = bugsIn('stock/stock-lot');
const lots = bugsIn('stock/lots');
const receive = bugsIn('stock/receive');
const issue = bugsIn('stock/issue');
const allocate = bugsIn('stock/allocate');
const shortage = bugsIn('stock/shortage');
const index = bugsIn('stock/index');

/** What there is, what of it may be used, and in which order; goods in and out. */
export const goods: readonly Mutant[] = [
  lot('available is off by one', 'onHand - reserved - held;', 'onHand - reserved - held + 1;'),
  lot('what is on hold counts as free', 'onHand - reserved - held;', 'onHand - reserved;'),
  lot('what is reserved counts as free', 'onHand - reserved - held;', 'onHand - held;'),

  lots(
    'FIFO goes by the code of the lot, not by its arrival',
    'compare: (a, b) => compare(a.receivedAt, b.receivedAt) || a.place - b.place,',
    'compare: (a, b) => compare(keyOf(a), keyOf(b)),',
  ),
  lots(
    'of lots that arrived at one instant the later known comes first',
    '|| a.place - b.place,',
    '|| b.place - a.place,',
  ),
  lots('what never expires goes first', "const NEVER = '~';", "const NEVER = '';"),
  lots(
    'FEFO is FIFO',
    "policy === 'FEFO' ? byExpiry : byReceipt,",
    'policy === null ? byExpiry : byReceipt,',
  ),
  lots('LIFO is FIFO', "policy === 'LIFO' ? 'backwards' : 'forwards',", "'forwards',"),
  lots(
    'a lot has expired on its last day',
    'expiresOn !== null && expiresOn < day;',
    'expiresOn !== null && expiresOn <= day;',
  ),
  lots(
    'an expired lot is allocated',
    "qcStatus === 'APPROVED' && !isExpired(expiresOn, day);",
    "qcStatus === 'APPROVED' || !isExpired(expiresOn, day) || true;",
  ),
  lots(
    'a rejected lot is allocated',
    "qcStatus === 'APPROVED' && !isExpired(expiresOn, day);",
    '!isExpired(expiresOn, day) && qcStatus.length > 0;',
  ),
  lots(
    'expired stock counts as available in all',
    'if (day !== null && isExpired(at.value.expiresOn, day)) {',
    'if (day === undefined) {',
  ),
  lots(
    'a lot whose arrival changes keeps its old place in the order',
    'isHeld(lot) && order.compare(before, lot) === 0;',
    'isHeld(lot) && order !== null;',
  ),
  lots('a snapshot forgets what is on hold', '  lot.held,\n', '  0,\n'),
  lots('a snapshot forgets the revision of a lot', '  lot.lotRevision,\n', '  null,\n'),

  receive(
    'an inactive place takes receipts',
    "const refused = inactive(data, 'receipts', facts);\n  if (refused) return refused;",
    '',
  ),
  receive(
    'a receipt fills a place one over',
    '  if (refused) return refused;\n  if (state.onHand + units > MAX_QUANTITY)',
    '  if (refused) return refused;\n  if (state.onHand + units > MAX_QUANTITY + 1)',
  ),
  receive(
    'a lot takes goods of another expiry',
    'if (truth && expiresOn !== truth.expiresOn) {',
    'if (truth && expiresOn === undefined) {',
  ),
  receive(
    'a receipt that asks for quality control does not get it',
    'data.qcRequired === true || (item.qcRequired && (truth?.lotRevision ?? null) === null);',
    'item.qcRequired && (truth?.lotRevision ?? null) === null;',
  ),
  receive(
    'an item that asks for quality control does not get it',
    'data.qcRequired === true || (item.qcRequired && (truth?.lotRevision ?? null) === null);',
    'data.qcRequired === true;',
  ),
  receive(
    'more of an approved lot is asked for again, though quality control has spoken',
    '(item.qcRequired && (truth?.lotRevision ?? null) === null)',
    'item.qcRequired',
  ),
  receive(
    'quarantine makes a rejected lot milder',
    "status === 'REJECTED' || status === 'RECALLED' ? status : 'QUARANTINE';",
    "status === 'RECALLED' ? status : 'QUARANTINE';",
  ),
  receive(
    'an older word of a lot is taken for the newer',
    'known.lotRevision >= lot.revision',
    'known.lotRevision <= lot.revision',
  ),
  receive(
    'a receipt that puts a lot into quarantine leaves its allocations there',
    'if (!known || known.reserved === 0) return accept(event);',
    'if (known) return accept(event);\n  if (!known) return accept(event);',
  ),
  receive(
    'returned goods go into stock by default',
    "data.disposition ?? 'QUARANTINE'",
    "data.disposition ?? 'STOCK'",
  ),
  receive(
    'a return makes a lot that nobody knows',
    'if (data.lotCode !== undefined && !truth) return unknownLot(data, data.lotCode);',
    '',
  ),

  issue(
    'a sale takes an expired lot that is named',
    'quantity: isUsable(named, day) ? Math.min(units, unreserved(named)) : 0,',
    'quantity: Math.min(units, unreserved(named)),',
  ),
  issue(
    'a supplier takes back what has expired',
    "const day = purpose === 'DISPOSAL' ? null : facts.localDate;",
    'const day = takesAny ? null : facts.localDate;',
  ),
  issue(
    'a disposal takes what is reserved',
    'const quantity = Math.min(left, lot.onHand - lot.reserved);',
    'const quantity = Math.min(left, lot.onHand);',
  ),
  issue(
    'a disposal leaves the hold on what is gone',
    'fromHold: Math.min(quantity, lot.held) });',
    'fromHold: 0 });',
  ),
  issue(
    'an adjustment goes below what is reserved',
    'if (onHand - reserved + units < 0) {',
    'if (onHand + units < 0) {',
  ),
  issue(
    'an adjustment takes from a hold first',
    'Math.max(0, -units - unreserved(lot)) : 0,',
    'Math.min(lot.held, -units) : 0,',
  ),
  issue('one more than is free is put on hold', 'if (there < units) {', 'if (there + 1 < units) {'),
  issue('more is lifted than is on hold', 'if (held < units) {', 'if (units < 0) {'),

  allocate(
    'an allocation takes one unit too few of each lot',
    'const quantity = Math.min(left, unreserved(lot));',
    'const quantity = Math.min(left, Math.max(1, unreserved(lot) - 1));',
  ),
  allocate(
    'goods move to the very lot that they leave',
    'if (except?.has(lot.lotCode)) return true;',
    '',
  ),

  shortage(
    'that no lot is approved is told after all else',
    'if (held.onHand > 0 && held.approved === 0) return',
    'if (held.onHand > units && held.approved === 0) return',
  ),
  shortage(
    'what is reserved counts when a shortage is told',
    'if (held.onHand - held.reserved - held.held >= units) {',
    'if (held.onHand - held.held >= units) {',
  ),
  shortage(
    'the border of a shortage is off by one',
    'if (held.onHand - held.reserved - held.held >= units) {',
    'if (held.onHand - held.reserved - held.held > units) {',
  ),

  index(
    'a due reservation is not freed for whoever needs it',
    'if (!item || state.expiring === null || !couldUseMore(verdict)) return verdict;',
    'if (item) return verdict;\n  if (!item || state.expiring === null || !couldUseMore(verdict)) return verdict;',
  ),
  index(
    'what a due reservation frees is used but not written',
    'accept(...freeing, ...second.events) : second;',
    'accept(...second.events) : second;',
  ),
  index(
    'a due reservation is freed for a whole reservation alone, not for a part',
    "(event) => event.type === 'StockReserved' && event.data.short > 0",
    "(event) => event.type === 'StockReserved' && event.data.short < 0",
  ),
  index(
    'nothing is something',
    "if (units === 0 || (units < 0 && sign === 'above 0')) {",
    "if (units < 0 && sign === 'above 0') {",
  ),
];
