import { givenFor, stateAfter } from '../../../test/support/given';
import { documentId } from '../names';
import { MAX_QUANTITY } from '../quantity';
import {
  lotOf,
  stock,
  type StockCommand,
  type StockEvent,
  type StockEventOf,
  type StockFacts,
} from '.';

/** What comes back, what is on hold, and what is taken back. */

const given = givenFor(stock);
const ids = { sku: 'RICE-001', location: 'NORTH' };
const measured = { unit: 'each', decimals: 0 };
const item: NonNullable<StockFacts['item']> = {
  ...measured,
  active: true,
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FIFO',
  units: [{ unit: 'box', numerator: 12, denominator: 1 }],
};
const factsOf = (rest: Partial<StockFacts> = {}): StockFacts => ({
  item,
  location: { active: true },
  localDate: '2026-06-15',
  now: '2026-06-15T12:00:00.000Z',
  actor: 'ada',
  generatedLotCode: 'G',
  ...rest,
});
const facts = factsOf();

const movement = { ...ids, ...measured, lotCode: null, reference: null, entered: null };
const received = (
  quantity: number,
  rest: Partial<StockEventOf<'StockReceived.v2'>['data']> = {},
): StockEvent => ({
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
    ...rest,
  },
});
const returned = (
  quantity: number,
  rest: Partial<StockEventOf<'StockReturned'>['data']> = {},
): StockEvent => ({
  type: 'StockReturned',
  data: {
    ...movement,
    quantity,
    disposition: 'QUARANTINE',
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    ...rest,
  },
});
const issued = (
  quantity: number,
  rest: Partial<StockEventOf<'StockIssued.v2'>['data']> = {},
): StockEvent => ({
  type: 'StockIssued.v2',
  data: { ...movement, quantity, purpose: 'OTHER', reservationId: null, fromHold: 0, ...rest },
});
const adjusted = (quantity: number, fromHold = 0): StockEvent => ({
  type: 'StockAdjusted.v2',
  data: { ...movement, quantity, purpose: 'CORRECTION', fromHold },
});
const heldOf = (quantity: number): StockEvent => ({
  type: 'StockHeld',
  data: { ...movement, quantity },
});
const lifted = (quantity: number): StockEvent => ({
  type: 'HoldLifted',
  data: { ...movement, quantity },
});
const reserved = (quantity: number, lotCode: string | null = null): StockEvent => ({
  type: 'StockReserved',
  data: {
    ...ids,
    ...measured,
    reservationId: documentId('reservation', ids.sku, ids.location, 1),
    quantity,
    entered: null,
    allocations: [{ lotCode, quantity }],
    short: 0,
    strategy: 'FIFO',
    hard: false,
    batchId: null,
    reference: null,
    expiresAt: null,
  },
});
const back = (quantity: string, rest: object = {}): StockCommand => ({
  type: 'ReturnStock',
  data: { ...ids, quantity, ...rest },
});
const hold = (quantity: string, rest: object = {}): StockCommand => ({
  type: 'HoldStock',
  data: { ...ids, quantity, ...rest },
});
const lift = (quantity: string, rest: object = {}): StockCommand => ({
  type: 'LiftHold',
  data: { ...ids, quantity, ...rest },
});
const issue = (quantity: string, rest: object = {}): StockCommand => ({
  type: 'IssueStock',
  data: { ...ids, quantity, ...rest },
});
const adjust = (quantity: string): StockCommand => ({
  type: 'AdjustStock',
  data: { ...ids, quantity },
});

describe('a return', () => {
  test('lands on hold, unless it is said to be fit for stock', () => {
    given(received(5))
      .when(back('2'), facts)
      .then([returned(2)]);
    expect(stateAfter(stock, [received(5), returned(2)])).toMatchObject({ onHand: 7 });
    given(received(5), returned(2)).when(issue('6'), facts).then('INSUFFICIENT_STOCK');
    given(received(5))
      .when(back('2', { disposition: 'STOCK' }), facts)
      .then([returned(2, { disposition: 'STOCK' })]);
    given(received(5), returned(2, { disposition: 'STOCK' }))
      .when(issue('7'), facts)
      .then([issued(7)]);
  });

  test('of an inactive item at an inactive place still comes back', () => {
    const closed = factsOf({ item: { ...item, active: false }, location: { active: false } });
    given()
      .when(back('2'), closed)
      .then([returned(2)]);
  });

  test('of a lot that is known elsewhere has the expiry and status of its own stream', () => {
    const lot = { qcStatus: 'RECALLED', expiresOn: '2027-01-31', revision: 4, here: true } as const;
    given()
      .when(back('1', { lotCode: 'L1' }), factsOf({ lot }))
      .then([
        returned(1, {
          lotCode: 'L1',
          qcStatus: 'RECALLED',
          expiresOn: '2027-01-31',
          lotRevision: 4,
        }),
      ]);
  });

  test('in boxes keeps what was entered', () => {
    const entered = { quantity: '2', unit: 'box', numerator: 12, denominator: 1 };
    given()
      .when(back('2', { unit: 'box' }), facts)
      .then([returned(24, { entered })]);
  });
});

