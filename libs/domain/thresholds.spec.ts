import { givenFor, stateAfter } from '../../test/support/given';
import { item, type ItemCode, type ItemCommand, type ItemEvent, type ItemFacts } from './item';
import {
  levelsAt,
  locationsAsked,
  withThreshold,
  type ThresholdKind,
  type ThresholdWishes,
} from './thresholds';

const given = givenFor(item);
const known: ItemFacts = { unknownLocations: [] };
const sku = 'TEA';

const registered: ItemEvent = {
  type: 'ItemRegistered.v2',
  data: {
    sku,
    unit: 'kg',
    decimals: 3,
    name: sku,
    description: '',
    category: null,
    attributes: {},
    aliases: [],
    barcodes: [],
    suppliers: [],
    tracking: 'none',
    qcRequired: false,
    allocationPolicy: 'FIFO',
    units: [],
    countVarianceLimit: null,
  },
};
const set = (
  kind: ThresholdKind,
  threshold: number | null,
  location: string | null = null,
): ItemEvent => ({
  type: 'ThresholdSet',
  data: { sku, location, kind, threshold, unit: 'kg', decimals: 3 },
});
const update = (wishes: ThresholdWishes): ItemCommand => ({
  type: 'UpdateItem',
  data: { sku, ...wishes },
});
const at = (location: string, levels: Omit<ThresholdWishes, 'thresholds'>): ThresholdWishes => ({
  thresholds: [{ location, ...levels }],
});

/** Safety stock 1 kg, reorder threshold 5 kg, maximum 20 kg. */
const ordered = [
  registered,
  set('SAFETY_STOCK', 1_000),
  set('REORDER', 5_000),
  set('MAXIMUM', 20_000),
];
const orderedAt = (location: string): ItemEvent[] => [
  registered,
  set('SAFETY_STOCK', 1_000, location),
  set('REORDER', 5_000, location),
  set('MAXIMUM', 20_000, location),
];

describe('setting', () => {
  test.each<[string, readonly ItemEvent[], ThresholdWishes, readonly ItemEvent[]]>([
    [
      'all three of the item',
      [registered],
      { safetyStock: '1', reorderThreshold: '5', maximum: '20' },
      ordered.slice(1),
    ],
    [
      'all three of a place',
      [registered],
      at('SHOP', { safetyStock: '1', reorderThreshold: '5', maximum: '20' }),
      orderedAt('SHOP').slice(1),
    ],
    ['one alone', [registered], { maximum: '0.5' }, [set('MAXIMUM', 500)]],
    [
      'one more, in order',
      [registered, set('REORDER', 5)],
      { maximum: '1' },
      [set('MAXIMUM', 1_000)],
    ],
    [
      'all equal',
      [registered],
      { safetyStock: '2', reorderThreshold: '2', maximum: '2' },
      [set('SAFETY_STOCK', 2_000), set('REORDER', 2_000), set('MAXIMUM', 2_000)],
    ],
    [
      'all beyond where they were: on the way they cross',
      ordered,
      { safetyStock: '100', reorderThreshold: '200', maximum: '300' },
      [set('SAFETY_STOCK', 100_000), set('REORDER', 200_000), set('MAXIMUM', 300_000)],
    ],
    [
      'all below where they were',
      ordered,
      { safetyStock: '0.1', reorderThreshold: '0.2', maximum: '0.3' },
      [set('SAFETY_STOCK', 100), set('REORDER', 200), set('MAXIMUM', 300)],
    ],
    [
      'one that would be in the way is taken away',
      ordered,
      { safetyStock: '6', reorderThreshold: null },
      [set('SAFETY_STOCK', 6_000), set('REORDER', null)],
    ],
    [
      'only what differs',
      ordered,
      { safetyStock: '1.000', maximum: '21' },
      [set('MAXIMUM', 21_000)],
    ],
    [
      "a place's beside the item's: those of the item are of all places together",
      ordered,
      at('SHOP', { reorderThreshold: '30' }),
      [set('REORDER', 30_000, 'SHOP')],
    ],
    [
      'two places',
      [registered],
      {
        thresholds: [
          { location: 'SHOP', maximum: '2' },
          { location: 'NORTH', maximum: '3' },
        ],
      },
      [set('MAXIMUM', 2_000, 'SHOP'), set('MAXIMUM', 3_000, 'NORTH')],
    ],
    [
      'a place in both lists: the one that takes every kind is the last word',
      [registered],
      {
        reorderThresholds: [{ location: 'SHOP', reorderThreshold: '1' }],
        thresholds: [{ location: 'SHOP', reorderThreshold: '2', safetyStock: '1' }],
      },
      [
        set('REORDER', 1_000, 'SHOP'),
        set('SAFETY_STOCK', 1_000, 'SHOP'),
        set('REORDER', 2_000, 'SHOP'),
      ],
    ],
  ])('%s', (_, history, wishes, events) => {
    given(...history)
      .when(update(wishes), known)
      .then(events);
  });

  test.each<[string, ThresholdWishes]>([
    ['a place without a wish', at('SHOP', {})],
    ['what is so already', { safetyStock: '1', reorderThreshold: '5', maximum: '20' }],
    ['what is not there taken away', at('SHOP', { safetyStock: null, maximum: null })],
  ])('%s changes nothing', (_, wishes) => {
    given(...ordered)
      .when(update(wishes), known)
      .thenNothing();
  });
});

