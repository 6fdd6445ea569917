/** What the documentation sends. */

const widget = { sku: 'WIDGET-001', location: 'MAIN' };

export const registerItemRequest = {
  sku: 'WIDGET-001',
  name: 'Standard Widget',
  category: 'Widgets',
  barcodes: ['4006381333931'],
  suppliers: [{ supplier: 'ACME', supplierSku: 'W1-R', leadTimeDays: 14 }],
  units: [{ unit: 'box', numerator: 12 }],
  countVarianceLimit: 3,
  safetyStock: 4,
  reorderThreshold: 10,
  maximum: 100,
  thresholds: [{ location: 'SHOP-1', safetyStock: 2, reorderThreshold: 5, maximum: 40 }],
};
export const updateItemRequest = { name: 'Large Widget', reason: 'new name of the maker' };
export const reasonRequest = { reason: 'no longer made' };
export const registerLocationRequest = {
  code: 'SHOP-1',
  name: 'Shop in the centre',
  kind: 'STORE',
  timeZone: 'Europe/Vienna',
};
export const updateLocationRequest = { name: 'Shop in the centre' };
export const receiveRequest = {
  ...widget,
  quantity: 50,
  lotCode: 'L-2026-03',
  expiresOn: '2027-06-30',
  supplierLot: 'ACME 2026/117',
  manufacturedOn: '2026-02-11',
  parentLots: ['STEEL-4.H-88'],
  purpose: 'PURCHASE',
  reference: 'PO-1001',
  unitCost: '12.50',
  effectiveAt: '2026-03-01T09:30:00Z',
};
export const issueRequest = { ...widget, quantity: 10, purpose: 'SALE', reference: 'SO-77' };
export const issueReservedRequest = {
  reservationId: 'WIDGET-001@MAIN.R17',
  quantity: 4,
  purpose: 'SALE',
};
export const adjustRequest = { ...widget, quantity: -2, purpose: 'DAMAGE', reason: 'dropped' };
export const returnRequest = { ...widget, quantity: 1, reference: 'SO-77', reason: 'too large' };
export const holdRequest = { ...widget, quantity: 2, reason: 'carton is damp' };
export const reverseRequest = {
  movementId: '2b4c9d0a-5a3e-4b77-8a53-1f0e3c4d5e6f',
  error: 'incorrect_data',
  reason: 'typed 60 for 6',
};
export const countRequest = { ...widget, counted: 48, revision: 3, kind: 'STOCKTAKE' };
export const approveCountRequest = { reason: 'looked at it myself' };
export const rejectCountRequest = { reason: 'the second shelf was not counted' };
export const movementRequest = { type: 'SALE', ...widget, quantity: 10, reference: 'SO-77' };
export const batchRequest = {
  movements: [
    { ...movementRequest, idempotencyKey: 'till-7:2026-03-01:4711' },
    { type: 'SALE', ...widget, quantity: 500, idempotencyKey: 'till-7:2026-03-01:4712' },
  ],
};
export const decideLotRequest = {
  sku: 'WIDGET-001',
  lotCode: 'L-2026-03',
  status: 'APPROVED',
  reason: 'certificate 4711 is in order',
  inspector: 'inspector-3',
};
export const correctLotRequest = { expiresOn: '2027-06-30', reason: 'misread on the label' };
