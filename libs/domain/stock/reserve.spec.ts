import { givenFor, type Happened } from '../../../test/support/given';
import {
  arrived,
  codeOf,
  factsOf,
  foldOf,
  held,
  issued,
  juneAt,
  named,
  NOW,
  received,
  released,
  reserve,
  reserved,
  statusApplied,
} from '../../../test/support/stock-cases';
import { MAX_QUANTITY } from '../quantity';
import { stock, type StockCode, type StockCommand, type StockEvent, type StockFacts } from '.';

const given = givenFor(stock);
type History = readonly Happened<StockEvent>[];
const facts = factsOf();
const FEFO = factsOf({ allocationPolicy: 'FEFO' });
const LIFO = factsOf({ allocationPolicy: 'LIFO' });
const packs = factsOf({ units: [{ unit: 'pack', numerator: 6, denominator: 1 }] });
const inQuarantine = { qcStatus: 'QUARANTINE' } as const;
const stale = { expiresOn: '2026-06-14' };
const LATER = '2026-06-15T12:00:00.000Z';
const PASSED = '2026-06-15T09:00:00.000Z';

const three: History = [
  received('B', 5, 3, { expiresOn: '2026-08-01' }),
  received('A', 5, 2, { expiresOn: '2026-09-01' }),
  received('C', 5, 1, { expiresOn: '2026-07-01' }),
];

describe('reserving chooses among the lots that may be used', () => {
  test.each<[string, History, StockFacts, Record<string, number>]>([
    ['first in first out by when it came', three, facts, { C: 5, A: 2 }],
    ['first expired first out', three, FEFO, { C: 5, B: 2 }],
    ['last in first out', three, LIFO, { B: 5, A: 2 }],
    [
      'what came by transfer keeps when it first came',
      [...three, arrived('D', 5, juneAt(2).replace('08', '07'))],
      facts,
      { C: 5, D: 2 },
    ],
    [
      'the pool has its turn as any lot has',
      [received('A', 3, 2), received(null, 3, 1), received('B', 3, 3)],
      facts,
      { '': 3, A: 3, B: 1 },
    ],
    [
      'the pool does not expire and so is last of FEFO',
      [received(null, 9, 1), received('A', 3, 2, { expiresOn: '2030-01-01' })],
      FEFO,
      { A: 3, '': 4 },
    ],
    [
      'of two that came at once the one that was known first',
      [received('Z', 5, 1), received('A', 5, 1)],
      facts,
      { Z: 5, A: 2 },
    ],
    [
      'a lot that was empty begins anew',
      [received('A', 5, 1), issued('A', 5), received('B', 5, 2), received('A', 5, 3)],
      facts,
      { B: 5, A: 2 },
    ],
    [
      'what is in quarantine is passed over',
      [received('A', 5, 1, inQuarantine), received('B', 9, 2)],
      facts,
      { B: 7 },
    ],
    [
      'what was rejected is passed over',
      [received('A', 5, 1), received('B', 9, 2), statusApplied('A', 'REJECTED')],
      facts,
      { B: 7 },
    ],
    [
      'what has expired is passed over',
      [received('A', 5, 1, stale), received('B', 9, 2)],
      facts,
      { B: 7 },
    ],
    [
      'on the last day it may still be used',
      [received('A', 5, 1, { expiresOn: '2026-06-15' }), received('B', 9, 2)],
      facts,
      { A: 5, B: 2 },
    ],
    [
      'what is on hold is passed over',
      [received('A', 5, 1), held('A', 4), received('B', 9, 2)],
      facts,
      { A: 1, B: 6 },
    ],
    [
      'what others have reserved is passed over',
      [received('A', 5, 1), received('B', 9, 2), reserved(1, { A: 4 })],
      facts,
      { A: 1, B: 6 },
    ],
    [
      'what was released can be had again',
      [received('A', 9, 1), reserved(1, { A: 4 }), released(1, { A: 4 })],
      facts,
      { A: 7 },
    ],
  ])('%s', (_, history, itsFacts, allocations) => {
    const ordinal = history.some((step) => JSON.stringify(step).includes('StockReserved')) ? 2 : 1;
    const strategy = itsFacts.item?.allocationPolicy ?? 'FIFO';
    given(...history)
      .when(reserve('7'), itsFacts)
      .then([reserved(ordinal, allocations, { strategy })]);
  });

  test.each(['FIFO', 'FEFO', 'LIFO'] as const)('%s on request, whatever the item says', (wish) => {
    const first = { FIFO: 'C', FEFO: 'C', LIFO: 'B' }[wish];
    for (const itsFacts of [facts, FEFO, LIFO]) {
      given(...three)
        .when(reserve('2', { strategy: wish }), itsFacts)
        .then([reserved(1, { [first]: 2 }, { strategy: wish })]);
    }
  });

  test('keeps what it is for, and until when', () => {
    const wishes = { batchId: 'BATCH-002', reference: 'SO-7', expiresAt: LATER };
    given(...three)
      .when(reserve('1', wishes), facts)
      .then([reserved(1, { C: 1 }, wishes)]);
  });

  test('the very last unit', () => {
    given(received(null, 1))
      .when(reserve('1'), facts)
      .then([reserved(1, { '': 1 })]);
    given(received(null, 1), reserved(1, { '': 1 }))
      .when(reserve('1'), facts)
      .then('INSUFFICIENT_STOCK');
  });

  test('in packs, and says so', () => {
    const entered = { quantity: '2', unit: 'pack', numerator: 6, denominator: 1 };
    given(received(null, 20))
      .when(reserve('2', { unit: 'pack' }), packs)
      .then([reserved(1, { '': 12 }, { entered })]);
  });

  test('what was said of another lot has nothing to do with it', () => {
    given(received('A', 5), statusApplied('B', 'REJECTED', 4))
      .when(reserve('5'), facts)
      .then([reserved(1, { A: 5 })]);
  });
});

