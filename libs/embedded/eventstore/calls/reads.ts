import { deliveryFor, type Delivery } from './delivery';
import { streamDeleted, unknown } from './errors';
import { streamNotFound } from './messages';
import type { EventNode } from '../node';
import type { Outlet } from './outlet';
import type { LogPosition, LogRead, Start, StreamRead } from './read-options';
import { holdsEvent, isGap } from '../log/record';
import type { LogRow, Store } from '../log/store';
import { firstVisible, isFound, isTombstoned } from '../log/visibility';

/** Rows fetched at a time; a page is also bounded in bytes. */
export const PAGE_ROWS = 128;

/** Reads a part of one stream. What is appended meanwhile is not part of it. */
export async function readStream(node: EventNode, read: StreamRead, outlet: Outlet): Promise<void> {
  const { store } = node;
  const { stream, backwards } = read;
  const head = store.head(stream);
  if (isTombstoned(store.head, stream, head)) throw streamDeleted(stream);
  if (!isFound(head)) {
    await outlet.send(streamNotFound(stream));
    return outlet.end();
  }
  const deliver = deliveryFor(store, read);
  let lowest = firstVisible(store, stream, head, Date.now());
  const from = read.from === 'start' ? 0 : read.from === 'end' ? head.last : read.from;
  const step = backwards ? -1 : 1;
  let next = backwards ? Math.min(from, head.last) : Math.max(from, lowest);
  let missing = read.count ?? 0;
  while (missing > 0 && next >= lowest && next <= head.last && !outlet.closed()) {
    // What a scavenge has removed meanwhile is passed over.
    lowest = Math.max(lowest, store.head(stream)?.first ?? 0);
    if (!backwards) next = Math.max(next, lowest);
    if (next < lowest || next > head.last) break;
    const pageEnd = next + step * (Math.min(missing, PAGE_ROWS) - 1);
    const last = backwards ? Math.max(pageEnd, lowest) : Math.min(pageEnd, head.last);
    const rows = store.readStream(head.number, next, last, PAGE_ROWS);
    if (rows.length === 0) break;
    await sendRows(outlet, deliver, rows);
    missing -= rows.length;
    next += step * rows.length;
  }
  outlet.end();
}

/** Reads a part of the whole log. */
export async function readLog(node: EventNode, read: LogRead, outlet: Outlet): Promise<void> {
  const { store } = node;
  const { backwards, filter } = read;
  const end = store.tail().position;
  let [from, to] = rangeOf(store, read.from, backwards);
  const deliver = deliveryFor(store, read);
  let missing = read.count ?? 0;
  while (missing > 0 && from < to && !outlet.closed()) {
    const limit = filter ? PAGE_ROWS : Math.min(missing, PAGE_ROWS);
    const rows = store.readLog(from, Math.min(to, end), limit, backwards);
    const lastRow = rows.at(-1);
    if (!lastRow) break;
    if (backwards) to = lastRow.position;
    else from = lastRow.position + 1;
    const matching = rows.filter(({ row }) => holdsEvent(row) && (filter?.matches(row) ?? true));
    await sendRows(outlet, deliver, matching.slice(0, missing));
    missing -= matching.length;
  }
  outlet.end();
}

/** A read forwards includes the event at its position, one backwards takes the position as the one after an event. */
function rangeOf(store: Store, from: Start<LogPosition>, backwards: boolean): [number, number] {
  const end = store.tail().position;
  if (from === 'start') return backwards ? [0, 0] : [0, end];
  if (from === 'end') return backwards ? [0, end] : [end, end];
  requireRecordAt(store, from.commit);
  if (!backwards) return [from.commit, end];
  if (from.commit > end) throw unknown('the position is beyond the end of the log');
  return [0, from.commit];
}

/** Inside the log a position must be one that has been handed out, or in a gap where a scavenge has removed such. */
export function requireRecordAt(store: Store, position: number): void {
  if (position >= store.tail().position || store.row(position)) return;
  const [before] = store.readLog(0, position, 1, true);
  if (!before || !isGap(before.row)) throw unknown('the position is none of a record');
}

async function sendRows(outlet: Outlet, deliver: Delivery, rows: readonly LogRow[]): Promise<void> {
  for (const { position, row } of rows) {
    if (outlet.closed()) return;
    // Not awaiting what need not wait saves a turn per event.
    const wait = outlet.send(deliver(position, row));
    if (wait) await wait;
  }
}
