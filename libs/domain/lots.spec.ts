import fc from 'fast-check';
import {
  heldOn,
  isExpired,
  lotOf,
  lotsOf,
  noLots,
  packLots,
  unpackLots,
  visitUsable,
  withLot,
  type Lots,
  type StockLot,
} from './lots';

const day = fc.constantFrom('2026-06-01', '2026-06-02', '2026-06-03');
const change = fc.record({
  lotCode: fc.option(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G', 'ü'), { freq: 8 }),
  onHand: fc.integer({ min: 0, max: 3 }),
  receivedAt: fc.integer({ min: 1, max: 4 }).map((n) => `2026-05-0${n}T00:00:00.000Z`),
  expiresOn: fc.option(day),
  qcStatus: fc.constantFrom('APPROVED' as const, 'QUARANTINE' as const),
});

/** The same lots in a plain array, in the order they became known. */
function lotsAfter(changes: readonly Omit<StockLot, 'place'>[]): [Lots, StockLot[]] {
  let lots = noLots;
  const plain: StockLot[] = [];
  for (const each of changes) {
    const before = lotOf(lots, each.lotCode ?? '');
    const lot = { ...each, place: before?.place ?? plain.length };
    lots = withLot(lots, before, lot);
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

const sum = (lots: readonly StockLot[]): number =>
  lots.reduce((all, { onHand }) => all + onHand, 0);

const changes = fc.array(change, { maxLength: 60 });
const policy = fc.constantFrom('FIFO' as const, 'LIFO' as const, 'FEFO' as const);

test('given any changes, then sums and order are those of a plain list', () => {
  fc.assert(
    fc.property(changes, policy, fc.option(day), (steps, allocation, today) => {
      const [lots, plain] = lotsAfter(steps);
      expect(lotsOf(lots)).toEqual(plain);
      const held = plain.filter(({ onHand }) => onHand > 0);
      const fresh = held.filter((lot) => today === null || !isExpired(lot.expiresOn, today));
      const approved = fresh.filter(({ qcStatus }) => qcStatus === 'APPROVED');
      expect(heldOn(lots, today)).toEqual({ onHand: sum(fresh), approved: sum(approved) });
      const usable = today === null ? held : approved;
      const visited: StockLot[] = [];
      visitUsable(lots, allocation, today, (lot) => visited.push(lot) > 0);
      expect(visited).toEqual(SORTED[allocation]([...usable]));
    }),
    { numRuns: 300 },
  );
});

test('given any lots, when they are packed and unpacked, then they are the same', () => {
  fc.assert(
    fc.property(changes, (steps) => {
      const [lots, plain] = lotsAfter(steps);
      const again = unpackLots(JSON.parse(JSON.stringify(packLots(lots))) as never);
      expect(lotsOf(again)).toEqual(plain);
      expect(packLots(again)).toEqual(packLots(lots));
      for (const today of [null, '2026-06-02'])
        expect(heldOn(again, today)).toEqual(heldOn(lots, today));
    }),
  );
});

describe('packed lots are not taken', () => {
  const lot = ['A', 1, '2026-05-01T00:00:00.000Z', null, 0, 0];
  test.each([
    ['when one is below zero', ['A', -1, ...lot.slice(2)]],
    ['when an amount is no number', ['A', 'much', ...lot.slice(2)]],
    ['when a status is unknown', [...lot.slice(0, 4), 7, 0]],
    ['when one is cut off', lot.slice(0, 4)],
    ['when they are out of order', ['B', ...lot.slice(1), ...lot]],
    ['when one comes twice', [...lot, ...lot]],
  ])('%s', (_, packed) => {
    expect(() => unpackLots(packed)).toThrow('damaged');
  });
});
