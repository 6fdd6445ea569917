import { randomUUID } from 'node:crypto';

/** What is written and read everywhere: an event of about 300 bytes, as a movement of stock makes it. */
export const TYPE = 'StockIssued';
export const DATA = Buffer.from(
  JSON.stringify({
    sku: 'SKU-0001',
    location: 'MAIN',
    lotCode: null,
    unit: 'each',
    decimals: 0,
    reference: 'SO-100001',
    quantity: 1,
    purpose: 'SALE',
  }),
);
export const METADATA = Buffer.from(
  JSON.stringify({ commandId: randomUUID(), at: '2026-01-01T00:00:00.000Z', note: 'x'.repeat(80) }),
);
