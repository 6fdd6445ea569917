import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openGroup } from '../../libs/embedded/eventstore/log/group';
import { EVENTS_FILE } from '../../libs/embedded/eventstore/open-node';
import { openStore, type Store } from '../../libs/embedded/eventstore/log/store';
import { lockFolder } from '../../libs/runtime';

const EVENTS_PER_COMMIT = 100_000;
/** A commit carries on so many streams by several events each, as a busy day does. */
const EVENTS_PER_STREAM = 10;
const DATA_BYTES = 300;
const TYPE = Buffer.from('StockReceived');
const METADATA = Buffer.from('{"actor":"generator"}');

export const storeFile = (folder: string): string => join(folder, EVENTS_FILE);

/**
 * Fills a folder of the event node with events of 300 bytes through the node's own store code, without gRPC, to measure
 * at sizes that take hours to append.
 */
export async function fillLog(
  folder: string,
  events: number,
  streams: number,
  onProgress: (made: number) => void = () => {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  const store = openStore(storeFile(folder));
  for (let made = 0; made < events; made += EVENTS_PER_COMMIT) {
    const count = Math.min(EVENTS_PER_COMMIT, events - made);
    commitEvents(store, made, count, streams);
    onProgress(made + count);
  }
  await store.close();
  await lock.release();
}

function commitEvents(store: Store, first: number, count: number, streams: number): void {
  const group = openGroup(store, Date.now());
  const touched = Math.ceil(count / EVENTS_PER_STREAM);
  for (let n = first; n < first + count; n += 1) {
    const stream = `bench-${(Math.floor(first / EVENTS_PER_STREAM) + (n % touched)) % streams}`;
    const head = group.head(stream) ?? group.createHead();
    const revision = head.last + 1;
    group.add(stream, head, revision, {
      id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
      type: TYPE,
      isJson: true,
      data: Buffer.from(`{"n":${n},"note":"`.padEnd(DATA_BYTES - 2, 'x') + '"}'),
      metadata: METADATA,
    });
    group.setHead(stream, { ...head, last: revision });
  }
  const commit = group.commit();
  if (commit) store.commit(commit);
}
