import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EventStoreDBClient, NO_STREAM } from '@eventstore/db-client';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { credentials } from '@grpc/grpc-js';
import { startEventNode, type Health } from '../../../libs/embedded/eventstore';
import { createLogger } from '../../../libs/runtime';
import { openRawConnection } from './raw-connection';
import {
  collect,
  newFolder,
  newStream,
  received,
  spawnNode,
  spawnReadyNode,
  until,
} from './support';

const logger = createLogger('test', 'silent');
let folder: string;
beforeEach(async () => (folder = await newFolder()));
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = (
  more: { readonly socket: string } | { readonly host: string; readonly port: number },
) => startEventNode({ dataFolder: folder, logger, healthPort: 0, ...more });

describe('given a unix socket to listen on', () => {
  const speaks = (path: string): Promise<boolean> => {
    const features = new ServerFeaturesClient(`unix:${path}`, credentials.createInsecure());
    return new Promise((resolve) =>
      features.getSupportedMethods(new Empty(), (error) => {
        features.close();
        resolve(!error);
      }),
    );
  };

  test('when the node runs, then gRPC reaches it there, and only this user may', async () => {
    const socket = join(folder, 'node.sock');
    const node = await start({ socket });
    expect(node.url).toBe(`unix:${socket}`);
    expect(await speaks(socket)).toBe(true);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    await node.stop();
  });

  test('when a killed node has left it behind, then the next one takes it', async () => {
    const socket = join(folder, 'node.sock');
    const first = await spawnReadyNode(folder, undefined, { more: ['--socket', socket] });
    await first.end('SIGKILL');
    const second = await start({ socket });
    expect(await speaks(socket)).toBe(true);
    await second.stop();
  });

  test.each([
    ['another program listens there', 'taken', 'another program listens there'],
    ['a file is there', 'file', 'a file is there'],
    ['its path is too long', 'x'.repeat(120), 'Choose a shorter one'],
  ])('when %s, then the node says so and leaves it alone', async (_why, name, problem) => {
    const socket = join(folder, name);
    const other = createServer();
    if (name === 'taken') await new Promise<void>((resolve) => other.listen(socket, resolve));
    if (name === 'file') await writeFile(socket, 'mine');
    await expect(start({ socket })).rejects.toThrow(problem);
    if (name === 'file') expect(await readFile(socket, 'utf8')).toBe('mine');
    other.close();
  });
});

test.each([
  ['an address that is not of this machine', ['--host', '192.0.2.1'], 1, 'no such address'],
  ['a name that is none', ['--host', 'no-such-host.invalid'], 1, 'no such address'],
  ['a port that is none', ['--port', '99999'], 2, 'a port is a whole number from 0 to 65535'],
  ['a limit of nothing', ['--max-calls', '0'], 2, 'a whole number above 0'],
  ['a socket and a port', ['--socket', '/tmp/x.sock', '--port', '1'], 2, 'cannot be used with'],
  ['a folder where none can be', ['--data', '/proc/lotstream'], 1, 'takes no folders'],
  ['a folder within a file', ['--data', '/etc/hostname/x'], 1, 'a file is in the way'],
])(
  'given %s, when the node is started, then it says so at once',
  async (_what, options, code, problem) => {
    const outcome = await spawnNode(folder, 0, { more: options });
    expect(outcome).toMatchObject({ failed: { code } });
    expect('failed' in outcome && outcome.failed.stderr).toContain(problem);
  },
);

describe('given a node that tells its health', () => {
  const ask = async (url: string | undefined): Promise<[number, Health]> => {
    const response = await fetch(url ?? '');
    return [response.status, (await response.json()) as Health];
  };

  test('when it is asked, then it tells where it stands', async () => {
    const node = await start({ host: '127.0.0.1', port: 0 });
    const client = EventStoreDBClient.connectionString(node.url);
    await client.appendToStream('stock-1', [received(1), received(2)]);
    const subscription = client.subscribeToAll();
    await new Promise((resolve) => subscription.once('confirmation', resolve));
    const [status, health] = await ask(node.healthUrl);
    expect(status).toBe(200);
    const facts = { status: 'ready', url: node.url, events: 2, streams: 1, subscriptions: 1 };
    expect(health).toMatchObject(facts);
    expect(health.lastPosition).toBeGreaterThan(0);
    expect(health.fileBytes).toBeGreaterThan(4096);
    expect((await fetch(new URL('/', node.healthUrl))).status).toBe(404);
    await client.dispose();
    await node.stop();
    await expect(ask(node.healthUrl)).rejects.toThrow('fetch failed');
  });

  test('when its port is taken, then the node says so and leaves the folder', async () => {
    const first = await start({ host: '127.0.0.1', port: 0 });
    const other = await newFolder();
    const taken = Number(new URL(first.healthUrl ?? '').port);
    const second = { dataFolder: other, logger, host: '127.0.0.1', port: 0 };
    await expect(startEventNode({ ...second, healthPort: taken })).rejects.toThrow('--health-port');
    await (await startEventNode(second)).stop();
    await first.stop();
    await rm(other, { recursive: true });
  });

  test('when a record of its file has been changed, then it is damaged and answers 503', async () => {
    const node = await start({ host: '127.0.0.1', port: 0 });
    const client = EventStoreDBClient.connectionString(node.url);
    await client.appendToStream('stock-1', received(123_456_789));
    const file = join(folder, 'events.mdb');
    const bytes = await readFile(file);
    bytes[bytes.indexOf('123456789')] = 0x37;
    await writeFile(file, bytes, { flag: 'r+' });
    await expect(collect(client.readStream('stock-1'))).rejects.toThrow('damaged');
    const [status, health] = await ask(node.healthUrl);
    expect([status, health.status]).toEqual([503, 'damaged']);
    await client.dispose();
    await node.stop();
  });
});

