import { rm } from 'node:fs/promises';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { RunningEventNode } from '../../../libs/embedded/eventstore';
import { rawRead } from './raw-reads';
import { rawUnaryAppend } from './raw-writes';
import { newFolder, newStream, openStreams, startNodeOnly } from './support';

const HOUR_MS = 3_600_000;

let folder: string;
let node: RunningEventNode;
let streams: StreamsClient;
beforeAll(async () => {
  folder = await newFolder();
  node = await startNodeOnly(folder);
  streams = openStreams(node);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  streams.close();
  await node.stop();
  await rm(folder, { recursive: true, force: true });
});

const begun = Date.now();
/** The node runs in this process: its clock is ours. */
const setClock = (hours: number) =>
  jest.spyOn(Date, 'now').mockImplementation(() => begun + hours * HOUR_MS);

const append = (stream: string) => rawUnaryAppend(streams, { stream, events: [{}] });
const keep = (stream: string, seconds: number) =>
  rawUnaryAppend(streams, {
    stream: `$$${stream}`,
    events: [{ type: '$metadata', data: `{"$maxAge":${seconds}}` }],
  });
const shown = async (stream: string): Promise<string[]> =>
  (await rawRead(streams, { stream })).texts.map((text) => text.split(' ')[0] ?? '');

test('given events of several hours, when $maxAge is set, then each read hides those that are older by then', async () => {
  const stream = newStream();
  for (const hour of [0, 1, 2, 3]) {
    setClock(hour);
    await append(stream);
  }
  await keep(stream, 7000);
  expect(await shown(stream)).toEqual([`${stream}/2`, `${stream}/3`]);
  setClock(4);
  expect(await shown(stream)).toEqual([`${stream}/3`]);
  setClock(9);
  expect(await shown(stream)).toEqual([]);
  await append(stream);
  expect(await shown(stream)).toEqual([`${stream}/4`]);
});

test('given a clock that has been set back, when events are appended, then none is older than those before it', async () => {
  const stream = newStream();
  for (const hour of [20, 10]) {
    setClock(hour);
    await append(stream);
  }
  const { messages } = await rawRead(streams, { stream });
  const created = messages.map(({ event }) => event?.getEvent()?.getMetadataMap().get('created'));
  expect(created[1]).toBe(created[0]);
});
