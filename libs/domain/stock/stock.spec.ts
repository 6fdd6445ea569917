import { givenFor, stateAfter, type Happened } from '../../../test/support/given';
import { isExpired } from './lots';
import { MAX_QUANTITY } from '../quantity';
import {
  lotsOf,
  stock,
  type StockCode,
  type StockCommand,
  type StockEvent,
  type StockEventOf,
  type StockFacts,
} from '.';

const given = givenFor(stock);

type KnownItem = NonNullable<StockFacts['item']>;
const rice: KnownItem = {
  unit: 'kg',
  decimals: 3,
  active: true,
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FIFO',
};
const TODAY = '2026-06-15';
const factsOf = (item: Partial<KnownItem> = {}, rest: Partial<StockFacts> = {}): StockFacts => ({
  item: { ...rice, ...item },
  location: { active: true },
  localDate: TODAY,
  now: `${TODAY}T12:00:00.000Z`,
  actor: 'ada',
  generatedLotCode: 'GENERATED-1',
  ...rest,
});
const facts = factsOf();

type Received = StockEventOf<'StockReceived.v2'>['data'];
type Issued = StockEventOf<'StockIssued.v2'>['data'];
type Adjusted = StockEventOf<'StockAdjusted.v2'>['data'];
const moved = {
  sku: 'RICE-001',
  location: 'NORTH',
  lotCode: null,
  unit: 'kg',
  decimals: 3,
  reference: null,
  entered: null,
};
const received = (quantity: number, rest: Partial<Received> = {}): StockEvent => ({
  type: 'StockReceived.v2',
  data: {
    ...moved,
    quantity,
    purpose: 'OTHER',
    expiresOn: null,
    qcStatus: 'APPROVED',
    unitCost: null,
    lotRevision: null,
    supplierLot: null,
    manufacturedOn: null,
    parentLots: [],
    qcRequired: rest.qcStatus === 'QUARANTINE',
    ...rest,
  },
});
const issued = (quantity: number, rest: Partial<Issued> = {}): StockEvent => ({
  type: 'StockIssued.v2',
  data: { ...moved, quantity, purpose: 'OTHER', reservationId: null, fromHold: 0, ...rest },
});
const adjusted = (quantity: number, rest: Partial<Adjusted> = {}): StockEvent => ({
  type: 'StockAdjusted.v2',
  data: { ...moved, quantity, purpose: 'CORRECTION', fromHold: 0, ...rest },
});

type Wishes<T extends StockCommand['type']> = Partial<Extract<StockCommand, { type: T }>['data']>;
const ids = { sku: 'RICE-001', location: 'NORTH' };
const receive = (quantity: string, rest: Wishes<'ReceiveStock'> = {}): StockCommand => ({
  type: 'ReceiveStock',
  data: { ...ids, quantity, ...rest },
});
const issue = (quantity: string, rest: Wishes<'IssueStock'> = {}): StockCommand => ({
  type: 'IssueStock',
  data: { ...ids, quantity, ...rest },
});
const adjust = (quantity: string, rest: Wishes<'AdjustStock'> = {}): StockCommand => ({
  type: 'AdjustStock',
  data: { ...ids, quantity, ...rest },
});

const lot = (lotCode: string, rest: Partial<Received> = {}) => ({ lotCode, ...rest });
const inQuarantine = { qcStatus: 'QUARANTINE' } as const;
const fresh = { expiresOn: TODAY } as const;
const stale = { expiresOn: '2026-06-14' } as const;