describe('reserving named lots', () => {
  test('takes these and no others, in their order', () => {
    given(...three)
      .when(reserve(undefined, named({ B: '2', A: '5' })), facts)
      .then([reserved(1, { B: 2, A: 5 }, { hard: true })]);
  });

  test('with their sum beside them', () => {
    given(...three)
      .when(reserve('7', named({ B: '2', A: '5' })), facts)
      .then([reserved(1, { B: 2, A: 5 }, { hard: true })]);
  });

  test('a lot that is named twice is one allocation', () => {
    const lots = [
      { lotCode: 'A', quantity: '3' },
      { lotCode: 'A', quantity: '2' },
    ];
    given(...three)
      .when(reserve(undefined, { lots }), facts)
      .then([reserved(1, { A: 5 }, { hard: true })]);
    given(...three, reserved(1, { A: 1 }))
      .when(reserve(undefined, { lots }), facts)
      .then('INSUFFICIENT_STOCK');
  });

  test('in packs', () => {
    given(received('A', 20))
      .when(reserve(undefined, { ...named({ A: '3' }), unit: 'pack' }), packs)
      .then([reserved(1, { A: 18 }, { hard: true })]);
  });

  test('of lots with more than one name short, all or nothing', () => {
    given(...three)
      .when(reserve(undefined, named({ A: '5', B: '6' })), facts)
      .then('INSUFFICIENT_STOCK');
  });
});

describe('reserving a part', () => {
  test('takes what there is; the rest is short', () => {
    given(...three)
      .when(reserve('20', { partial: true }), facts)
      .then([reserved(1, { C: 5, A: 5, B: 5 }, { short: 5 })]);
  });

  test('of named lots, as far as they are there', () => {
    given(...three, held('A', 5))
      .when(reserve(undefined, { ...named({ A: '5', B: '6' }), partial: true }), facts)
      .then([reserved(1, { B: 5 }, { short: 6, hard: true })]);
  });

  test('is whole where everything is there', () => {
    given(...three)
      .when(reserve('15', { partial: true }), facts)
      .then([reserved(1, { C: 5, A: 5, B: 5 })]);
  });

  test.each<[string, History, StockCommand, StockCode]>([
    ['nothing', [], reserve('1', { partial: true }), 'INSUFFICIENT_STOCK'],
    [
      'nothing that is not reserved',
      [received(null, 5), reserved(1, { '': 5 })],
      reserve('1', { partial: true }),
      'INSUFFICIENT_STOCK',
    ],
    [
      'nothing approved',
      [received('A', 5, 1, inQuarantine)],
      reserve('1', { partial: true }),
      'NO_QC_APPROVED_LOT',
    ],
    [
      'nothing of the lots that were named, whatever else there is',
      [received('A', 5, 1, inQuarantine), received('B', 50)],
      reserve(undefined, { ...named({ A: '1' }), partial: true }),
      'NO_QC_APPROVED_LOT',
    ],
  ])('is refused where there is %s', (_, history, command, code) => {
    given(...history)
      .when(command, facts)
      .then(code);
  });
});

