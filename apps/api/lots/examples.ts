import type { TypeOf } from '../document/answer-schema';
import type { correctedLot, decidedLot, lotAnswer, lotDetail } from './answers';
import { exampleLevel, examplePlace } from '../document/examples';

/** What the documentation shows of lots. */

export const exampleLot: TypeOf<typeof lotAnswer> = {
  lotId: 'WIDGET-001.L-2026-03',
  sku: 'WIDGET-001',
  lotCode: 'L-2026-03',
  expiresOn: '2027-06-30',
  qcStatus: 'APPROVED',
  supplierLot: 'ACME 2026/117',
  manufacturedOn: '2026-02-11',
  parentLots: ['STEEL-4.H-88'],
  received: 60,
  onHand: 50,
  reserved: 0,
  onHold: 0,
  available: 50,
  expired: 0,
  firstReceivedAt: '2026-03-01T09:30:00.000Z',
  lastReceivedAt: '2026-03-01T09:30:00.000Z',
  unit: 'each',
};

export const exampleLotDetail: TypeOf<typeof lotDetail> = {
  ...exampleLot,
  locations: [{ ...exampleLevel, isUpToDate: true }],
  history: [
    {
      revision: 1,
      type: 'LotApproved',
      qcStatus: 'APPROVED',
      expiresOn: '2027-06-30',
      inspector: 'inspector-3',
      reason: 'certificate 4711 is in order',
      actor: 'anonymous',
      commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
      correlationId: '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a',
      effectiveAt: '2026-03-02T10:00:00.000Z',
      recordedAt: '2026-03-02T10:00:00.412Z',
    },
  ],
};

export const exampleDecidedLot: TypeOf<typeof decidedLot> = {
  lotId: 'WIDGET-001.L-2026-03',
  qcStatus: 'APPROVED',
  applied: ['MAIN', 'SHOP-1'],
  pending: [],
  ...examplePlace,
};
export const exampleCorrectedLot: TypeOf<typeof correctedLot> = {
  lotId: 'WIDGET-001.L-2026-03',
  expiresOn: '2027-06-30',
  applied: ['MAIN', 'SHOP-1'],
  pending: [],
  ...examplePlace,
};
