import { isUtf8 } from 'node:buffer';
import { ProblemError } from './errors';

export const BODY_LIMIT_BYTES = 64 * 1024;
/** Our deepest body is a list of objects; what is deeper is not meant for us. */
export const MAX_DEPTH = 6;

const POLLUTING_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** A NUL or half a character can be stored by no database and shown by no screen. */
// eslint-disable-next-line no-control-regex
const UNSTORABLE = /[\u0000\p{Surrogate}]/u;

/** The body as a value that is safe to look into; undefined for an empty one. */
export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new ProblemError('MALFORMED_JSON', 'the body is not UTF-8 text');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ProblemError('MALFORMED_JSON', `the body is not JSON: ${(error as Error).message}`);
  }
  inspect(value, 0, '');
  return value;
}

function inspect(value: unknown, depth: number, path: string): void {
  if (typeof value === 'string') return checkText(value, path);
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) {
    throw new ProblemError(
      'MALFORMED_JSON',
      `the body is nested more than ${MAX_DEPTH} levels deep`,
    );
  }
  if (Array.isArray(value)) {
    value.forEach((entry, index) => inspect(entry, depth + 1, `${path}[${index}]`));
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    if (POLLUTING_KEYS.has(name)) {
      throw new ProblemError('MALFORMED_JSON', `a field must not be named ${name}`);
    }
    checkText(name, path);
    inspect(field, depth + 1, path === '' ? name : `${path}.${name}`);
  }
}

/** Throws for text that nothing behind us could keep. */
export function checkText(text: string, field: string): void {
  if (!UNSTORABLE.test(text)) return;
  const message = 'must not contain NUL or half a surrogate pair';
  throw new ProblemError('VALIDATION_FAILED', `${field || 'the body'} ${message}`, [
    { field, message },
  ]);
}
