import { givenFor, type Happened } from '../../../test/support/given';
import {
  factsOf,
  held,
  issued,
  place,
  received,
  reserved,
  type DataOf,
} from '../../../test/support/stock-cases';
import { MAX_QUANTITY } from '../quantity';
import { stock, type StockCode, type StockCommand, type StockEvent, type StockFacts } from '.';

const given = givenFor(stock);
type History = readonly Happened<StockEvent>[];

const reverse: StockCommand = {
  type: 'ReverseMovement',
  data: { ...place, movementId: 'm-1', error: 'incorrect_data' },
};
const eventOf = (step: Happened<StockEvent>): StockEvent =>
  (Array.isArray(step) ? step[1] : step) as StockEvent;
const of = (movement: Happened<StockEvent> | null, rest: Partial<StockFacts> = {}): StockFacts =>
  factsOf({}, { movement: movement && eventOf(movement), ...rest });

const moved = { ...place, unit: 'bag', decimals: 0, reference: null };
const reversed = (
  quantity: number,
  movementType: DataOf<'MovementReversed'>['movementType'],
  rest: Partial<DataOf<'MovementReversed'>> = {},
): StockEvent => ({
  type: 'MovementReversed',
  data: {
    ...moved,
    lotCode: 'A',
    quantity,
    movementId: 'm-1',
    movementType,
    error: 'incorrect_data',
    fromHold: 0,
    ...rest,
  },
});
const adjusted = (quantity: number, fromHold = 0): StockEvent => ({
  type: 'StockAdjusted.v2',
  data: { ...moved, lotCode: 'A', quantity, entered: null, purpose: 'CORRECTION', fromHold },
});
const returned = (quantity: number, disposition: 'QUARANTINE' | 'STOCK'): StockEvent => ({
  type: 'StockReturned',
  data: {
    ...moved,
    lotCode: 'A',
    quantity,
    entered: null,
    disposition,
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
  },
});
const counted = (units: number, book: number, fromHold = 0): StockEvent => ({
  type: 'StockCounted',
  data: {
    ...moved,
    countId: 'TEA@NORTH.C1',
    lotCode: 'A',
    kind: 'CYCLE_COUNT',
    blind: false,
    counted: units,
    entered: null,
    book,
    countedAtRevision: 0,
    countedBy: 'ann',
    variance: units - book,
    fromHold,
  },
});

const five = received('A', 5);
const four = received('A', 4, 2, { reference: 'PO-1' });
const sold = issued('A', 3, { reference: 'SO-1' });

describe('a reversal', () => {
  const cases: [string, History, Happened<StockEvent>, StockEvent[]][] = [
    [
      'of a receipt takes it away, and points at it',
      [five, four],
      four,
      [reversed(-4, 'StockReceived.v2', { reference: 'PO-1' })],
    ],
    [
      'of an issue brings it back',
      [five, sold],
      sold,
      [reversed(3, 'StockIssued.v2', { reference: 'SO-1' })],
    ],
    ['of what was found', [five, adjusted(2)], adjusted(2), [reversed(-2, 'StockAdjusted.v2')]],
    ['of what was lost', [five, adjusted(-2)], adjusted(-2), [reversed(2, 'StockAdjusted.v2')]],
    ['of a count below', [five, counted(3, 5)], counted(3, 5), [reversed(2, 'StockCounted')]],
    ['of a count above', [five, counted(6, 5)], counted(6, 5), [reversed(-1, 'StockCounted')]],
    [
      'of a return',
      [five, returned(2, 'STOCK')],
      returned(2, 'STOCK'),
      [reversed(-2, 'StockReturned')],
    ],
    [
      'of a return onto hold takes it from there',
      [five, returned(2, 'QUARANTINE')],
      returned(2, 'QUARANTINE'),
      [reversed(-2, 'StockReturned', { fromHold: 2 })],
    ],
    [
      'of a return onto hold of which some was looked at',
      [
        five,
        returned(3, 'QUARANTINE'),
        { type: 'HoldLifted', data: { ...moved, lotCode: 'A', quantity: 2, entered: null } },
      ],
      returned(3, 'QUARANTINE'),
      [reversed(-3, 'StockReturned', { fromHold: 1 })],
    ],
    [
      'of a receipt touches a hold last',
      [five, four, held('A', 6)],
      four,
      [reversed(-4, 'StockReceived.v2', { reference: 'PO-1', fromHold: 1 })],
    ],
    [
      'of what went out of a hold puts it back on hold: nobody has looked at it',
      [five, held('A', 3), issued('A', 4, { purpose: 'DISPOSAL', fromHold: 3 })],
      issued('A', 4, { purpose: 'DISPOSAL', fromHold: 3 }),
      [reversed(4, 'StockIssued.v2'), held('A', 3)],
    ],
    [
      'of what was lost out of a hold as well',
      [five, held('A', 5), adjusted(-2, 2)],
      adjusted(-2, 2),
      [reversed(2, 'StockAdjusted.v2'), held('A', 2)],
    ],
    [
      'of what a count missed on hold as well',
      [five, held('A', 5), counted(1, 5, 4)],
      counted(1, 5, 4),
      [reversed(4, 'StockCounted'), held('A', 4)],
    ],
    [
      'down to what is reserved',
      [five, four, reserved(1, { A: 5 })],
      four,
      [reversed(-4, 'StockReceived.v2', { reference: 'PO-1' })],
    ],
    [
      'of what was set aside is free again',
      [five, reserved(1, { A: 3 }), issued('A', 3, { reservationId: 'TEA@NORTH.R1' })],
      issued('A', 3, { reservationId: 'TEA@NORTH.R1' }),
      [reversed(3, 'StockIssued.v2')],
    ],
  ];
  test.each(cases)('%s', (_, history, movement, events) => {
    given(...history)
      .when(reverse, of(movement))
      .then(events);
  });

  test('frees a reservation whose time is over first, where it stands in the way', () => {
    const expiresAt = '2026-06-15T09:00:00.000Z';
    const { data } = eventOf(reserved(1, { A: 5 }, { expiresAt }));
    const { reservationId } = data as DataOf<'StockReserved'>;
    const allocations = [{ lotCode: 'A', quantity: 5 }];
    const head = { reservationId, ...place, unit: 'bag', decimals: 0 };
    given(five, reserved(1, { A: 5 }, { expiresAt }))
      .when(reverse, of(five))
      .then([
        { type: 'ReservationExpired', data: { ...head, allocations, short: 0, expiresAt } },
        reversed(-5, 'StockReceived.v2'),
      ]);
  });
});

