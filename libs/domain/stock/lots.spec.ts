import fc from 'fast-check';
import { expectSame } from '../../../test/support/same';
import {
  heldIn,
  heldOn,
  isExpired,
  isUsable,
  lotOf,
  lotsOf,
  noLots,
  packLots,
  unpackLots,
  visitFree,
  visitUnreserved,
  withLot,
  type Lots,
} from './lots';
import { QC_STATUSES, unreserved, type StockLot } from './stock-lot';

const day = fc.constantFrom('2026-06-01', '2026-06-02', '2026-06-03');
const change = fc
  .record({
    lotCode: fc.option(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G', 'ü'), { freq: 8 }),
    onHand: fc.integer({ min: 0, max: 3 }),
    reserved: fc.nat(2),
    held: fc.nat(1),
    receivedAt: fc.integer({ min: 1, max: 4 }).map((n) => `2026-05-0${n}T00:00:00.000Z`),
    expiresOn: fc.option(day),
    qcStatus: fc.constantFrom(...QC_STATUSES),
    lotRevision: fc.option(fc.nat(9)),
  })
  // Neither more reserved nor more on hold than there is.
  .map((lot) => ({
    ...lot,
    reserved: Math.min(lot.reserved, lot.onHand),
    held: Math.min(lot.held, Math.max(0, lot.onHand - lot.reserved)),
  }));

/** The same lots in a plain array, in the order they became known. */
function lotsAfter(
  changes: readonly Omit<StockLot, 'place'>[],
  lots = noLots,
  before: readonly StockLot[] = [],
): [Lots, StockLot[]] {
  const plain = [...before];
  for (const each of changes) {
    const known = lotOf(lots, each.lotCode ?? '');
    const place = known?.place ?? plain.length;
    const lot = { ...each, receivedAt: each.onHand === 0 ? '' : each.receivedAt, place };
    lots = withLot(lots, known, lot);
    plain[lot.place] = lot;
  }
  return [lots, plain];
}

const by = (...keys: ((lot: StockLot) => string)[]) => {
  return (a: StockLot, b: StockLot): number => {
    const key = keys.find((each) => each(a) !== each(b));
    return key === undefined ? a.place - b.place : key(a) < key(b) ? -1 : 1;
  };
};
const receipt = (lot: StockLot): string => lot.receivedAt;
const expiry = (lot: StockLot): string => lot.expiresOn ?? '9999';
const SORTED = {
  FIFO: (lots: StockLot[]) => lots.sort(by(receipt)),
  LIFO: (lots: StockLot[]) => lots.sort(by(receipt)).reverse(),
  FEFO: (lots: StockLot[]) => lots.sort(by(expiry, receipt)),
};

const NOTHING = { onHand: 0, reserved: 0, held: 0, approved: 0, free: 0 };
const sum = (lots: readonly StockLot[], today: string | null): object =>
  lots.reduce((all, lot) => {
    const one = heldIn(lot, today);
    return {
      onHand: all.onHand + one.onHand,
      reserved: all.reserved + one.reserved,
      held: all.held + one.held,
      approved: all.approved + one.approved,
      free: all.free + one.free,
    };
  }, NOTHING);

const changes = fc.array(change, { maxLength: 60 });
const policy = fc.constantFrom('FIFO' as const, 'LIFO' as const, 'FEFO' as const);

test('given any changes, then sums and order are those of a plain list', () => {
  fc.assert(
    fc.property(changes, policy, day, (steps, allocation, today) => {
      const [lots, plain] = lotsAfter(steps);
      expectSame(lotsOf(lots), plain);
      for (const date of [today, null]) expectSame(heldOn(lots, date), sum(plain, date));
      const visited: StockLot[] = [];
      visitFree(lots, allocation, today, (lot) => visited.push(lot) > 0);
      const free = plain.filter((lot) => isUsable(lot, today) && unreserved(lot) > 0);
      expectSame(visited, SORTED[allocation](free));
      const all: StockLot[] = [];
      visitUnreserved(lots, allocation, (lot) => all.push(lot) > 0);
      const unreservedOnes = plain.filter((lot) => lot.onHand > lot.reserved);
      expectSame(all, SORTED[allocation](unreservedOnes));
    }),
    { numRuns: 300 },
  );
});

describe('a lot', () => {
  const lot: StockLot = {
    lotCode: 'A',
    onHand: 10,
    reserved: 3,
    held: 2,
    receivedAt: '2026-05-01T00:00:00.000Z',
    expiresOn: '2026-06-02',
    qcStatus: 'APPROVED',
    lotRevision: null,
    place: 0,
  };

  test('may be used to the end of its expiry date, if it is approved', () => {
    expect(isUsable(lot, '2026-06-02')).toBe(true);
    expect(isUsable(lot, '2026-06-03')).toBe(false);
    for (const qcStatus of ['QUARANTINE', 'REJECTED', 'RECALLED'] as const)
      expect(isUsable({ ...lot, qcStatus }, '2026-06-01')).toBe(false);
    expect(isExpired(null, '2026-06-03')).toBe(false);
  });

  test('has free what is neither reserved nor on hold', () => {
    expect(heldIn(lot, '2026-06-02')).toEqual({
      onHand: 10,
      reserved: 3,
      held: 2,
      approved: 10,
      free: 5,
    });
    expect(heldIn({ ...lot, qcStatus: 'REJECTED' }, null)).toMatchObject({ approved: 0, free: 0 });
    expect(heldIn(lot, '2026-06-03')).toEqual(NOTHING);
  });
});

/** More empty lots than a state keeps at hand, some with codes that are hard to write down. */
const manyEmpty = fc
  .uniqueArray(
    fc.oneof(fc.string({ minLength: 1, maxLength: 4 }), fc.integer({ min: 0 }).map(String)),
    {
      minLength: 257,
      maxLength: 600,
    },
  )
  .map((codes) =>
    codes.map((lotCode, n) => ({
      lotCode,
      onHand: 0,
      reserved: 0,
      held: 0,
      receivedAt: '',
      lotRevision: n % 4 === 0 ? n : null,
      expiresOn: n % 3 === 0 ? '2026-06-02' : null,
      qcStatus: n % 5 === 0 ? ('QUARANTINE' as const) : ('APPROVED' as const),
    })),
  );
const throughJson = (lots: Lots): Lots =>
  unpackLots(JSON.parse(JSON.stringify(packLots(lots))) as never);

test.each([
  ['a few', fc.constant([])],
  ['many empty', manyEmpty],
])(
  'given %s lots, when they are packed and unpacked, then they go on as if they had not been',
  (_, empty) => {
    fc.assert(
      fc.property(empty, changes, changes, (old, steps, later) => {
        const [lots, plain] = lotsAfter([...old, ...steps]);
        const again = throughJson(lots);
        expectSame(lotsOf(again), plain);
        const [ended, book] = lotsAfter(later, lots, plain);
        const [endedAgain] = lotsAfter(later, again, plain);
        expectSame(lotsOf(endedAgain), book);
        expect(endedAgain.count).toBe(ended.count);
        for (const lot of old)
          expectSame(lotOf(endedAgain, lot.lotCode), lotOf(ended, lot.lotCode));
        for (const today of [null, '2026-06-02'])
          expectSame(heldOn(endedAgain, today), heldOn(ended, today));
        expectSame(lotsOf(throughJson(throughJson(endedAgain))), book);
      }),
      { numRuns: 25 },
    );
  },
);

describe('packed lots are not taken', () => {
  const lot = ['A', 1, 0, 0, '2026-05-01T00:00:00.000Z', null, 0, null, 0];
  const taken = (known: unknown, packed: unknown = []): (() => Lots) => {
    return () => unpackLots({ count: 1, known, packed } as never);
  };
  test.each([
    ['when an amount is no number', ['A', 'much', ...lot.slice(2)]],
    ['when a status is unknown', [...lot.slice(0, 6), 7, null, 0]],
    ['when one is cut off', lot.slice(0, 4)],
    ['when they are out of order', ['B', ...lot.slice(1), ...lot]],
    ['when one comes twice', [...lot, ...lot]],
  ])('%s', (_, known) => {
    expect(taken(known)).toThrow('damaged');
  });

  test.each([
    ['when a text is none', 'A||0||0'],
    ['when a status is unknown', '~A||7||0'],
    ['when a text is cut off', '~A||0|'],
  ])('of the empty ones, %s', (_, text) => {
    expect(taken([], [text])).toThrow('damaged');
  });

  test('of the empty ones, when they are out of order', () => {
    expect(taken([], ['~B||0||0', '~A||0||1'])).toThrow('out of order');
  });
});
