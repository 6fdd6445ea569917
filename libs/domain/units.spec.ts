import * as fc from 'fast-check';
import { expectSame } from '../../test/support/same';
import { fromBaseUnits, MAX_QUANTITY } from './quantity';
import { enteredQuantity, type ItemUnit, type UnitCode, type UnitsOfItem } from './units';

const box: ItemUnit = { unit: 'box', numerator: 12, denominator: 1 };
const pound: ItemUnit = { unit: 'lb', numerator: 45_359_237, denominator: 100_000_000 };
const third: ItemUnit = { unit: 'third', numerator: 1, denominator: 3 };
const whole: UnitsOfItem = { unit: 'each', decimals: 0, units: [box, third] };
const weighed: UnitsOfItem = { unit: 'kg', decimals: 3, units: [box, pound, third] };

describe('what is entered', () => {
  test.each<[string, string | undefined, UnitsOfItem, number]>([
    ['7', undefined, whole, 7],
    ['7', 'each', whole, 7],
    ['-7', 'each', whole, -7],
    ['1.25', 'kg', weighed, 1_250],
    ['1.25', undefined, { unit: 'kg', decimals: 3 }, 1_250],
  ])("%s %s in the item's own unit is told as it is", (quantity, unit, item, units) => {
    expect(enteredQuantity({ quantity, ...(unit !== undefined && { unit }) }, item)).toStrictEqual({
      units,
      entered: null,
    });
  });

  test.each<[string, ItemUnit, UnitsOfItem, number]>([
    ['3', box, whole, 36],
    ['-3', box, whole, -36],
    ['0', box, whole, 0],
    ['0.5', box, whole, 6],
    ['0.250', box, whole, 3],
    ['3', third, whole, 1],
    ['1.5', box, weighed, 18_000],
    ['0.00025', box, weighed, 3],
    ['100000', pound, weighed, 45_359_237],
    ['6', third, weighed, 2_000],
  ])(
    '%s of %j keeps what was written, and the factor that held',
    (quantity, other, item, units) => {
      expect(enteredQuantity({ quantity, unit: other.unit }, item)).toStrictEqual({
        units,
        entered: { quantity, ...other },
      });
    },
  );

  test('is measured by the factor of today alone', () => {
    const smaller = { ...whole, units: [{ ...box, numerator: 10 }] };
    expect(enteredQuantity({ quantity: '3', unit: 'box' }, smaller)).toMatchObject({
      units: 30,
      entered: { numerator: 10 },
    });
  });
});

