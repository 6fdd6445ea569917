import { rm } from 'node:fs/promises';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { rawRead, type RawRead } from './raw-reads';
import { rawDelete, rawTombstone, rawUnaryAppend } from './raw-writes';
import { newFolder, openStreams, startNodeOnly } from './support';

let folder: string;
beforeEach(async () => (folder = await newFolder()));
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a node on the test's folder while something is done with it. */
async function during<T>(use: (streams: StreamsClient) => Promise<T>): Promise<T> {
  const node = await startNodeOnly(folder);
  const streams = openStreams(node);
  try {
    return await use(streams);
  } finally {
    streams.close();
    await node.stop();
  }
}

const append = (streams: StreamsClient, stream: string, count = 1) =>
  rawUnaryAppend(streams, { stream, events: Array.from({ length: count }, () => ({})) });
const setMetadata = (streams: StreamsClient, stream: string, data: string) =>
  rawUnaryAppend(streams, { stream: `$$${stream}`, events: [{ type: '$metadata', data }] });
const texts = async (streams: StreamsClient, read: RawRead): Promise<string[]> =>
  (await rawRead(streams, read)).texts;

test('given streams with rules and deletes, when the node is started again, then these still hold', async () => {
  await during(async (streams) => {
    await append(streams, 'truncated', 3);
    await setMetadata(streams, 'truncated', '{"$tb":2}');
    await append(streams, 'counted', 3);
    await setMetadata(streams, 'counted', '{"$maxCount":2}');
    await append(streams, 'deleted', 3);
    await rawDelete(streams, 'deleted', 'any');
    await append(streams, 'dead', 3);
    await rawTombstone(streams, 'dead', 'any');
    await setMetadata(streams, 'announced', '{"owner":"ann"}');
  });
  await during(async (streams) => {
    expect(await texts(streams, { stream: 'truncated' })).toEqual(['truncated/2 StockReceived']);
    expect(await texts(streams, { stream: 'counted' })).toEqual([
      'counted/1 StockReceived',
      'counted/2 StockReceived',
    ]);
    expect(await texts(streams, { stream: 'deleted' })).toEqual(['not found: deleted']);
    expect((await rawRead(streams, { stream: 'dead' })).end).toMatchObject({
      exception: 'stream-deleted',
    });
    const announced = { stream: 'announced', expected: 'stream_exists', events: [{}] } as const;
    expect(await rawUnaryAppend(streams, announced)).toMatchObject({ revision: '0' });
  });
});

test('given streams, when the node is started again, then revisions and positions go on and no stream takes the events of another', async () => {
  const before = await during(async (streams) => {
    await append(streams, 'old', 2);
    return append(streams, 'older', 2);
  });
  await during(async (streams) => {
    expect(await append(streams, 'old')).toMatchObject({ revision: '2' });
    const { position } = await append(streams, 'new');
    expect(Number(position)).toBeGreaterThan(Number(before.position));
    expect(await texts(streams, { stream: 'new' })).toEqual(['new/0 StockReceived']);
    expect(await texts(streams, { stream: 'old' })).toEqual([
      'old/0 StockReceived',
      'old/1 StockReceived',
      'old/2 StockReceived',
    ]);
    expect(await texts(streams, {})).toEqual([
      'old/0 StockReceived',
      'old/1 StockReceived',
      'older/0 StockReceived',
      'older/1 StockReceived',
      'old/2 StockReceived',
      'new/0 StockReceived',
    ]);
  });
});

test('given streams whose long names differ in the last letter only, when the node is started again, then each has its own events', async () => {
  const [first, second] = ['1', '2'].map((last) => `${'stock-'.repeat(300)}${last}`) as [
    string,
    string,
  ];
  await during(async (streams) => {
    await append(streams, first, 2);
    await append(streams, second, 1);
  });
  await during(async (streams) => {
    expect(await texts(streams, { stream: first })).toHaveLength(2);
    expect(await texts(streams, { stream: second })).toEqual([`${second}/0 StockReceived`]);
  });
});
