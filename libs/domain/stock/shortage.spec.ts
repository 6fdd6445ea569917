import { givenFor, type Happened } from '../../../test/support/given';
import {
  factsOf,
  held,
  issued,
  named,
  received,
  reserve,
  reserved,
  statusApplied,
  foldOf,
} from '../../../test/support/stock-cases';
import { stock, type StockCode, type StockEvent } from '.';

const given = givenFor(stock);
type History = readonly Happened<StockEvent>[];
const facts = factsOf();
const inQuarantine = { qcStatus: 'QUARANTINE' } as const;
const stale = { expiresOn: '2026-06-14' };
const PASSED = '2026-06-15T09:00:00.000Z';

describe('on a shortage the first of these that is true', () => {
  const approved = received('A', 5, 1);
  const waiting = received('Q', 5, 2, inQuarantine);
  const old = received('E', 50, 1, stale);

  test.each<[string, History, string, StockCode]>([
    ['nothing is there at all', [], '1', 'INSUFFICIENT_STOCK'],
    ['no lot is approved, though it were too little too', [waiting], '6', 'NO_QC_APPROVED_LOT'],
    ['no lot is approved, though there were enough', [waiting], '5', 'NO_QC_APPROVED_LOT'],
    [
      'a rejected lot is not approved either',
      [approved, statusApplied('A', 'REJECTED')],
      '1',
      'NO_QC_APPROVED_LOT',
    ],
    ['what has expired is not there', [old], '1', 'INSUFFICIENT_STOCK'],
    ['what has expired is no approved lot', [old, waiting], '1', 'NO_QC_APPROVED_LOT'],
    [
      'an approved lot that is empty is none',
      [approved, issued('A', 5), waiting],
      '1',
      'NO_QC_APPROVED_LOT',
    ],
    [
      'an approved lot that is all reserved is one',
      [approved, reserved(1, { A: 5 }), waiting],
      '5',
      'INSUFFICIENT_APPROVED_STOCK',
    ],
    ['too little over all lots', [approved, waiting], '11', 'INSUFFICIENT_STOCK'],
    ['enough over all lots', [approved, waiting], '10', 'INSUFFICIENT_APPROVED_STOCK'],
    ['one more than is approved', [approved, waiting], '6', 'INSUFFICIENT_APPROVED_STOCK'],
    [
      'what is reserved counts as gone from both',
      [approved, reserved(1, { A: 2 }), waiting],
      '9',
      'INSUFFICIENT_STOCK',
    ],
    [
      'what is reserved leaves the rest',
      [approved, reserved(1, { A: 2 }), waiting],
      '8',
      'INSUFFICIENT_APPROVED_STOCK',
    ],
    [
      'what is on hold counts as gone',
      [approved, held('A', 2), waiting],
      '9',
      'INSUFFICIENT_STOCK',
    ],
    ['what has expired does not help', [approved, old, waiting], '11', 'INSUFFICIENT_STOCK'],
    [
      'what a reservation that is over would free does',
      [approved, reserved(1, { A: 5 }, { expiresAt: PASSED }), waiting],
      '11',
      'INSUFFICIENT_STOCK',
    ],
  ])('%s', (_, history, quantity, code) => {
    given(...history)
      .when(reserve(quantity), facts)
      .then(code);
  });

  test.each<[string, History, string, StockCode]>([
    ['a named lot in quarantine', [waiting, approved], '1', 'NO_QC_APPROVED_LOT'],
    ['a named lot that has expired', [received('Q', 5, 1, stale), approved], '1', 'LOT_EXPIRED'],
    [
      'a named lot in quarantine that has expired',
      [received('Q', 5, 1, { ...stale, ...inQuarantine })],
      '1',
      'LOT_EXPIRED',
    ],
    ['a named lot that is empty', [received('Q', 5), issued('Q', 5)], '1', 'INSUFFICIENT_STOCK'],
    [
      'a named lot that came only as a word',
      [statusApplied('Q', 'APPROVED'), approved],
      '1',
      'INSUFFICIENT_STOCK',
    ],
    ['a named lot on hold', [received('Q', 5), held('Q', 5)], '1', 'INSUFFICIENT_STOCK'],
  ])('%s', (_, history, quantity, code) => {
    given(...history)
      .when(reserve(undefined, named({ Q: quantity })), facts)
      .then(code);
  });

  test.each([
    [[], '1', '0 bag of TEA at NORTH are available, 1 bag asked for; receive some first'],
    [
      [approved, held('A', 1), reserved(1, { A: 2 }), waiting],
      '9',
      '2 bag of TEA at NORTH are available (2 bag are reserved, 1 bag are on hold, 5 bag are not approved), 9 bag asked for; ask for at most 2',
    ],
  ] as [History, string, string][])('is told with figures', (history, quantity, detail) => {
    const state = foldOf(history);
    expect(stock.decide(reserve(quantity), state, facts)).toMatchObject({ refusal: { detail } });
  });
});
