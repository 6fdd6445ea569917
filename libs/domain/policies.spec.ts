import { recorded } from '../../test/support/histories';
import type { InventoryEvent } from './index';
import { streams } from './index';
import { type FollowUp, followUpsOf, NO_FOLLOW_UPS } from './policies';

const happened = (type: string, data: object): InventoryEvent =>
  recorded({ type, data }, 'stock', 'its stream', 7, 1, { tenant: 'acme' });
const legsOf = (type: string, data: object): readonly FollowUp[] =>
  followUpsOf(happened(type, data));

describe('a transfer', () => {
  it.each(['L.1', null])(
    'that was received arrives at its destination, as what it was sent: lot %s',
    (lotCode) => {
      const goods = {
        ...{ transferId: 'T', lotCode, quantity: 1_250, unit: 'kg', decimals: 3, lotRevision: 3 },
        ...{ receivedAt: '2026-01-01T00:00:00.000Z', expiresOn: null, qcStatus: 'APPROVED' },
      };
      const received = { ...goods, sku: 'PI/65', location: 'NORTH', to: 'SOUTH', outstanding: 4 };
      expect(legsOf('TransferReceived', received)).toEqual([
        {
          category: 'stock',
          stream: 'stock-acme.PI%2F65@SOUTH',
          command: {
            type: 'AcceptArrival',
            data: { ...goods, sku: 'PI/65', location: 'SOUTH', from: 'NORTH' },
          },
        },
      ]);
    },
  );
});

describe('every other event', () => {
  const LEADING = ['TransferReceived'];
  const others = Object.values(streams)
    .flatMap(({ events }) => Object.keys(events))
    .filter((type) => !LEADING.includes(type));

  it.each(others)('%s is followed by nothing, the same nothing every time', (type) => {
    const everything = { sku: 'A', location: 'NORTH', to: 'SOUTH', lotCode: 'L' };
    expect(legsOf(type, everything)).toBe(NO_FOLLOW_UPS);
  });
});