describe('receiving', () => {
  test('into the pool', () => {
    given()
      .when(receive('1.250'), facts)
      .then([received(1_250)]);
    given(received(1))
      .when(receive('0.001'), facts)
      .then([received(1)]);
  });

  test('with everything there is', () => {
    const unitCost = { amount: '12.3456', currency: 'EUR' };
    given()
      .when(
        receive('2', {
          lotCode: 'L1',
          expiresOn: '2027-01-31',
          unitCost,
          purpose: 'PURCHASE',
          reference: 'PO-7',
        }),
        facts,
      )
      .then([
        received(2_000, {
          lotCode: 'L1',
          expiresOn: '2027-01-31',
          unitCost,
          purpose: 'PURCHASE',
          reference: 'PO-7',
        }),
      ]);
  });

  test.each<[string, Wishes<'ReceiveStock'>, Partial<KnownItem>, Partial<Received>]>([
    ['no code, no need for one', {}, {}, {}],
    ['quality control of the item', {}, { qcRequired: true }, lot('GENERATED-1', inQuarantine)],
    ['quality control of the receipt', { qcRequired: true }, {}, lot('GENERATED-1', inQuarantine)],
    [
      'the stricter of both',
      { qcRequired: false },
      { qcRequired: true },
      lot('GENERATED-1', inQuarantine),
    ],
    ['no quality control', { qcRequired: false }, {}, {}],
    ['an expiry', { expiresOn: '2027-01-31' }, {}, lot('GENERATED-1', { expiresOn: '2027-01-31' })],
    ['a code of its own', { lotCode: 'L1', qcRequired: true }, {}, lot('L1', inQuarantine)],
    ['a code where none is needed', { lotCode: 'L1' }, {}, lot('L1')],
    ['the code that tracking wants', { lotCode: 'L1' }, { tracking: 'lot' }, lot('L1')],
    ['expired on arrival', { lotCode: 'L1', ...stale }, {}, lot('L1', stale)],
  ])('%s', (_, wishes, item, expected) => {
    given()
      .when(receive('1', wishes), factsOf(item))
      .then([received(1_000, expected)]);
  });

  test.each<
    [string, Partial<Received>, Wishes<'ReceiveStock'>, Partial<KnownItem>, Partial<Received>]
  >([
    ['its expiry is known', lot('L1', fresh), { lotCode: 'L1' }, {}, lot('L1', fresh)],
    ['its expiry said again', lot('L1', fresh), { lotCode: 'L1', ...fresh }, {}, lot('L1', fresh)],
    [
      'it stays in quarantine',
      lot('L1', inQuarantine),
      { lotCode: 'L1' },
      {},
      lot('L1', { ...inQuarantine, qcRequired: false }),
    ],
    [
      'it is to be controlled again',
      lot('L1'),
      { lotCode: 'L1' },
      { qcRequired: true },
      lot('L1', inQuarantine),
    ],
    [
      'another lot has nothing to do with it',
      lot('L2', { ...fresh, ...inQuarantine }),
      { lotCode: 'L1' },
      {},
      lot('L1'),
    ],
  ])('more of a lot: %s', (_, before, wishes, item, expected) => {
    given(received(1, before))
      .when(receive('1', wishes), factsOf(item))
      .then([received(1_000, expected)]);
  });

  test('more of a lot that was empty for a while', () => {
    given(received(5, lot('L1', fresh)), issued(5, { lotCode: 'L1' }))
      .when(receive('1', { lotCode: 'L1' }), facts)
      .then([received(1_000, lot('L1', fresh))]);
  });

  test('up to the very last unit', () => {
    given(received(MAX_QUANTITY - 1_000))
      .when(receive('1'), facts)
      .then([received(1_000)]);
    given()
      .when(receive('9007199254740.991'), facts)
      .then([received(MAX_QUANTITY)]);
  });
});

