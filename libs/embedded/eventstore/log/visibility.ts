import { isMetastream, ownerOf, type Head } from './heads';
import { createdMsOf } from './record';
import type { Store } from './store';

/** The lowest revision that metadata does not hide; beyond the last one when all are hidden. */
export function firstVisible(store: Store, stream: string, head: Head, nowMs: number): number {
  // A metadata stream shows its last event only, whatever is said about it.
  if (isMetastream(stream)) return head.last;
  const byCount = head.last - head.maxCount + 1;
  const first = Math.max(head.first, head.truncateBefore, byCount);
  return head.maxAgeMs === Infinity ? first : youngEnough(store, head, first, nowMs);
}

export const isFound = (head: Head | undefined): head is Head =>
  head !== undefined && head.last >= 0 && !head.deleted;

/** A tombstone ends the stream and the one with its metadata. */
export function isTombstoned(
  headOf: (stream: string) => Head | undefined,
  stream: string,
  head: Head | undefined,
): boolean {
  if (head?.tombstoned) return true;
  return isMetastream(stream) && headOf(ownerOf(stream))?.tombstoned === true;
}

/** Creation times ascend within the log, so the first event that is young enough is found by bisection. */
function youngEnough(store: Store, head: Head, first: number, nowMs: number): number {
  const oldest = nowMs - head.maxAgeMs;
  let low = first;
  let high = head.last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = store.event(head.number, middle);
    // An event that is not stored yet has just been made.
    if (!found || createdMsOf(found.row) > oldest) high = middle;
    else low = middle + 1;
  }
  return low;
}
