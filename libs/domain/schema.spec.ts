import {
  calendarDate,
  count,
  decimals,
  factor,
  flag,
  listOf,
  money,
  oneOf,
  optional,
  orNull,
  problemsOf,
  quantity,
  signedQuantity,
  someOf,
  text,
  textMap,
  texts,
  threshold,
  type Field,
} from './schema';

const MAX = Number.MAX_SAFE_INTEGER;
const pair = { name: text, count: quantity };

/** Every field: values it takes, values it refuses. */
const fields: Record<string, [Field<unknown>, unknown[], unknown[]]> = {
  text: [
    text,
    ['', 'a', '🏭', 'two\nlines', 'A\u0308', '\u0001'],
    [1, null, undefined, ['a'], {}, true, 'a\0b', '\ud83c', 'x\udfed'],
  ],
  flag: [flag, [true, false], [0, 1, 'true', '', null, undefined]],
  optional: [optional(text), ['', 'a', undefined], [1, null, {}, 'a\0b']],
  quantity: [quantity, [1, MAX], [0, -1, 0.5, MAX + 1, Infinity, NaN, '1', 1n, null, undefined]],
  signedQuantity: [
    signedQuantity,
    [1, -1, MAX, -MAX],
    [0, -0, 0.5, MAX + 1, -MAX - 1, NaN, -Infinity, '-1', 1n, null, undefined],
  ],
  threshold: [threshold, [0, 1, MAX], [-1, 0.5, MAX + 1, NaN, '0', 0n, null, undefined]],
  count: [count, [0, 1, MAX], [-1, 0.5, MAX + 1, NaN, '0', 0n, null, undefined]],
  factor: [factor, [1, 12, MAX], [0, -1, 0.5, MAX + 1, NaN, '1', 1n, null, undefined]],
  decimals: [decimals, [0, 1, 6], [-1, 7, 0.5, NaN, '2', null, undefined]],
  calendarDate: [
    calendarDate,
    [
      '2026-01-31',
      '2026-04-30',
      '2024-02-29',
      '2000-02-29',
      '2023-02-28',
      '0001-01-01',
      '9999-12-31',
    ],
    [
      '2023-02-29',
      '1900-02-29',
      '2024-02-30',
      '2026-04-31',
      '2026-06-31',
      '2026-09-31',
      '2026-11-31',
      '2026-01-32',
      '2026-01-00',
      '2026-00-10',
      '2026-13-01',
      '0000-01-01',
      '2026-1-1',
      '26-01-01',
      '20260101',
      '2026-01-01T00:00:00.000Z',
      ' 2026-01-01',
      '2026-01-01\n',
      '12026-01-01',
      '',
      20260101,
      new Date(0),
      null,
      undefined,
    ],
  ],
  money: [
    money,
    [
      { amount: '0', currency: 'EUR' },
      { amount: '12.3456', currency: 'USD' },
    ],
    [
      { amount: '-1', currency: 'EUR' },
      { amount: '1.', currency: 'EUR' },
      { amount: '.5', currency: 'EUR' },
      { amount: '1e3', currency: 'EUR' },
      { amount: '1,5', currency: 'EUR' },
      { amount: '', currency: 'EUR' },
      { amount: 1, currency: 'EUR' },
      { amount: '1', currency: 'eur' },
      { amount: '1', currency: 'EURO' },
      { amount: '1', currency: 'EU' },
      { amount: '1', currency: 978 },
      { amount: '1' },
      { currency: 'EUR' },
      { amount: '1', currency: 'EUR', rate: '1' },
      { amount: '1', rate: '1' },
      ['1', 'EUR'],
      '1 EUR',
      1,
      null,
      undefined,
    ],
  ],
  texts: [texts, [[], ['a'], ['a', 'a', '']], [['a', 1], [null], ['\0'], 'a', {}, null, undefined]],
  textMap: [
    textMap,
    [{}, { a: 'b' }, { 'a b': '' }],
    [
      { a: 1 },
      { a: null },
      { a: { b: 'c' } },
      { a: '\0' },
      { 'a\0': 'b' },
      ['a'],
      'a',
      null,
      undefined,
    ],
  ],
  oneOf: [oneOf('RED', 'BLUE'), ['RED', 'BLUE'], ['red', 'GREEN', '', 0, null, undefined, ['RED']]],
  orNull: [orNull(quantity), [null, 1], [undefined, 0, '1', NaN]],
  listOf: [
    listOf(pair),
    [
      [],
      [{ name: 'a', count: 1 }],
      [
        { name: 'a', count: 1 },
        { name: 'b', count: 2 },
      ],
    ],
    [
      [{ name: 'a' }],
      [{ name: 'a', count: 0 }],
      [{ name: 'a', count: 1, more: 1 }],
      [{ name: 'a', count: 1 }, null],
      { name: 'a', count: 1 },
      null,
      undefined,
    ],
  ],
  someOf: [
    someOf(pair),
    [{}, { name: 'a' }, { count: 1 }, { name: 'a', count: 1 }],
    [
      { name: 1 },
      { name: undefined },
      { count: 0 },
      { more: 1 },
      { toString: 1 },
      [],
      'a',
      null,
      undefined,
    ],
  ],
};

const shown = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'bigint'
    ? `${typeof value} ${value}`
    : (JSON.stringify(value) ?? 'undefined');
const cases = Object.entries(fields).flatMap(([name, [field, taken, refused]]) => [
  ...taken.map((value) => ({ name, field, value, shown: shown(value), verdict: true })),
  ...refused.map((value) => ({ name, field, value, shown: shown(value), verdict: false })),
]);
test.each(cases)('$name takes $shown: $verdict', ({ field, value, verdict }) => {
  expect(field.check(value)).toBe(verdict);
});

test('every field says in words what it takes', () => {
  expect(Object.values(fields).map(([field]) => field.describe)).toStrictEqual([
    'text',
    'true or false',
    'text, or absent',
    'whole number of base units, above 0',
    'whole number of base units, not 0',
    'whole number of base units, 0 or more',
    'whole number, 0 or more',
    'whole number, above 0',
    'whole number from 0 to 6',
    'calendar date YYYY-MM-DD',
    '{ amount: decimal string, currency: ISO 4217 code }',
    'list of texts',
    'text by name',
    'RED | BLUE',
    'whole number of base units, above 0, or null',
    'list of { name: text; count: whole number of base units, above 0 }',
    'what changed of { name: text; count: whole number of base units, above 0 }',
  ]);
});

describe('a payload', () => {
  test.each([
    [{ name: 'a', count: 1 }, []],
    [{ count: 1, name: 'a' }, []],
    [{ name: 'a' }, ['count must be whole number of base units, above 0']],
    [{ name: 'a', count: 1, more: 1 }, ['unknown field more']],
    [{ name: 'a', count: 1, constructor: 1 }, ['unknown field constructor']],
    [{ name: 'a', count: 1n }, ['count must be whole number of base units, above 0']],
    [
      { more: 1, name: 1 },
      [
        'unknown field more',
        'name must be text',
        'count must be whole number of base units, above 0',
      ],
    ],
    [
      Object.create({ name: 'a', count: 1 }),
      ['name must be text', 'count must be whole number of base units, above 0'],
    ],
    [[], ['the payload is not an object']],
    [null, ['the payload is not an object']],
    [undefined, ['the payload is not an object']],
    ['text', ['the payload is not an object']],
  ])('%j: %j', (data: unknown, problems) => {
    expect(problemsOf(pair, data)).toStrictEqual(problems);
  });
});
