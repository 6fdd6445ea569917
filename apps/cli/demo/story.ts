import { ANY, type Chapter, type Expected } from './step';

/**
 * A wholesaler of medical supplies in its first week. Everything is told with the time at which it happened, long ago, so
 * that each run is the same; iodine tablets keep for ten years.
 */

const IODINE = {
  sku: 'IODINE-65',
  name: 'Iodine tablets 65 mg',
  unit: 'pack',
  tracking: 'lot',
  allocationPolicy: 'FEFO',
  reorderThreshold: 50,
};
const GAUZE = {
  sku: 'GAUZE-10',
  name: 'Gauze swabs 10 x 10 cm',
  reorderThresholds: [{ location: 'SHOP-1', reorderThreshold: 20 }],
};
const ALCOHOL = { sku: 'ALCOHOL-70', name: 'Alcohol 70 %', unit: 'l', decimals: 3 };

const SALE = {
  sku: 'IODINE-65',
  quantity: 40,
  purpose: 'SALE',
  reference: 'SO-2001',
  effectiveAt: '2025-03-04T09:30:00Z',
};
const SALE_HEADERS = { 'Idempotency-Key': 'so-2001', 'X-Actor': 'jonas' };
const SOLD = {
  movements: [
    { lotCode: 'PI-2407', quantity: 30 },
    { lotCode: 'PI-2501', quantity: 10 },
  ],
};

const CATALOGUE: Chapter = {
  title: 'The catalogue: what there is, and where',
  steps: [
    {
      tell: 'A shop opens; the warehouse, MAIN, is there from the start.',
      method: 'POST',
      path: '/api/v1/locations',
      body: { code: 'SHOP-1', name: 'Pharmacy at the station', kind: 'STORE' },
      status: 201,
      answer: { code: 'SHOP-1', kind: 'STORE', active: true },
    },
    {
      tell: 'Tablets are kept by lot and leave by expiry (FEFO); 50 packs or fewer count as low.',
      method: 'POST',
      path: '/api/v1/items',
      body: IODINE,
      status: 201,
      answer: { sku: 'IODINE-65', unit: 'pack', tracking: 'lot', allocationPolicy: 'FEFO' },
    },
    {
      tell: 'Gauze needs no lots; the shop has a threshold of its own, 20.',
      method: 'POST',
      path: '/api/v1/items',
      body: GAUZE,
      status: 201,
      answer: {
        sku: 'GAUZE-10',
        unit: 'each',
        reorderThresholds: [{ location: 'SHOP-1', reorderThreshold: 20 }],
      },
    },
    {
      tell: 'Alcohol is measured to the millilitre, in whole numbers inside: nothing is ever rounded.',
      method: 'POST',
      path: '/api/v1/items',
      body: ALCOHOL,
      status: 201,
      answer: { sku: 'ALCOHOL-70', unit: 'l', decimals: 3 },
    },
  ],
};

const GOODS_IN: Chapter = {
  title: 'Monday: goods come in',
  steps: [
    {
      tell: 'Sixty packs arrive, with their lot, their expiry and what they cost.',
      method: 'POST',
      path: '/api/v1/inventory/receive',
      headers: { 'X-Actor': 'marta' },
      body: {
        sku: 'IODINE-65',
        quantity: 60,
        lotCode: 'PI-2501',
        expiresOn: '2035-01-31',
        unitCost: '4.10',
        reference: 'PO-1001',
        effectiveAt: '2025-03-03T08:00:00Z',
      },
      status: 201,
      answer: {
        location: 'MAIN',
        movements: [{ lotCode: 'PI-2501', quantity: 60, unit: 'pack', expiresOn: '2035-01-31' }],
        position: ANY,
      },
    },
    {
      tell: 'Thirty more arrive an hour later, of an older lot, which expires first.',
      method: 'POST',
      path: '/api/v1/inventory/receive',
      headers: { 'X-Actor': 'marta' },
      body: {
        sku: 'IODINE-65',
        quantity: 30,
        lotCode: 'PI-2407',
        expiresOn: '2034-07-31',
        unitCost: '3.90',
        reference: 'PO-1002',
        effectiveAt: '2025-03-03T09:00:00Z',
      },
      status: 201,
      answer: {
        location: 'MAIN',
        movements: [{ lotCode: 'PI-2407', quantity: 30, unit: 'pack', expiresOn: '2034-07-31' }],
        position: ANY,
      },
    },
    {
      tell: 'The shop gets gauze: stock belongs to a place, and each place is counted by itself.',
      method: 'POST',
      path: '/api/v1/inventory/receive',
      headers: { 'X-Actor': 'marta' },
      body: {
        sku: 'GAUZE-10',
        quantity: 12,
        location: 'SHOP-1',
        effectiveAt: '2025-03-03T11:00:00Z',
      },
      status: 201,
      answer: { location: 'SHOP-1', movements: [{ quantity: 12, unit: 'each' }] },
    },
    {
      tell: 'Decimals may come as text, so that no client can lose one on the way.',
      method: 'POST',
      path: '/api/v1/inventory/receive',
      headers: { 'X-Actor': 'marta' },
      body: { sku: 'ALCOHOL-70', quantity: '12.125', effectiveAt: '2025-03-03T11:30:00Z' },
      status: 201,
      answer: { location: 'MAIN', movements: [{ quantity: 12.125, unit: 'l' }] },
    },
  ],
};

