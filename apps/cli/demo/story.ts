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
  quantity: 10,
  purpose: 'SALE',
  reference: 'SO-2001',
  effectiveAt: '2025-03-04T09:30:00Z',
};
const SALE_HEADERS = { 'Idempotency-Key': 'so-2001', 'X-Actor': 'jonas' };
const SOLD = { movements: [{ lotCode: 'PI-2407', quantity: 10 }] };
const RESERVATION = 'IODINE-65@MAIN.R1';
const TRANSFER = 'IODINE-65@MAIN.T1';
const RECALLED_AT = '2025-03-05T16:00:00.000Z';
const RECALLED_WHY = 'the maker recalls it';

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
  title: 'Tuesday and Wednesday: a lost answer, an order, a recall',
  steps: [
    {
      tell: 'Ten packs are sold; nobody chooses lots, the first to expire goes first.',
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
      tell: 'The web shop sets twenty aside for an order: of the older lot, all that is left of it.',
      method: 'POST',
      path: '/api/v1/inventory/reserve',
      headers: { 'X-Actor': 'webshop' },
      body: {
        sku: 'IODINE-65',
        quantity: 20,
        reference: 'WEB-3001',
        effectiveAt: '2025-03-05T10:00:00Z',
      },
      status: 201,
      answer: {
        reservationId: RESERVATION,
        status: 'ACTIVE',
        allocations: [{ lotCode: 'PI-2407', quantity: 20 }],
      },
    },
    {
      tell: 'Eighty are on the shelf; of the twenty set aside nobody else sells one: 60 at most.',
      method: 'POST',
      path: '/api/v1/inventory/issue',
      headers: { 'X-Actor': 'jonas' },
      body: { sku: 'IODINE-65', quantity: 61, purpose: 'SALE', reference: 'SO-2002' },
      status: 409,
      answer: {
        code: 'INSUFFICIENT_STOCK',
        title: 'There is not enough stock',
      },
    },
    {
      tell: 'The maker recalls the older lot: in force wherever some of it is, at once.',
      method: 'PUT',
      path: '/api/v1/lots/qc-status',
      headers: { 'X-Actor': 'nadia' },
      body: {
        sku: 'IODINE-65',
        lotCode: 'PI-2407',
        status: 'RECALLED',
        reason: RECALLED_WHY,
        effectiveAt: '2025-03-05T16:00:00Z',
      },
      status: 200,
      answer: { qcStatus: 'RECALLED', applied: ['MAIN'], pending: [] },
    },
    {
      tell: 'The order is none the worse for it: what was set aside comes from the other lot now.',
      method: 'GET',
      path: `/api/v1/reservations/${RESERVATION}`,
      status: 200,
      answer: { status: 'ACTIVE', short: 0, allocations: [{ lotCode: 'PI-2501', quantity: 20 }] },
    },
  ],
};

const ON_ITS_WAY: Chapter = {
  title: 'Thursday and Friday: stock between two places',
  steps: [
    {
      tell: 'Fifteen leave for the shop; what nobody names is chosen among what is free.',
      method: 'POST',
      path: '/api/v1/inventory/transfer',
      headers: { 'X-Actor': 'marta' },
      body: {
        sku: 'IODINE-65',
        quantity: 15,
        to: 'SHOP-1',
        effectiveAt: '2025-03-06T15:00:00Z',
      },
      status: 201,
      answer: { transferId: TRANSFER, status: 'DISPATCHED' },
    },
    {
      tell: 'Until they are there, they are neither here nor there, and in no balance twice.',
      method: 'GET',
      path: '/api/v1/reports/in-transit',
      status: 200,
      answer: {
        items: [{ sku: 'IODINE-65', from: 'MAIN', to: 'SHOP-1', lotCode: 'PI-2501', quantity: 15 }],
      },
    },
    {
      tell: 'Fourteen arrive. One is missing, and somebody says so: nothing gets lost unseen.',
      method: 'POST',
      path: `/api/v1/transfers/${TRANSFER}/receive`,
      headers: { 'X-Actor': 'lea' },
      body: { missing: 1, reason: 'the box was open', effectiveAt: '2025-03-07T09:00:00Z' },
      status: 200,
      answer: { status: 'RECEIVED', applied: ['SHOP-1'], pending: [] },
    },
  ],
};

/** Rows of the reports, in the columns that are shown. */
const level = (
  sku: string,
  location: string,
  lotCode: string | null,
  onHand: number,
  [reserved, available]: readonly [number, number],
  unit: string,
  qcStatus = 'APPROVED',
) => ({ sku, location, lotCode, onHand, reserved, available, unit, qcStatus });

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

const line = (
  effectiveAt: string,
  type: string,
  lotCode: string,
  quantity: number,
  actor: string,
  reason: string | null = null,
) => ({ effectiveAt, type, lotCode, quantity, actor, reason });

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
          level('ALCOHOL-70', 'MAIN', null, 12.125, [0, 12.125], 'l'),
          level('GAUZE-10', 'SHOP-1', null, 12, [0, 12], 'each'),
          level('IODINE-65', 'MAIN', 'PI-2407', 20, [0, 0], 'pack', 'RECALLED'),
          level('IODINE-65', 'MAIN', 'PI-2501', 45, [20, 25], 'pack'),
          level('IODINE-65', 'SHOP-1', 'PI-2501', 14, [0, 14], 'pack'),
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
          { sku: 'IODINE-65', location: null, threshold: 50, available: 39, shortBy: 11 },
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
      tell: 'Who did what, when and why: the recall took the order along, the refused sale left nothing.',
      method: 'GET',
      path: '/api/v1/ledger?sku=IODINE-65&from=2025-03-04T00:00:00Z&sort=effectiveAt',
      status: 200,
      answer: {
        items: [
          line('2025-03-04T09:30:00.000Z', 'ISSUE', 'PI-2407', -10, 'jonas'),
          line('2025-03-05T10:00:00.000Z', 'RESERVE', 'PI-2407', 20, 'webshop'),
          line(RECALLED_AT, 'UNRESERVE', 'PI-2407', 20, 'nadia', RECALLED_WHY),
          line(RECALLED_AT, 'RESERVE', 'PI-2501', 20, 'nadia', RECALLED_WHY),
          line('2025-03-06T15:00:00.000Z', 'TRANSFER_OUT', 'PI-2501', -15, 'marta'),
          line('2025-03-07T09:00:00.000Z', 'TRANSFER_IN', 'PI-2501', 14, 'lea', 'the box was open'),
        ],
      },
    },
  ],
};

export const STORY: readonly Chapter[] = [CATALOGUE, GOODS_IN, GOODS_OUT, ON_ITS_WAY, REPORTS];