describe('issuing', () => {
  test('from the pool, to the last unit', () => {
    given(received(5))
      .when(issue('0.003'), facts)
      .then([issued(3)]);
    given(received(5))
      .when(issue('0.005'), facts)
      .then([issued(5)]);
    given(received(5), issued(4))
      .when(issue('0.001'), facts)
      .then([issued(1)]);
  });

  test('with everything there is', () => {
    given(received(5, lot('L1')))
      .when(issue('0.005', { lotCode: 'L1', purpose: 'SALE', reference: 'SO-7' }), facts)
      .then([issued(5, { lotCode: 'L1', purpose: 'SALE', reference: 'SO-7' })]);
  });

  test('the lot that is named, however many others there are', () => {
    given(received(5, lot('L1')), received(5, lot('L2')), received(5))
      .when(issue('0.005', { lotCode: 'L2' }), facts)
      .then([issued(5, { lotCode: 'L2' })]);
  });

  test('a tracked item without naming the lot', () => {
    given(received(5, lot('L1')))
      .when(issue('0.005'), factsOf({ tracking: 'lot' }))
      .then([issued(5, { lotCode: 'L1' })]);
  });

  test('an inactive item from an inactive place, so that it can be cleared', () => {
    given(received(5))
      .when(issue('0.005'), factsOf({ active: false }, { location: { active: false } }))
      .then([issued(5)]);
  });

  const order = (policy: KnownItem['allocationPolicy'], ...history: Happened<StockEvent>[]) => {
    const state = stateAfter(stock, history);
    const verdict = stock.decide(
      issue(`0.${String(state.onHand).padStart(3, '0')}`),
      state,
      factsOf({ allocationPolicy: policy }),
    );
    return verdict.accepted
      ? verdict.events.map(({ data }) => 'lotCode' in data && data.lotCode)
      : verdict.refusal.code;
  };
  const day = (n: number): string => `2026-02-0${n}T00:00:00.000Z`;
  const on = (n: number, event: StockEvent): Happened<StockEvent> => [day(n), event];
  const shelf = [
    on(2, received(1, lot('B', { expiresOn: '2026-08-01' }))),
    on(1, received(1, lot('A', { expiresOn: '2026-09-01' }))),
    on(4, received(1, lot('D'))),
    on(3, received(1, lot('C', { expiresOn: '2026-07-01' }))),
  ];

  test.each<[string, KnownItem['allocationPolicy'], Happened<StockEvent>[], (string | null)[]]>([
    ['FIFO: first arrived', 'FIFO', shelf, ['A', 'B', 'C', 'D']],
    ['LIFO: last arrived', 'LIFO', shelf, ['D', 'C', 'B', 'A']],
    ['FEFO: first expired, without expiry last', 'FEFO', shelf, ['C', 'B', 'A', 'D']],
    [
      'FIFO on one day: as recorded',
      'FIFO',
      [on(1, received(1, lot('B'))), on(1, received(1, lot('A')))],
      ['B', 'A'],
    ],
    [
      'LIFO on one day: the last recorded',
      'LIFO',
      [on(1, received(1, lot('B'))), on(1, received(1, lot('A')))],
      ['A', 'B'],
    ],
    [
      'FEFO with one expiry: first arrived',
      'FEFO',
      [on(2, received(1, lot('B', fresh))), on(1, received(1, lot('A', fresh)))],
      ['A', 'B'],
    ],
    [
      'FEFO: the last day there is comes before none',
      'FEFO',
      [on(1, received(1, lot('A'))), on(2, received(1, lot('B', { expiresOn: '9999-12-31' })))],
      ['B', 'A'],
    ],
    [
      'the pool waits its turn',
      'FIFO',
      [on(2, received(1)), on(1, received(1, lot('A')))],
      ['A', null],
    ],
    [
      'more of a lot keeps its place',
      'FIFO',
      [on(1, received(1, lot('A'))), on(2, received(1, lot('B'))), on(3, received(1, lot('A')))],
      ['A', 'B'],
    ],
    [
      'more of a lot that arrived earlier takes it to the front',
      'FIFO',
      [on(2, received(1, lot('A'))), on(3, received(1, lot('B'))), on(1, received(1, lot('B')))],
      ['B', 'A'],
    ],
    [
      'a lot that was empty queues again',
      'FIFO',
      [
        on(1, received(1, lot('A'))),
        on(2, received(1, lot('B'))),
        on(3, issued(1, { lotCode: 'A' })),
        on(4, received(1, lot('A'))),
      ],
      ['B', 'A'],
    ],
    [
      'what is found begins to be there then',
      'FIFO',
      [
        on(1, received(1, lot('A'))),
        on(2, received(1, lot('B'))),
        on(3, adjusted(-1, { lotCode: 'A' })),
        on(4, adjusted(1, { lotCode: 'A' })),
      ],
      ['B', 'A'],
    ],
    [
      'taking some away leaves the place',
      'FIFO',
      [
        on(2, received(2, lot('A'))),
        on(3, received(1, lot('B'))),
        on(5, issued(1, { lotCode: 'A' })),
      ],
      ['A', 'B'],
    ],
    [
      'a late note of an issue does not age the lot',
      'FIFO',
      [
        on(3, received(2, lot('A'))),
        on(2, received(1, lot('B'))),
        on(1, issued(1, { lotCode: 'A' })),
      ],
      ['B', 'A'],
    ],
    [
      'an empty lot is passed over',
      'FIFO',
      [
        on(1, received(1, lot('A'))),
        on(2, received(1, lot('B'))),
        on(3, issued(1, { lotCode: 'A' })),
      ],
      ['B'],
    ],
  ])('in order: %s', (_, policy, history, lots) => {
    expect(order(policy, ...history)).toStrictEqual(lots);
  });

  test('touches as many lots as it takes, each its part', () => {
    given(received(3, lot('A')), received(2, lot('B')), received(4))
      .when(issue('0.006', { purpose: 'SALE', reference: 'SO-7' }), facts)
      .then([
        issued(3, { lotCode: 'A', purpose: 'SALE', reference: 'SO-7' }),
        issued(2, { lotCode: 'B', purpose: 'SALE', reference: 'SO-7' }),
        issued(1, { purpose: 'SALE', reference: 'SO-7' }),
      ]);
    given(received(3, lot('A')), received(2, lot('B')))
      .when(issue('0.003'), facts)
      .then([issued(3, { lotCode: 'A' })]);
  });

  test('leaves alone what is in quarantine or past its expiry', () => {
    given(
      received(3, lot('A', stale)),
      received(3, lot('B', inQuarantine)),
      received(3, lot('C', fresh)),
    )
      .when(issue('0.003'), facts)
      .then([issued(3, { lotCode: 'C' })]);
  });

  test('disposes of what nobody may use', () => {
    const history = [
      received(3, lot('A', stale)),
      received(3, lot('B', inQuarantine)),
      received(3),
    ];
    given(...history)
      .when(issue('0.007', { purpose: 'DISPOSAL' }), facts)
      .then([
        issued(3, { lotCode: 'A', purpose: 'DISPOSAL' }),
        issued(3, { lotCode: 'B', purpose: 'DISPOSAL' }),
        issued(1, { purpose: 'DISPOSAL' }),
      ]);
    given(...history)
      .when(issue('0.003', { purpose: 'DISPOSAL', lotCode: 'A' }), facts)
      .then([issued(3, { lotCode: 'A', purpose: 'DISPOSAL' })]);
  });
});

