import { givenFor, type Happened } from '../../../test/support/given';
import {
  allocationsMoved,
  expired,
  factsOf,
  foldOf,
  held,
  idOf,
  place,
  received,
  reserved,
  statusApplied,
  type DataOf,
} from '../../../test/support/stock-cases';
import { lotsOf, openOf, stock, type StockCommand, type StockEvent, type StockState } from '.';

const given = givenFor(stock);
type History = readonly Happened<StockEvent>[];
const facts = factsOf();
const PASSED = '2026-06-15T09:00:00.000Z';

const say = (
  lotCode: string,
  qcStatus: DataOf<'LotStatusApplied'>['qcStatus'],
  expiresOn: string | null = null,
): StockCommand => ({
  type: 'ApplyLotStatus',
  data: { ...place, lotCode, qcStatus, expiresOn, lotRevision: 1 },
});
const three: History = [received('A', 5, 1), received('B', 5, 2), received('C', 5, 3)];

describe('when a lot may not be used any more', () => {
  test.each(['REJECTED', 'RECALLED', 'QUARANTINE'] as const)(
    'its reservations move to others: %s',
    (status) => {
      given(...three, reserved(1, { A: 4 }))
        .when(say('A', status), facts)
        .then([
          statusApplied('A', status),
          allocationsMoved(1, { A: 4 }, { B: 4 }, 'LOT_NOT_APPROVED'),
        ]);
    },
  );

  test.each([
    ['FIFO', { B: 4 }],
    ['LIFO', { C: 4 }],
  ] as const)('each by its own strategy: %s', (strategy, to) => {
    given(...three, reserved(1, { A: 4 }, { strategy }))
      .when(say('A', 'REJECTED'), factsOf({ allocationPolicy: 'FEFO' }))
      .then([
        statusApplied('A', 'REJECTED'),
        allocationsMoved(1, { A: 4 }, to, 'LOT_NOT_APPROVED'),
      ]);
  });

  test('only what lies in that lot', () => {
    given(...three, reserved(1, { A: 2, B: 5 }), reserved(2, { C: 1 }))
      .when(say('A', 'REJECTED'), facts)
      .then([
        statusApplied('A', 'REJECTED'),
        allocationsMoved(1, { A: 2 }, { C: 2 }, 'LOT_NOT_APPROVED'),
      ]);
  });

  test('the oldest choose first, and what finds none is short', () => {
    given(
      ...three,
      held('C', 5),
      reserved(1, { A: 3 }),
      reserved(2, { B: 1 }),
      reserved(3, { A: 2 }),
    )
      .when(say('A', 'REJECTED'), facts)
      .then([
        statusApplied('A', 'REJECTED'),
        allocationsMoved(1, { A: 3 }, { B: 3 }, 'LOT_NOT_APPROVED'),
        allocationsMoved(3, { A: 2 }, { B: 1 }, 'LOT_NOT_APPROVED'),
      ]);
  });

  test('lots that were named have no substitute', () => {
    given(...three, reserved(1, { A: 3 }, { hard: true }), reserved(2, { A: 1 }))
      .when(say('A', 'REJECTED'), facts)
      .then([
        statusApplied('A', 'REJECTED'),
        allocationsMoved(1, { A: 3 }, {}, 'LOT_NOT_APPROVED'),
        allocationsMoved(2, { A: 1 }, { B: 1 }, 'LOT_NOT_APPROVED'),
      ]);
  });

  test('an expiry that was corrected into the past is one as well', () => {
    given(...three, reserved(1, { A: 3 }))
      .when(say('A', 'APPROVED', '2026-06-14'), facts)
      .then([
        statusApplied('A', 'APPROVED', 1, '2026-06-14'),
        allocationsMoved(1, { A: 3 }, { B: 3 }, 'LOT_EXPIRED'),
      ]);
    given(...three, reserved(1, { A: 3 }))
      .when(say('A', 'APPROVED', '2026-06-15'), facts)
      .then([statusApplied('A', 'APPROVED', 1, '2026-06-15')]);
  });

  test('a receipt that asks for quality control again takes the lot out of use', () => {
    const again = { lotCode: 'A', quantity: '1', qcRequired: true };
    const receipt = received('A', 1, 15, { qcStatus: 'QUARANTINE', qcRequired: true });
    given(...three, reserved(1, { A: 3 }))
      .when({ type: 'ReceiveStock', data: { ...place, ...again } }, facts)
      .then([
        (receipt as readonly [string, StockEvent])[1],
        allocationsMoved(1, { A: 3 }, { B: 3 }, 'LOT_NOT_APPROVED'),
      ]);
  });

  test('a reservation whose time is over takes nothing from those that go on', () => {
    given(
      ...three,
      held('C', 5),
      reserved(1, { A: 3 }, { expiresAt: PASSED }),
      reserved(2, { B: 5 }, { expiresAt: PASSED }),
      reserved(3, { A: 2 }),
    )
      .when(say('A', 'REJECTED'), facts)
      .then([
        expired(1, { A: 3 }, PASSED),
        expired(2, { B: 5 }, PASSED),
        statusApplied('A', 'REJECTED'),
        allocationsMoved(3, { A: 2 }, { B: 2 }, 'LOT_NOT_APPROVED'),
      ]);
  });

  test.each<[string, History, StockCommand]>([
    ['nothing of it is reserved', [...three, reserved(1, { B: 3 })], say('A', 'REJECTED')],
    ['it stays approved', [...three, reserved(1, { A: 3 })], say('A', 'APPROVED')],
  ])('nothing moves where %s', (_, history, command) => {
    const verdict = stock.decide(command, foldOf(history), facts);
    expect(verdict).toMatchObject({ accepted: true, events: [{ type: 'LotStatusApplied' }] });
    expect(verdict.accepted && verdict.events).toHaveLength(1);
  });
});

