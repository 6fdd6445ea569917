import { readFile, rm } from 'node:fs/promises';
import { EventStoreDBClient, binaryEvent } from '@eventstore/db-client';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { Health } from '../../../libs/embedded/eventstore';
import { openRawConnection, type RawConnection } from './raw-connection';
import { newFolder, spawnReadyNode, until, type NodeProcess } from './support';

const EVENT_BYTES = 64 << 10;
const MIB = 1 << 20;

let folder: string;
let node: NodeProcess;
let client: EventStoreDBClient;
let raw: RawConnection;
beforeAll(async () => {
  folder = await newFolder();
  node = await spawnReadyNode(folder, 0, { more: ['--health-port', '0'] });
  client = EventStoreDBClient.connectionString(node.url);
  raw = openRawConnection(node.url);
});
afterAll(async () => {
  raw.close();
  await client.dispose();
  await node.end('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

const append = (count: number) =>
  client.appendToStream(
    'stock-1',
    Array.from({ length: count }, () =>
      binaryEvent({ type: 'A', data: Buffer.alloc(EVENT_BYTES) }),
    ),
  );
const healthOf = async (): Promise<Health> =>
  (await (await fetch(node.healthUrl ?? '')).json()) as Health;

/** What the process has made for itself, without the pages of the file that the system keeps at hand. */
async function ownBytes(): Promise<number> {
  const text = await readFile(`/proc/${node.pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(text)?.[1]) * 1024;
}

/** A call that never reads what it is sent. */
function stall(isSubscription: boolean): void {
  const call = raw.call('Read');
  call.stream.pause();
  const all = new ReadReq.Options.AllOptions();
  const options = new ReadReq.Options()
    .setNoFilter(new Empty())
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
  if (isSubscription) {
    options
      .setSubscription(new ReadReq.Options.SubscriptionOptions())
      .setAll(all.setEnd(new Empty()));
  } else options.setCount('1000000').setAll(all.setStart(new Empty()));
  call.send(new ReadReq().setOptions(options).serializeBinary());
  call.stream.end();
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'given many subscribers that do not read, when large events come, then they are cut off and cost bounded memory',
  async () => {
    await append(1);
    const before = await ownBytes();
    for (let i = 0; i < 200; i += 1) stall(true);
    await until(async () => (await healthOf()).subscriptions === 200);
    for (let i = 0; i < 150; i += 1) await append(1);
    await until(async () => (await healthOf()).subscriptions === 0);
    expect((await ownBytes()) - before).toBeLessThan(120 * MIB);
  },
);

onLinux(
  'given a log of 60 MiB, when many read it and take nothing, then the node does not fetch it for them',
  async () => {
    for (let i = 0; i < 60; i += 1) await append(15);
    const before = await ownBytes();
    const callsBefore = (await healthOf()).calls;
    for (let i = 0; i < 50; i += 1) stall(false);
    await until(async () => (await healthOf()).calls >= callsBefore + 50);
    // They have come to their standstill by the time that others have been served for a while.
    for (let i = 0; i < 50; i += 1) await append(1);
    expect((await ownBytes()) - before).toBeLessThan(80 * MIB);
  },
);
