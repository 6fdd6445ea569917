import { randomUUID } from 'node:crypto';
import { deliveryFor } from './delivery';
import { streamDeleted } from './errors';
import type { LogFilter } from './filters';
import type { LiveEvent } from '../log/group';
import { metastreamOf } from '../log/heads';
import { CAUGHT_UP, checkpoint, confirmation } from './messages';
import type { EventNode } from '../node';
import type { Outlet } from './outlet';
import type { LogPosition, LogRead, Start, StreamRead } from './read-options';
import { PAGE_ROWS, requireRecordAt } from './reads';
import { holdsEvent, TOMBSTONE_REVISION } from '../log/record';
import type { Store } from '../log/store';
import { firstVisible, isFound, isTombstoned } from '../log/visibility';

/** Follows the whole log: what is stored, `caughtUp`, then what is committed from then on. */
export async function subscribeToLog(
  node: EventNode,
  read: LogRead,
  outlet: Outlet,
): Promise<void> {
  const { store, feed } = node;
  const { filter } = read;
  const deliver = deliveryFor(store, read);
  const counter = filter && countCheckpoints(filter);
  let next = firstAfter(store, read.from);
  await outlet.send(confirmation(randomUUID()));

  while (!outlet.closed()) {
    const rows = store.readLog(next, store.tail().position, PAGE_ROWS);
    const last = rows.at(-1);
    if (!last) break;
    for (const { position, row } of rows) {
      const isEvent = holdsEvent(row);
      const isMatch = isEvent && (!filter || filter.matches(row));
      const wait = isMatch ? outlet.send(deliver(position, row)) : undefined;
      if (wait) await wait;
      const mark = counter?.stored(position, isEvent, isMatch);
      if (mark) await outlet.send(mark);
      if (outlet.closed()) return;
    }
    next = last.position + 1;
  }
  if (outlet.closed()) return;

  // Nothing may come between finding the end of the log and following it.
  outlet.onClose(
    feed.follow(undefined, (events) => {
      const messages: Buffer[] = [];
      for (const { position, row } of events) {
        if (!filter || filter.matches(row)) messages.push(deliver(position, row));
        const mark = counter?.live(position);
        if (mark) messages.push(mark);
      }
      if (messages.length > 0) outlet.sendLive(messages);
    }),
  );
  outlet.sendLive([CAUGHT_UP]);
}

/** Subscriptions begin after their position; beyond the end of the log they begin with what is appended next. */
function firstAfter(store: Store, from: Start<LogPosition>): number {
  const end = store.tail().position;
  if (from === 'start') return 0;
  if (from === 'end') return end;
  requireRecordAt(store, from.commit);
  // A checkpoint with a lower prepare position lies just before the event at its commit position.
  return Math.min(from.prepare < from.commit ? from.commit : from.commit + 1, end);
}

/** Counts the considered events of a filtered subscription and says when a checkpoint is due. */
function countCheckpoints({ window, interval }: LogFilter) {
  let considered = 0;
  let inPage = 0;
  let pageStart: number | undefined;
  let matched: number | undefined;
  return {
    /** After a stored record: checkpoints are thought of at the end of a page of `window` events only. */
    stored(position: number, isEvent: boolean, isMatch: boolean): Buffer | undefined {
      pageStart ??= position;
      if (!isEvent) return undefined;
      if (isMatch) matched = position;
      considered += 1;
      inPage += 1;
      if (inPage < window) return undefined;
      const mark = matched === undefined ? checkpoint(pageStart, 0) : checkpoint(matched, matched);
      inPage = 0;
      pageStart = matched = undefined;
      if (considered < interval) return undefined;
      considered = 0;
      return mark;
    },
    live(position: number): Buffer | undefined {
      considered += 1;
      if (considered < interval) return undefined;
      considered = 0;
      return checkpoint(position, position);
    },
  };
}

/** Follows one stream. While there is none it waits, and says nothing but that it is confirmed. */
export async function subscribeToStream(
  node: EventNode,
  read: StreamRead,
  outlet: Outlet,
): Promise<void> {
  const { store } = node;
  const { stream, from } = read;
  const fromEnd = from === 'end';
  if (!fromEnd && isTombstoned(store.head, stream, store.head(stream))) throw streamDeleted(stream);
  await outlet.send(confirmation(randomUUID()));
  if (fromEnd) followStream(node, read, outlet, 0);
  else await catchUp(node, read, outlet, from === 'start' ? 0 : from + 1);
}

/** Sends what is stored and then, without a turn in between, what is committed from then on. */
async function catchUp(
  node: EventNode,
  read: StreamRead,
  outlet: Outlet,
  first: number,
): Promise<void> {
  const { store } = node;
  const { stream } = read;
  const deliver = deliveryFor(store, read);
  let next = first;
  while (!outlet.closed()) {
    const head = store.head(stream);
    if (isTombstoned(store.head, stream, head)) throw streamDeleted(stream);
    if (!isFound(head)) {
      await somethingHappens(node, stream, outlet);
      continue;
    }
    const begin = Math.max(next, firstVisible(store, stream, head, Date.now()));
    if (begin > head.last) {
      return followStream(node, read, outlet, Math.max(next, head.last + 1));
    }
    const rows = store.readStream(head.number, begin, head.last, PAGE_ROWS);
    if (rows.length === 0) throw new Error(`revision ${begin} of ${stream} is not in the index`);
    for (const { position, row } of rows) {
      const wait = outlet.send(deliver(position, row));
      if (wait) await wait;
      if (outlet.closed()) return;
    }
    next = begin + rows.length;
  }
}

/** Revisions below `next` are skipped, also those that do not exist yet. */
function followStream(node: EventNode, read: StreamRead, outlet: Outlet, next: number): void {
  const deliver = deliveryFor(node.store, read);
  const isDue = ({ revision }: LiveEvent): boolean =>
    revision === TOMBSTONE_REVISION || revision >= next;
  const stop = node.feed.follow(read.stream, (events) => {
    const due = events.filter(isDue);
    outlet.sendLive(due.map(({ position, row }) => deliver(position, row)));
    if (due.at(-1)?.revision !== TOMBSTONE_REVISION) return;
    outlet.failAfterBacklog(streamDeleted(read.stream));
  });
  outlet.onClose(stop);
  outlet.sendLive([CAUGHT_UP]);
}

/** Waits for a commit to the stream or its metadata, either of which may bring it into being. */
function somethingHappens(node: EventNode, stream: string, outlet: Outlet): Promise<void> {
  return new Promise((resolve) => {
    const stops = [stream, metastreamOf(stream)].map((name) => node.feed.follow(name, () => go()));
    const go = (): void => {
      for (const stop of stops) stop();
      resolve();
    };
    outlet.onClose(go);
  });
}