describe('what has moved', () => {
  const after = (...history: History): StockState => foldOf(history);

  test('is one allocation for each lot, and nothing is lost', () => {
    const state = after(
      ...three,
      reserved(1, { A: 2, B: 1 }),
      statusApplied('A', 'REJECTED'),
      allocationsMoved(1, { A: 2 }, { B: 2 }, 'LOT_NOT_APPROVED'),
    );
    expect(openOf(state.reservations, 1)?.allocations).toEqual([{ lotCode: 'B', quantity: 3 }]);
    expect(lotsOf(state.lots).map(({ reserved }) => reserved)).toEqual([0, 3, 0]);
  });

  test('does not come back when the lot is approved again', () => {
    const state = after(
      ...three,
      reserved(1, { A: 2 }, { hard: true }),
      statusApplied('A', 'QUARANTINE', 1),
      allocationsMoved(1, { A: 2 }, {}, 'LOT_NOT_APPROVED'),
      statusApplied('A', 'APPROVED', 2),
    );
    expect(openOf(state.reservations, 1)).toMatchObject({ allocations: [], short: 2 });
  });
});

describe('when less is counted than is reserved', () => {
  const counted = (lotCode: string, units: number): StockCommand => ({
    type: 'CountStock',
    data: { ...place, lotCode, counted: String(units), revision: 9 },
  });
  const movesOf = (history: History, command: StockCommand, book: number): StockEvent[] => {
    const verdict = stock.decide(command, foldOf(history), factsOf({}, { book }));
    if (!verdict.accepted) throw new Error(verdict.refusal.code);
    return verdict.events.filter(({ type }) => type !== 'StockCounted');
  };

  test('the youngest reservations give way, as far as it has to be', () => {
    const history: History = [
      received('A', 9, 1),
      received('B', 5, 2),
      reserved(1, { A: 3 }),
      reserved(2, { A: 3 }),
      reserved(3, { A: 2 }),
    ];
    expect(movesOf(history, counted('A', 8), 9)).toEqual([]);
    expect(movesOf(history, counted('A', 5), 9)).toEqual([
      allocationsMoved(3, { A: 2 }, { B: 2 }, 'COUNTED_LESS'),
      allocationsMoved(2, { A: 1 }, { B: 1 }, 'COUNTED_LESS'),
    ]);
    expect(movesOf(history, counted('A', 0), 9)).toEqual([
      allocationsMoved(3, { A: 2 }, { B: 2 }, 'COUNTED_LESS'),
      allocationsMoved(2, { A: 3 }, { B: 3 }, 'COUNTED_LESS'),
      allocationsMoved(1, { A: 3 }, {}, 'COUNTED_LESS'),
    ]);
  });

  test('those whose time is over give way before all others', () => {
    const history: History = [
      received('A', 5, 1),
      reserved(1, { A: 3 }, { expiresAt: PASSED }),
      reserved(2, { A: 2 }),
    ];
    expect(movesOf(history, counted('A', 2), 5)).toEqual([expired(1, { A: 3 }, PASSED)]);
    expect(movesOf(history, counted('A', 1), 5)).toEqual([
      expired(1, { A: 3 }, PASSED),
      allocationsMoved(2, { A: 1 }, {}, 'COUNTED_LESS'),
    ]);
  });

  test('reserved never exceeds on hand, however many reservations there are', () => {
    const many = Array.from({ length: 200 }, (_, i) => reserved(i + 1, { A: 1 }));
    const state = foldOf([received('A', 200, 1), ...many]);
    const few = stock.decide(counted('A', 50), state, factsOf({}, { book: 200 }));
    expect(few.accepted && few.events).toHaveLength(151);
    const verdict = stock.decide(counted('A', 49), state, factsOf({}, { book: 200 }));
    expect(verdict).toMatchObject({ accepted: false, refusal: { code: 'COUNT_CONFLICT' } });
  });
});

