import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LiveEvent } from './group';
import { holdsEvent, revisionOf, streamBytesOf } from './record';
import type { Store } from './store';

/** Why nothing can be written, in words for those who are refused. */
export function reasonOf(error: Error, file: string): string {
  // The storage engine tells a full disk as an input/output error.
  return hasRoom(file)
    ? `writing to the disk failed (${error.message}); appends are refused until it works again`
    : 'the disk is full; appends are refused until there is space again';
}

/** Room for a group of appends and the pages that change with it. */
const ROOM_BYTES = 16 << 20;

export function hasRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    // A disk that does not even say so is tried by writing.
    return true;
  }
}

const PAGE_ROWS = 1_000;

/**
 * Opens the file anew after a failed write and answers what that write has left in it nevertheless: it was told to
 * nobody, but it is part of the log from now on. Throws when the file cannot be opened.
 */
export function reopen(store: Store): LiveEvent[] {
  let from = store.tail().position;
  store.reopen();
  const found: LiveEvent[] = [];
  for (;;) {
    const rows = store.readLog(from, store.tail().position, PAGE_ROWS);
    const last = rows.at(-1);
    if (!last) return found;
    for (const { position, row } of rows) {
      if (!holdsEvent(row)) continue;
      const stream = streamBytesOf(row).toString('utf8');
      found.push({ position, row, stream, revision: revisionOf(row) });
    }
    from = last.position + 1;
  }
}