describe('refusals', () => {
  test.each<[string, string, string | undefined, UnitsOfItem, UnitCode]>([
    ['a unit of no item', '1', 'crate', whole, 'UNIT_UNKNOWN'],
    ['a unit of another item', '1', 'lb', whole, 'UNIT_UNKNOWN'],
    [
      'a unit where the item has none but its own',
      '1',
      'box',
      { unit: 'each', decimals: 0 },
      'UNIT_UNKNOWN',
    ],
    ['a unit in another case', '1', 'Box', whole, 'UNIT_UNKNOWN'],
    ['a unit that every object knows', '1', 'constructor', whole, 'UNIT_UNKNOWN'],
    ['no unit', '1', '', whole, 'UNIT_UNKNOWN'],
    ['an unknown unit comes before what is no number', 'x', 'crate', whole, 'UNIT_UNKNOWN'],
    ['words', 'three', 'box', whole, 'QUANTITY_INVALID'],
    ['nothing', '', 'box', whole, 'QUANTITY_INVALID'],
    ['an exponent', '1e3', 'box', whole, 'QUANTITY_INVALID'],
    ['a fraction', '1/2', 'box', whole, 'QUANTITY_INVALID'],
    ['half a piece', '0.5', undefined, whole, 'QUANTITY_TOO_PRECISE'],
    ['a part of a pack that is no whole piece', '0.1', 'box', whole, 'QUANTITY_TOO_PRECISE'],
    ['a third of a piece', '1', 'third', whole, 'QUANTITY_TOO_PRECISE'],
    ['a third of a kg, whatever its decimals', '1', 'third', weighed, 'QUANTITY_TOO_PRECISE'],
    ['a pound in whole grams', '1', 'lb', weighed, 'QUANTITY_TOO_PRECISE'],
    [
      'one base unit more than a place can hold',
      '9007199254740992',
      'each',
      whole,
      'QUANTITY_TOO_LARGE',
    ],
    ['too many packs', '750599937895083', 'box', whole, 'QUANTITY_TOO_LARGE'],
    ['too many packs below 0', '-750599937895083', 'box', whole, 'QUANTITY_TOO_LARGE'],
    ['more digits than a number holds', '9'.repeat(40), 'box', whole, 'QUANTITY_TOO_LARGE'],
  ])('%s', (_, quantity, unit, item, code) => {
    expect(enteredQuantity({ quantity, ...(unit !== undefined && { unit }) }, item)).toStrictEqual({
      code,
      detail: expect.stringMatching(/\S+ \S+/) as string,
    });
  });

  test('an unknown unit is told those there are', () => {
    expect(enteredQuantity({ quantity: '1', unit: 'crate' }, weighed)).toMatchObject({
      detail: expect.stringContaining('kg, box, lb, third') as string,
    });
  });

  const boxOf3: UnitsOfItem = { ...whole, units: [{ ...box, numerator: 3 }] };
  const huge: UnitsOfItem = {
    unit: 'kg',
    decimals: 6,
    units: [{ unit: 'ship', numerator: MAX_QUANTITY, denominator: 1 }],
  };
  test.each<[string, string, UnitsOfItem, string]>([
    [
      '3.5',
      'box',
      boxOf3,
      '3.5 box lies between 10 and 11 each (1 box is 3 each), and the item is counted in steps of 1; send 10 or 11 each, or another number of box',
    ],
    [
      '-3.5',
      'box',
      boxOf3,
      '-3.5 box lies between -10 and -11 each (1 box is 3 each), and the item is counted in steps of 1; send -10 or -11 each, or another number of box',
    ],
    [
      '0.1',
      'box',
      boxOf3,
      '0.1 box lies between 0 and 1 each (1 box is 3 each), and the item is counted in steps of 1; send 1 each, or another number of box',
    ],
    [
      '1',
      'lb',
      weighed,
      '1 lb lies between 0.453 and 0.454 kg (1 lb is 45359237/100000000 kg), and the item is counted in steps of 0.001; send 0.453 or 0.454 kg, or another number of lb',
    ],
    [
      '750599937895083',
      'box',
      whole,
      '750599937895083 box is too much; send at most 750599937895082 box',
    ],
    [
      `${'9'.repeat(40)}.5`,
      'third',
      whole,
      `${'9'.repeat(40)}.5 third is too much; send at most 27021597764222973 third`,
    ],
    ['1', 'ship', huge, '1 ship is too much; send at most 9007199254.740991 kg'],
    ['many', 'box', whole, '"many" is not a quantity; write for example 12 or "1.250"'],
  ])('%s %s of what a pack holds is told in packs', (quantity, unit, item, detail) => {
    expect(enteredQuantity({ quantity, unit }, item)).toMatchObject({ detail });
  });

  test('what is told to fit does, and the steps beside it do not lie nearer', () => {
    const pack = fc.record({
      unit: fc.constant('pack'),
      numerator: fc.integer({ min: 1, max: 500 }),
      denominator: fc.integer({ min: 1, max: 50 }),
    });
    const text = fc.integer({ min: 1, max: 99_999 }).map((n) => String(n / 100));
    fc.assert(
      fc.property(text, pack, fc.integer({ min: 0, max: 3 }), (quantity, unit, decimals) => {
        const item = { unit: 'kg', decimals, units: [unit] };
        const verdict = enteredQuantity({ quantity, unit: 'pack' }, item);
        fc.pre('code' in verdict);
        const [, less = '', more = ''] = / between (\S+) and (\S+) kg /.exec(verdict.detail) ?? [];
        const units = [less, more].map((told) => enteredQuantity({ quantity: told }, item));
        const exact = (Number(quantity) * unit.numerator * 10 ** decimals) / unit.denominator;
        expect(units).toEqual([
          { units: Math.floor(exact), entered: null },
          { units: Math.floor(exact) + 1, entered: null },
        ]);
      }),
    );
  });

  test('the largest quantity there is can be entered in packs', () => {
    expect(
      enteredQuantity(
        { quantity: '9007199254740991', unit: 'one' },
        {
          ...whole,
          units: [{ unit: 'one', numerator: 1, denominator: 1 }],
        },
      ),
    ).toMatchObject({ units: MAX_QUANTITY });
  });
});

/** What a fraction is, told in whole numbers only: the reference shares no code with the rule. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** A decimal text as a fraction, digit by digit. */
function fractionOf(text: string): Fraction {
  let over = 0n;
  let under = 1n;
  let isBehindPoint = false;
  for (const character of text.replace('-', '')) {
    if (character === '.') isBehindPoint = true;
    else {
      over = over * 10n + BigInt(character.charCodeAt(0) - 48);
      if (isBehindPoint) under *= 10n;
    }
  }
  return { over: text.startsWith('-') ? -over : over, under };
}