describe('a hold', () => {
  test('takes from what is free, and is lifted in parts', () => {
    given(received(5), reserved(2))
      .when(hold('3'), facts)
      .then([heldOf(3)]);
    given(received(5), heldOf(3))
      .when(lift('2'), facts)
      .then([lifted(2)]);
    const state = stateAfter(stock, [received(5), heldOf(3), lifted(2)]);
    expect(lotOf(state.lots, '')).toMatchObject({ onHand: 5, held: 1 });
  });

  test('keeps stock from being issued, not from being disposed of: what is on hold goes first', () => {
    const history = [received(5), heldOf(3)];
    given(...history)
      .when(issue('3'), facts)
      .then('INSUFFICIENT_STOCK');
    given(...history)
      .when(issue('4', { purpose: 'DISPOSAL' }), facts)
      .then([issued(4, { purpose: 'DISPOSAL', fromHold: 3 })]);
    given(...history)
      .when(issue('2', { purpose: 'RETURN_TO_SUPPLIER' }), facts)
      .then([issued(2, { purpose: 'RETURN_TO_SUPPLIER', fromHold: 2 })]);
  });

  test('goes last when the books are corrected downwards', () => {
    given(received(5), heldOf(3))
      .when(adjust('-2'), facts)
      .then([adjusted(-2)]);
    given(received(5), heldOf(3))
      .when(adjust('-4'), facts)
      .then([adjusted(-4, 2)]);
  });

  test('is for disposal whatever the status of its lot, and never touches what is reserved', () => {
    const rejected = received(5, { lotCode: 'L1', qcStatus: 'REJECTED' });
    given(rejected)
      .when(issue('5', { lotCode: 'L1', purpose: 'DISPOSAL' }), facts)
      .then([issued(5, { lotCode: 'L1', purpose: 'DISPOSAL' })]);
    given(received(5), reserved(3))
      .when(issue('3', { purpose: 'DISPOSAL' }), facts)
      .then('INSUFFICIENT_STOCK');
  });
});

const MOVEMENT = '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a';
const reverse = (error: 'did_not_occur' | 'incorrect_data' = 'incorrect_data'): StockCommand => ({
  type: 'ReverseMovement',
  data: { ...ids, movementId: MOVEMENT, error },
});
const of = (movementEvent: StockEvent | null): StockFacts => factsOf({ movement: movementEvent });
const reversed = (
  quantity: number,
  movementType: StockEventOf<'MovementReversed'>['data']['movementType'],
  rest: Partial<StockEventOf<'MovementReversed'>['data']> = {},
): StockEvent => ({
  type: 'MovementReversed',
  data: {
    ...ids,
    lotCode: null,
    ...measured,
    reference: null,
    quantity,
    movementId: MOVEMENT,
    movementType,
    error: 'incorrect_data',
    fromHold: 0,
    ...rest,
  },
});

describe('a reversal', () => {
  const counted: StockEvent = {
    type: 'StockCounted',
    data: {
      countId: 'RICE-001@NORTH.C1',
      ...ids,
      lotCode: null,
      ...measured,
      kind: 'CYCLE_COUNT',
      blind: false,
      counted: 4,
      entered: null,
      book: 5,
      countedAtRevision: 0,
      countedBy: 'ada',
      variance: -1,
      fromHold: 0,
      reference: null,
    },
  };

  test('has the opposite effect of what it points at', () => {
    const five = received(5);
    given(five)
      .when(reverse(), of(five))
      .then([reversed(-5, 'StockReceived.v2')]);
    given(five, issued(2))
      .when(reverse(), of(issued(2)))
      .then([reversed(2, 'StockIssued.v2')]);
    given(five, adjusted(-1))
      .when(reverse(), of(adjusted(-1)))
      .then([reversed(1, 'StockAdjusted.v2')]);
    given(five, counted)
      .when(reverse(), of(counted))
      .then([reversed(1, 'StockCounted')]);
    const state = stateAfter(stock, [five, issued(2), reversed(2, 'StockIssued.v2')]);
    expect(state.onHand).toBe(5);
  });

  test('of goods that came back onto hold takes them from there', () => {
    given(received(5), returned(2))
      .when(reverse('did_not_occur'), of(returned(2)))
      .then([reversed(-2, 'StockReturned', { error: 'did_not_occur', fromHold: 2 })]);
  });

  test('of a receipt takes from holds what is no longer free', () => {
    given(received(5), heldOf(2))
      .when(reverse(), of(received(5)))
      .then([reversed(-5, 'StockReceived.v2', { fromHold: 2 })]);
  });
});

