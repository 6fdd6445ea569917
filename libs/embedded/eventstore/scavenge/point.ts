import { isMetastream, type Head } from '../log/heads';
import type { Store } from '../log/store';
import { firstVisible, isTombstoned } from '../log/visibility';

/**
 * The revision below which a stream's events can be removed for good. The last event stays, whatever hides it, so that
 * the stream's revisions go on where they were; only a tombstone, which is kept, ends both a stream and its metadata.
 */
export function scavengePoint(
  store: Store,
  headOf: (stream: string) => Head | undefined,
  stream: string,
  head: Head,
  nowMs: number,
): number {
  if (head.last < 0) return 0;
  if (isTombstoned(headOf, stream, head)) return head.last + 1;
  if (isMetastream(stream)) return head.last;
  return Math.min(firstVisible(store, stream, head, nowMs), head.last);
}
