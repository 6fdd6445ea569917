import { collectFigures, meets, tableOf, type Figure } from './figures';

const figure = (values: readonly number[], asked: Partial<Figure> = {}): Figure => ({
  section: 'work',
  name: 'appends',
  unit: '/s',
  values,
  ...asked,
});

describe('a figure', () => {
  it.each([
    ['the median reaches what is asked', [900, 1000, 5000], { atLeast: 1000 }, true],
    ['only the best run reaches it', [900, 999, 5000], { atLeast: 1000 }, false],
    ['the mean reaches it, the median does not', [1, 2, 9000], { atLeast: 1000 }, false],
    ['the median is as large as allowed', [1.1, 1.2, 9], { atMost: 1.2 }, true],
    ['the median is larger than allowed', [1.1, 1.21, 9], { atMost: 1.2 }, false],
    ['runs came in any order', [5000, 900, 999], { atLeast: 1000 }, false],
    ['of two runs the lower one misses by more', [998, 1001], { atLeast: 1000 }, false],
    ['of two runs the higher one misses by more', [1.1, 1.4], { atMost: 1.2 }, false],
    ['nothing is asked', [1], {}, true],
    ['nothing was measured', [], { atLeast: 0 }, false],
  ])('%s', (_case, values, asked, met) => {
    expect(meets(figure(values, asked))).toBe(met);
  });
});

describe('the table', () => {
  it('shows least, median and greatest, what is asked, and what is missed', () => {
    const text = tableOf([
      figure([3000, 1000, 2000], { atLeast: 2500 }),
      figure([1.5], { name: 'start', unit: 's', atMost: 2 }),
    ]);
    expect(text.split('\n')).toEqual([
      'figure       min  median    max      asked',
      '',
      'work',
      '  appends  1,000   2,000  3,000  /s  ≥ 2,500  MISSED',
      '  start     1.50    1.50   1.50  s   ≤ 2      ok',
    ]);
  });

  it('keeps what belongs together together, whenever it was measured', () => {
    const figures = collectFigures();
    figures.note('a', 'first', '/s', 1);
    figures.note('b', 'other', '/s', 2);
    figures.note('a', 'second', '/s', 3);
    figures.note('a', 'first', '/s', 4);
    const names = tableOf(figures.all())
      .split('\n')
      .map((line) => line.trim().split('  ')[0]);
    expect(names).toEqual(['figure', '', 'a', 'first', 'second', '', 'b', 'other']);
    expect(figures.all()[0]?.values).toEqual([1, 4]);
  });
});