describe('refusals', () => {
  const five = received(5);
  const dispatched: StockEvent = {
    type: 'StockDispatched',
    data: {
      ...movement,
      quantity: 1,
      transferId: 'RICE-001@NORTH.T1',
      to: 'SOUTH',
      receivedAt: '2026-01-01T00:00:00.000Z',
      expiresOn: null,
      qcStatus: 'APPROVED',
      lotRevision: null,
    },
  };
  const zero: StockEvent = { ...reversed(1, 'StockCounted') };
  const lots = factsOf({ item: { ...item, tracking: 'lot' } });
  test.each<[string, readonly StockEvent[], StockCommand, StockFacts, string]>([
    ['a return of no item', [], back('1'), factsOf({ item: null }), 'ITEM_NOT_FOUND'],
    ['a return to no location', [], back('1'), factsOf({ location: null }), 'LOCATION_NOT_FOUND'],
    ['a return of nothing', [], back('0'), facts, 'QUANTITY_INVALID'],
    ['a return of less', [], back('-1'), facts, 'QUANTITY_INVALID'],
    ['a return of a part', [], back('0.5'), facts, 'QUANTITY_TOO_PRECISE'],
    ['a return beyond counting', [received(MAX_QUANTITY)], back('1'), facts, 'QUANTITY_TOO_LARGE'],
    [
      'a return of a lot that never was',
      [five],
      back('1', { lotCode: 'L9' }),
      factsOf({ lot: null }),
      'LOT_NOT_FOUND',
    ],
    ['a return without the lot', [five], back('1'), lots, 'LOT_CODE_REQUIRED'],
    ['a hold on what is reserved', [five, reserved(3)], hold('3'), facts, 'INSUFFICIENT_STOCK'],
    ['a hold on what is on hold', [five, heldOf(3)], hold('3'), facts, 'INSUFFICIENT_STOCK'],
    ['a hold on nothing', [], hold('1'), facts, 'INSUFFICIENT_STOCK'],
    ['a hold on an unknown lot', [five], hold('1', { lotCode: 'L9' }), facts, 'LOT_NOT_FOUND'],
    ['a hold of 0', [five], hold('0'), facts, 'QUANTITY_INVALID'],
    ['lifting more than is on hold', [five, heldOf(1)], lift('2'), facts, 'INSUFFICIENT_STOCK'],
    ['lifting of an unknown lot', [five], lift('1', { lotCode: 'L9' }), facts, 'LOT_NOT_FOUND'],
    ['lifting in an unknown unit', [five], lift('1', { unit: 'ton' }), facts, 'UNIT_UNKNOWN'],
    [
      'an adjustment into what is reserved',
      [five, reserved(3)],
      adjust('-3'),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    ['reversing no movement', [five], reverse(), of(null), 'MOVEMENT_NOT_FOUND'],
    [
      'reversing a dispatch',
      [five, dispatched],
      reverse(),
      of(dispatched),
      'MOVEMENT_NOT_REVERSIBLE',
    ],
    ['reversing a hold', [five, heldOf(1)], reverse(), of(heldOf(1)), 'MOVEMENT_NOT_REVERSIBLE'],
    ['reversing a reversal', [five], reverse(), of(zero), 'MOVEMENT_NOT_REVERSIBLE'],
    [
      'reversing twice',
      [five, issued(1), reversed(1, 'StockIssued.v2')],
      reverse(),
      of(issued(1)),
      'MOVEMENT_ALREADY_REVERSED',
    ],
    [
      'a receipt of which some is gone',
      [five, issued(1)],
      reverse(),
      of(five),
      'REVERSAL_CONFLICT',
    ],
    [
      'a receipt of which some is reserved',
      [five, reserved(1)],
      reverse(),
      of(five),
      'REVERSAL_CONFLICT',
    ],
    [
      'an issue where there is no room any more',
      [received(MAX_QUANTITY)],
      reverse(),
      of(issued(1)),
      'QUANTITY_TOO_LARGE',
    ],
  ])('%s', (_, events, command, known, code) => {
    given(...events)
      .when(command, known)
      .then(code as never);
  });
});
