import { bugsIn, type Mutant } from './mutant';

const lot = bugsIn('lot');
const policies = bugsIn('policies');

/** The lot's own stream, and what streams tell each other. */
export const around: readonly Mutant[] = [
  lot(
    'a rejected lot is approved at once',
    "REJECTED: ['QUARANTINE'],",
    "REJECTED: ['QUARANTINE', 'APPROVED'],",
  ),
  lot(
    'a lot knows the last of its places alone',
    'places.includes(place) ? places : [...places, place];',
    'places.includes(place) ? places : [place];',
  ),
  lot(
    'a decision that names some places alone makes the lot forget the others',
    'withPlaces(state.locations, locations)',
    'locations',
  ),
  lot(
    'the last places of a lot at very many are not told',
    'const parts = Math.ceil(',
    'const parts = Math.round(',
  ),
  lot(
    'a place that took a lot for something else is not told again',
    'if (!isNew && isInStep && !demandsQc) return [];',
    'if (!isNew && !demandsQc) return [];',
  ),
  lot(
    'a receipt that demands quality control leaves the lot approved elsewhere',
    "if (demandsQc && qcStatus === 'APPROVED') {",
    "if (demandsQc && qcStatus === 'RECALLED') {",
  ),
  lot(
    'a lot that a receipt puts into quarantine does not know the place of that receipt',
    'const all = isNew ? [...locations, location] : locations;',
    'const all = locations;',
  ),
  lot(
    'a corrected expiry changes the status',
    'data: { sku, lotCode, qcStatus, expiresOn, locations, was },',
    "data: { sku, lotCode, qcStatus: 'QUARANTINE', expiresOn, locations, was },",
  ),

  policies(
    'goods that were received are not sent on',
    "case 'TransferReceived':\n      return [arrival(event)];",
    "case 'TransferReceived':\n      return event.data.quantity > 3 ? [arrival(event)] : NO_FOLLOW_UPS;",
  ),
  policies(
    'the first place of a lot alone learns what is decided',
    'return event.data.locations.map((location) => statusAt(location, event));',
    'return event.data.locations.slice(0, 1).map((location) => statusAt(location, event));',
  ),
  policies(
    'a lot does not learn where it is sent',
    "case 'StockDispatched':\n      return afterDispatch(event);",
    "case 'StockDispatched':\n      return NO_FOLLOW_UPS;",
  ),
  policies(
    'a lot does not learn where it is returned',
    "case 'StockReturned':\n      return afterReturn(event);",
    "case 'StockReturned':\n      return NO_FOLLOW_UPS;",
  ),
  policies(
    'a receipt that demands quality control of a known lot tells nobody',
    '(lotRevision !== null && !qcRequired && !isTold)',
    '(lotRevision !== null && !isTold)',
  ),
  policies(
    'a place is told what a lot is with the revision before',
    'lotRevision: revision },',
    'lotRevision: Math.max(0, revision - 1) },',
  ),
  policies(
    'what a lot is travels without its revision',
    "qcStatus, lotRevision };\n  return {\n    category: 'stock',\n    stream: stockStream(metadata.tenant, sku, location),\n    command: { type: 'AcceptArrival'",
    "qcStatus, lotRevision: null };\n  return {\n    category: 'stock',\n    stream: stockStream(metadata.tenant, sku, location),\n    command: { type: 'AcceptArrival'",
  ),
];