describe('reserving is refused', () => {
  const none = factsOf({}, { item: null });
  const nowhere = factsOf({}, { location: null });
  const closed = factsOf({}, { closedThrough: '2026-06-30' });
  const inactive = factsOf({ active: false });
  const shut = factsOf({}, { location: { active: false } });
  const stocked: History = [received('A', 5), received('B', 5)];

  test.each<[string, StockCommand, StockFacts, StockCode]>([
    ['of an item that is not there', reserve('1'), none, 'ITEM_NOT_FOUND'],
    ['at a place that is not there', reserve('1'), nowhere, 'LOCATION_NOT_FOUND'],
    ['in books that are closed', reserve('1'), closed, 'PERIOD_CLOSED'],
    ['of an inactive item', reserve('1'), inactive, 'ITEM_INACTIVE'],
    ['at an inactive place', reserve('1'), shut, 'LOCATION_INACTIVE'],
    ['without a quantity', reserve(undefined), facts, 'QUANTITY_INVALID'],
    ['of nothing', reserve('0'), facts, 'QUANTITY_INVALID'],
    ['of less than nothing', reserve('-1'), facts, 'QUANTITY_INVALID'],
    ['of what is no number', reserve('many'), facts, 'QUANTITY_INVALID'],
    ['of no lots', reserve(undefined, { lots: [] }), facts, 'QUANTITY_INVALID'],
    ['of nothing of a lot', reserve(undefined, named({ A: '0' })), facts, 'QUANTITY_INVALID'],
    [
      'of nothing of one of its lots',
      reserve(undefined, named({ A: '4', B: '0' })),
      facts,
      'QUANTITY_INVALID',
    ],
    [
      'of less than nothing of a lot',
      reserve(undefined, named({ A: '4', B: '-1' })),
      facts,
      'QUANTITY_INVALID',
    ],
    ['of lots that add up to less', reserve('6', named({ A: '5' })), facts, 'QUANTITY_INVALID'],
    ['of lots that add up to more', reserve('4', named({ A: '5' })), facts, 'QUANTITY_INVALID'],
    ['of half a bag', reserve('0.5'), facts, 'QUANTITY_TOO_PRECISE'],
    [
      'of half a bag of a lot',
      reserve(undefined, named({ A: '0.5' })),
      facts,
      'QUANTITY_TOO_PRECISE',
    ],
    ['of too much', reserve('9007199254740992'), facts, 'QUANTITY_TOO_LARGE'],
    [
      'of lots that add up to too much',
      reserve(undefined, named({ A: String(MAX_QUANTITY), B: '1' })),
      facts,
      'QUANTITY_TOO_LARGE',
    ],
    ['in a unit that is not there', reserve('1', { unit: 'box' }), packs, 'UNIT_UNKNOWN'],
    ['until now', reserve('1', { expiresAt: NOW }), facts, 'EXPIRES_AT_PASSED'],
    ['until a while ago', reserve('1', { expiresAt: PASSED }), facts, 'EXPIRES_AT_PASSED'],
    ['of a lot that is not there', reserve(undefined, named({ X: '1' })), facts, 'LOT_NOT_FOUND'],
    [
      'of a lot that is not there beside one that is short',
      reserve(undefined, named({ A: '9', X: '1' })),
      facts,
      'LOT_NOT_FOUND',
    ],
    ['of more than there is', reserve('11'), facts, 'INSUFFICIENT_STOCK'],
    ['of more than a lot has', reserve(undefined, named({ A: '6' })), facts, 'INSUFFICIENT_STOCK'],
  ])('%s', (_, command, itsFacts, code) => {
    given(...stocked)
      .when(command, itsFacts)
      .then(code);
  });

  test.each<[string, StockCommand, StockFacts, StockCode]>([
    [
      'item before place',
      reserve('1'),
      factsOf({}, { item: null, location: null }),
      'ITEM_NOT_FOUND',
    ],
    [
      'place before books',
      reserve('1'),
      factsOf({}, { location: null, closedThrough: '2026-06-30' }),
      'LOCATION_NOT_FOUND',
    ],
    ['books before quantity', reserve('0'), closed, 'PERIOD_CLOSED'],
    ['quantity before inactive', reserve('0'), inactive, 'QUANTITY_INVALID'],
    ['inactive before expiry', reserve('1', { expiresAt: PASSED }), inactive, 'ITEM_INACTIVE'],
    [
      'expiry before lots',
      reserve(undefined, { ...named({ X: '1' }), expiresAt: PASSED }),
      facts,
      'EXPIRES_AT_PASSED',
    ],
  ])('%s', (_, command, itsFacts, code) => {
    given(...stocked)
      .when(command, itsFacts)
      .then(code);
  });

  test('of what lies in more lots than an event can name', () => {
    const codes = Array.from({ length: 101 }, (_, i) => `L${100 + i}`);
    const state = foldOf(codes.map((code) => received(code, 2, 1)));
    const of = (some: readonly string[]) => ({
      lots: some.map((lotCode) => ({ lotCode, quantity: '2' })),
    });
    expect(stock.decide(reserve('200'), state, facts)).toMatchObject({ accepted: true });
    expect(stock.decide(reserve(undefined, of(codes.slice(1))), state, facts)).toMatchObject({
      accepted: true,
    });
    for (const partial of [false, true]) {
      expect(codeOf(state, reserve('201', { partial }))).toBe('TOO_MANY_LOTS');
      expect(codeOf(state, reserve(undefined, { ...of(codes), partial }))).toBe('TOO_MANY_LOTS');
    }
    expect(codeOf(state, reserve('203'))).toBe('INSUFFICIENT_STOCK');
    expect(codeOf(state, reserve('203', { partial: true }))).toBe('TOO_MANY_LOTS');
  });
});
