import { givenFor, type Happened } from '../../../test/support/given';
import {
  codeOf,
  expired,
  extended,
  factsOf,
  foldOf,
  held,
  idOf,
  issued,
  named,
  NOW,
  place,
  received,
  released,
  reserve,
  reserved,
} from '../../../test/support/stock-cases';
import { stock, type StockCommand, type StockEvent } from '.';

const given = givenFor(stock);
type History = readonly Happened<StockEvent>[];
const facts = factsOf();
const PASSED = '2026-06-15T09:00:00.000Z';
const LATER = '2026-06-15T12:00:00.000Z';
const ofFirst = { reservationId: idOf(1) };
const stocked: History = [received('A', 5, 1), received('B', 5, 2), received('C', 5, 3)];

describe('a reservation whose time is over', () => {
  const due = { expiresAt: PASSED };

  test('gives its stock to whoever needs it, and the append says so first', () => {
    given(received('A', 5), reserved(1, { A: 3 }, due))
      .when(reserve('4'), facts)
      .then([expired(1, { A: 3 }, PASSED), reserved(2, { A: 4 })]);
  });

  test('is over at that very instant', () => {
    given(received('A', 5), reserved(1, { A: 3 }, { expiresAt: NOW }))
      .when(reserve('4'), facts)
      .then([expired(1, { A: 3 }, NOW), reserved(2, { A: 4 })]);
    given(received('A', 5), reserved(1, { A: 3 }, { expiresAt: '2026-06-15T10:00:00.001Z' }))
      .when(reserve('4'), facts)
      .then('INSUFFICIENT_STOCK');
  });

  test('is left alone where nobody needs it', () => {
    given(received('A', 5), reserved(1, { A: 3 }, due))
      .when(reserve('2'), facts)
      .then([reserved(2, { A: 2 })]);
  });

  test('keeps a part from being short', () => {
    given(received('A', 5), reserved(1, { A: 3 }, { ...due, short: 2 }))
      .when(reserve('9', { partial: true }), facts)
      .then([expired(1, { A: 3 }, PASSED, 2), reserved(2, { A: 5 }, { short: 4 })]);
  });

  test('frees named lots, and those of an issue, an adjustment and a transfer', () => {
    const history: History = [received('A', 5), reserved(1, { A: 5 }, due)];
    const freeing = expired(1, { A: 5 }, PASSED);
    given(...history)
      .when(reserve(undefined, named({ A: '1' })), facts)
      .then([freeing, reserved(2, { A: 1 }, { hard: true })]);
    given(...history)
      .when({ type: 'IssueStock', data: { sku: 'TEA', location: 'NORTH', quantity: '5' } }, facts)
      .then([freeing, issued('A', 5)]);
    given(...history, reserved(2, {}, { short: 1 }))
      .when(
        { type: 'HoldStock', data: { sku: 'TEA', location: 'NORTH', lotCode: 'A', quantity: '5' } },
        facts,
      )
      .then([freeing, held('A', 5)]);
  });

  test('is freed together with others, the earliest first', () => {
    const earlier = '2026-06-15T08:00:00.000Z';
    given(
      received('A', 5),
      reserved(1, { A: 2 }, due),
      reserved(2, { A: 3 }, { expiresAt: earlier }),
    )
      .when(reserve('5'), facts)
      .then([expired(2, { A: 3 }, earlier), expired(1, { A: 2 }, PASSED), reserved(3, { A: 5 })]);
  });

  test('is not enough where there is not enough even so', () => {
    given(received('A', 5), reserved(1, { A: 3 }, due))
      .when(reserve('6'), facts)
      .then('INSUFFICIENT_STOCK');
  });

  test('of which there are too many for one append: nobody is told that there is not enough', () => {
    const many = Array.from({ length: 151 }, (_, i) => reserved(i + 1, { A: 1 }, due));
    const state = foldOf([received('A', 151), ...many]);
    expect(codeOf(state, reserve('151'))).toBe('STREAM_BUSY');
    expect(codeOf(state, reserve('152', { partial: true }))).toBe('STREAM_BUSY');
    expect(stock.decide(reserve('150'), state, facts)).toEqual({
      accepted: true,
      events: [
        ...many.slice(0, 150).map((_, i) => expired(i + 1, { A: 1 }, PASSED)),
        reserved(152, { A: 150 }),
      ],
    });
  });

  test('nor does it lie in so many lots that the append were too large', () => {
    const lots = Array.from({ length: 99 }, (_, i) => `L${i}`);
    const all = Object.fromEntries(lots.map((code) => [code, 1]));
    const history = Array.from({ length: 10 }, (_, i) => reserved(i + 1, all, due));
    const state = foldOf([...lots.map((code) => received(code, 10)), ...history]);
    expect(stock.decide(reserve(undefined, named({ L0: '6' })), state, facts)).toEqual({
      accepted: true,
      events: [
        ...history.slice(0, 6).map((_, i) => expired(i + 1, all, PASSED)),
        reserved(11, { L0: 6 }, { hard: true }),
      ],
    });
  });
});

describe('the time of reservations', () => {
  const expire: StockCommand = { type: 'ExpireReservations', data: place };
  const due = { expiresAt: PASSED };

  test('ends those whose time is over, the earliest first, and no others', () => {
    const first = '2026-06-15T08:00:00.000Z';
    given(
      ...stocked,
      reserved(1, { A: 1 }, due),
      reserved(2, { A: 2 }, { expiresAt: LATER }),
      reserved(3, { B: 1 }),
      reserved(4, { B: 2, C: 1 }, { expiresAt: first, short: 4 }),
      reserved(5, { C: 1 }, { expiresAt: NOW }),
    )
      .when(expire, facts)
      .then([
        expired(4, { B: 2, C: 1 }, first, 4),
        expired(1, { A: 1 }, PASSED),
        expired(5, { C: 1 }, NOW),
      ]);
  });

  test('ends what remains of one that was issued in part', () => {
    given(...stocked, reserved(1, { A: 3 }, due), issued('A', 2, ofFirst))
      .when(expire, facts)
      .then([expired(1, { A: 1 }, PASSED)]);
  });

  test('ends one that is nothing but short', () => {
    given(...stocked, reserved(1, { A: 3 }, { ...due, short: 2 }), issued('A', 3, ofFirst))
      .when(expire, facts)
      .then([expired(1, {}, PASSED, 2)]);
  });

  test.each<[string, History]>([
    ['there is none', stocked],
    ['it was issued before', [...stocked, reserved(1, { A: 3 }, due), issued('A', 3, ofFirst)]],
    ['it was released before', [...stocked, reserved(1, { A: 3 }, due), released(1, { A: 3 })]],
    [
      'it has been ended already',
      [...stocked, reserved(1, { A: 3 }, due), expired(1, { A: 3 }, PASSED)],
    ],
    ['it was extended', [...stocked, reserved(1, { A: 3 }, due), extended(1, LATER)]],
  ])('changes nothing where %s', (_, history) => {
    given(...history)
      .when(expire, facts)
      .thenNothing();
  });

  test('asks no item, place or books', () => {
    given(...stocked, reserved(1, { A: 1 }, due))
      .when(expire, factsOf({ active: false }, { location: null, closedThrough: '2026-06-30' }))
      .then([expired(1, { A: 1 }, PASSED)]);
  });
});
