import type { TypeOf } from '../document/answer-schema';
import type { inTransitRow, movedTransfer, transferAnswer } from './answers';
import { examplePlace } from '../document/examples';

/** What the documentation shows of transfers. */

const way = {
  transferId: 'WIDGET-001@MAIN.T3',
  sku: 'WIDGET-001',
  from: 'MAIN',
  to: 'SHOP-1',
  unit: 'each',
};
const commandId = '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d';
const nothing = { dispatched: 0, received: 0, writtenOff: 0, cancelled: 0 };

export const transferRequest = {
  sku: 'WIDGET-001',
  from: 'MAIN',
  to: 'SHOP-1',
  quantity: 20,
  reference: 'TO-12',
};
export const receiveTransferRequest = { quantity: 15, missing: 2, reason: 'a box was crushed' };
export const cancelTransferRequest = { reason: 'the lorry turned back' };

export const exampleDispatched: TypeOf<typeof movedTransfer> = {
  commandId,
  ...way,
  status: 'DISPATCHED',
  lines: [{ lotCode: 'L-2026-03', ...nothing, dispatched: 20 }],
  outstanding: 20,
  applied: ['SHOP-1'],
  pending: [],
  ...examplePlace,
};
export const exampleTransferReceived: TypeOf<typeof movedTransfer> = {
  commandId,
  ...way,
  status: 'PARTIALLY_RECEIVED',
  lines: [{ lotCode: 'L-2026-03', ...nothing, received: 15, writtenOff: 2 }],
  outstanding: 3,
  applied: ['SHOP-1'],
  pending: [],
  ...examplePlace,
};
export const exampleTransferCancelled: TypeOf<typeof movedTransfer> = {
  commandId,
  ...way,
  status: 'CANCELLED',
  lines: [{ lotCode: 'L-2026-03', ...nothing, cancelled: 3 }],
  outstanding: 0,
  applied: [],
  pending: [],
  ...examplePlace,
};

/** The destination has yet to learn of it. */
export const pending = <A extends TypeOf<typeof movedTransfer>>(answer: A): A => ({
  ...answer,
  applied: [],
  pending: ['SHOP-1'],
});

const ends = { received: 15, writtenOff: 2, cancelled: 0 };
export const exampleTransfer: TypeOf<typeof transferAnswer> = {
  ...way,
  status: 'PARTIALLY_RECEIVED',
  quantity: 20,
  ...ends,
  outstanding: 3,
  inTransit: 3,
  lines: [{ lotCode: 'L-2026-03', quantity: 20, ...ends, arrived: 15, outstanding: 3 }],
  reference: 'TO-12',
  reason: null,
  actor: 'marta',
  dispatchedAt: '2026-03-01T09:30:00.000Z',
  endedAt: null,
  revision: 7,
};

export const exampleInTransit: TypeOf<typeof inTransitRow> = {
  sku: 'WIDGET-001',
  name: 'Standard Widget',
  from: 'MAIN',
  to: 'SHOP-1',
  lotCode: 'L-2026-03',
  quantity: 3,
  unit: 'each',
  since: '2026-03-01T09:30:00.000Z',
};
