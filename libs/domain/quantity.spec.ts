import fc from 'fast-check';
import { fromBaseUnits, MAX_QUANTITY, toBaseUnits } from './quantity';

const codeOf = (text: string, decimals: number): unknown => {
  const verdict = toBaseUnits(text, decimals);
  return typeof verdict === 'number' ? verdict : verdict.code;
};

describe('a decimal text to whole base units', () => {
  test.each([
    ['1.250', 3, 1250],
    ['1.25', 3, 1250],
    ['0.001', 3, 1],
    ['0', 3, 0],
    ['0.000', 3, 0],
    ['12', 0, 12],
    ['12.0', 0, 12],
    ['12.000000', 0, 12],
    ['007', 0, 7],
    ['1.10', 1, 11],
    ['-1.5', 1, -15],
    ['-0', 2, 0],
    ['1.0000000000000000000000000000000000000000', 2, 100],
    ['9007199254740991', 0, MAX_QUANTITY],
    ['-9007199254740991', 0, -MAX_QUANTITY],
    ['9007199254.740991', 6, MAX_QUANTITY],
    ['9007199254740.991', 3, MAX_QUANTITY],
  ])('%s with %i decimals is %i', (text, decimals, units) => {
    expect(toBaseUnits(text, decimals)).toBe(units);
  });

  test('adds up exactly where floating point does not', () => {
    expect(0.1 + 0.2).not.toBe(0.3);
    const [a, b, sum] = ['0.1', '0.2', '0.3'].map((text) => toBaseUnits(text, 1)) as number[];
    expect((a ?? NaN) + (b ?? NaN)).toBe(sum);
  });

  test.each([
    ['', 'QUANTITY_INVALID'],
    [' ', 'QUANTITY_INVALID'],
    [' 1', 'QUANTITY_INVALID'],
    ['1\n', 'QUANTITY_INVALID'],
    ['1 000', 'QUANTITY_INVALID'],
    ['1,5', 'QUANTITY_INVALID'],
    ['+1', 'QUANTITY_INVALID'],
    ['--1', 'QUANTITY_INVALID'],
    ['-', 'QUANTITY_INVALID'],
    ['.', 'QUANTITY_INVALID'],
    ['.5', 'QUANTITY_INVALID'],
    ['5.', 'QUANTITY_INVALID'],
    ['1.2.3', 'QUANTITY_INVALID'],
    ['1e3', 'QUANTITY_INVALID'],
    ['1E-3', 'QUANTITY_INVALID'],
    ['0x10', 'QUANTITY_INVALID'],
    ['NaN', 'QUANTITY_INVALID'],
    ['Infinity', 'QUANTITY_INVALID'],
    ['١٢', 'QUANTITY_INVALID'],
    ['twelve', 'QUANTITY_INVALID'],
    ['9'.repeat(41), 'QUANTITY_INVALID'],
    ['1.0001', 'QUANTITY_TOO_PRECISE'],
    ['0.0001', 'QUANTITY_TOO_PRECISE'],
    ['-0.0005', 'QUANTITY_TOO_PRECISE'],
    ['99999999999999999999.0001', 'QUANTITY_TOO_PRECISE'],
    ['9007199254740.992', 'QUANTITY_TOO_LARGE'],
    ['9007199254741', 'QUANTITY_TOO_LARGE'],
    ['-9007199254740.992', 'QUANTITY_TOO_LARGE'],
    ['9'.repeat(40), 'QUANTITY_TOO_LARGE'],
  ])('%j with 3 decimals is refused: %s', (text, code) => {
    expect(codeOf(text, 3)).toBe(code);
  });

  test.each([
    ['9007199254740991', 0, MAX_QUANTITY],
    ['9007199254740992', 0, 'QUANTITY_TOO_LARGE'],
    ['0.1', 0, 'QUANTITY_TOO_PRECISE'],
    ['0.000001', 6, 1],
    ['0.0000001', 6, 'QUANTITY_TOO_PRECISE'],
  ])('%s with %i decimals: %s', (text, decimals, expected) => {
    expect(codeOf(text, decimals)).toBe(expected);
  });

  test.each([
    [
      '0.5',
      0,
      '0.5 is not a whole number, and this item is counted in whole units; send a whole number',
    ],
    ['0.55', 1, '0.55 has more decimals than this item; send at most 1'],
    ['9007199254.740992', 6, '9007199254.740992 is too much; send at most 9007199254.740991'],
    ['x', 0, '"x" is not a quantity; write for example 12 or "1.250"'],
  ])('%s with %i decimals tells: %s', (text, decimals, detail) => {
    expect(toBaseUnits(text, decimals)).toMatchObject({ detail });
  });
});

describe('whole base units to a decimal text', () => {
  test.each([
    [1250, 3, '1.25'],
    [1000, 3, '1'],
    [1, 3, '0.001'],
    [-1, 3, '-0.001'],
    [-1250, 3, '-1.25'],
    [0, 0, '0'],
    [0, 6, '0'],
    [10, 0, '10'],
    [-10, 0, '-10'],
    [100, 1, '10'],
    [MAX_QUANTITY, 0, '9007199254740991'],
    [MAX_QUANTITY, 6, '9007199254.740991'],
  ])('%i with %i decimals is %s', (units, decimals, text) => {
    expect(fromBaseUnits(units, decimals)).toBe(text);
  });
});

const units = fc.integer({ min: -MAX_QUANTITY, max: MAX_QUANTITY });
const decimals = fc.integer({ min: 0, max: 6 });

test('every quantity comes back as itself', () => {
  fc.assert(
    fc.property(units, decimals, (value, places) => {
      // == on purpose of value: fast-check also tries -0, which the texts do not tell from 0.
      expect(toBaseUnits(fromBaseUnits(value, places), places)).toBe(value === 0 ? 0 : value);
    }),
  );
});

test('zeros at either end mean nothing', () => {
  fc.assert(
    fc.property(units, decimals, fc.nat(9), fc.nat(9), (value, places, before, after) => {
      const [sign, text] =
        value < 0 ? ['-', fromBaseUnits(-value, places)] : ['', fromBaseUnits(value, places)];
      const padded = `${sign}${'0'.repeat(before)}${text}${text.includes('.') ? '' : '.0'}${'0'.repeat(after)}`;
      expect(toBaseUnits(padded, places)).toBe(toBaseUnits(sign + text, places));
    }),
  );
});
