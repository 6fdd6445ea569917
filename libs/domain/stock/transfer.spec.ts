import { givenFor, stateAfter } from '../../../test/support/given';
import { MAX_QUANTITY } from '../quantity';
import {
  lotOf,
  stock,
  type KnownItem,
  type StockCode,
  type StockCommand,
  type StockEvent,
  type StockEventOf,
  type StockFacts,
} from '.';

const given = givenFor(stock);

const rice: KnownItem = {
  unit: 'kg',
  decimals: 3,
  active: true,
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FIFO',
  units: [{ unit: 'sack', numerator: 25, denominator: 1 }],
};
const TODAY = '2026-06-15';
const facts: StockFacts = {
  item: rice,
  location: { active: true },
  destination: { active: true },
  localDate: TODAY,
  now: '2026-06-15T08:00:00.000Z',
  actor: 'marta',
  generatedLotCode: 'GENERATED-1',
};
const factsOf = (rest: Partial<StockFacts>, item: Partial<KnownItem> = {}): StockFacts => ({
  ...facts,
  item: { ...rice, ...item },
  ...rest,
});

const NORTH = { sku: 'RICE-001', location: 'NORTH' };
const SOUTH = { sku: 'RICE-001', location: 'SOUTH' };
const T1 = 'RICE-001@NORTH.T1';
const measured = { unit: 'kg', decimals: 3 };
const JAN = '2026-01-01T00:00:00.000Z';
const FEB = '2026-02-01T00:00:00.000Z';

