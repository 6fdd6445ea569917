/**
 * Sorted values that never change: an update makes a new tree of O(log n) new nodes and shares the rest with the old one.
 * Balanced by weight (Adams: no side weighs more than three times the other), so neither order nor choice of the
 * values can make it deep. Every node carries a summary of all below it, so that sums and "is there any" need no walk.
 */
export type Tree<Value, Summary> = TreeNode<Value, Summary> | null;

interface TreeNode<Value, Summary> {
  readonly value: Value;
  readonly left: Tree<Value, Summary>;
  readonly right: Tree<Value, Summary>;
  readonly size: number;
  readonly summary: Summary;
}

export interface Order<Value, Summary> {
  /** Below 0 when `a` comes first; 0 only for two versions of the same value. */
  readonly compare: (a: Value, b: Value) => number;
  readonly summarise: (
    value: Value,
    left: Summary | undefined,
    right: Summary | undefined,
  ) => Summary;
}

const WEIGHT = 3;
const SINGLE_ROTATION = 2;

const sizeOf = (tree: Tree<unknown, unknown>): number => (tree === null ? 0 : tree.size);

function node<V, S>(
  order: Order<V, S>,
  value: V,
  left: Tree<V, S>,
  right: Tree<V, S>,
): TreeNode<V, S> {
  return {
    value,
    left,
    right,
    size: sizeOf(left) + sizeOf(right) + 1,
    summary: order.summarise(value, left?.summary, right?.summary),
  };
}

/** Adds a value, or takes it in the place of the one that compares equal. */
export function put<V, S>(order: Order<V, S>, tree: Tree<V, S>, value: V): TreeNode<V, S> {
  if (tree === null) return node(order, value, null, null);
  const side = order.compare(value, tree.value);
  if (side === 0) return node(order, value, tree.left, tree.right);
  return side < 0
    ? balanced(order, tree.value, put(order, tree.left, value), tree.right)
    : balanced(order, tree.value, tree.left, put(order, tree.right, value));
}

/** Without the value that compares equal. */
export function remove<V, S>(order: Order<V, S>, tree: Tree<V, S>, value: V): Tree<V, S> {
  if (tree === null) return null;
  const { left, right } = tree;
  const side = order.compare(value, tree.value);
  if (side < 0) return balanced(order, tree.value, remove(order, left, value), right);
  if (side > 0) return balanced(order, tree.value, left, remove(order, right, value));
  if (left === null) return right;
  if (right === null) return left;
  const next = outermost(right, 'left');
  return balanced(order, next, left, remove(order, right, next));
}

/** A tree of values that are in order already, in O(n). */
export function fromSorted<V, S>(
  order: Order<V, S>,
  values: readonly V[],
  from = 0,
  to = values.length,
): Tree<V, S> {
  if (from >= to) return null;
  const middle = (from + to) >>> 1;
  return node(
    order,
    values[middle]!,
    fromSorted(order, values, from, middle),
    fromSorted(order, values, middle + 1, to),
  );
}

/** The value for which `side` says 0; below 0 says that it comes before. */
export function find<V, S>(tree: Tree<V, S>, side: (value: V) => number): V | undefined {
  for (let at = tree; at !== null;) {
    const where = side(at.value);
    if (where === 0) return at.value;
    at = where < 0 ? at.left : at.right;
  }
  return undefined;
}

/**
 * Hands over the values in order, or from the last to the first, until `take` answers false. Parts whose summary is not
 * `worthIt` are passed over. True when it came to the end.
 */
export function visit<V, S>(
  tree: Tree<V, S>,
  direction: 'forwards' | 'backwards',
  worthIt: (summary: S) => boolean,
  take: (value: V) => boolean,
): boolean {
  if (tree === null || !worthIt(tree.summary)) return true;
  const [before, after] =
    direction === 'forwards' ? [tree.left, tree.right] : [tree.right, tree.left];
  return (
    visit(before, direction, worthIt, take) &&
    take(tree.value) &&
    visit(after, direction, worthIt, take)
  );
}

export function valuesOf<V>(tree: Tree<V, unknown>): V[] {
  const values: V[] = [];
  visit(
    tree,
    'forwards',
    () => true,
    (value) => values.push(value) > 0,
  );
  return values;
}

function outermost<V, S>(tree: TreeNode<V, S>, side: 'left' | 'right'): V {
  let at = tree;
  for (let next = at[side]; next !== null; next = at[side]) at = next;
  return at.value;
}

function balanced<V, S>(
  order: Order<V, S>,
  value: V,
  left: Tree<V, S>,
  right: Tree<V, S>,
): TreeNode<V, S> {
  const [l, r] = [sizeOf(left), sizeOf(right)];
  if (l + r < 2) return node(order, value, left, right);
  if (r > WEIGHT * l) return rotatedLeft(order, value, left, right!);
  if (l > WEIGHT * r) return rotatedRight(order, value, left!, right);
  return node(order, value, left, right);
}

function rotatedLeft<V, S>(
  order: Order<V, S>,
  value: V,
  left: Tree<V, S>,
  right: TreeNode<V, S>,
): TreeNode<V, S> {
  const { left: inner, right: outer } = right;
  if (inner === null || sizeOf(inner) < SINGLE_ROTATION * sizeOf(outer)) {
    return node(order, right.value, node(order, value, left, inner), outer);
  }
  return node(
    order,
    inner.value,
    node(order, value, left, inner.left),
    node(order, right.value, inner.right, outer),
  );
}

function rotatedRight<V, S>(
  order: Order<V, S>,
  value: V,
  left: TreeNode<V, S>,
  right: Tree<V, S>,
): TreeNode<V, S> {
  const { left: outer, right: inner } = left;
  if (inner === null || sizeOf(inner) < SINGLE_ROTATION * sizeOf(outer)) {
    return node(order, left.value, outer, node(order, value, inner, right));
  }
  return node(
    order,
    inner.value,
    node(order, left.value, outer, inner.left),
    node(order, value, inner.right, right),
  );
}
