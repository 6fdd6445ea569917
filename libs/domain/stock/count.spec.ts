import { givenFor, stateAfter } from '../../../test/support/given';
import { documentId } from '../names';
import { MAX_QUANTITY } from '../quantity';
import {
  bookAt,
  lotOf,
  stock,
  type StockCommand,
  type StockEvent,
  type StockEventOf,
  type StockFacts,
} from '.';

const given = givenFor(stock);
const ids = { sku: 'RICE-001', location: 'NORTH' };
const measured = { unit: 'each', decimals: 0 };
const item: NonNullable<StockFacts['item']> = {
  ...measured,
  active: true,
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FIFO',
};
const factsOf = (book: number | null, rest: Partial<StockFacts> = {}): StockFacts => ({
  item,
  location: { active: true },
  localDate: '2026-06-15',
  now: '2026-06-15T12:00:00.000Z',
  actor: 'ada',
  generatedLotCode: 'G',
  book,
  ...rest,
});
/** A variance above 2 waits for approval. */
const strict = (book: number | null, rest: Partial<StockFacts> = {}): StockFacts =>
  factsOf(book, { item: { ...item, countVarianceLimit: 2 }, ...rest });

const movement = { ...ids, ...measured, lotCode: null, reference: null, entered: null };
const received = (quantity: number): StockEvent => ({
  type: 'StockReceived.v2',
  data: {
    ...movement,
    quantity,
    purpose: 'OTHER',
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    unitCost: null,
    supplierLot: null,
    manufacturedOn: null,
    parentLots: [],
    qcRequired: false,
  },
});
const dataOf = (event: StockEvent) => event.data as StockEventOf<'StockReceived.v2'>['data'];
const issued = (quantity: number): StockEvent => ({
  type: 'StockIssued.v2',
  data: { ...movement, quantity, purpose: 'SALE', reservationId: null, fromHold: 0 },
});
const held = (quantity: number): StockEvent => ({
  type: 'StockHeld',
  data: { ...movement, quantity },
});
const reserved = (ordinal: number, quantity: number): StockEvent => ({
  type: 'StockReserved',
  data: {
    ...ids,
    ...measured,
    reservationId: documentId('reservation', ids.sku, ids.location, ordinal),
    quantity,
    entered: null,
    allocations: [{ lotCode: null, quantity }],
    short: 0,
    strategy: 'FIFO',
    hard: false,
    batchId: null,
    reference: null,
    expiresAt: null,
  },
});

type CountData = StockEventOf<'CountSubmitted'>['data'];
const idOf = (ordinal: number): string => documentId('count', ids.sku, ids.location, ordinal);
const counted = (units: number, book: number, rest: Partial<CountData> = {}): CountData => ({
  countId: idOf(1),
  ...ids,
  lotCode: null,
  ...measured,
  kind: 'CYCLE_COUNT',
  blind: false,
  counted: units,
  entered: null,
  book,
  countedAtRevision: 0,
  countedBy: 'ada',
  ...rest,
});
const submitted = (units: number, book: number, rest: Partial<CountData> = {}): StockEvent => ({
  type: 'CountSubmitted',
  data: counted(units, book, rest),
});
const applied = (
  units: number,
  book: number,
  rest: Partial<StockEventOf<'StockCounted'>['data']> = {},
): StockEvent => ({
  type: 'StockCounted',
  data: { variance: units - book, fromHold: 0, reference: null, ...counted(units, book), ...rest },
});

type Wishes = Partial<Extract<StockCommand, { type: 'CountStock' }>['data']>;
const count = (units: string, rest: Wishes = {}): StockCommand => ({
  type: 'CountStock',
  data: { ...ids, counted: units, revision: 0, ...rest },
});
const decide = (approve: boolean, countId = idOf(1)): StockCommand => ({
  type: 'DecideCount',
  data: { ...ids, countId, approve },
});

