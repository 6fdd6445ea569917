import { givenFor, stateAfter } from '../../test/support/given';
import {
  location,
  type LocationCode,
  type LocationCommand,
  type LocationDetails,
  type LocationEvent,
  type LocationFacts,
} from './location';

const given = givenFor(location);
const alone: LocationFacts = { parent: null };
const under = (...ancestors: string[]): LocationFacts => ({ parent: { exists: true, ancestors } });
const orphan: LocationFacts = { parent: { exists: false, ancestors: [] } };

const details: LocationDetails = {
  name: 'Shop in the north',
  kind: 'STORE',
  parent: null,
  timeZone: 'Europe/Berlin',
};
const registered: LocationEvent = {
  type: 'LocationRegistered',
  data: { code: 'NORTH', ...details },
};
const updated = (changes: Partial<LocationDetails>): LocationEvent => ({
  type: 'LocationUpdated',
  data: { code: 'NORTH', changes },
});
const deactivated: LocationEvent = { type: 'LocationDeactivated', data: { code: 'NORTH' } };
const reactivated: LocationEvent = { type: 'LocationReactivated', data: { code: 'NORTH' } };

const register = (wanted: Partial<LocationDetails>): LocationCommand => ({
  type: 'RegisterLocation',
  data: { code: 'NORTH', ...wanted },
});
const update = (wanted: Partial<LocationDetails>): LocationCommand => ({
  type: 'UpdateLocation',
  data: { code: 'NORTH', ...wanted },
});
const deactivate: LocationCommand = { type: 'DeactivateLocation', data: { code: 'NORTH' } };
const reactivate: LocationCommand = { type: 'ReactivateLocation', data: { code: 'NORTH' } };

describe('registering', () => {
  test('with a code alone: a warehouse of that name, by UTC', () => {
    given()
      .when(register({}), alone)
      .then([
        {
          type: 'LocationRegistered',
          data: { code: 'NORTH', name: 'NORTH', kind: 'WAREHOUSE', parent: null, timeZone: 'UTC' },
        },
      ]);
  });

  test('with everything there is', () => {
    given()
      .when(register({ ...details, parent: 'EUROPE' }), under('WORLD'))
      .then([
        { type: 'LocationRegistered', data: { code: 'NORTH', ...details, parent: 'EUROPE' } },
      ]);
  });
});

describe('updating', () => {
  test.each<[string, Partial<LocationDetails>, LocationFacts, LocationEvent]>([
    ['only what differs', { name: 'N', kind: 'STORE' }, alone, updated({ name: 'N' })],
    ['the kind', { kind: 'WORK_CENTER' }, alone, updated({ kind: 'WORK_CENTER' })],
    ['the time zone', { timeZone: 'UTC' }, alone, updated({ timeZone: 'UTC' })],
    ['the parent', { parent: 'EUROPE' }, under('WORLD'), updated({ parent: 'EUROPE' })],
  ])('%s', (_, wanted, facts, event) => {
    given(registered).when(update(wanted), facts).then([event]);
  });

  test('out of its parent', () => {
    given(registered, updated({ parent: 'EUROPE' }))
      .when(update({ parent: null }), alone)
      .then([updated({ parent: null })]);
  });

  test('an inactive location', () => {
    given(registered, deactivated)
      .when(update({ name: 'N' }), alone)
      .then([updated({ name: 'N' })]);
  });

  test.each<[string, Partial<LocationDetails>]>([
    ['nothing asked for', {}],
    ['everything as it is', details],
  ])('%s changes nothing', (_, wanted) => {
    given(registered).when(update(wanted), alone).thenNothing();
  });

  test('the parent it has already is not judged again', () => {
    given(registered, updated({ parent: 'EUROPE' }))
      .when(update({ parent: 'EUROPE' }), orphan)
      .thenNothing();
  });
});

describe('deactivating and reactivating', () => {
  test('an active location', () => {
    given(registered).when(deactivate, alone).then([deactivated]);
    given(registered).when(reactivate, alone).thenNothing();
  });

  test('an inactive location', () => {
    given(registered, deactivated).when(deactivate, alone).thenNothing();
    given(registered, deactivated).when(reactivate, alone).then([reactivated]);
  });

  test('again and again', () => {
    given(registered, deactivated, reactivated).when(deactivate, alone).then([deactivated]);
  });
});

