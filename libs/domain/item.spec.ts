import { givenFor, stateAfter } from '../../test/support/given';
import {
  item,
  type ItemCode,
  type ItemCommand,
  type ItemDetails,
  type ItemEvent,
  type ItemFacts,
} from './item';

const given = givenFor(item);
const everywhereKnown: ItemFacts = { unknownLocations: [] };

const details: ItemDetails = {
  name: 'Basmati Rice 5kg',
  description: 'in sacks',
  category: 'Food',
  attributes: { colour: 'white', origin: 'IN' },
  aliases: ['RICE'],
  barcodes: ['4006381333931'],
  suppliers: [{ supplier: 'ACME', supplierSku: 'R-5', leadTimeDays: 14 }],
  tracking: 'lot',
  qcRequired: true,
  allocationPolicy: 'FEFO',
  units: [
    { unit: 'sack', numerator: 25, denominator: 1 },
    { unit: 'lb', numerator: 45_359_237, denominator: 100_000_000 },
  ],
  countVarianceLimit: 500,
};
const asked = { ...details, countVarianceLimit: '0.5' };
const registered: ItemEvent = {
  type: 'ItemRegistered.v2',
  data: { sku: 'RICE-001', unit: 'kg', decimals: 3, ...details },
};
const thresholdSet = (location: string | null, threshold: number | null): ItemEvent => ({
  type: 'ThresholdSet',
  data: { sku: 'RICE-001', location, kind: 'REORDER', threshold, unit: 'kg', decimals: 3 },
});
const updated = (changes: Partial<ItemDetails>): ItemEvent => ({
  type: 'ItemUpdated',
  data: { sku: 'RICE-001', changes },
});
const deactivated: ItemEvent = { type: 'ItemDeactivated', data: { sku: 'RICE-001' } };
const reactivated: ItemEvent = { type: 'ItemReactivated', data: { sku: 'RICE-001' } };

type Wishes = Omit<Extract<ItemCommand, { type: 'UpdateItem' }>['data'], 'sku'>;
const update = (wishes: Wishes): ItemCommand => ({
  type: 'UpdateItem',
  data: { sku: 'RICE-001', ...wishes },
});
const register = (
  wishes: Omit<Extract<ItemCommand, { type: 'RegisterItem' }>['data'], 'sku'>,
): ItemCommand => ({ type: 'RegisterItem', data: { sku: 'RICE-001', ...wishes } });
const deactivate: ItemCommand = { type: 'DeactivateItem', data: { sku: 'RICE-001' } };
const reactivate: ItemCommand = { type: 'ReactivateItem', data: { sku: 'RICE-001' } };