describe('given a node under load', () => {
  test('when it is told to stop, then what it has acknowledged is there, all calls end with CANCELLED and it exits with 0 in time', async () => {
    const node = await spawnReadyNode(folder);
    const client = EventStoreDBClient.connectionString(node.url);
    const raw = openRawConnection(node.url);
    const idle = ['BatchAppend', 'Append'].map((method) => raw.call(method));
    const subscription = client.subscribeToAll();
    await new Promise((resolve) => subscription.once('confirmation', resolve));
    const ended = (async () => {
      for await (const event of subscription) void event;
    })().catch((error: unknown) => error);
    const acknowledged: string[] = [];
    const writers = Array.from({ length: 64 }, async () => {
      for (;;) {
        const stream = newStream();
        await client.appendToStream(stream, received(1), { expectedRevision: NO_STREAM });
        acknowledged.push(stream);
      }
    });
    const failures = Promise.allSettled(writers);
    await until(() => acknowledged.length > 100);
    const startedAt = Date.now();
    expect(await node.end('SIGTERM')).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(8_000);
    await failures;
    expect(await ended).toMatchObject({ code: 1 });
    expect(idle.map((call) => call.status())).toEqual([1, 1]);
    raw.close();
    await client.dispose();
    const again = await start({ host: '127.0.0.1', port: 0 });
    const streams = new StreamsClient(`127.0.0.1:${again.port}`, credentials.createInsecure());
    expect(again.health().events).toBeGreaterThanOrEqual(acknowledged.length);
    streams.close();
    await again.stop();
  });
});

test('given a node that is stopping but waits for a client, when it is told a second time, then it ends at once', async () => {
  const node = await spawnReadyNode(folder);
  const raw = openRawConnection(node.url);
  raw.call('BatchAppend');
  const client = EventStoreDBClient.connectionString(node.url);
  await client.appendToStream('stock-1', received(1));
  const toldAt = Date.now();
  const exit = node.end('SIGTERM');
  // What comes at once is taken for npm's echo of the same Ctrl-C.
  process.kill(node.pid, 'SIGTERM');
  await until(() => Date.now() - toldAt > 700);
  process.kill(node.pid, 'SIGTERM');
  expect(await exit).toBe(1);
  raw.close();
  await client.dispose();
});

test('given a node that writes its log, when it runs and stops, then the log tells the steps but no append', async () => {
  await mkdir(join(folder, 'data'));
  const lines: { readonly msg: string; readonly level: number }[] = [];
  const sink = { ...logger };
  const note =
    (level: number) =>
    (_facts: unknown, msg?: string): void =>
      void lines.push({ level, msg: msg ?? String(_facts) });
  Object.assign(sink, { debug: note(20), info: note(30), warn: note(40), error: note(50) });
  const node = await startEventNode({
    dataFolder: join(folder, 'data'),
    host: '0.0.0.0',
    port: 0,
    logger: sink,
  });
  const client = EventStoreDBClient.connectionString(node.url.replace('0.0.0.0', '127.0.0.1'));
  for (let i = 0; i < 20; i += 1) await client.appendToStream('stock-1', received(i));
  await client
    .appendToStream('stock-1', received(1), {
      expectedRevision: NO_STREAM,
      credentials: { username: 'a', password: 'b' },
    })
    .catch(() => undefined);
  await collect(client.readAll({ fromPosition: { commit: 1n, prepare: 1n } })).catch(
    () => undefined,
  );
  await client.dispose();
  await node.stop();
  const told = lines.filter(({ level }) => level >= 30).map(({ msg }) => msg.slice(0, 14));
  expect(told).toEqual(['starting', 'ready', 'other machines', 'stopped']);
  expect(lines.filter(({ msg }) => msg === 'a call failed').length).toBeGreaterThan(0);
});
