import { rm } from 'node:fs/promises';
import { EventStoreDBClient, NO_STREAM, type JSONEventType } from '@eventstore/db-client';
import {
  collect,
  newFolder,
  newStream,
  received,
  spawnNode,
  spawnReadyNode,
  until,
} from './support';

type StockReceived = JSONEventType<'StockReceived', { readonly quantity: number }>;

let folder: string;
beforeEach(async () => (folder = await newFolder()));
afterEach(() => rm(folder, { recursive: true, force: true }));

const portOf = (url: string): number => Number(/:(\d+)/.exec(url)?.[1]);

test('given appends in flight, when the node is killed and started again, then all that was acknowledged is there, whole and once', async () => {
  const first = await spawnReadyNode(folder);
  // The only client of this process: it reconnects to the node's successor on the same port.
  const client = EventStoreDBClient.connectionString(first.url);
  const acknowledged = new Map<string, bigint>();
  const attempted: string[] = [];
  let running = true;
  const writer = async (): Promise<void> => {
    while (running) {
      const stream = newStream();
      attempted.push(stream);
      const events = [1, 2, 3].map(received);
      const result = await client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
      acknowledged.set(stream, result.position?.commit ?? -1n);
    }
  };
  const writers = Promise.allSettled(Array.from({ length: 32 }, writer));
  await until(() => acknowledged.size >= 200);
  await first.end('SIGKILL');
  running = false;
  await writers;

  const second = await spawnReadyNode(folder, portOf(first.url));
  await until(() =>
    client.appendToStream('stock-probe', received(0)).then(
      () => true,
      () => false,
    ),
  );
  for (const stream of attempted) {
    const stored = await collect(client.readStream<StockReceived>(stream)).catch(() => []);
    const position = acknowledged.get(stream);
    if (position !== undefined) expect(stored.at(-1)?.event?.position?.commit).toBe(position);
    // What was not acknowledged may be there, but only as a whole.
    expect([0, 3]).toContain(stored.length);
    if (stored.length > 0) expect(stored.map((e) => e.event?.data.quantity)).toEqual([1, 2, 3]);
  }
  await client.dispose();
  expect(await second.end('SIGTERM')).toBe(0);
});

test('given a folder in use, when a second node is started on it, then it says so and exits with 1', async () => {
  const first = await spawnReadyNode(folder);
  const second = await spawnNode(folder);
  expect(second).toMatchObject({ failed: { code: 1 } });
  expect('failed' in second && second.failed.stderr).toContain(`in use by process ${first.pid}`);
  await first.end('SIGKILL');
  const third = await spawnReadyNode(folder);
  expect(await third.end('SIGINT')).toBe(0);
});

test('given a taken port, when a node is started on it, then it says so and exits with 1', async () => {
  const first = await spawnReadyNode(folder);
  const other = await newFolder();
  const second = await spawnNode(other, portOf(first.url));
  expect(second).toMatchObject({ failed: { code: 1 } });
  expect('failed' in second && second.failed.stderr).toContain('another program is using it');
  await first.end('SIGTERM');
  await rm(other, { recursive: true, force: true });
});
