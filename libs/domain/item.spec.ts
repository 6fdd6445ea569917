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
};
const registered: ItemEvent = {
  type: 'ItemRegistered',
  data: { sku: 'RICE-001', unit: 'kg', decimals: 3, ...details },
};
const thresholdSet = (location: string | null, threshold: number | null): ItemEvent => ({
  type: 'ReorderThresholdSet',
  data: { sku: 'RICE-001', location, threshold, unit: 'kg', decimals: 3 },
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
          type: 'ItemRegistered',
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
          },
        },
      ]);
  });

  test('with everything there is', () => {
    given()
      .when(register({ unit: 'kg', decimals: 3, ...details }), everywhereKnown)
      .then([registered]);
  });

  test('with thresholds, told in the unit that is being registered', () => {
    given()
      .when(
        register({
          unit: 'kg',
          decimals: 3,
          ...details,
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
        register({ unit: 'kg', decimals: 3, ...details, reorderThreshold: null }),
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
    ['everything as it is', { ...details }],
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
const southUnknown: ItemFacts = { unknownLocations: ['SOUTH'] };

describe('refusals', () => {
  const cases: [string, readonly ItemEvent[], ItemCommand, ItemFacts, ItemCode][] = [
    ['a SKU taken', [registered], register({}), everywhereKnown, 'ITEM_CODE_ALREADY_EXISTS'],
    [
      'a SKU taken by the very same item',
      [registered],
      register({ unit: 'kg', decimals: 3, ...details }),
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
    thresholds: { '': 5_000, SOUTH: 0 },
  });
});

test.each([updated({ name: 'x' }), thresholdSet(null, 1), deactivated, reactivated])(
  '$type of an item that never was leaves none',
  (event) => {
    expect(stateAfter(item, [event])).toBeNull();
  },
);