describe('refusals', () => {
  const dispatched: StockEvent = {
    type: 'StockDispatched',
    data: {
      ...moved,
      lotCode: 'A',
      quantity: 2,
      entered: null,
      transferId: 'TEA@NORTH.T1',
      to: 'SOUTH',
      receivedAt: '2026-06-01T08:00:00.000Z',
      expiresOn: null,
      qcStatus: 'APPROVED',
      lotRevision: null,
    },
  };
  const full = received('B', MAX_QUANTITY - 3);
  const undone = reversed(-5, 'StockReceived.v2');
  const cases: [string, History, StockFacts, StockCode][] = [
    ['no item', [five], of(five, { item: null }), 'ITEM_NOT_FOUND'],
    ['no place', [five], of(five, { location: null }), 'LOCATION_NOT_FOUND'],
    ['closed books', [five], of(five, { closedThrough: '2026-05-31' }), 'PERIOD_CLOSED'],
    ['an unknown movement', [five], of(null), 'MOVEMENT_NOT_FOUND'],
    ['a hold', [five, held('A', 1)], of(held('A', 1)), 'MOVEMENT_NOT_REVERSIBLE'],
    [
      'a reservation',
      [five, reserved(1, { A: 1 })],
      of(reserved(1, { A: 1 })),
      'MOVEMENT_NOT_REVERSIBLE',
    ],
    ['a transfer', [five, dispatched], of(dispatched), 'MOVEMENT_NOT_REVERSIBLE'],
    [
      'a count that found nothing',
      [five, counted(5, 5)],
      of(counted(5, 5)),
      'MOVEMENT_NOT_REVERSIBLE',
    ],
    ['a reversal', [five, undone], of(undone), 'MOVEMENT_NOT_REVERSIBLE'],
    ['what was reversed before', [five, four, undone], of(five), 'MOVEMENT_ALREADY_REVERSED'],
    [
      'reversed before comes before what is left',
      [five, undone],
      of(five),
      'MOVEMENT_ALREADY_REVERSED',
    ],
    ['goods that have gone since', [five, sold], of(five), 'REVERSAL_CONFLICT'],
    ['one that is reserved', [five, reserved(1, { A: 1 })], of(five), 'REVERSAL_CONFLICT'],
    [
      'goods of another lot do not help',
      [five, sold, received('B', 9)],
      of(five),
      'REVERSAL_CONFLICT',
    ],
    [
      'more than a place can hold',
      [five, issued('A', 4), full],
      of(issued('A', 4)),
      'QUANTITY_TOO_LARGE',
    ],
  ];
  test.each(cases)('%s', (_, history, facts, code) => {
    given(...history)
      .when(reverse, facts)
      .then(code);
  });
});