describe('adjusting', () => {
  test('up and down, to nothing', () => {
    given(received(5))
      .when(adjust('0.002'), facts)
      .then([adjusted(2)]);
    given(received(5))
      .when(adjust('-0.005'), facts)
      .then([adjusted(-5)]);
    given()
      .when(adjust('1'), facts)
      .then([adjusted(1_000)]);
  });

  test('a lot, with everything there is', () => {
    given(received(5, lot('L1')), received(5))
      .when(
        adjust('-0.005', { lotCode: 'L1', purpose: 'DAMAGE', reference: 'COUNT-7' }),
        factsOf({ tracking: 'lot' }),
      )
      .then([adjusted(-5, { lotCode: 'L1', purpose: 'DAMAGE', reference: 'COUNT-7' })]);
  });

  test('a lot that is empty, in quarantine or expired: what is there is there', () => {
    given(received(5, lot('L1')), issued(5, { lotCode: 'L1' }))
      .when(adjust('0.005', { lotCode: 'L1' }), facts)
      .then([adjusted(5, { lotCode: 'L1' })]);
    given(received(5, lot('L1', { ...stale, ...inQuarantine })))
      .when(adjust('-0.005', { lotCode: 'L1' }), facts)
      .then([adjusted(-5, { lotCode: 'L1' })]);
  });

  test('an inactive item at an inactive place', () => {
    given(received(5))
      .when(adjust('0.001'), factsOf({ active: false }, { location: { active: false } }))
      .then([adjusted(1)]);
  });

  test('up to the very last unit', () => {
    given(received(MAX_QUANTITY - 1))
      .when(adjust('0.001'), facts)
      .then([adjusted(1)]);
  });
});

const noItem = factsOf({}, { item: null });
const noLocation = factsOf({}, { location: null });
const nowhere = factsOf({}, { item: null, location: null });
const inactive = factsOf({ active: false });
const closed = factsOf({}, { location: { active: false } });
const tracked = factsOf({ tracking: 'lot' });
const five = received(5);

