/** The fields of `wanted` that differ from what is, nothing else. */
export function changesOf<T extends object, K extends keyof T>(
  current: T,
  wanted: Partial<Pick<T, K>>,
): Partial<Pick<T, K>> {
  const changes: Partial<Pick<T, K>> = {};
  for (const key of Object.keys(wanted) as K[]) {
    const value = wanted[key];
    if (value !== undefined && !isSame(value, current[key])) changes[key] = value;
  }
  return changes;
}

/** The same JSON value: the order of a list counts, that of an object's fields does not. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = new Map<string, unknown>(Object.entries(a));
  const right = new Map<string, unknown>(Object.entries(b));
  return (
    left.size === right.size &&
    [...left].every(([name, value]) => right.has(name) && isSame(value, right.get(name)))
  );
}
