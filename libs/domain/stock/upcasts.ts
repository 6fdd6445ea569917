import type { Upcasts } from '../kernel';

/** Shapes of before. What they did not know: units beside the item's own, holds, reservations, and the lot's own stream. */
export const upcasts: Upcasts = {
  StockReceived: {
    to: 'StockReceived.v2',
    data: (old) => ({
      ...old,
      entered: null,
      lotRevision: null,
      supplierLot: null,
      manufacturedOn: null,
      parentLots: [],
      qcRequired: old.qcStatus === 'QUARANTINE',
    }),
  },
  StockIssued: {
    to: 'StockIssued.v2',
    data: (old) => ({ ...old, entered: null, reservationId: null, fromHold: 0 }),
  },
  StockAdjusted: {
    to: 'StockAdjusted.v2',
    data: (old) => ({ ...old, entered: null, fromHold: 0 }),
  },
};