describe('when very many reservations lie in a lot that is rejected', () => {
  test('an append takes so many, and the others are judged when they are issued', () => {
    const many = Array.from({ length: 160 }, (_, i) => reserved(i + 1, { A: 1 }));
    const state = foldOf([received('A', 200, 1), received('B', 200, 2), ...many]);
    const verdict = stock.decide(say('A', 'REJECTED'), state, facts);
    if (!verdict.accepted) throw new Error(verdict.refusal.code);
    expect(verdict.events).toHaveLength(151);
    const after = verdict.events.reduce(
      (before, event) => stock.evolve(before, event, { effectiveAt: PASSED }),
      state,
    );
    const issue: StockCommand = {
      type: 'IssueReserved',
      data: { ...place, reservationId: idOf(160) },
    };
    expect(stock.decide(issue, after, facts)).toMatchObject({
      events: [{ type: 'AllocationsMoved' }, { type: 'StockIssued.v2', data: { lotCode: 'B' } }],
    });
  });

  test('nor does one that gives up a part of a lot find a lot more', () => {
    const codes = Array.from({ length: 99 }, (_, i) => `L${100 + i}`);
    const lots = Object.fromEntries(codes.map((code) => [code, 1]));
    const state = foldOf([
      received('A', 5, 1),
      ...codes.map((code) => received(code, 1, 2)),
      received('Z', 9, 3),
      reserved(1, { A: 5, ...lots }),
    ]);
    const count: StockCommand = {
      type: 'CountStock',
      data: { ...place, lotCode: 'A', counted: '4', revision: 9 },
    };
    expect(stock.decide(count, state, factsOf({}, { book: 5 }))).toMatchObject({
      events: [{ type: 'AllocationsMoved', data: { to: [], short: 1 } }, {}],
    });
  });

  test('a reservation never spreads over more lots than an event can name', () => {
    const codes = Array.from({ length: 120 }, (_, i) => `L${100 + i}`);
    const lots = Object.fromEntries(codes.slice(0, 60).map((code) => [code, 2]));
    const state = foldOf([
      received('A', 100, 1),
      ...codes.map((code) => received(code, 2, 2)),
      reserved(1, { A: 100, ...lots }),
    ]);
    const verdict = stock.decide(say('A', 'REJECTED'), state, facts);
    expect(verdict).toMatchObject({ events: [{}, { data: { short: 20 } }] });
    expect(verdict.accepted && verdict.events[1]).toHaveProperty('data.to.length', 40);
  });
});
