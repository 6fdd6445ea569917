import { rm } from 'node:fs/promises';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import {
  scavengeFolder,
  scavengeNode,
  startEventNode,
  verifyFolder,
  type Health,
} from '../../../libs/embedded/eventstore';
import { createLogger } from '../../../libs/runtime';
import { collect, newFolder, newStream, received, spawnReadyNode, until, portOf } from './support';

const logger = createLogger('test', 'silent');
const nothing = (): void => undefined;
const padding = 'x'.repeat(900);
const batchOf = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    jsonEvent({ type: 'StockCounted', data: { n, padding } }),
  );

let folder: string;
beforeEach(async () => (folder = await newFolder()));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('given a running node', () => {
  test('when much is written, hidden and scavenged over and over, then the file stops growing and appends go on at their pace', async () => {
    const node = await startEventNode({ dataFolder: folder, host: '127.0.0.1', port: 0, logger });
    const client = EventStoreDBClient.connectionString(node.url);
    const streams = Array.from({ length: 16 }, newStream);
    for (const stream of streams) await client.setStreamMetadata(stream, { maxCount: 5 });
    const round = async (): Promise<number> => {
      for (let i = 0; i < 4; i += 1) {
        await Promise.all(streams.map((stream) => client.appendToStream(stream, batchOf(40))));
      }
      const busy = { isOver: false };
      const pace = appendUntil(client, busy);
      await scavengeNode(node.url, nothing);
      busy.isOver = true;
      latenciesMs.push(...(await pace));
      return node.health().fileBytes;
    };
    const latenciesMs: number[] = [];
    const sizes: number[] = [];
    for (let i = 0; i < 6; i += 1) sizes.push(await round());
    const written = 6 * 4 * 16 * 40 * 1_000;
    expect(sizes.at(-1)).toBeLessThan(1.3 * (sizes[1] ?? 0));
    expect(sizes.at(-1)).toBeLessThan(written / 2);
    latenciesMs.sort((a, b) => a - b);
    const p99 = latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? Infinity;
    expect(p99).toBeLessThan(1_000);
    await client.dispose();
    await node.stop();
  });
});

/** One append after the other; answers how long each took, in ms. */
async function appendUntil(
  client: EventStoreDBClient,
  busy: { readonly isOver: boolean },
): Promise<number[]> {
  const stream = newStream();
  const latencies: number[] = [];
  while (!busy.isOver) {
    const startedAt = performance.now();
    await client.appendToStream(stream, received(1));
    latencies.push(performance.now() - startedAt);
  }
  return latencies;
}

test('given a scavenge, when the node is killed in the middle of it, then nothing is damaged and the next scavenge ends the work', async () => {
  let node = await spawnReadyNode(folder, 0, { more: ['--health-port', '0'] });
  const client = EventStoreDBClient.connectionString(node.url);
  const streams = Array.from({ length: 20 }, newStream);
  for (const stream of streams) {
    await client.appendToStream(stream, batchOf(300));
    await client.setStreamMetadata(stream, { maxCount: 5 });
  }
  const healthOf = async (): Promise<Health> =>
    (await (await fetch(node.healthUrl ?? '')).json()) as Health;
  const before = (await healthOf()).events;
  for (const part of [0.2, 0.5]) {
    const scavenging = scavengeNode(node.url, nothing).catch(nothing);
    await until(async () => (await healthOf()).events < before - part * 5_900);
    await node.end('SIGKILL');
    await scavenging;
    const { damages, events } = await verifyFolder(folder, nothing);
    expect(damages).toEqual([]);
    expect(events).toBeGreaterThan(100);
    node = await spawnReadyNode(folder, portOf(node.url), { more: ['--health-port', '0'] });
  }
  expect((await healthOf()).events).toBeGreaterThan(200);
  const last = await scavengeNode(node.url, nothing);
  expect(last.data).toMatchObject({ result: 'Success' });
  await until(() =>
    client.appendToStream(newStream(), received(0)).then(
      () => true,
      () => false,
    ),
  );
  for (const stream of streams) {
    const events = await collect(client.readStream(stream));
    expect(events.map(({ event }) => event?.revision)).toEqual([295n, 296n, 297n, 298n, 299n]);
  }
  await client.dispose();
  expect(await node.end('SIGTERM')).toBe(0);
  expect((await verifyFolder(folder, nothing)).damages).toEqual([]);
});

test('given a folder, when it is scavenged without a node, then that works for a stopped one and is refused for others', async () => {
  await expect(scavengeFolder(folder, logger, nothing)).rejects.toThrow(
    'There is no event store in',
  );
  const node = await spawnReadyNode(folder);
  const client = EventStoreDBClient.connectionString(node.url);
  const stream = newStream();
  await client.appendToStream(stream, batchOf(10));
  await client.setStreamMetadata(stream, { maxCount: 1 });
  await expect(scavengeFolder(folder, logger, nothing)).rejects.toThrow(
    `in use by process ${node.pid}`,
  );
  await client.dispose();
  await node.end('SIGTERM');
  const { events, bytes } = await scavengeFolder(folder, logger, nothing);
  expect(events).toBe(9);
  expect(bytes).toBeGreaterThan(9 * 900);
  expect((await verifyFolder(folder, nothing)).damages).toEqual([]);
});

test('given no node at an address, when it is asked to scavenge, then that is said with what to do', async () => {
  await expect(scavengeNode('esdb://127.0.0.1:1?tls=false', nothing)).rejects.toThrow(
    'is it running there?',
  );
  await expect(scavengeNode('nonsense', nothing)).rejects.toThrow('looks like esdb://');
});
