import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openGroup } from '../libs/embedded/eventstore/group';
import { openStore } from '../libs/embedded/eventstore/store';
import { lockFolder } from '../libs/runtime';

/**
 * `node dist/bench/generate-log.js FOLDER EVENTS [STREAMS]`: fills a folder of the event node with events of 300 bytes,
 * through the node's own store code but without gRPC, to measure at sizes that take hours to append.
 */
const EVENTS_PER_COMMIT = 100_000;
/** A commit carries on so many streams by several events each, as a busy day does. */
const EVENTS_PER_STREAM = 10;
const DATA_BYTES = 300;
const TYPE = Buffer.from('StockReceived');
const METADATA = Buffer.from('{"actor":"generator"}');

async function generate(folder: string, events: number, streams: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  const store = openStore(join(folder, 'events.mdb'));
  const begun = performance.now();
  for (let made = 0; made < events; made += EVENTS_PER_COMMIT) {
    commitEvents(store, made, Math.min(EVENTS_PER_COMMIT, events - made), streams);
    if ((made / EVENTS_PER_COMMIT) % 10 === 9) report(made + EVENTS_PER_COMMIT, begun);
  }
  report(events, begun);
  await store.close();
  await lock.release();
}

function commitEvents(
  store: ReturnType<typeof openStore>,
  first: number,
  count: number,
  streams: number,
): void {
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

function report(made: number, begun: number): void {
  const seconds = (performance.now() - begun) / 1000;
  console.error(`${made} events in ${seconds.toFixed(1)} s, ${Math.round(made / seconds)}/s`);
}

const [folder, events, streams = '100000'] = process.argv.slice(2);
if (folder === undefined || !(Number(events) > 0) || !(Number(streams) > 0)) {
  console.error('usage: node dist/bench/generate-log.js FOLDER EVENTS [STREAMS]');
  process.exitCode = 2;
} else {
  generate(resolve(folder), Number(events), Number(streams)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
