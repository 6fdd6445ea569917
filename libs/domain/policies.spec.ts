import { recorded } from '../../test/support/histories';
import type { InventoryEvent } from './index';
import { streams } from './index';
import { type FollowUp, followUpsOf, NO_FOLLOW_UPS } from './policies';

const TENANT = 'acme';
const REVISION = 7;

/** An event of stock, or of a lot, at revision 7 of its stream. */
function happened(type: string, data: object): InventoryEvent {
  const category = type.startsWith('Lot') && type !== 'LotStatusApplied' ? 'lot' : 'stock';
  return recorded({ type, data }, category, 'its stream', REVISION, 1, { tenant: TENANT });
}
const legsOf = (type: string, data: object): readonly FollowUp[] =>
  followUpsOf(happened(type, data));

const place = { sku: 'PI/65', location: 'NORTH' };
const lot = { sku: 'PI/65', lotCode: 'L.1' };
const LOT_STREAM = 'lot-acme.PI%2F65.L%2E1';
const stockAt = (location: string): string => `stock-acme.PI%2F65@${location}`;
const standing = { expiresOn: '2027-01-31', qcStatus: 'APPROVED' };
const origin = { supplierLot: null, manufacturedOn: null, parentLots: [] };
const received = {
  ...{ ...place, lotCode: 'L.1', unit: 'kg', decimals: 3, reference: null, quantity: 1_250 },
  ...{ entered: null, purpose: 'PURCHASE', unitCost: null, qcRequired: false },
  ...{ ...standing, ...origin, lotRevision: 3 },
};
const noted = (data: object, location = 'NORTH'): object[] => [
  {
    category: 'lot',
    stream: LOT_STREAM,
    command: { type: 'NoteLotAt', data: { ...lot, location, receivedAs: standing, ...data } },
  },
];
const asReceived = { ...origin, demandsQc: false };

describe('a receipt', () => {
  it('of a lot that does not know the place tells it of the place, and as what it was taken in', () => {
    const legs = legsOf('StockReceived.v2', { ...received, lotRevision: null });
    expect(legs).toEqual(noted(asReceived));
  });

  it('that asks for quality control tells the lot, though it knows the place', () => {
    const legs = legsOf('StockReceived.v2', { ...received, qcRequired: true });
    expect(legs).toEqual(noted({ ...asReceived, demandsQc: true }));
  });

  it.each([
    ['supplierLot', 'S-1'],
    ['manufacturedOn', '2026-01-01'],
    ['parentLots', ['RAW.1']],
  ])('that tells %s tells the lot, though it knows the place', (field, value) => {
    const told = { [field]: value };
    const legs = legsOf('StockReceived.v2', { ...received, ...told });
    expect(legs).toEqual(noted({ ...asReceived, ...told }));
  });

  it('of a lot that knows the place has nothing to tell', () => {
    expect(legsOf('StockReceived.v2', received)).toBe(NO_FOLLOW_UPS);
  });

  it.each([{}, { lotRevision: null }, { lotRevision: null, qcRequired: true }])(
    'of stock without a lot has nobody to tell: %j',
    (given) => {
      const legs = legsOf('StockReceived.v2', { ...received, ...given, lotCode: null });
      expect(legs).toBe(NO_FOLLOW_UPS);
    },
  );
});

describe('a return', () => {
  const returned = { ...received, disposition: 'QUARANTINE' };

  it('of a lot that does not know the place tells it of the place', () => {
    expect(legsOf('StockReturned', { ...returned, lotRevision: null })).toEqual(noted({}));
  });

  it.each([{}, { lotCode: null, lotRevision: null }])('else has nothing to tell: %j', (given) => {
    expect(legsOf('StockReturned', { ...returned, ...given })).toBe(NO_FOLLOW_UPS);
  });
});

describe('a transfer', () => {
  const sent = {
    ...received,
    transferId: 'T',
    to: 'SOUTH',
    receivedAt: '2026-01-01T00:00:00.000Z',
  };

  it.each([null, 3])(
    'tells the lot where it goes before it is there: lot revision %s',
    (lotRevision) => {
      expect(legsOf('StockDispatched', { ...sent, lotRevision })).toEqual(noted({}, 'SOUTH'));
    },
  );

  it('of stock without a lot has nobody to tell', () => {
    expect(legsOf('StockDispatched', { ...sent, lotCode: null })).toBe(NO_FOLLOW_UPS);
  });

  it.each(['L.1', null])(
    'that was received arrives at its destination, as what it was sent: lot %s',
    (lotCode) => {
      const { sku, unit, decimals, quantity, transferId, receivedAt } = sent;
      const goods = {
        transferId,
        lotCode,
        quantity,
        unit,
        decimals,
        receivedAt,
        lotRevision: 3,
        ...standing,
      };
      const received = { ...goods, sku, location: 'NORTH', to: 'SOUTH', outstanding: 4 };
      expect(legsOf('TransferReceived', received)).toEqual([
        {
          category: 'stock',
          stream: stockAt('SOUTH'),
          command: {
            type: 'AcceptArrival',
            data: { ...goods, sku, location: 'SOUTH', from: 'NORTH' },
          },
        },
      ]);
    },
  );
});

describe('a lot', () => {
  const applied = (location: string, given: object = {}): object => ({
    category: 'stock',
    stream: stockAt(location),
    command: {
      type: 'ApplyLotStatus',
      data: { ...lot, location, ...standing, lotRevision: REVISION, ...given },
    },
  });
  const decided = { ...lot, ...standing, inspector: null };

  it.each([
    ['LotApproved', 'APPROVED'],
    ['LotRejected', 'REJECTED'],
    ['LotQuarantined', 'QUARANTINE'],
    ['LotRecalled', 'RECALLED'],
    ['LotExpiryCorrected', 'APPROVED'],
  ])(
    '%s tells every place that may hold it, in their order, with its revision',
    (type, qcStatus) => {
      const locations = ['NORTH', 'SOUTH', 'MAIN'];
      const legs = legsOf(type, { ...decided, qcStatus, locations });
      expect(legs).toEqual(locations.map((location) => applied(location, { qcStatus })));
    },
  );

  const note = { ...lot, location: 'NORTH', ...standing };
  it.each([
    ['another status', { notedAs: 'QUARANTINE', notedExpiry: standing.expiresOn }],
    ['another expiry', { notedAs: 'APPROVED', notedExpiry: '2027-02-28' }],
    ['no expiry', { notedAs: 'APPROVED', notedExpiry: null }],
    [
      'just that, for more may have come there',
      { notedAs: 'APPROVED', notedExpiry: standing.expiresOn },
    ],
  ])('tells a place that took it in as of %s what it is', (_, as) => {
    expect(legsOf('LotNotedAt', { ...note, ...as })).toEqual([applied('NORTH')]);
  });
});

describe('every other event', () => {
  const LEADING = [
    ...['StockReceived.v2', 'StockReturned', 'StockDispatched', 'TransferReceived'],
    ...['LotNotedAt', 'LotApproved', 'LotRejected', 'LotQuarantined', 'LotRecalled'],
    'LotExpiryCorrected',
  ];
  const others = Object.values(streams)
    .flatMap(({ events }) => Object.keys(events))
    .filter((type) => !LEADING.includes(type));

  it.each(others)('%s is followed by nothing, the same nothing every time', (type) => {
    const everything = { ...received, ...lot, to: 'SOUTH', locations: ['NORTH'] };
    expect(legsOf(type, everything)).toBe(NO_FOLLOW_UPS);
  });
});