describe('refusals', () => {
  const cases: [string, readonly StockEvent[], StockCommand, StockFacts, StockCode][] = [
    ['receipt of an unknown item', [], receive('1'), noItem, 'ITEM_NOT_FOUND'],
    ['issue of an unknown item', [five], issue('0.001'), noItem, 'ITEM_NOT_FOUND'],
    ['adjustment of an unknown item', [five], adjust('0.001'), noItem, 'ITEM_NOT_FOUND'],
    ['no item before no location', [], receive('x'), nowhere, 'ITEM_NOT_FOUND'],
    ['receipt at an unknown location', [], receive('1'), noLocation, 'LOCATION_NOT_FOUND'],
    ['issue at an unknown location', [five], issue('0.001'), noLocation, 'LOCATION_NOT_FOUND'],
    ['adjustment at an unknown location', [five], adjust('1'), noLocation, 'LOCATION_NOT_FOUND'],
    ['no location before a bad quantity', [], receive('x'), noLocation, 'LOCATION_NOT_FOUND'],
    [
      'no location before an inactive item',
      [],
      receive('1'),
      factsOf({ active: false }, { location: null }),
      'LOCATION_NOT_FOUND',
    ],

    ['receipt of words', [], receive('ten'), facts, 'QUANTITY_INVALID'],
    ['receipt of nothing', [], receive('0'), facts, 'QUANTITY_INVALID'],
    ['receipt of nothing at length', [], receive('0.000'), facts, 'QUANTITY_INVALID'],
    ['receipt below 0', [five], receive('-0.001'), facts, 'QUANTITY_INVALID'],
    ['issue of nothing', [five], issue('0'), facts, 'QUANTITY_INVALID'],
    ['issue below 0', [five], issue('-0.001'), facts, 'QUANTITY_INVALID'],
    ['adjustment by nothing', [five], adjust('0'), facts, 'QUANTITY_INVALID'],
    ['adjustment by nothing below 0', [five], adjust('-0'), facts, 'QUANTITY_INVALID'],
    ['receipt too precise', [], receive('0.0001'), facts, 'QUANTITY_TOO_PRECISE'],
    ['half a piece', [], receive('0.5'), factsOf({ decimals: 0 }), 'QUANTITY_TOO_PRECISE'],
    ['issue too precise', [five], issue('0.0001'), facts, 'QUANTITY_TOO_PRECISE'],
    ['adjustment too precise', [five], adjust('-0.0001'), facts, 'QUANTITY_TOO_PRECISE'],
    ['receipt too large', [], receive('9007199254740.992'), facts, 'QUANTITY_TOO_LARGE'],
    ['issue too large', [five], issue('9007199254740.992'), facts, 'QUANTITY_TOO_LARGE'],
    [
      'receipt that fills the place over',
      [five],
      receive('9007199254740.991'),
      facts,
      'QUANTITY_TOO_LARGE',
    ],
    ['one unit too many', [received(MAX_QUANTITY)], receive('0.001'), facts, 'QUANTITY_TOO_LARGE'],
    [
      'one unit too many in another lot',
      [received(MAX_QUANTITY)],
      receive('0.001', { lotCode: 'L1' }),
      facts,
      'QUANTITY_TOO_LARGE',
    ],
    [
      'one unit too many found',
      [received(MAX_QUANTITY)],
      adjust('0.001'),
      facts,
      'QUANTITY_TOO_LARGE',
    ],
    ['a bad quantity before an inactive item', [], receive('0'), inactive, 'QUANTITY_INVALID'],
    ['a bad quantity before an inactive location', [], receive('0'), closed, 'QUANTITY_INVALID'],
    [
      'a bad quantity before an unknown lot',
      [five],
      issue('0', { lotCode: 'L9' }),
      facts,
      'QUANTITY_INVALID',
    ],
    ['a bad quantity before a missing lot code', [five], adjust('0'), tracked, 'QUANTITY_INVALID'],

    ['receipt of an inactive item', [five], receive('1'), inactive, 'ITEM_INACTIVE'],
    [
      'an inactive item before an inactive location',
      [],
      receive('1'),
      factsOf({ active: false }, { location: { active: false } }),
      'ITEM_INACTIVE',
    ],
    [
      'an inactive item before a missing lot code',
      [],
      receive('1'),
      factsOf({ active: false, tracking: 'lot' }),
      'ITEM_INACTIVE',
    ],
    ['receipt at an inactive location', [five], receive('1'), closed, 'LOCATION_INACTIVE'],
    [
      'an inactive location before too much',
      [received(MAX_QUANTITY)],
      receive('1'),
      closed,
      'LOCATION_INACTIVE',
    ],

    ['receipt without the lot it needs', [], receive('1'), tracked, 'LOT_CODE_REQUIRED'],
    [
      'an expiry alone makes no code for a tracked item',
      [],
      receive('1', { expiresOn: '2027-01-31' }),
      tracked,
      'LOT_CODE_REQUIRED',
    ],
    [
      'nor does quality control',
      [],
      receive('1'),
      factsOf({ tracking: 'lot', qcRequired: true }),
      'LOT_CODE_REQUIRED',
    ],
    ['adjustment without the lot it needs', [five], adjust('0.001'), tracked, 'LOT_CODE_REQUIRED'],
    ['a missing lot code before a shortage', [five], adjust('-1'), tracked, 'LOT_CODE_REQUIRED'],

    [
      'issue from an unknown lot',
      [five],
      issue('0.001', { lotCode: 'L9' }),
      facts,
      'LOT_NOT_FOUND',
    ],
    [
      'adjustment of an unknown lot',
      [five],
      adjust('1', { lotCode: 'L9' }),
      facts,
      'LOT_NOT_FOUND',
    ],
    [
      'an unknown lot of a tracked item',
      [five],
      adjust('1', { lotCode: 'L9' }),
      tracked,
      'LOT_NOT_FOUND',
    ],
    [
      'a lot of nothing',
      [],
      issue('1', { lotCode: 'L9', purpose: 'DISPOSAL' }),
      facts,
      'LOT_NOT_FOUND',
    ],
    [
      'a lot of another case',
      [received(5, lot('l1'))],
      issue('0.001', { lotCode: 'L1' }),
      facts,
      'LOT_NOT_FOUND',
    ],

    [
      'more of a lot with another expiry',
      [received(5, lot('L1', fresh))],
      receive('1', { lotCode: 'L1', expiresOn: '2026-06-16' }),
      facts,
      'LOT_EXPIRY_MISMATCH',
    ],
    [
      'more of a lot that had no expiry',
      [received(5, lot('L1'))],
      receive('1', { lotCode: 'L1', ...fresh }),
      facts,
      'LOT_EXPIRY_MISMATCH',
    ],
    [
      'also when nothing of it is left',
      [received(5, lot('L1', fresh)), issued(5, { lotCode: 'L1' })],
      receive('1', { lotCode: 'L1', expiresOn: '2026-06-16' }),
      facts,
      'LOT_EXPIRY_MISMATCH',
    ],
    [
      'issue from an expired lot',
      [received(5, lot('L1', stale))],
      issue('0.001', { lotCode: 'L1' }),
      facts,
      'LOT_EXPIRED',
    ],
    [
      'too much from an expired lot',
      [received(5, lot('L1', stale))],
      issue('1', { lotCode: 'L1' }),
      facts,
      'LOT_EXPIRED',
    ],
    [
      'an expired lot in quarantine',
      [received(5, lot('L1', { ...stale, ...inQuarantine }))],
      issue('0.001', { lotCode: 'L1' }),
      facts,
      'LOT_EXPIRED',
    ],
    [
      'all of it expired, no lot named',
      [received(5, lot('L1', stale))],
      issue('0.001'),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'an expired lot that is empty',
      [received(5, lot('L1', stale)), adjusted(-5, { lotCode: 'L1' })],
      issue('0.001', { lotCode: 'L1' }),
      facts,
      'INSUFFICIENT_STOCK',
    ],

    ['issue from nothing', [], issue('0.001'), facts, 'INSUFFICIENT_STOCK'],
    ['one unit too many', [five], issue('0.006'), facts, 'INSUFFICIENT_STOCK'],
    [
      'one unit too many after others',
      [five, issued(3)],
      issue('0.003'),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'over all lots together',
      [received(2, lot('A')), received(2, lot('B')), received(1)],
      issue('0.006'),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'more than the named lot has, however much there is elsewhere',
      [received(5, lot('L1')), received(500)],
      issue('0.006', { lotCode: 'L1' }),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'a named lot in the pool',
      [received(5, lot('L1')), issued(5, { lotCode: 'L1' }), five],
      issue('0.001', { lotCode: 'L1' }),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'enough only together with what is expired',
      [five, received(5, lot('L1', stale))],
      issue('0.006'),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'more than there is to dispose of',
      [received(5, lot('L1', { ...stale, ...inQuarantine }))],
      issue('0.006', { purpose: 'DISPOSAL' }),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'more than the expired lot to dispose of has',
      [received(5, lot('L1', { ...stale, ...inQuarantine }))],
      issue('0.006', { lotCode: 'L1', purpose: 'DISPOSAL' }),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'a closed day',
      [five],
      issue('0.001'),
      { ...facts, closedThrough: '2026-01-31' },
      'PERIOD_CLOSED',
    ],
    ['adjustment below 0', [five], adjust('-0.006'), facts, 'INSUFFICIENT_STOCK'],
    ['adjustment of nothing below 0', [], adjust('-0.001'), facts, 'INSUFFICIENT_STOCK'],
    [
      'adjustment of a lot below 0, however much there is elsewhere',
      [received(5, lot('L1')), received(500)],
      adjust('-0.006', { lotCode: 'L1' }),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'adjustment of the pool below 0, however much is in lots',
      [received(500, lot('L1'))],
      adjust('-0.001'),
      facts,
      'INSUFFICIENT_STOCK',
    ],

    [
      'nothing is approved',
      [received(5, lot('L1', inQuarantine))],
      issue('0.001'),
      facts,
      'NO_QC_APPROVED_LOT',
    ],
    [
      'nothing is approved, and it would be too little anyway',
      [received(5, lot('L1', inQuarantine))],
      issue('1'),
      facts,
      'NO_QC_APPROVED_LOT',
    ],
    [
      'the named lot is not approved, others are',
      [received(5, lot('L1', inQuarantine)), received(5)],
      issue('0.001', { lotCode: 'L1' }),
      facts,
      'NO_QC_APPROVED_LOT',
    ],
    [
      'what was approved is used up',
      [five, issued(5), received(5, lot('L1', inQuarantine))],
      issue('0.001'),
      facts,
      'NO_QC_APPROVED_LOT',
    ],
    [
      'a return to the supplier takes nothing that has expired',
      [received(5, lot('L1', { ...stale, ...inQuarantine }))],
      issue('0.001', { lotCode: 'L1', purpose: 'RETURN_TO_SUPPLIER' }),
      facts,
      'LOT_EXPIRED',
    ],
    [
      'enough only together with what is in quarantine',
      [five, received(5, lot('L1', inQuarantine))],
      issue('0.006'),
      facts,
      'INSUFFICIENT_APPROVED_STOCK',
    ],
    [
      'just enough together',
      [five, received(5, lot('L1', inQuarantine))],
      issue('0.010'),
      facts,
      'INSUFFICIENT_APPROVED_STOCK',
    ],
    [
      'not enough even together',
      [five, received(5, lot('L1', inQuarantine))],
      issue('0.011'),
      facts,
      'INSUFFICIENT_STOCK',
    ],
    [
      'expired quarantine helps nobody',
      [five, received(5, lot('L1', { ...stale, ...inQuarantine }))],
      issue('0.006'),
      facts,
      'INSUFFICIENT_STOCK',
    ],
  ];
  test.each(cases)('%s', (_, events, command, known, code) => {
    given(...events)
      .when(command, known)
      .then(code);
  });

  test('every code of receipts, issues and adjustments has a case', () => {
    const codes: Partial<Record<StockCode, true>> = {
      ITEM_NOT_FOUND: true,
      ITEM_INACTIVE: true,
      LOCATION_NOT_FOUND: true,
      LOCATION_INACTIVE: true,
      PERIOD_CLOSED: true,
      LOT_NOT_FOUND: true,
      LOT_CODE_REQUIRED: true,
      LOT_EXPIRED: true,
      LOT_EXPIRY_MISMATCH: true,
      INSUFFICIENT_STOCK: true,
      INSUFFICIENT_APPROVED_STOCK: true,
      NO_QC_APPROVED_LOT: true,
      QUANTITY_INVALID: true,
      QUANTITY_TOO_PRECISE: true,
      QUANTITY_TOO_LARGE: true,
    };
    expect(new Set(cases.map((row) => row[4]))).toStrictEqual(new Set(Object.keys(codes)));
  });

  test.each<[readonly StockEvent[], StockCommand, string]>([
    [
      [five],
      issue('0.006'),
      '0.005 kg of RICE-001 at NORTH are available, 0.006 asked for; ask for at most 0.005',
    ],
    [
      [five, received(5, lot('L1', inQuarantine))],
      issue('0.01'),
      '0.005 kg of RICE-001 at NORTH are approved and free, 0.01 asked for; ask for less, or approve more first',
    ],
    [
      [received(5, lot('L1', inQuarantine))],
      issue('1'),
      'no lot of RICE-001 at NORTH is approved; 0.005 kg await quality control or were refused by it; approve a lot first',
    ],
    [
      [received(5, lot('L1', stale))],
      issue('1', { lotCode: 'L1' }),
      'lot L1 expired on 2026-06-14; only a DISPOSAL may issue it',
    ],
    [
      [received(5, lot('L1', stale))],
      receive('1', { lotCode: 'L1', ...fresh }),
      'lot L1 expires on 2026-06-14, not 2026-06-15; check the date and the lot code',
    ],
    [
      [received(5, lot('L1'))],
      receive('1', { lotCode: 'L1', ...fresh }),
      'lot L1 has no expiry, not 2026-06-15; check the date and the lot code',
    ],
    [
      [five],
      adjust('-0.006'),
      '0.005 kg on hand, so 0.006 kg cannot be taken away; adjust by less, or count again',
    ],
  ])('tells what there is (%#)', (events, command, detail) => {
    const verdict = stock.decide(command, stateAfter(stock, events), facts);
    expect(verdict).toMatchObject({ refusal: { detail } });
  });
});