type Data<T extends StockEvent['type']> = StockEventOf<T>['data'];
const received = (
  quantity: number,
  lotCode: string | null = null,
  rest: Partial<Data<'StockReceived.v2'>> = {},
): StockEvent => ({
  type: 'StockReceived.v2',
  data: {
    ...NORTH,
    ...measured,
    quantity,
    lotCode,
    entered: null,
    reference: null,
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
const dispatched = (
  quantity: number,
  lotCode: string | null = null,
  rest: Partial<Data<'StockDispatched'>> = {},
): StockEvent => ({
  type: 'StockDispatched',
  data: {
    ...NORTH,
    ...measured,
    quantity,
    lotCode,
    entered: null,
    reference: null,
    transferId: T1,
    to: 'SOUTH',
    receivedAt: JAN,
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    ...rest,
  },
});
const leg = (lotCode: string | null) => ({
  outstanding: 0,
  transferId: T1,
  ...NORTH,
  to: 'SOUTH',
  lotCode,
  ...measured,
});
const came = (
  quantity: number,
  lotCode: string | null = null,
  rest: Partial<Data<'TransferReceived'>> = {},
): StockEvent => ({
  type: 'TransferReceived',
  data: {
    ...leg(lotCode),
    quantity,
    receivedAt: JAN,
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    ...rest,
  },
});
const lost = (quantity: number, lotCode: string | null = null): StockEvent => ({
  type: 'TransferWrittenOff',
  data: { ...leg(lotCode), quantity },
});
const back = (
  quantity: number,
  lotCode: string | null = null,
  receivedAt: string = JAN,
): StockEvent => ({
  type: 'TransferCancelled',
  data: { ...leg(lotCode), quantity, receivedAt },
});
/** These ends of a transfer of which so much was outstanding before. */
const from = (before: number, ...ends: readonly StockEvent[]): StockEvent[] => {
  let outstanding = before;
  return ends.map((event) => {
    outstanding -= 'quantity' in event.data ? event.data.quantity : 0;
    return { type: event.type, data: { ...event.data, outstanding } } as StockEvent;
  });
};
const arrived = (
  quantity: number,
  lotCode: string | null = null,
  rest: Partial<Data<'StockArrived'>> = {},
): StockEvent => ({
  type: 'StockArrived',
  data: {
    ...SOUTH,
    ...measured,
    quantity,
    lotCode,
    reference: null,
    transferId: T1,
    from: 'NORTH',
    receivedAt: JAN,
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    onHold: false,
    ...rest,
  },
});
const held = (quantity: number, lotCode: string | null = null): StockEvent => ({
  type: 'StockHeld',
  data: { ...NORTH, ...measured, quantity, lotCode, entered: null, reference: null },
});
const reserved = (
  quantity: number,
  lotCode: string | null,
  place = NORTH,
  rest: Partial<Data<'StockReserved'>> = {},
): StockEvent => ({
  type: 'StockReserved',
  data: {
    ...place,
    ...measured,
    reservationId: `RICE-001@${place.location}.R1`,
    quantity,
    entered: null,
    allocations: [{ lotCode, quantity }],
    short: 0,
    strategy: 'FIFO',
    hard: false,
    batchId: null,
    reference: null,
    expiresAt: null,
    ...rest,
  },
});
const told = (
  lotRevision: number,
  rest: Partial<Data<'LotStatusApplied'>> = {},
  place = SOUTH,
): StockEvent => ({
  type: 'LotStatusApplied',
  data: {
    ...place,
    ...measured,
    lotCode: 'L1',
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision,
    ...rest,
  },
});

type Wishes<T extends StockCommand['type']> = Partial<Extract<StockCommand, { type: T }>['data']>;
const dispatch = (quantity: string, rest: Wishes<'DispatchTransfer'> = {}): StockCommand => ({
  type: 'DispatchTransfer',
  data: { ...NORTH, to: 'SOUTH', quantity, ...rest },
});
const receive = (rest: Wishes<'ReceiveTransfer'> = {}): StockCommand => ({
  type: 'ReceiveTransfer',
  data: { ...NORTH, transferId: T1, ...rest },
});
const cancel = (transferId = T1): StockCommand => ({
  type: 'CancelTransfer',
  data: { ...NORTH, transferId },
});
const accept = (
  quantity: number,
  lotCode: string | null = null,
  rest: Wishes<'AcceptArrival'> = {},
): StockCommand => ({
  type: 'AcceptArrival',
  data: {
    ...SOUTH,
    ...measured,
    from: 'NORTH',
    transferId: T1,
    quantity,
    lotCode,
    receivedAt: JAN,
    expiresOn: null,
    qcStatus: 'APPROVED',
    lotRevision: null,
    ...rest,
  },
});

describe('dispatching', () => {
  test('free stock of the pool, to the last unit', () => {
    given([JAN, received(5)])
      .when(dispatch('0.005'), facts)
      .then([dispatched(5)]);
  });

  test('what it was entered as, and the document behind it', () => {
    const reference = 'TO-1';
    const entered = { quantity: '2', unit: 'sack', numerator: 25, denominator: 1 };
    given([JAN, received(60_000)])
      .when(dispatch('2', { unit: 'sack', reference }), facts)
      .then([dispatched(50_000, null, { entered, reference })]);
  });

  test('over lots in the order of the policy; each keeps what it is and when it came', () => {
    const fresh = { expiresOn: '2027-01-31', lotRevision: 3 };
    const soon = { expiresOn: '2026-07-01', lotRevision: 4 };
    const history = [
      [JAN, received(5, 'L1', fresh)],
      [FEB, received(5, 'L2', soon)],
    ] as const;
    given(...history)
      .when(dispatch('0.007'), facts)
      .then([dispatched(5, 'L1', fresh), dispatched(2, 'L2', { ...soon, receivedAt: FEB })]);
    given(...history)
      .when(dispatch('0.007'), factsOf({}, { allocationPolicy: 'FEFO' }))
      .then([dispatched(5, 'L2', { ...soon, receivedAt: FEB }), dispatched(2, 'L1', fresh)]);
  });

  test('passes over what is not approved, expired, reserved or on hold', () => {
    given(
      [JAN, received(1, 'Q', { qcStatus: 'QUARANTINE' })],
      [JAN, received(1, 'OLD', { expiresOn: '2026-06-14' })],
      [JAN, received(3, 'L1')],
      reserved(1, 'L1'),
      held(1, 'L1'),
    )
      .when(dispatch('0.001'), facts)
      .then([dispatched(1, 'L1')]);
  });

  test.each<[string, Partial<Data<'StockReceived.v2'>>]>([
    ['in quarantine', { qcStatus: 'QUARANTINE' }],
    ['rejected', { qcStatus: 'REJECTED', lotRevision: 2 }],
    ['recalled', { qcStatus: 'RECALLED', lotRevision: 2 }],
    ['expired', { expiresOn: '2026-06-14' }],
  ])('a lot that is named, %s or not', (_, what) => {
    given([JAN, received(5, 'L1', what)])
      .when(dispatch('0.005', { lotCode: 'L1' }), facts)
      .then([
        dispatched(5, 'L1', {
          expiresOn: what.expiresOn ?? null,
          qcStatus: what.qcStatus ?? 'APPROVED',
          lotRevision: what.lotRevision ?? null,
        }),
      ]);
  });

  test('immediately: all of it is received in the same append', () => {
    given([JAN, received(5, 'L1')], [FEB, received(5, 'L2')])
      .when(dispatch('0.006', { immediate: true }), facts)
      .then([
        dispatched(5, 'L1'),
        dispatched(1, 'L2', { receivedAt: FEB }),
        ...from(6, came(5, 'L1'), came(1, 'L2', { receivedAt: FEB })),
      ]);
  });

  test('a later transfer has an id of its own, ended ones or not', () => {
    const second = { transferId: 'RICE-001@NORTH.T2' };
    given([JAN, received(5)], dispatched(1))
      .when(dispatch('0.001'), facts)
      .then([dispatched(1, null, second)]);
    given([JAN, received(5)], dispatched(1), back(1))
      .when(dispatch('0.001'), facts)
      .then([dispatched(1, null, second)]);
  });

  test('a reservation whose time is over gives way', () => {
    const expiresAt = '2026-06-15T07:59:59.999Z';
    given([JAN, received(5)], reserved(5, null, NORTH, { expiresAt }))
      .when(dispatch('0.005'), facts)
      .then([
        {
          type: 'ReservationExpired',
          data: {
            ...NORTH,
            ...measured,
            reservationId: 'RICE-001@NORTH.R1',
            allocations: [{ lotCode: null, quantity: 5 }],
            short: 0,
            expiresAt,
          },
        },
        dispatched(5),
      ]);
  });

  test.each<[string, StockCode, StockEvent[], StockCommand, StockFacts]>([
    ['unknown item', 'ITEM_NOT_FOUND', [], dispatch('x'), { ...facts, item: null }],
    ['unknown location', 'LOCATION_NOT_FOUND', [], dispatch('x'), factsOf({ location: null })],
    [
      'closed period',
      'PERIOD_CLOSED',
      [],
      dispatch('x'),
      factsOf({ closedThrough: '2026-05-31' }, { active: false }),
    ],
    ['no number', 'QUANTITY_INVALID', [], dispatch('x'), factsOf({}, { active: false })],
    ['nothing', 'QUANTITY_INVALID', [], dispatch('0'), facts],
    ['less than nothing', 'QUANTITY_INVALID', [], dispatch('-1'), facts],
    ['too precise', 'QUANTITY_TOO_PRECISE', [], dispatch('0.0001'), facts],
    ['too large', 'QUANTITY_TOO_LARGE', [], dispatch('9007199254741'), facts],
    ['unknown unit', 'UNIT_UNKNOWN', [], dispatch('1', { unit: 'box' }), facts],
    [
      'inactive item',
      'ITEM_INACTIVE',
      [],
      dispatch('1'),
      factsOf({ location: { active: false } }, { active: false }),
    ],
    [
      'inactive place',
      'LOCATION_INACTIVE',
      [],
      dispatch('1', { to: 'NORTH' }),
      factsOf({ location: { active: false } }),
    ],
    [
      'to itself',
      'TRANSFER_TO_ITSELF',
      [],
      dispatch('1', { to: 'NORTH' }),
      factsOf({ destination: null }),
    ],
    [
      'unknown destination',
      'LOCATION_NOT_FOUND',
      [],
      dispatch('1', { lotCode: 'NO' }),
      factsOf({ destination: null }),
    ],
    [
      'inactive destination',
      'LOCATION_INACTIVE',
      [],
      dispatch('1', { lotCode: 'NO' }),
      factsOf({ destination: { active: false } }),
    ],
    ['unknown lot', 'LOT_NOT_FOUND', [received(5)], dispatch('1', { lotCode: 'L1' }), facts],
    ['nothing there', 'INSUFFICIENT_STOCK', [], dispatch('0.001'), facts],
    ['one too many', 'INSUFFICIENT_STOCK', [received(5)], dispatch('0.006'), facts],
    [
      'one too many of the lot, other lots aside',
      'INSUFFICIENT_STOCK',
      [received(5, 'L1'), received(5, 'L2')],
      dispatch('0.006', { lotCode: 'L1' }),
      facts,
    ],
    [
      'of the lot only what is neither reserved ...',
      'INSUFFICIENT_STOCK',
      [received(5, 'L1'), reserved(1, 'L1')],
      dispatch('0.005', { lotCode: 'L1' }),
      facts,
    ],
    [
      '... nor on hold',
      'INSUFFICIENT_STOCK',
      [received(5, 'L1', { qcStatus: 'QUARANTINE' }), held(1, 'L1')],
      dispatch('0.005', { lotCode: 'L1' }),
      facts,
    ],
    [
      'nothing is approved',
      'NO_QC_APPROVED_LOT',
      [received(5, 'L1', { qcStatus: 'QUARANTINE' })],
      dispatch('0.001'),
      facts,
    ],
    [
      'too little is approved',
      'INSUFFICIENT_APPROVED_STOCK',
      [received(5, 'L1', { qcStatus: 'QUARANTINE' }), received(2, 'L2')],
      dispatch('0.003'),
      facts,
    ],
    [
      'on its way already',
      'INSUFFICIENT_STOCK',
      [received(5), dispatched(5)],
      dispatch('0.001'),
      facts,
    ],
  ])('refused: %s', (_, code, history, command, known) => {
    given(...history)
      .when(command, known)
      .then(code);
  });

  test('says how much of a lot that may not be used could be moved', () => {
    const history = [received(5, 'L1', { qcStatus: 'REJECTED' }), held(2, 'L1')];
    const verdict = stock.decide(
      dispatch('0.004', { lotCode: 'L1' }),
      stateAfter(stock, history),
      facts,
    );
    expect(verdict.accepted ? '' : verdict.refusal.detail).toContain('ask for at most 0.003');
  });
});

describe('receiving', () => {
  const two = [received(9, 'L1'), received(9, 'L2'), dispatched(5, 'L1'), dispatched(3, 'L2')];

  test('the whole', () => {
    given(received(9), dispatched(5))
      .when(receive(), facts)
      .then([came(5)]);
    given(...two)
      .when(receive(), facts)
      .then(from(8, came(5, 'L1'), came(3, 'L2')));
  });

  test('in part, in the order of dispatch, until nothing is outstanding', () => {
    given(...two)
      .when(receive({ quantity: '0.006' }), facts)
      .then(from(8, came(5, 'L1'), came(1, 'L2')));
    given(...two, ...from(8, came(5, 'L1'), came(1, 'L2')))
      .when(receive({ quantity: '0.002' }), facts)
      .then(from(2, came(2, 'L2')));
    given(...two, ...from(8, came(5, 'L1'), came(1, 'L2'), came(2, 'L2')))
      .when(receive(), facts)
      .then('TRANSFER_ENDED');
  });

  test('one lot of it', () => {
    given(...two)
      .when(receive({ lotCode: 'L2' }), facts)
      .then(from(8, came(3, 'L2')));
    given(...two, ...from(8, came(3, 'L2')))
      .when(receive(), facts)
      .then([came(5, 'L1')]);
    given(...two)
      .when(receive({ lotCode: 'L2', quantity: '0.001' }), facts)
      .then(from(8, came(1, 'L2')));
  });

  test('what is missing is written off; what is said of neither stays outstanding', () => {
    given(...two)
      .when(receive({ missing: '0.001' }), facts)
      .then(from(8, came(5, 'L1'), came(2, 'L2'), lost(1, 'L2')));
    given(...two)
      .when(receive({ lotCode: 'L1', quantity: '0.003', missing: '0.001' }), facts)
      .then(from(8, came(3, 'L1'), lost(1, 'L1')));
    given(...two)
      .when(receive({ quantity: '0.003', missing: '0.001' }), facts)
      .then(from(8, came(3, 'L1'), lost(1, 'L1')));
    given(...two, ...from(8, came(3, 'L1'), lost(1, 'L1')))
      .when(receive(), facts)
      .then(from(4, came(1, 'L1'), came(3, 'L2')));
  });

  test('all of it may be missing, in whatever notation nothing is written', () => {
    given(...two)
      .when(receive({ missing: '0.008' }), facts)
      .then(from(8, lost(5, 'L1'), lost(3, 'L2')));
    for (const quantity of ['0', '0.00', '0.000']) {
      given(...two)
        .when(receive({ quantity, missing: '0.003', lotCode: 'L2' }), facts)
        .then(from(8, lost(3, 'L2')));
    }
    given(...two)
      .when(receive({ quantity: '0.008', missing: '0' }), facts)
      .then(from(8, came(5, 'L1'), came(3, 'L2')));
  });

  test('in another unit', () => {
    given(received(60_000), dispatched(50_000))
      .when(receive({ quantity: '1', missing: '1', unit: 'sack' }), facts)
      .then(from(50000, came(25_000), lost(25_000)));
  });

  test('with what the lot was when it left, whatever became of it here since', () => {
    const then = { expiresOn: '2027-01-31', lotRevision: 1, receivedAt: FEB };
    given(
      [FEB, received(5, 'L1', { expiresOn: '2027-01-31', lotRevision: 1 })],
      dispatched(5, 'L1', then),
      told(2, { qcStatus: 'REJECTED' }, NORTH),
    )
      .when(receive(), facts)
      .then([came(5, 'L1', then)]);
  });

  test('goes on where item and place are inactive', () => {
    given(...two)
      .when(receive(), factsOf({ location: { active: false } }, { active: false }))
      .then(from(8, came(5, 'L1'), came(3, 'L2')));
  });

  test.each<[string, StockCode, StockEvent[], StockCommand, StockFacts?]>([
    ['unknown item', 'ITEM_NOT_FOUND', [], receive(), { ...facts, item: null }],
    ['unknown place', 'LOCATION_NOT_FOUND', [], receive(), factsOf({ location: null })],
    [
      'closed period',
      'PERIOD_CLOSED',
      two,
      receive({ quantity: 'x' }),
      factsOf({ closedThrough: '2026-05-31' }),
    ],
    ['no number', 'QUANTITY_INVALID', [], receive({ quantity: 'x' })],
    ['nothing has come, nothing is missing', 'QUANTITY_INVALID', two, receive({ quantity: '0' })],
    ['less than nothing', 'QUANTITY_INVALID', two, receive({ quantity: '-0.001' })],
    [
      'less than nothing beside what is missing',
      'QUANTITY_INVALID',
      two,
      receive({ quantity: '-0.001', missing: '0.002' }),
    ],
    ['less than nothing is missing', 'QUANTITY_INVALID', two, receive({ missing: '-0.001' })],
    ['missing, too precise', 'QUANTITY_TOO_PRECISE', two, receive({ missing: '0.0001' })],
    ['unknown unit', 'UNIT_UNKNOWN', two, receive({ missing: '1', unit: 'box' })],
    ['no such transfer', 'TRANSFER_NOT_FOUND', [received(9)], receive()],
    [
      'not yet such a transfer',
      'TRANSFER_NOT_FOUND',
      two,
      receive({ transferId: 'RICE-001@NORTH.T2' }),
    ],
    ['no id of a transfer', 'TRANSFER_NOT_FOUND', two, receive({ transferId: 'T1' })],
    [
      'the id of a reservation',
      'TRANSFER_NOT_FOUND',
      two,
      receive({ transferId: 'RICE-001@NORTH.R1' }),
    ],
    [
      'all has come',
      'TRANSFER_ENDED',
      [received(9), dispatched(5), came(5)],
      receive({ quantity: '0.001', lotCode: 'L9' }),
    ],
    [
      'all is lost',
      'TRANSFER_ENDED',
      [received(9), dispatched(5), ...from(5, came(4), lost(1))],
      receive(),
    ],
    ['called off', 'TRANSFER_ENDED', [received(9), dispatched(5), back(5)], receive()],
    ['a lot that it has not', 'LOT_NOT_FOUND', two, receive({ lotCode: 'L3', quantity: '9' })],
    [
      'a lot that has come',
      'LOT_NOT_FOUND',
      [...two, ...from(8, came(5, 'L1'))],
      receive({ lotCode: 'L1' }),
    ],
    ['one too many', 'TRANSFER_EXCEEDED', two, receive({ quantity: '0.009' })],
    [
      'one too many of the lot',
      'TRANSFER_EXCEEDED',
      two,
      receive({ quantity: '0.004', lotCode: 'L2' }),
    ],
    ['one too many missing', 'TRANSFER_EXCEEDED', two, receive({ missing: '0.009' })],
    [
      'one too many together',
      'TRANSFER_EXCEEDED',
      two,
      receive({ quantity: '0.005', missing: '0.004' }),
    ],
    [
      'one more than has not come yet',
      'TRANSFER_EXCEEDED',
      [...two, ...from(8, came(5, 'L1'))],
      receive({ quantity: '0.004' }),
    ],
  ])('refused: %s', (_, code, history, command, known = facts) => {
    given(...history)
      .when(command, known)
      .then(code);
  });
});

describe('calling off', () => {
  const sent = [
    [JAN, received(9, 'L1')],
    [FEB, received(9, 'L2')],
    dispatched(9, 'L1'),
    dispatched(3, 'L2', { receivedAt: FEB }),
  ] as const;

  test('brings back what is outstanding, and only that', () => {
    given(...sent)
      .when(cancel(), facts)
      .then(from(12, back(9, 'L1'), back(3, 'L2', FEB)));
    given(...sent, ...from(12, came(9, 'L1'), lost(1, 'L2')))
      .when(cancel(), facts)
      .then(from(2, back(2, 'L2', FEB)));
  });

  test('goods are back with the day they first came, before those that came meanwhile', () => {
    const MAR = '2026-03-01T00:00:00.000Z';
    const [whole] = from(12, back(9, 'L1'));
    const [part] = from(12, back(4, 'L1'));
    if (!whole || !part) throw new Error('no events');
    const refilled = stateAfter(stock, [...sent, [FEB, received(1, 'L1')], [MAR, whole]]);
    expect(lotOf(refilled.lots, 'L1')).toMatchObject({ onHand: 10, receivedAt: JAN });
    const emptied = stateAfter(stock, [...sent, [MAR, part]]);
    expect(lotOf(emptied.lots, 'L1')).toMatchObject({ onHand: 4, receivedAt: JAN });
  });

  test('what was refused meanwhile is back as what it is now', () => {
    const state = stateAfter(stock, [
      ...sent,
      told(2, { qcStatus: 'REJECTED' }, NORTH),
      ...from(12, back(9, 'L1')),
    ]);
    expect(lotOf(state.lots, 'L1')).toMatchObject({ onHand: 9, qcStatus: 'REJECTED' });
  });

  test('goes on where item and place are inactive', () => {
    given(...sent)
      .when(cancel(), factsOf({ location: { active: false } }, { active: false }))
      .then(from(12, back(9, 'L1'), back(3, 'L2', FEB)));
  });

  test.each<[string, StockCode, StockEvent[], StockCommand, StockFacts?]>([
    ['unknown item', 'ITEM_NOT_FOUND', [], cancel(), { ...facts, item: null }],
    ['unknown place', 'LOCATION_NOT_FOUND', [], cancel(), factsOf({ location: null })],
    ['closed period', 'PERIOD_CLOSED', [], cancel(), factsOf({ closedThrough: '2026-05-31' })],
    ['no such transfer', 'TRANSFER_NOT_FOUND', [received(9)], cancel()],
    ['no id', 'TRANSFER_NOT_FOUND', [received(9), dispatched(1)], cancel('')],
    ['called off before', 'TRANSFER_ENDED', [received(9), dispatched(5), back(5)], cancel()],
    ['all has come', 'TRANSFER_ENDED', [received(9), dispatched(5), came(5)], cancel()],
    [
      'more than a place can hold',
      'QUANTITY_TOO_LARGE',
      [received(5), dispatched(5), received(MAX_QUANTITY - 4)],
      cancel(),
    ],
  ])('refused: %s', (_, code, history, command, known = facts) => {
    given(...history)
      .when(command, known)
      .then(code);
  });
});

describe('arriving', () => {
  test('into the pool, and as a lot with the day it first came', () => {
    given()
      .when(accept(5), facts)
      .then([arrived(5)]);
    const lot = { receivedAt: FEB, expiresOn: '2027-01-31', lotRevision: 3 };
    given()
      .when(accept(5, 'L1', lot), facts)
      .then([arrived(5, 'L1', lot)]);
    const state = stateAfter(stock, [
      ['2026-03-01T00:00:00.000Z', received(1, 'L2')],
      ['2026-04-01T00:00:00.000Z', arrived(5, 'L1', lot)],
    ]);
    expect(lotOf(state.lots, 'L1')).toMatchObject({ receivedAt: FEB, held: 0 });
  });

  test.each<[string, Wishes<'AcceptArrival'>, Partial<StockFacts>, Partial<Data<'StockArrived'>>]>([
    ['at an inactive place', {}, { location: { active: false } }, {}],
    ['at a place that is not there', {}, { location: null }, {}],
    ['rejected', { qcStatus: 'REJECTED' }, {}, { qcStatus: 'REJECTED' }],
    ['recalled', { qcStatus: 'RECALLED' }, {}, { qcStatus: 'RECALLED' }],
    [
      'rejected by its own stream meanwhile',
      { lotRevision: 1 },
      { lot: { qcStatus: 'REJECTED', expiresOn: null, revision: 2, here: false } },
      { qcStatus: 'REJECTED', lotRevision: 2 },
    ],
  ])('on hold: %s', (_, data, known, expected) => {
    given()
      .when(accept(5, 'L1', data), factsOf(known))
      .then([arrived(5, 'L1', { onHold: true, ...expected })]);
    const state = stateAfter(stock, [arrived(5, 'L1', { onHold: true, ...expected })]);
    expect(lotOf(state.lots, 'L1')).toMatchObject({ onHand: 5, held: 5 });
  });

  test('not on hold: what waits for quality control, or has expired; its status keeps it from use', () => {
    given()
      .when(accept(5, 'L1', { qcStatus: 'QUARANTINE', expiresOn: '2026-06-14' }), facts)
      .then([arrived(5, 'L1', { qcStatus: 'QUARANTINE', expiresOn: '2026-06-14' })]);
  });

  test('is never refused: not for an unknown item, an inactive one, or closed books', () => {
    given()
      .when(accept(5), { ...facts, item: null, closedThrough: '2026-12-31' })
      .then([arrived(5)]);
    given()
      .when(accept(5), factsOf({}, { active: false, tracking: 'lot' }))
      .then([arrived(5)]);
  });

  test('but for more than any place can hold', () => {
    given(arrived(MAX_QUANTITY - 5))
      .when(accept(5), facts)
      .then([arrived(5)]);
    given(arrived(MAX_QUANTITY - 4))
      .when(accept(5), facts)
      .then('QUANTITY_TOO_LARGE');
  });

  const APPROVED = { qcStatus: 'APPROVED' } as const;
  const REJECTED = { qcStatus: 'REJECTED' } as const;
  type Word = Partial<Data<'LotStatusApplied'>>;
  test.each<[string, StockEvent[], Word, StockFacts['lot'], Word, boolean]>([
    [
      'what this place was told, if it is newer',
      [told(5, REJECTED)],
      { ...APPROVED, lotRevision: 4 },
      null,
      { ...REJECTED, lotRevision: 5 },
      true,
    ],
    [
      'what the goods bring, if it is newer',
      [told(5, REJECTED)],
      { ...APPROVED, lotRevision: 6 },
      null,
      { ...APPROVED, lotRevision: 6 },
      false,
    ],
    [
      'what the lot itself says, if it is newest',
      [told(5, APPROVED)],
      { ...APPROVED, lotRevision: 6 },
      { qcStatus: 'RECALLED', expiresOn: null, revision: 7, here: true },
      { qcStatus: 'RECALLED', lotRevision: 7 },
      true,
    ],
    [
      'not an old look at the lot',
      [told(5, REJECTED)],
      { ...APPROVED, lotRevision: 4 },
      { qcStatus: 'APPROVED', expiresOn: null, revision: 3, here: true },
      { ...REJECTED, lotRevision: 5 },
      true,
    ],
    [
      'any word of the lot before that of a receipt',
      [told(0, { expiresOn: '2027-01-01' })],
      { qcStatus: 'QUARANTINE', expiresOn: '2026-12-01' },
      null,
      { expiresOn: '2027-01-01', lotRevision: 0 },
      false,
    ],
    [
      'also its first word, and where the receipt was here',
      [arrived(1, 'L1', { qcStatus: 'QUARANTINE' })],
      { ...APPROVED, lotRevision: 0 },
      null,
      { ...APPROVED, lotRevision: 0 },
      false,
    ],
  ])('the highest revision wins: %s', (_, history, data, lot, expected, onHold) => {
    const full = { expiresOn: null, qcStatus: 'APPROVED', lotRevision: null } as const;
    given(...history)
      .when(accept(5, 'L1', { ...full, ...data }), factsOf({ lot: lot ?? null }))
      .then([arrived(5, 'L1', { ...expected, onHold })]);
  });

  test('of two words of receipts the stricter status and the earlier expiry stand', () => {
    const here = (qcStatus: 'APPROVED' | 'QUARANTINE', expiresOn: string | null) =>
      arrived(1, 'L1', { qcStatus, expiresOn });
    const cautious = { qcStatus: 'QUARANTINE', expiresOn: '2026-12-01' } as const;
    given(here('APPROVED', '2026-12-01'))
      .when(accept(5, 'L1', { qcStatus: 'QUARANTINE', expiresOn: '2027-01-01' }), facts)
      .then([arrived(5, 'L1', cautious)]);
    given(here('QUARANTINE', null))
      .when(accept(5, 'L1', { expiresOn: '2026-12-01' }), facts)
      .then([arrived(5, 'L1', cautious)]);
  });

  describe('of a lot that may not be used, where some of it is reserved', () => {
    const before = [
      arrived(4, 'L1', { lotRevision: 1 }),
      arrived(3, 'L2'),
      reserved(4, 'L1', SOUTH),
    ];
    const moved = (rest: Partial<Data<'AllocationsMoved'>>): StockEvent => ({
      type: 'AllocationsMoved',
      data: {
        ...SOUTH,
        ...measured,
        reservationId: 'RICE-001@SOUTH.R1',
        from: [{ lotCode: 'L1', quantity: 4 }],
        to: [{ lotCode: 'L2', quantity: 3 }],
        short: 1,
        cause: 'LOT_NOT_APPROVED',
        ...rest,
      },
    });

    test('the news moves the allocations away, as it would by itself', () => {
      given(...before)
        .when(accept(5, 'L1', { ...REJECTED, lotRevision: 2 }), facts)
        .then([arrived(5, 'L1', { ...REJECTED, lotRevision: 2, onHold: true }), moved({})]);
    });

    test('so does an expiry that was corrected', () => {
      const expired = { expiresOn: '2026-06-14', lotRevision: 2 };
      given(...before)
        .when(accept(5, 'L1', expired), facts)
        .then([arrived(5, 'L1', expired), moved({ cause: 'LOT_EXPIRED' })]);
    });

    test('they stay where the goods bring nothing new', () => {
      given(...before)
        .when(accept(5, 'L1', { lotRevision: 1 }), facts)
        .then([arrived(5, 'L1', { lotRevision: 1 })]);
    });
  });
});
