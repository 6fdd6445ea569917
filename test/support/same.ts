import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';

/**
 * As `expect(actual).toStrictEqual(expected)`, for what is compared thousands of times: Node compares many times faster, and
 * jest is asked where that finds a difference.
 */
export function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

/** Remembers what a value is; what it gives back fails where somebody has written on the value since. */
export function sealed(value: unknown): () => void {
  const before = serialize(value);
  return () => {
    if (!serialize(value).equals(before)) expect(value).toStrictEqual(deserialize(before));
  };
}