describe('refusals', () => {
  const cases: [string, readonly LocationEvent[], LocationCommand, LocationFacts, LocationCode][] =
    [
      ['a code taken', [registered], register({}), alone, 'LOCATION_CODE_ALREADY_EXISTS'],
      [
        'a code taken by the very same location',
        [registered],
        register(details),
        alone,
        'LOCATION_CODE_ALREADY_EXISTS',
      ],
      [
        'a code taken by an inactive location',
        [registered, deactivated],
        register({}),
        alone,
        'LOCATION_CODE_ALREADY_EXISTS',
      ],
      [
        'a code taken comes before a bad parent',
        [registered],
        register({ parent: 'NOWHERE' }),
        orphan,
        'LOCATION_CODE_ALREADY_EXISTS',
      ],
      ['update of nothing', [], update({ name: 'N' }), alone, 'LOCATION_NOT_FOUND'],
      ['update of nothing to nothing', [], update({}), alone, 'LOCATION_NOT_FOUND'],
      ['deactivation of nothing', [], deactivate, alone, 'LOCATION_NOT_FOUND'],
      ['reactivation of nothing', [], reactivate, alone, 'LOCATION_NOT_FOUND'],
      [
        'no location comes before a bad parent',
        [],
        update({ parent: 'NOWHERE' }),
        orphan,
        'LOCATION_NOT_FOUND',
      ],
      ['an unknown parent', [], register({ parent: 'NOWHERE' }), orphan, 'LOCATION_PARENT_INVALID'],
      [
        'a parent that nobody looked up',
        [],
        register({ parent: 'NOWHERE' }),
        alone,
        'LOCATION_PARENT_INVALID',
      ],
      [
        'its own parent before it is there',
        [],
        register({ parent: 'NORTH' }),
        orphan,
        'LOCATION_PARENT_INVALID',
      ],
      [
        'a move to an unknown parent',
        [registered],
        update({ parent: 'NOWHERE' }),
        orphan,
        'LOCATION_PARENT_INVALID',
      ],
      [
        'its own parent',
        [registered],
        update({ parent: 'NORTH' }),
        under(),
        'LOCATION_PARENT_INVALID',
      ],
      [
        'its own child as parent',
        [registered],
        update({ parent: 'SHELF' }),
        under('NORTH'),
        'LOCATION_PARENT_INVALID',
      ],
      [
        'a child of its child as parent',
        [registered],
        update({ parent: 'BOX' }),
        under('SHELF', 'NORTH', 'WORLD'),
        'LOCATION_PARENT_INVALID',
      ],
      [
        'a good change with a bad parent is refused whole',
        [registered],
        update({ name: 'N', parent: 'NOWHERE' }),
        orphan,
        'LOCATION_PARENT_INVALID',
      ],
    ];
  test.each(cases)('%s', (_, events, command, facts, code) => {
    given(...events)
      .when(command, facts)
      .then(code);
  });

  test('every code has a case', () => {
    const codes: Record<LocationCode, true> = {
      LOCATION_NOT_FOUND: true,
      LOCATION_CODE_ALREADY_EXISTS: true,
      LOCATION_PARENT_INVALID: true,
    };
    expect(new Set(cases.map((row) => row[4]))).toStrictEqual(new Set(Object.keys(codes)));
  });
});

test('folds to the location as it stands', () => {
  expect(
    stateAfter(location, [
      registered,
      updated({ name: 'N', parent: 'EUROPE' }),
      updated({ timeZone: 'UTC' }),
      deactivated,
    ]),
  ).toStrictEqual({
    code: 'NORTH',
    name: 'N',
    kind: 'STORE',
    parent: 'EUROPE',
    timeZone: 'UTC',
    active: false,
  });
});

test.each([updated({ name: 'N' }), deactivated, reactivated])(
  '$type of a location that never was leaves none',
  (event) => {
    expect(stateAfter(location, [event])).toBeNull();
  },
);
