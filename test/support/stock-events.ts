import type { StockEventOf } from '../../libs/domain';

type Received = StockEventOf<'StockReceived.v2'>;
type Issued = StockEventOf<'StockIssued.v2'>;
type Needed = 'sku' | 'location' | 'quantity';

const movement = { lotCode: null, unit: 'each', decimals: 0, reference: null, entered: null };

/** A receipt as the stock stream holds it, plain where nothing else is said. */
export const stockReceived = (
  data: Pick<Received['data'], Needed> & Partial<Received['data']>,
): Received => ({
  type: 'StockReceived.v2',
  data: {
    ...movement,
    purpose: 'PURCHASE',
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    unitCost: null,
    supplierLot: null,
    manufacturedOn: null,
    parentLots: [],
    qcRequired: false,
    ...data,
  },
});

export const stockIssued = (
  data: Pick<Issued['data'], Needed> & Partial<Issued['data']>,
): Issued => ({
  type: 'StockIssued.v2',
  data: { ...movement, purpose: 'SALE', reservationId: null, fromHold: 0, ...data },
});
