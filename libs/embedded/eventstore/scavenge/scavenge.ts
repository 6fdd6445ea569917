import { setTimeout as pause } from 'node:timers/promises';
import type { Group } from '../log/group';
import type { Head } from '../log/heads';
import { streamBytesOf } from '../log/record';
import { scavengePoint } from './point';
import type { HeadRow, Store } from '../log/store';
import type { Writer } from '../log/writer';

export interface ScavengeProgress {
  /** How many streams have been looked at, of how many. */
  readonly streamsDone: number;
  readonly streams: number;
  readonly events: number;
  /** What the removed events took in the log; their place is used again. */
  readonly bytes: number;
}

const PAGE_STREAMS = 256;
/** Appends wait while a batch is removed, so one is small: some milliseconds. */
const BATCH_EVENTS = 256;
const BATCH_BYTES = 1 << 20;

/**
 * Removes what metadata, soft deletes and tombstones hide, in small transactions that share their sync with the appends
 * of the moment. It may end anywhere: a stream's head says in the same transaction what is gone, and the next run goes
 * on from there. Throws when nothing can be written; stops early when the signal says so.
 */
export async function scavenge(
  store: Store,
  writer: Writer,
  signal: AbortSignal,
  onProgress: (progress: ScavengeProgress) => void,
): Promise<ScavengeProgress> {
  const found = { streamsDone: 0, streams: store.size().streams, events: 0, bytes: 0 };
  let key: string | undefined;
  while (!signal.aborted) {
    const rows = store.heads(key, PAGE_STREAMS);
    const last = rows.at(-1);
    if (!last) break;
    let left = rows.flatMap((row) => removable(store, row));
    while (left.length > 0 && !signal.aborted) {
      const startedAt = performance.now();
      const batch = await removeBatch(writer, left);
      found.events += batch.events;
      found.bytes += batch.bytes;
      left = left.slice(batch.streamsDone);
      onProgress(found);
      // At most half of the time is the scavenge's.
      await pause(performance.now() - startedAt);
    }
    key = last.key;
    found.streamsDone += rows.length;
    found.streams = Math.max(found.streams, found.streamsDone);
    onProgress(found);
    await pause(0);
  }
  return found;
}

/** The name of a stream that has something to remove. */
function removable(store: Store, row: HeadRow): string[] {
  const name = row.name ?? nameOf(store, row);
  if (name === undefined) return [];
  const point = scavengePoint(store, store.head, name, row.head, Date.now());
  return point > row.head.first ? [name] : [];
}

/** A name too long to be a key stands in the stream's events. */
function nameOf(store: Store, { head }: HeadRow): string | undefined {
  const newest = store.event(head.number, head.last);
  return newest && streamBytesOf(newest.row).toString('utf8');
}

interface Batch {
  streamsDone: number;
  events: number;
  bytes: number;
}

function removeBatch(writer: Writer, streams: readonly string[]): Promise<Batch> {
  const batch: Batch = { streamsDone: 0, events: 0, bytes: 0 };
  return new Promise((resolve, reject) => {
    writer.submit({
      bytes: 0,
      deadlineMs: Infinity,
      decide: (group) => {
        for (const stream of streams) {
          if (!removeFrom(group, stream, batch)) break;
          batch.streamsDone += 1;
        }
        return { kind: 'success', revision: -1, position: undefined };
      },
      done: () => resolve(batch),
      failed: reject,
    });
  });
}

/** False when the batch is full before the stream is done. */
function removeFrom(group: Group, stream: string, batch: Batch): boolean {
  const headOf = (name: string): Head | undefined => group.head(name);
  let head = headOf(stream);
  if (!head) return true;
  const point = scavengePoint(group.store, headOf, stream, head, group.nowMs);
  for (; head && head.first < point; head = headOf(stream)) {
    if (batch.events >= BATCH_EVENTS || batch.bytes >= BATCH_BYTES) return false;
    const oldest = group.store.event(head.number, head.first);
    // What its own group is about to write is left for another time.
    if (!oldest) return true;
    batch.events += 1;
    batch.bytes += oldest.row.length;
    group.removeOldest(stream, head, oldest.position);
  }
  return true;
}