describe('a count', () => {
  test.each([
    ['finds less', '8', 8],
    ['finds more', '12', 12],
    ['agrees, and says when it was last looked at', '10', 10],
    ['finds nothing', '0', 0],
  ])('%s', (_, text, units) => {
    given(received(10))
      .when(count(text), factsOf(10))
      .then([applied(units, 10)]);
  });

  test('is compared with the books as of its revision: what moved since stays valid', () => {
    const history = [received(10), issued(4), received(1)];
    given(...history)
      .when(count('9'), factsOf(10))
      .then([applied(9, 10)]);
    const after = stateAfter(stock, [...history, applied(9, 10)]);
    expect(after.onHand).toBe(10 - 4 + 1 - 1);
  });

  test('finds stock where the books have none', () => {
    given()
      .when(count('3', { kind: 'STOCKTAKE', blind: true, reference: 'SHEET-7' }), factsOf(0))
      .then([applied(3, 0, { kind: 'STOCKTAKE', blind: true, reference: 'SHEET-7' })]);
  });

  test('up to the limit is applied at once, above it waits', () => {
    given(received(10))
      .when(count('8'), strict(10))
      .then([applied(8, 10)]);
    given(received(10))
      .when(count('12'), strict(10))
      .then([applied(12, 10)]);
    given(received(10))
      .when(count('7'), strict(10))
      .then([submitted(7, 10)]);
    given(received(10))
      .when(count('13'), strict(10))
      .then([submitted(13, 10)]);
  });

  test('that waits has no effect', () => {
    expect(stateAfter(stock, [received(10), submitted(1, 10)]).onHand).toBe(10);
  });

  test('again takes the place of the one that waits', () => {
    const waiting = [received(10), submitted(1, 10)];
    given(...waiting)
      .when(count('9', { countId: idOf(1) }), strict(10, { actor: 'bob' }))
      .then([applied(9, 10, { countedBy: 'bob' })]);
    given(...waiting)
      .when(count('2', { countId: idOf(1) }), strict(10, { actor: 'bob' }))
      .then([submitted(2, 10, { countedBy: 'bob' })]);
    given(...waiting)
      .when(count('9'), strict(10))
      .then([applied(9, 10, { countId: idOf(2) })]);
  });

  test('that lacks what is on hold or reserved takes holds first, then the youngest reservation', () => {
    given(received(10), reserved(1, 3), reserved(2, 4), held(2))
      .when(count('8'), factsOf(10))
      .then([applied(8, 10, { fromHold: 1 })]);
    const short: StockEvent = {
      type: 'AllocationsMoved',
      data: {
        reservationId: documentId('reservation', ids.sku, ids.location, 2),
        ...ids,
        ...measured,
        from: [{ lotCode: null, quantity: 2 }],
        to: [],
        short: 2,
        cause: 'COUNTED_LESS',
      },
    };
    const history = [received(10), reserved(1, 3), reserved(2, 4), held(2)];
    given(...history)
      .when(count('5'), factsOf(10))
      .then([short, applied(5, 10, { fromHold: 2 })]);
    const pool = lotOf(
      stateAfter(stock, [...history, short, applied(5, 10, { fromHold: 2 })]).lots,
      '',
    );
    expect(pool).toMatchObject({ onHand: 5, reserved: 5, held: 0 });
  });
});

describe('what a count refers to', () => {
  const SHEET = { reference: 'SHEET-7' };
  const waiting = [received(10), submitted(1, 10, SHEET)];
  const bob = strict(10, { actor: 'bob' });

  test('waits with it for approval, and is applied or rejected with it', () => {
    given(received(10))
      .when(count('1', SHEET), strict(10))
      .then([submitted(1, 10, SHEET)]);
    given(...waiting)
      .when(decide(true), bob)
      .then([applied(1, 10, SHEET)]);
    given(...waiting)
      .when(decide(false), bob)
      .then([{ type: 'CountRejected', data: counted(1, 10, SHEET) }]);
  });

  test('stays that of the count before in a recount that tells none', () => {
    given(...waiting)
      .when(count('2', { countId: idOf(1) }), bob)
      .then([submitted(2, 10, { countedBy: 'bob', ...SHEET })]);
    given(...waiting)
      .when(count('9', { countId: idOf(1) }), bob)
      .then([applied(9, 10, { countedBy: 'bob', ...SHEET })]);
  });

  test('is that of the recount where it tells one', () => {
    given(...waiting)
      .when(count('9', { countId: idOf(1), reference: 'SHEET-8' }), bob)
      .then([applied(9, 10, { countedBy: 'bob', reference: 'SHEET-8' })]);
  });
});

