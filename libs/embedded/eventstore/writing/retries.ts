import { Ring } from '../../../runtime';

/**
 * Ids of recent events, so that a retried append with `any` or `stream_exists` is recognised. Best effort by the
 * protocol: bounded, and empty after a restart.
 */
export interface Retries {
  /** Revision that the id has in this stream, if it is remembered for it. */
  revisionOf(id: string, stream: number): number | undefined;
  remember(id: string, stream: number, revision: number): void;
  /** Forgets all: what was remembered may not have been written. */
  clear(): void;
}

const REMEMBERED = 80_000;

export function openRetries(limit = REMEMBERED): Retries {
  const known = new Map<string, { readonly stream: number; readonly revision: number }>();
  let ids = new Ring<string>(limit);
  return {
    revisionOf(id, stream) {
      const entry = known.get(id);
      return entry?.stream === stream ? entry.revision : undefined;
    },
    remember(id, stream, revision) {
      // An id counts for the stream that used it first; in a second one every retry is written.
      if (known.has(id)) return;
      known.set(id, { stream, revision });
      const gone = ids.push(id);
      if (gone !== undefined) known.delete(gone);
    },
    clear() {
      known.clear();
      ids = new Ring(limit);
    },
  };
}
