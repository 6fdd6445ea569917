import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Group } from '../../libs/embedded/eventstore/log/group';
import { eventsFileIn } from '../../libs/embedded/eventstore/open-node';
import { streamBytesOf } from '../../libs/embedded/eventstore/log/record';
import { openStore, type Store } from '../../libs/embedded/eventstore/log/store';
import { lockFolder } from '../../libs/runtime';
import { fillLog } from './fill-log';
import { DATA, METADATA, TYPE } from './sample';

/** A data folder of the event node and where in it work is done. */
export interface Log {
  readonly folder: string;
  readonly events: number;
  /** Positions of records all over the log, in mixed order, with `SLICE` events behind each. */
  readonly places: readonly number[];
  /** Names of streams whose events lie all over the log. */
  readonly streams: readonly string[];
}

/** So many events are read from a place: the whole of a small log. */
export const SLICE = 10_000;

const MOST_STREAMS = 100_000;
const PLACES = 16;
const STREAMS = 1_000;

/** A log in a temporary folder: ten events in each stream, more only where that would be too many streams. */
export async function newLog(events: number): Promise<Log> {
  const folder = await mkdtemp(join(tmpdir(), 'lotstream-log-'));
  await fillLog(folder, events, MOST_STREAMS);
  return surveyLog(folder, events);
}

export const removeLog = ({ folder }: Log): Promise<void> =>
  rm(folder, { recursive: true, force: true });

/** Adds a sample event to what will be committed together. */
export function addEvent(group: Group, stream: string): void {
  const head = group.head(stream) ?? group.createHead();
  group.add(stream, head, head.last + 1, {
    id: randomUUID(),
    type: Buffer.from(TYPE),
    isJson: true,
    data: DATA,
    metadata: METADATA,
  });
  group.setHead(stream, { ...head, last: head.last + 1 });
}

export function commit(store: Store, group: Group): void {
  const ready = group.commit();
  if (ready) store.commit(ready);
}

/** Looks a closed log over; `events` is how many it holds. */
export async function surveyLog(folder: string, events: number): Promise<Log> {
  const file = eventsFileIn(folder);
  const lock = await lockFolder(folder);
  const store = openStore(file);
  try {
    const end = store.tail().position;
    const recordAt = (share: number) => store.readLog(Math.floor(share * end), end, 1)[0];
    const shares = Array.from({ length: PLACES }, (_, i) => ((i * 7) % PLACES) / PLACES);
    const places = shares
      .filter((share) => share === 0 || events * (1 - share) > SLICE)
      .map((share) => recordAt(share)?.position ?? 0);
    const names = Array.from({ length: STREAMS }, (_, i) => recordAt(i / STREAMS))
      .map((found) => (found ? streamNameOf(found.row) : ''))
      .filter((name) => name !== '' && !name.startsWith('$'));
    const streams = [...new Set(names)];
    for (const stream of streams) touch(store, stream);
    return { folder, events, places, streams };
  } finally {
    await store.close();
    await lock.release();
  }
}

/** Has the system read what an append to the stream needs: a small log is in memory as well. */
function touch(store: Store, stream: string): void {
  const head = store.head(stream);
  if (head) store.event(head.number, head.last);
}

function streamNameOf(row: Buffer): string {
  return streamBytesOf(row).toString('utf8');
}