describe('refusals', () => {
  test.each<[string, readonly ItemEvent[], ThresholdWishes, ItemCode]>([
    [
      'a safety stock above the threshold',
      ordered,
      { safetyStock: '5.001' },
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    [
      'a threshold below the safety stock',
      ordered,
      { reorderThreshold: '0.999' },
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    [
      'a threshold above the maximum',
      ordered,
      { reorderThreshold: '20.001' },
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    ['a maximum below the threshold', ordered, { maximum: '4.999' }, 'THRESHOLDS_OUT_OF_ORDER'],
    [
      'a safety stock above the maximum with no threshold between',
      [registered, set('MAXIMUM', 2_000)],
      { safetyStock: '3' },
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    [
      'taking the threshold away does not make two others cross',
      ordered,
      { reorderThreshold: null, safetyStock: '21' },
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    ['a place', orderedAt('SHOP'), at('SHOP', { safetyStock: '6' }), 'THRESHOLDS_OUT_OF_ORDER'],
    [
      'one place of two',
      [registered],
      {
        thresholds: [
          { location: 'NORTH', safetyStock: '1', maximum: '2' },
          { location: 'SHOP', safetyStock: '2', maximum: '1' },
        ],
      },
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    [
      'the old list judged with what is there',
      orderedAt('SHOP'),
      { reorderThresholds: [{ location: 'SHOP', reorderThreshold: '0.5' }] },
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    ['below 0', [registered], { safetyStock: '-0.001' }, 'QUANTITY_INVALID'],
    ['words', [registered], at('SHOP', { maximum: 'much' }), 'QUANTITY_INVALID'],
    ['too precise', [registered], { maximum: '0.0001' }, 'QUANTITY_TOO_PRECISE'],
    ['too large', [registered], { maximum: '9007199254740.992' }, 'QUANTITY_TOO_LARGE'],
    ['no item', [], { safetyStock: '1' }, 'ITEM_NOT_FOUND'],
  ])('%s', (_, history, wishes, code) => {
    given(...history)
      .when(update(wishes), known)
      .then(code);
  });

  test('an unknown place comes before the order', () => {
    const wishes = { safetyStock: '2', maximum: '1', ...at('SHOP', { maximum: '1' }) };
    given(registered)
      .when(update(wishes), { unknownLocations: ['SHOP'] })
      .then('LOCATION_NOT_FOUND');
  });

  test('an item out of order is not registered', () => {
    given()
      .when({ type: 'RegisterItem', data: { sku, safetyStock: '2', reorderThreshold: '1' } }, known)
      .then('THRESHOLDS_OUT_OF_ORDER');
  });

  test('says which of the two to change, and where', () => {
    const decision = item.decide(
      update(at('SHOP', { safetyStock: '6' })),
      stateAfter(item, orderedAt('SHOP')),
      known,
    );
    expect(decision).toMatchObject({
      refusal: {
        detail:
          'the safety stock at SHOP, 6 kg, would lie above its reorder threshold, 5 kg; ' +
          'send a lower safetyStock or a higher reorderThreshold',
      },
    });
  });
});

test('fold by place and kind, and leave nothing behind when they are taken away', () => {
  const history = [...orderedAt('SHOP'), set('REORDER', 7), set('MAXIMUM', null, 'SHOP')];
  expect(stateAfter(item, history)?.thresholds).toStrictEqual({
    '': { REORDER: 7 },
    SHOP: { SAFETY_STOCK: 1_000, REORDER: 5_000 },
  });
  const gone = [
    set('SAFETY_STOCK', null, 'SHOP'),
    set('REORDER', null, 'SHOP'),
    set('REORDER', null),
  ];
  expect(stateAfter(item, [...history, ...gone])?.thresholds).toStrictEqual({});
});

test.each(['constructor', '__proto__', 'toString', ''])(
  'a place called %j is one like any',
  (name) => {
    const one = withThreshold({ NORTH: { REORDER: 1 } }, name, 'REORDER', 5);
    expect(levelsAt(one, name)).toStrictEqual({ REORDER: 5 });
    expect(levelsAt(one, 'NORTH')).toStrictEqual({ REORDER: 1 });
    const two = withThreshold(one, name, 'MAXIMUM', 9);
    expect(levelsAt(two, name)).toStrictEqual({ REORDER: 5, MAXIMUM: 9 });
    expect(levelsAt(withThreshold(one, name, 'REORDER', null), name)).toStrictEqual({});
    expect(levelsAt({}, name)).toStrictEqual({});
  },
);

test('the places that are named, each once', () => {
  expect(
    locationsAsked({
      reorderThreshold: '1',
      reorderThresholds: [{ location: 'A', reorderThreshold: null }],
      thresholds: [
        { location: 'B', maximum: '1', safetyStock: '1' },
        { location: 'A', maximum: '1' },
        { location: 'C' },
      ],
    }),
  ).toStrictEqual(['A', 'B']);
});