describe('registering', () => {
  test('with a SKU alone: whole pieces, no lots, no quality control', () => {
    given()
      .when(register({}), everywhereKnown)
      .then([
        {
          type: 'ItemRegistered.v2',
          data: {
            sku: 'RICE-001',
            unit: 'each',
            decimals: 0,
            name: 'RICE-001',
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
        },
      ]);
  });

  test('with everything there is', () => {
    given()
      .when(register({ unit: 'kg', decimals: 3, ...asked }), everywhereKnown)
      .then([registered]);
  });

  test('with thresholds, told in the unit that is being registered', () => {
    given()
      .when(
        register({
          unit: 'kg',
          decimals: 3,
          ...asked,
          reorderThreshold: '12.5',
          reorderThresholds: [{ location: 'NORTH', reorderThreshold: '0' }],
        }),
        everywhereKnown,
      )
      .then([registered, thresholdSet(null, 12_500), thresholdSet('NORTH', 0)]);
  });

  test('an absent threshold that is taken away is no event', () => {
    given()
      .when(
        register({ unit: 'kg', decimals: 3, ...asked, reorderThreshold: null }),
        everywhereKnown,
      )
      .then([registered]);
  });
});

describe('updating', () => {
  test.each<[string, Wishes, readonly ItemEvent[]]>([
    ['only what differs', { name: 'Rice', category: 'Food' }, [updated({ name: 'Rice' })]],
    ['a value taken away', { category: null }, [updated({ category: null })]],
    ['a list emptied', { aliases: [] }, [updated({ aliases: [] })]],
    ['a list in another order', { aliases: ['B', 'A'] }, [updated({ aliases: ['B', 'A'] })]],
    ['a flag', { qcRequired: false }, [updated({ qcRequired: false })]],
    [
      'attributes as a whole',
      { attributes: { colour: 'white' } },
      [updated({ attributes: { colour: 'white' } })],
    ],
    [
      'packs as a whole',
      { units: [{ unit: 'sack', numerator: 20, denominator: 1 }] },
      [updated({ units: [{ unit: 'sack', numerator: 20, denominator: 1 }] })],
    ],
    ['no packs any more', { units: [] }, [updated({ units: [] })]],
    [
      'the limit of counts',
      { countVarianceLimit: '2.25' },
      [updated({ countVarianceLimit: 2_250 })],
    ],
    ['a limit of 0', { countVarianceLimit: '0' }, [updated({ countVarianceLimit: 0 })]],
    ['no limit any more', { countVarianceLimit: null }, [updated({ countVarianceLimit: null })]],
    ['a threshold', { reorderThreshold: '0.001' }, [thresholdSet(null, 1)]],
    [
      'details and thresholds at once',
      {
        name: 'Rice',
        reorderThreshold: '1',
        reorderThresholds: [{ location: 'NORTH', reorderThreshold: '2' }],
      },
      [updated({ name: 'Rice' }), thresholdSet(null, 1_000), thresholdSet('NORTH', 2_000)],
    ],
    [
      'a location named twice: both wishes, the last one last',
      {
        reorderThresholds: [
          { location: 'NORTH', reorderThreshold: '1' },
          { location: 'NORTH', reorderThreshold: null },
        ],
      },
      [thresholdSet('NORTH', 1_000), thresholdSet('NORTH', null)],
    ],
    [
      'a location named twice with the same wish',
      {
        reorderThresholds: [
          { location: 'NORTH', reorderThreshold: '1' },
          { location: 'NORTH', reorderThreshold: '1.000' },
        ],
      },
      [thresholdSet('NORTH', 1_000)],
    ],
  ])('%s', (_, wishes, events) => {
    given(registered).when(update(wishes), everywhereKnown).then(events);
  });

  test.each<[string, Wishes]>([
    ['nothing asked for', {}],
    ['everything as it is', { ...asked }],
    ['the limit of counts as it is, written differently', { countVarianceLimit: '0.500' }],
    ['attributes in another order', { attributes: { origin: 'IN', colour: 'white' } }],
    [
      'fields of a supplier in another order',
      { suppliers: [{ leadTimeDays: 14, supplier: 'ACME', supplierSku: 'R-5' }] },
    ],
    ['the threshold as it is, written differently', { reorderThreshold: '5.0' }],
    [
      'the threshold of a place as it is',
      { reorderThresholds: [{ location: 'NORTH', reorderThreshold: '0.000' }] },
    ],
    [
      'an absent threshold taken away',
      { reorderThresholds: [{ location: 'SOUTH', reorderThreshold: null }] },
    ],
    [
      'an absent threshold of a place with a name that every object knows',
      {
        reorderThresholds: [
          { location: 'constructor', reorderThreshold: null },
          { location: '__proto__', reorderThreshold: null },
        ],
      },
    ],
  ])('%s changes nothing', (_, wishes) => {
    given(registered, thresholdSet(null, 5_000), thresholdSet('NORTH', 0))
      .when(update(wishes), everywhereKnown)
      .thenNothing();
  });

  test('a threshold taken away, and set again', () => {
    given(registered, thresholdSet(null, 5_000))
      .when(update({ reorderThreshold: null }), everywhereKnown)
      .then([thresholdSet(null, null)]);
    given(registered, thresholdSet(null, 5_000), thresholdSet(null, null))
      .when(update({ reorderThreshold: '5' }), everywhereKnown)
      .then([thresholdSet(null, 5_000)]);
  });

  test('the threshold of the item and of a place are two things', () => {
    given(registered, thresholdSet(null, 5_000))
      .when(
        update({ reorderThresholds: [{ location: 'NORTH', reorderThreshold: '5' }] }),
        everywhereKnown,
      )
      .then([thresholdSet('NORTH', 5_000)]);
    given(registered, thresholdSet(null, 5_000), thresholdSet('NORTH', 1))
      .when(update({ reorderThreshold: null }), everywhereKnown)
      .then([thresholdSet(null, null)]);
  });

  test('the threshold of a place with a name that every object knows', () => {
    const to = (reorderThreshold: string | null) =>
      update({ reorderThresholds: [{ location: '__proto__', reorderThreshold }] });
    const set = thresholdSet('__proto__', 1_000);
    given(registered).when(to('1'), everywhereKnown).then([set]);
    given(registered, set).when(to('1'), everywhereKnown).thenNothing();
    given(registered, set)
      .when(to(null), everywhereKnown)
      .then([thresholdSet('__proto__', null)]);
  });

  test('an inactive item', () => {
    given(registered, deactivated)
      .when(update({ name: 'Rice' }), everywhereKnown)
      .then([updated({ name: 'Rice' })]);
  });

  test('is measured against what was updated last', () => {
    given(registered, updated({ name: 'Rice' }))
      .when(update({ name: 'Rice' }), everywhereKnown)
      .thenNothing();
    given(registered, updated({ name: 'Rice' }))
      .when(update({ name: details.name }), everywhereKnown)
      .then([updated({ name: details.name })]);
  });
});

describe('deactivating and reactivating', () => {
  test('an active item', () => {
    given(registered).when(deactivate, everywhereKnown).then([deactivated]);
    given(registered).when(reactivate, everywhereKnown).thenNothing();
  });

  test('an inactive item', () => {
    given(registered, deactivated).when(deactivate, everywhereKnown).thenNothing();
    given(registered, deactivated).when(reactivate, everywhereKnown).then([reactivated]);
  });

  test('again and again', () => {
    given(registered, deactivated, reactivated)
      .when(deactivate, everywhereKnown)
      .then([deactivated]);
  });
});

const threshold = (reorderThreshold: string): Wishes => ({ reorderThreshold });
const thresholdAt = (location: string, reorderThreshold: string | null): Wishes => ({
  reorderThresholds: [{ location, reorderThreshold }],
});
const units = (...list: readonly (readonly [string, number, number])[]): Wishes => ({
  units: list.map(([unit, numerator, denominator]) => ({ unit, numerator, denominator })),
});
const southUnknown: ItemFacts = { unknownLocations: ['SOUTH'] };

describe('refusals', () => {
  const cases: (readonly [string, readonly ItemEvent[], ItemCommand, ItemFacts, ItemCode])[] = [
    ['a SKU taken', [registered], register({}), everywhereKnown, 'ITEM_CODE_ALREADY_EXISTS'],
    [
      'a SKU taken by the very same item',
      [registered],
      register({ unit: 'kg', decimals: 3, ...asked }),
      everywhereKnown,
      'ITEM_CODE_ALREADY_EXISTS',
    ],
    [
      'a SKU taken by an inactive item',
      [registered, deactivated],
      register({}),
      everywhereKnown,
      'ITEM_CODE_ALREADY_EXISTS',
    ],
    [
      'a SKU taken comes before a bad threshold',
      [registered],
      register({ reorderThreshold: 'x' }),
      everywhereKnown,
      'ITEM_CODE_ALREADY_EXISTS',
    ],
    ['update of nothing', [], update({ name: 'Rice' }), everywhereKnown, 'ITEM_NOT_FOUND'],
    ['update of nothing to nothing', [], update({}), everywhereKnown, 'ITEM_NOT_FOUND'],
    ['deactivation of nothing', [], deactivate, everywhereKnown, 'ITEM_NOT_FOUND'],
    ['reactivation of nothing', [], reactivate, everywhereKnown, 'ITEM_NOT_FOUND'],
    [
      'no item comes before a bad threshold and an unknown place',
      [],
      update({ ...threshold('x'), ...thresholdAt('SOUTH', '1') }),
      southUnknown,
      'ITEM_NOT_FOUND',
    ],
    [
      'a threshold at an unknown place',
      [registered],
      update(thresholdAt('SOUTH', '1')),
      southUnknown,
      'LOCATION_NOT_FOUND',
    ],
    [
      'an unknown place, also where there is nothing to take away',
      [registered],
      update(thresholdAt('SOUTH', null)),
      southUnknown,
      'LOCATION_NOT_FOUND',
    ],
    [
      'an unknown place comes before its bad threshold',
      [registered],
      update(thresholdAt('SOUTH', 'x')),
      southUnknown,
      'LOCATION_NOT_FOUND',
    ],
    [
      'one unknown place among known ones',
      [registered],
      update({
        reorderThresholds: [
          { location: 'NORTH', reorderThreshold: '1' },
          { location: 'SOUTH', reorderThreshold: '1' },
        ],
      }),
      southUnknown,
      'LOCATION_NOT_FOUND',
    ],
    [
      'a registration is refused whole over its threshold',
      [],
      register(thresholdAt('SOUTH', '1')),
      southUnknown,
      'LOCATION_NOT_FOUND',
    ],
    ...(
      [
        ["the item's own unit as a pack", units(['kg', 1, 1])],
        ['a unit twice', units(['box', 12, 1], ['bag', 6, 1], ['box', 10, 1])],
        ['a pack of nothing', units(['box', 0, 1])],
        ['a pack below nothing', units(['box', -12, 1])],
        ['a pack divided by nothing', units(['box', 12, 0])],
        ['a factor with decimals', units(['box', 1.5, 1])],
        ['a factor that is no longer exact', units(['box', 2 ** 53, 1])],
        [
          'more units than an item can have',
          units(...Array.from({ length: 33 }, (_, i) => [`pack of ${i}`, i + 1, 1] as const)),
        ],
        [
          'a bad unit comes before a bad limit',
          { ...units(['kg', 1, 1]), countVarianceLimit: 'x' },
        ],
        [
          'a bad unit comes before a bad threshold',
          { ...units(['kg', 1, 1]), reorderThreshold: 'x' },
        ],
      ] as const
    ).map(
      ([what, wishes]) =>
        [what, [registered], update(wishes), everywhereKnown, 'ITEM_UNIT_INVALID'] as const,
    ),
    [
      'the unit that is being registered as a pack',
      [],
      register({ unit: 'box', ...units(['box', 12, 1]) }),
      everywhereKnown,
      'ITEM_UNIT_INVALID',
    ],
    [
      'the unit that is registered by default as a pack',
      [],
      register(units(['each', 12, 1])),
      everywhereKnown,
      'ITEM_UNIT_INVALID',
    ],
    [
      'a limit of counts below 0',
      [registered],
      update({ countVarianceLimit: '-1' }),
      everywhereKnown,
      'QUANTITY_INVALID',
    ],
    [
      'a limit of counts that is too precise',
      [],
      register({ countVarianceLimit: '0.5' }),
      everywhereKnown,
      'QUANTITY_TOO_PRECISE',
    ],
    [
      'a safety stock above the reorder threshold',
      [registered],
      update({ safetyStock: '2', reorderThreshold: '1' }),
      everywhereKnown,
      'THRESHOLDS_OUT_OF_ORDER',
    ],
    ['words', [registered], update(threshold('ten')), everywhereKnown, 'QUANTITY_INVALID'],
    [
      'an empty threshold',
      [registered],
      update(threshold('')),
      everywhereKnown,
      'QUANTITY_INVALID',
    ],
    ['below 0', [registered], update(threshold('-0.001')), everywhereKnown, 'QUANTITY_INVALID'],
    [
      'below 0 there',
      [registered],
      update(thresholdAt('NORTH', '-1')),
      everywhereKnown,
      'QUANTITY_INVALID',
    ],
    [
      'too precise',
      [registered],
      update(threshold('0.0001')),
      everywhereKnown,
      'QUANTITY_TOO_PRECISE',
    ],
    [
      'too precise for whole pieces',
      [],
      register(threshold('0.5')),
      everywhereKnown,
      'QUANTITY_TOO_PRECISE',
    ],
    [
      'too large',
      [registered],
      update(threshold('9007199254740.992')),
      everywhereKnown,
      'QUANTITY_TOO_LARGE',
    ],
    [
      'a good change with a bad threshold is refused whole',
      [registered],
      update({ name: 'Rice', ...thresholdAt('NORTH', 'x') }),
      everywhereKnown,
      'QUANTITY_INVALID',
    ],
  ];
  test.each(cases)('%s', (_, events, command, facts, code) => {
    given(...events)
      .when(command, facts)
      .then(code);
  });

  test('every code has a case', () => {
    const codes: Record<ItemCode, true> = {
      ITEM_NOT_FOUND: true,
      ITEM_CODE_ALREADY_EXISTS: true,
      ITEM_UNIT_INVALID: true,
      THRESHOLDS_OUT_OF_ORDER: true,
      LOCATION_NOT_FOUND: true,
      QUANTITY_INVALID: true,
      QUANTITY_TOO_PRECISE: true,
      QUANTITY_TOO_LARGE: true,
    };
    expect(new Set(cases.map((row) => row[4]))).toStrictEqual(new Set(Object.keys(codes)));
  });
});

test('folds to the item as it stands', () => {
  expect(
    stateAfter(item, [
      registered,
      thresholdSet(null, 5_000),
      thresholdSet('NORTH', 7),
      thresholdSet('SOUTH', 0),
      thresholdSet('NORTH', null),
      updated({ name: 'Rice', category: null }),
      deactivated,
    ]),
  ).toStrictEqual({
    ...details,
    sku: 'RICE-001',
    unit: 'kg',
    decimals: 3,
    name: 'Rice',
    category: null,
    active: false,
    thresholds: { '': { REORDER: 5_000 }, SOUTH: { REORDER: 0 } },
  });
});

test('32 units beside its own are taken', () => {
  const most = units(...Array.from({ length: 32 }, (_, i) => [`pack of ${i}`, i + 1, 1] as const));
  given(registered)
    .when(update(most), everywhereKnown)
    .then([updated(most as Partial<ItemDetails>)]);
});

describe('what was written before there were packs and more than one threshold', () => {
  const upcast = (type: string, old: Record<string, unknown>) => {
    const { to, data } = item.upcasts[type] ?? {};
    return { type: to, data: data?.(old) };
  };

  test('an item has no packs, and its counts need no approval', () => {
    const { units: _, countVarianceLimit: __, ...old } = registered.data as typeof details;
    expect(upcast('ItemRegistered', old)).toStrictEqual({
      type: 'ItemRegistered.v2',
      data: { ...old, units: [], countVarianceLimit: null },
    });
  });

  test('a threshold is the reorder threshold', () => {
    const { kind: _, ...old } = thresholdSet('NORTH', 7).data as Record<string, unknown>;
    expect(upcast('ReorderThresholdSet', old)).toStrictEqual(thresholdSet('NORTH', 7));
  });
});

test.each([updated({ name: 'x' }), thresholdSet(null, 1), deactivated, reactivated])(
  '$type of an item that never was leaves none',
  (event) => {
    expect(stateAfter(item, [event])).toBeNull();
  },
);