describe('whatever is entered', () => {
  const factor = fc.oneof(
    fc.integer({ min: 1, max: 1_000 }),
    fc.integer({ min: 1, max: 1_000_000_000_000 }),
    fc.constantFrom(1, 2, 3, 7, 10, 12, 1_000, 45_359_237, 100_000_000, MAX_QUANTITY),
  );
  const unit = fc.record({
    unit: fc.constant('pack'),
    numerator: factor,
    denominator: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(1, 1, 2, 4, 10) }, factor),
  });
  const digits = (max: number) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max })
      .map((d) => d.join(''));
  const quantity = fc
    .record({
      sign: fc.constantFrom('', '-'),
      whole: fc.oneof(digits(3), digits(20)),
      places: fc.option(fc.oneof(digits(3), digits(12)), { nil: undefined }),
    })
    .map(({ sign, whole, places }) => `${sign}${whole}${places === undefined ? '' : `.${places}`}`);
  const decimals = fc.integer({ min: 0, max: 6 });

  test('is exact, or refused for the reason that it has', () => {
    const seen: Record<string, number> = {};
    fc.assert(
      fc.property(quantity, unit, decimals, (text, pack, places) => {
        const found = enteredQuantity(
          { quantity: text, unit: 'pack' },
          { unit: 'kg', decimals: places, units: [pack] },
        );
        const { over, under } = fractionOf(text);
        const asked = over * BigInt(pack.numerator) * 10n ** BigInt(places);
        const parts = under * BigInt(pack.denominator);
        const magnitude = asked < 0n ? -asked : asked;
        const code =
          asked % parts !== 0n
            ? 'QUANTITY_TOO_PRECISE'
            : magnitude > BigInt(MAX_QUANTITY) * parts
              ? 'QUANTITY_TOO_LARGE'
              : undefined;
        seen[code ?? 'exact'] = (seen[code ?? 'exact'] ?? 0) + 1;
        if (code === undefined) {
          expectSame(found, {
            // -0 is 0: nothing that is entered is below nothing.
            units: Number(asked / parts),
            entered: { quantity: text, ...pack },
          });
        } else expect(found).toMatchObject({ code });
      }),
      { numRuns: 3_000 },
    );
    for (const outcome of ['exact', 'QUANTITY_TOO_PRECISE', 'QUANTITY_TOO_LARGE']) {
      expect([outcome, (seen[outcome] ?? 0) > 100]).toEqual([outcome, true]);
    }
  });

  test('comes back from base units as it was, in its shortest form', () => {
    const inPack = fc.record({ base: fc.maxSafeNat(), places: decimals, isBelow: fc.boolean() });
    fc.assert(
      fc.property(inPack, ({ base, places, isBelow }) => {
        const units = isBelow && base > 0 ? -base : base;
        const item = {
          unit: 'kg',
          decimals: places,
          units: [{ unit: 'one', numerator: 1, denominator: 1 }],
        };
        const text = fromBaseUnits(units, places);
        expect(enteredQuantity({ quantity: text }, item)).toStrictEqual({ units, entered: null });
        expect(enteredQuantity({ quantity: text, unit: 'one' }, item)).toMatchObject({ units });
      }),
    );
  });

  test('a pack and its inverse undo each other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        factor,
        factor,
        (n, numerator, denominator) => {
          const there = { unit: 'there', numerator, denominator };
          const back = { unit: 'back', numerator: denominator, denominator: numerator };
          const item = { unit: 'each', decimals: 0, units: [there, back] };
          const found = enteredQuantity({ quantity: String(n), unit: 'there' }, item);
          fc.pre('units' in found);
          expect(
            enteredQuantity({ quantity: String(found.units), unit: 'back' }, item),
          ).toMatchObject({
            units: n,
          });
        },
      ),
    );
  });

  test('packs add up: so many at once are as many as one by one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 0, max: 1_000 }),
        unit,
        decimals,
        (a, b, pack, places) => {
          const item = { unit: 'kg', decimals: places, units: [pack] };
          const of = (n: number) => enteredQuantity({ quantity: String(n), unit: 'pack' }, item);
          const [one, other, both] = [of(a), of(b), of(a + b)];
          fc.pre('units' in one && 'units' in other && 'units' in both);
          expect(one.units + other.units).toBe(both.units);
        },
      ),
    );
  });
});
