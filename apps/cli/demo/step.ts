/** Present in the answer, whatever it is: ids and instants of the run. */
export const ANY = Symbol('any');

/** What an answer must say; fields that are not named are free, lists are named whole. */
export type Expected =
  | string
  | number
  | boolean
  | null
  | typeof ANY
  | readonly Expected[]
  | { readonly [field: string]: Expected };

/** One request of a story and what its answer must be. What is expected is also what is shown. */
export interface Step {
  /** What happens and why it matters, in one sentence. */
  readonly tell: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly status: number;
  /** The answer must say that it was decided before, and be the very answer of then. */
  readonly replayed?: boolean;
  readonly answer: { readonly [field: string]: Expected };
}

export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Whether an answer says what is expected of it. */
export function says(actual: unknown, expected: Expected): boolean {
  if (expected === ANY) return actual !== undefined && actual !== null;
  if (Array.isArray(expected)) {
    const entries = expected as readonly Expected[];
    return (
      Array.isArray(actual) &&
      actual.length === entries.length &&
      entries.every((entry, i) => says(actual[i], entry))
    );
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected);
  if (typeof actual !== 'object' || actual === null) return false;
  const fields = actual as Readonly<Record<string, unknown>>;
  return Object.entries(expected).every(([name, value]) => says(fields[name], value));
}

/** The part of an answer that is named in what is expected of it. */
export function shownOf(actual: unknown, expected: Expected): unknown {
  if (Array.isArray(expected)) {
    const entries = expected as readonly Expected[];
    const told = Array.isArray(actual) ? (actual as readonly unknown[]) : [];
    return entries.map((entry, i) => shownOf(told[i], entry));
  }
  if (typeof expected !== 'object' || expected === null) return actual;
  const fields = (actual ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [name, shownOf(fields[name], value)]),
  );
}
