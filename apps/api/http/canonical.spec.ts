import * as fc from 'fast-check';
import { fromBaseUnits } from '../../../libs/domain';
import {
  canonicalDecimal,
  canonicalJson,
  defined,
  isCalendarDate,
  MAX_DECIMALS,
  mayHaveLostDigits,
  toUtc,
} from './canonical';

describe('canonicalDecimal', () => {
  it.each<[unknown, string | undefined]>([
    [5, '5'],
    ['5', '5'],
    ['5.0', '5'],
    [' 005.250 ', '5.25'],
    [1.25, '1.25'],
    [-0, '0'],
    ['-0.00', '0'],
    ['-1.50', '-1.5'],
    [1e-7, '0.0000001'],
    [1.5e-7, '0.00000015'],
    [1e21, '1000000000000000000000'],
    [1.25e25, '12500000000000000000000000'],
    [0.1 + 0.2, '0.30000000000000004'],
    ['0.' + '1'.repeat(40), '0.' + '1'.repeat(40)],
    [NaN, undefined],
    [Infinity, undefined],
    ['1e3', undefined],
    ['+1', undefined],
    ['1.', undefined],
    ['.5', undefined],
    ['1,5', undefined],
    ['0x10', undefined],
    ['١', undefined],
    ['1'.repeat(41), undefined],
    ['', undefined],
    [true, undefined],
    [null, undefined],
    [[1], undefined],
  ])('%p is %p', (value, expected) => {
    expect(canonicalDecimal(value)).toBe(expected);
  });

  it('reads every number as the number it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = canonicalDecimal(value);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(Number(text)).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('mayHaveLostDigits', () => {
  it.each([
    [JSON.parse('9007199254740.991'), true],
    [9007199254740.99, true],
    [-8589934592.5, true],
    [8589934591.5, false],
    [0.30000000000000004, false],
    [Number.MAX_SAFE_INTEGER, false],
    [2 ** 60, false],
    ['9007199254740.991', false],
  ])('of %p: %p', (value, expected) => {
    expect(mayHaveLostDigits(value)).toBe(expected);
  });

  it('and where not, the decimals that were sent are the ones we see', () => {
    const units = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(units, fc.integer({ min: 0, max: MAX_DECIMALS }), (base, decimals) => {
        const sent = fromBaseUnits(base, decimals);
        const seen = JSON.parse(sent) as number;
        expect(mayHaveLostDigits(seen) || canonicalDecimal(seen) === sent).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order of keys nor on fields that are undefined', () => {
    const one = canonicalJson({ b: [1, { d: 'x', c: null }], a: 'ü"', z: undefined });
    expect(one).toBe('{"a":"ü\\"","b":[1,{"c":null,"d":"x"}]}');
    expect(canonicalJson({ a: 'ü"', b: [1, { c: null, d: 'x' }] })).toBe(one);
  });

  it.each([
    [{ a: '1' }, { a: 1 }],
    [{ a: null }, {}],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ 'a":"b': 1 }, { a: 'b:1' }],
    [{ a: {} }, { a: [] }],
  ])('tells %j from %j', (a, b) => {
    expect(canonicalJson(a)).not.toBe(canonicalJson(b));
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('dates', () => {
  it.each([
    ['2024-02-29', true],
    ['2000-02-29', true],
    ['1900-02-29', false],
    ['2023-02-30', false],
    ['2023-04-31', false],
    ['2023-12-31', true],
    ['2023-13-01', false],
    ['2023-00-01', false],
    ['2023-01-00', false],
    ['1899-12-31', false],
    ['23-01-01', false],
    ['2023-1-1', false],
    ['2023-01-01T00:00:00Z', false],
    [20230101, false],
  ])('%p is a day of the calendar: %p', (text, expected) => {
    expect(isCalendarDate(text)).toBe(expected);
  });

  it.each([
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01t09:30:00z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01 09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T00:30:00.123456789+01:00', '2026-02-28T23:30:00.123Z'],
    ['2026-03-01T00:30:00.5-05:30', '2026-03-01T06:00:00.500Z'],
    ['2026-03-01T09:30:00', undefined],
    ['2026-03-01', undefined],
    ['2026-02-30T09:30:00Z', undefined],
    ['2026-03-01T24:00:00Z', undefined],
    ['2026-03-01T09:60:00Z', undefined],
    ['2026-03-01T09:30:60Z', undefined],
    ['2026-03-01T09:30:00+24:00', undefined],
    ['2026-03-01T09:30:00+0100', undefined],
    ['1899-03-01T09:30:00Z', undefined],
    ['yesterday', undefined],
    [1_700_000_000, undefined],
  ])('%p is the instant %p', (text, expected) => {
    expect(toUtc(text)).toBe(expected);
  });
});

it('defined leaves out what is undefined and nothing else', () => {
  const kept = defined({ a: undefined, b: null, c: 0, d: '' });
  expect(Object.keys(kept)).toEqual(['b', 'c', 'd']);
});
