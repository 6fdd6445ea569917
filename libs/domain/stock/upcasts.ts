import type { Upcasts } from '../kernel';

/** Shapes of before. What they did not know: units beside the item's own, holds, reservations, and the lot's own stream. */
export const upcasts: Upcasts = {
  StockReceived: (data) => ({
    type: 'StockReceived.v2',
    data: {
      ...data,
      entered: null,
      lotRevision: null,
      supplierLot: null,
      manufacturedOn: null,
      parentLots: [],
      qcRequired: data.qcStatus === 'QUARANTINE',
    },
  }),
  StockIssued: (data) => ({
    type: 'StockIssued.v2',
    data: { ...data, entered: null, reservationId: null, fromHold: 0 },
  }),
  StockAdjusted: (data) => ({
    type: 'StockAdjusted.v2',
    data: { ...data, entered: null, fromHold: 0 },
  }),
};