const GOODS_OUT: Chapter = {
  title: 'Tuesday and Wednesday: sales, a lost answer, an accident',
  steps: [
    {
      tell: 'Forty packs are sold; nobody chooses lots, the older one goes first and to its last pack.',
      method: 'POST',
      path: '/api/v1/inventory/issue',
      headers: SALE_HEADERS,
      body: SALE,
      status: 201,
      answer: SOLD,
    },
    {
      tell: 'The till lost the answer and sends the same again: the same answer, and one sale.',
      method: 'POST',
      path: '/api/v1/inventory/issue',
      headers: SALE_HEADERS,
      body: SALE,
      status: 201,
      replayed: true,
      answer: SOLD,
    },
    {
      tell: 'A carton falls: two packs are written off, and an adjustment must say why.',
      method: 'POST',
      path: '/api/v1/inventory/adjust',
      headers: { 'X-Actor': 'marta' },
      body: {
        sku: 'IODINE-65',
        quantity: -2,
        lotCode: 'PI-2501',
        purpose: 'DAMAGE',
        reason: 'fell off shelf 4',
        effectiveAt: '2025-03-05T16:00:00Z',
      },
      status: 201,
      answer: {
        movements: [{ lotCode: 'PI-2501', quantity: -2, reason: 'fell off shelf 4' }],
      },
    },
    {
      tell: 'Somebody orders more than there is: refused with the figures, and nothing is written.',
      method: 'POST',
      path: '/api/v1/inventory/issue',
      headers: { 'X-Actor': 'jonas' },
      body: { sku: 'IODINE-65', quantity: 49, purpose: 'SALE', reference: 'SO-2002' },
      status: 409,
      answer: {
        code: 'INSUFFICIENT_STOCK',
        detail: '48 pack of IODINE-65 at MAIN are available, 49 asked for; ask for at most 48',
      },
    },
  ],
};

/** Rows of the reports, in the columns that are shown. */
const level = (
  sku: string,
  location: string,
  lotCode: string | null,
  onHand: number,
  unit: string,
  expiresOn: string | null,
) => ({ sku, location, lotCode, onHand, available: onHand, unit, expiresOn });

const receipt = (
  effectiveAt: string,
  lotCode: string,
  quantity: number,
  balance: number,
): Expected => ({
  effectiveAt,
  type: 'RECEIVE',
  lotCode,
  quantity,
  balance,
  recordedAt: ANY,
});

const event = (
  actor: string,
  type: string,
  effectiveAt: string,
  quantity: number,
  reason: string | null = null,
) => ({ actor, type, effectiveAt, location: 'MAIN', data: { quantity }, reason });

const REPORTS: Chapter = {
  title: 'What is there, and how it came to be',
  steps: [
    {
      tell: 'Every command told its position; `after` waits until a report has seen it.',
      method: 'GET',
      path: '/api/v1/stock-levels',
      status: 200,
      answer: {
        items: [
          level('ALCOHOL-70', 'MAIN', null, 12.125, 'l', null),
          level('GAUZE-10', 'SHOP-1', null, 12, 'each', null),
          level('IODINE-65', 'MAIN', 'PI-2407', 0, 'pack', '2034-07-31'),
          level('IODINE-65', 'MAIN', 'PI-2501', 48, 'pack', '2035-01-31'),
        ],
      },
    },
    {
      tell: 'What has to be ordered: an item by its own threshold, a place by the place’s.',
      method: 'GET',
      path: '/api/v1/reports/low-stock',
      status: 200,
      answer: {
        items: [
          { sku: 'GAUZE-10', location: 'SHOP-1', threshold: 20, available: 12, shortBy: 8 },
          { sku: 'IODINE-65', location: null, threshold: 50, available: 48, shortBy: 2 },
        ],
      },
    },
    {
      tell: 'What was in the warehouse on Monday night? The last balance before Tuesday says: 90.',
      method: 'GET',
      path: '/api/v1/ledger?sku=IODINE-65&location=MAIN&to=2025-03-04T00:00:00Z&sort=effectiveAt',
      status: 200,
      answer: {
        items: [
          receipt('2025-03-03T08:00:00.000Z', 'PI-2501', 60, 60),
          receipt('2025-03-03T09:00:00.000Z', 'PI-2407', 30, 90),
        ],
      },
    },
    {
      tell: 'Who did what, when, where and why: the sale took two lots, the refused one left nothing.',
      method: 'GET',
      path: '/api/v1/audit-logs?sku=IODINE-65&category=stock&sort=position',
      status: 200,
      answer: {
        items: [
          event('marta', 'StockReceived.v2', '2025-03-03T08:00:00.000Z', 60),
          event('marta', 'StockReceived.v2', '2025-03-03T09:00:00.000Z', 30),
          event('jonas', 'StockIssued.v2', '2025-03-04T09:30:00.000Z', 30),
          event('jonas', 'StockIssued.v2', '2025-03-04T09:30:00.000Z', 10),
          event('marta', 'StockAdjusted.v2', '2025-03-05T16:00:00.000Z', -2, 'fell off shelf 4'),
        ],
      },
    },
  ],
};

export const STORY: readonly Chapter[] = [CATALOGUE, GOODS_IN, GOODS_OUT, REPORTS];
