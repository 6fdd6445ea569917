import fc from 'fast-check';
import { expectSame } from '../../test/support/same';
import {
  find,
  fromSorted,
  put,
  remove,
  valuesOf,
  visit,
  type Order,
  type Tree,
} from './sorted-tree';

/** Numbers with a mark that the order does not see; the summary is their sum. */
interface Marked {
  readonly n: number;
  readonly mark: string;
}
const order: Order<Marked, number> = {
  compare: (a, b) => a.n - b.n,
  summarise: ({ n }, left = 0, right = 0) => n + left + right,
};
type Numbers = Tree<Marked, number>;

const sizeOf = (tree: Numbers): number => tree?.size ?? 0;
const depthOf = (tree: Numbers): number =>
  tree === null ? 0 : 1 + Math.max(depthOf(tree.left), depthOf(tree.right));

/** What no update may break, in every node. */
function expectSound(tree: Numbers): void {
  if (tree === null) return;
  const { left, right, value } = tree;
  expectSame(tree.size, sizeOf(left) + sizeOf(right) + 1);
  expectSame(tree.summary, value.n + (left?.summary ?? 0) + (right?.summary ?? 0));
  if (sizeOf(left) + sizeOf(right) > 1) {
    expect(sizeOf(left)).toBeLessThanOrEqual(3 * sizeOf(right));
    expect(sizeOf(right)).toBeLessThanOrEqual(3 * sizeOf(left));
  }
  expectSound(left);
  expectSound(right);
}

const step = fc.record({
  puts: fc.boolean(),
  n: fc.integer({ min: 0, max: 40 }),
  mark: fc.constantFrom('a', 'b'),
});

test('given any updates, then it holds what a plain map holds, in order and balanced', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let tree: Numbers = null;
      const model = new Map<number, Marked>();
      for (const { puts, n, mark } of steps) {
        if (puts) model.set(n, { n, mark });
        else model.delete(n);
        const value = { n, mark };
        tree = puts ? put(order, tree, value) : remove(order, tree, value);
      }
      const sorted = [...model.values()].sort(order.compare);
      expect(valuesOf(tree)).toEqual(sorted);
      expectSound(tree);
      for (let n = 0; n <= 40; n += 1)
        expect(find(tree, (value) => n - value.n)).toEqual(model.get(n));
      const made = fromSorted(order, sorted);
      expect(valuesOf(made)).toEqual(sorted);
      expectSound(made);
    }),
  );
});

test('given a tree, when it is updated, then the tree that was is as it was', () => {
  const numbers = Array.from({ length: 100 }, (_, n) => ({ n, mark: 'a' }));
  const tree = fromSorted(order, numbers);
  const before = structuredClone(tree);
  put(order, tree, { n: 50, mark: 'b' });
  put(order, tree, { n: 500, mark: 'b' });
  remove(order, tree, { n: 7, mark: 'b' });
  expect(tree).toEqual(before);
});

test.each([
  ['rising', (n: number) => n],
  ['falling', (n: number) => -n],
  ['from both ends', (n: number) => (n % 2 === 0 ? n : -n)],
])('given 10,000 values that came %s, then none is deep', (_, nth) => {
  let tree: Numbers = null;
  for (let n = 0; n < 10_000; n += 1) tree = put(order, tree, { n: nth(n), mark: '' });
  expect(depthOf(tree)).toBeLessThan(30);
  for (let n = 0; n < 9_900; n += 1) tree = remove(order, tree, { n: nth(n), mark: '' });
  expect(depthOf(tree)).toBeLessThan(16);
  expectSound(tree);
});

describe('a visit', () => {
  const tree = fromSorted(
    order,
    Array.from({ length: 9 }, (_, n) => ({ n, mark: '' })),
  );
  const visited = (
    direction: 'forwards' | 'backwards',
    worthIt: (sum: number) => boolean,
    until: number,
  ): number[] => {
    const seen: number[] = [];
    visit(tree, direction, worthIt, ({ n }) => seen.push(n) > 0 && n !== until);
    return seen;
  };
  const always = (): boolean => true;

  test.each([
    ['forwards', -1, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['forwards', 3, [0, 1, 2, 3]],
    ['backwards', -1, [8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['backwards', 7, [8, 7]],
  ] as const)('goes %s until %i is refused', (direction, until, seen) => {
    expect(visited(direction, always, until)).toEqual(seen);
  });

  test('passes over what is not worth it', () => {
    // The lower four make a part of their own, and so does the 5.
    expect(visited('forwards', (sum) => sum > 6, -1)).toEqual([4, 6, 7, 8]);
    expect(visited('forwards', () => false, -1)).toEqual([]);
  });
});