describe('what may be used', () => {
  test.each([
    [null, false],
    ['2026-06-14', true],
    ['2026-06-15', false],
    ['2026-06-16', false],
    ['2025-12-31', true],
  ])('expiry %s is past on the 15th: %s', (expiresOn, expired) => {
    expect(isExpired(expiresOn, TODAY)).toBe(expired);
    const dated = stateAfter(stock, [received(5, lot('L1', { expiresOn }))]);
    const verdictOn = (purpose: 'SALE' | 'DISPOSAL') =>
      stock.decide(issue('0.005', { purpose }), dated, factsOf());
    expect(verdictOn('SALE').accepted).toBe(!expired);
    expect(verdictOn('DISPOSAL').accepted).toBe(true);
  });
});

test('folds to the lots as they stand', () => {
  const state = stateAfter(stock, [
    ['2026-02-01T00:00:00.000Z', received(10, lot('L1', fresh))],
    ['2026-02-02T00:00:00.000Z', received(5)],
    ['2026-02-03T00:00:00.000Z', issued(4, { lotCode: 'L1' })],
    ['2026-02-04T00:00:00.000Z', adjusted(-5)],
    ['2026-02-05T00:00:00.000Z', adjusted(2, { lotCode: 'L1' })],
    ['2026-01-31T00:00:00.000Z', received(1, lot('L1', { ...fresh, ...inQuarantine }))],
  ]);
  expect(state.onHand).toBe(9);
  expect(lotsOf(state.lots)).toStrictEqual([
    {
      lotCode: 'L1',
      onHand: 9,
      reserved: 0,
      held: 0,
      lotRevision: null,
      receivedAt: '2026-01-31T00:00:00.000Z',
      expiresOn: TODAY,
      qcStatus: 'QUARANTINE',
      place: 0,
    },
    {
      lotCode: null,
      onHand: 0,
      reserved: 0,
      held: 0,
      lotRevision: null,
      receivedAt: '',
      expiresOn: null,
      qcStatus: 'APPROVED',
      place: 1,
    },
  ]);
});