describe('a decision', () => {
  const waiting = [received(10), submitted(1, 10)];

  test('by another person makes the books follow', () => {
    given(...waiting)
      .when(decide(true), strict(null, { actor: 'bob' }))
      .then([applied(1, 10)]);
    expect(stateAfter(stock, [...waiting, applied(1, 10)]).onHand).toBe(1);
  });

  test('against it leaves them as they are, and whoever counted may take it back', () => {
    for (const actor of ['ada', 'bob']) {
      given(...waiting)
        .when(decide(false), strict(null, { actor }))
        .then([{ type: 'CountRejected', data: counted(1, 10) }]);
    }
  });

  test('applies the variance to what is there by then', () => {
    given(...waiting, received(5))
      .when(decide(true), strict(null, { actor: 'bob' }))
      .then([applied(1, 10)]);
    expect(stateAfter(stock, [...waiting, received(5), applied(1, 10)]).onHand).toBe(6);
  });
});

describe('refusals', () => {
  const ten = received(10);
  const rejected: StockEvent = { type: 'CountRejected', data: counted(1, 10) };
  test.each<[string, readonly StockEvent[], StockCommand, StockFacts, string]>([
    ['no item', [ten], count('1'), factsOf(10, { item: null }), 'ITEM_NOT_FOUND'],
    ['no location', [ten], count('1'), factsOf(10, { location: null }), 'LOCATION_NOT_FOUND'],
    [
      'in closed books',
      [ten],
      count('1'),
      factsOf(10, { closedThrough: '2026-06-30' }),
      'PERIOD_CLOSED',
    ],
    ['below 0', [ten], count('-1'), factsOf(10), 'QUANTITY_INVALID'],
    ['no number', [ten], count('many'), factsOf(10), 'QUANTITY_INVALID'],
    ['a part of one', [ten], count('1.5'), factsOf(10), 'QUANTITY_TOO_PRECISE'],
    ['an unknown unit', [ten], count('1', { unit: 'box' }), factsOf(10), 'UNIT_UNKNOWN'],
    ['an unknown lot', [ten], count('1', { lotCode: 'L9' }), factsOf(0), 'LOT_NOT_FOUND'],
    [
      'no lot of an item that is tracked by lot',
      [ten],
      count('1'),
      factsOf(10, { item: { ...item, tracking: 'lot' } }),
      'LOT_CODE_REQUIRED',
    ],
    [
      'an unknown revision',
      [ten],
      count('1', { revision: 7 }),
      factsOf(null),
      'COUNT_REVISION_UNKNOWN',
    ],
    ['more missing than is left', [ten, issued(8)], count('1'), factsOf(10), 'COUNT_CONFLICT'],
    ['a recount of none', [ten], count('1', { countId: idOf(1) }), factsOf(10), 'COUNT_NOT_FOUND'],
    [
      'a recount of one that has been decided',
      [ten, submitted(1, 10), rejected],
      count('1', { countId: idOf(1) }),
      factsOf(10),
      'COUNT_ENDED',
    ],
    [
      'a recount of another lot',
      [
        ten,
        { type: 'StockReceived.v2', data: { ...dataOf(received(5)), lotCode: 'L1' } },
        submitted(1, 10),
      ],
      count('5', { countId: idOf(1), lotCode: 'L1' }),
      factsOf(5),
      'COUNT_NOT_FOUND',
    ],
    ['approval of none', [ten], decide(true), factsOf(null), 'COUNT_NOT_FOUND'],
    ['approval of no id', [ten], decide(true, 'C1'), factsOf(null), 'COUNT_NOT_FOUND'],
    [
      'approval of a reservation',
      [ten],
      decide(true, 'RICE-001@NORTH.R1'),
      factsOf(null),
      'COUNT_NOT_FOUND',
    ],
    [
      'approval by who counted',
      [ten, submitted(1, 10)],
      decide(true),
      factsOf(null),
      'COUNT_APPROVER_IS_COUNTER',
    ],
    ['approval of one applied', [ten, applied(9, 10)], decide(true), factsOf(null), 'COUNT_ENDED'],
    [
      'rejection of one rejected',
      [ten, submitted(1, 10), rejected],
      decide(false),
      factsOf(null),
      'COUNT_ENDED',
    ],
    [
      'approval when the stock is gone by then',
      [ten, submitted(1, 10), issued(5)],
      decide(true),
      factsOf(null, { actor: 'bob' }),
      'COUNT_CONFLICT',
    ],
  ])('%s', (_, events, command, facts, code) => {
    given(...events)
      .when(command, facts)
      .then(code as never);
  });
});

test('the books as of a revision are what is there now without what has moved since', () => {
  expect(bookAt(7, [])).toBe(7);
  expect(bookAt(7, [-3, 5])).toBe(5);
  // No figure on the way is one that a number cannot hold.
  expect(bookAt(MAX_QUANTITY, [-24, MAX_QUANTITY])).toBe(24);
});
