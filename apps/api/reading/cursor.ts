import type { Keys } from '../../../libs/postgres/queries';
import { sha256 } from '../../../libs/runtime';
import { canonicalJson } from '../http/canonical';
import { ProblemError } from '../http/errors';

/** What a cursor is bound to: a list with its order and its filters. */
export const fingerprintOf = (list: string, filters: object): string =>
  sha256(`${list}\n${canonicalJson(filters)}`).slice(0, 12);

export const cursorOf = (fingerprint: string, keys: Keys): string =>
  Buffer.from(JSON.stringify([fingerprint, ...keys])).toString('base64url');

export function keysOf(fingerprint: string, cursor: string): Keys {
  const parts = decode(cursor);
  if (!parts) {
    throw new ProblemError(
      'CURSOR_INVALID',
      'send nextCursor of the page before as it is, or none',
    );
  }
  const [bound, ...keys] = parts;
  if (bound !== fingerprint) {
    throw new ProblemError(
      'CURSOR_INVALID',
      'the cursor belongs to another list, order or filter; begin again without it',
    );
  }
  return keys;
}

function decode(cursor: string): string[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const isOurs =
      Array.isArray(parts) &&
      parts.length > 1 &&
      parts.every((part) => typeof part === 'string' && !part.includes('\0'));
    return isOurs ? (parts as string[]) : undefined;
  } catch {
    return undefined;
  }
}
