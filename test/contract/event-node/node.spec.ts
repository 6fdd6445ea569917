import { EventStoreDBClient } from '@eventstore/db-client';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { MonitoringService } from '@eventstore/db-client/generated/monitoring_grpc_pb';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb';
import { ProjectionsService } from '@eventstore/db-client/generated/projections_grpc_pb';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { DeleteReq } from '@eventstore/db-client/generated/streams_pb';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb';
import { identifier } from './raw-calls';
import { rawRead, rawSubscribe } from './raw-reads';
import { openBatch, rawUnaryAppend } from './raw-writes';
import { brief, collect, newStream, openStreams, received, startNodeOnly } from './support';
import type { RunningEventNode } from '../../../libs/embedded/eventstore';

let node: RunningEventNode;
beforeAll(async () => (node = await startNodeOnly()));
afterAll(() => node.stop());

const address = (): string => `127.0.0.1:${node.port}`;
const insecure = credentials.createInsecure();

test('given a node, when it is asked who leads, then it is a live leader itself', async () => {
  const gossip = new GossipClient(address(), insecure);
  const members = await new Promise((resolve, reject) =>
    gossip.read(new Empty(), (error, info) =>
      error ? reject(error) : resolve(info.toObject().membersList),
    ),
  );
  gossip.close();
  expect(members).toMatchObject([
    { isAlive: true, state: 8, httpEndPoint: { address: '127.0.0.1', port: node.port } },
  ]);
});

test('given a URL that names several nodes, when the client appends and reads, then it has found this one', async () => {
  const url = `esdb://${address()},${address()}?tls=false&maxDiscoverAttempts=2`;
  const client = EventStoreDBClient.connectionString(url);
  await client.appendToStream('stock-gossip', received(1));
  const events = await collect(client.readStream('stock-gossip'));
  expect(events.map(brief)).toEqual(['stock-gossip/0 StockReceived']);
  await client.dispose();
});

test('given a node, when it is asked what it can do, then it names what the official client looks for', async () => {
  const features = new ServerFeaturesClient(address(), insecure);
  const reply = await new Promise<{ version: string; methods: readonly unknown[] }>(
    (resolve, reject) =>
      features.getSupportedMethods(new Empty(), (error, supported) => {
        if (error) return reject(error);
        resolve({
          version: supported.getEventStoreServerVersion(),
          methods: supported.getMethodsList().map((method) => method.toObject()),
        });
      }),
  );
  features.close();
  const serviceName = 'event_store.client.streams.streams';
  expect(reply.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(reply.methods).toHaveLength(5);
  expect(reply.methods).toEqual(
    expect.arrayContaining([
      { serviceName, methodName: 'read', featuresList: ['position', 'events'] },
      { serviceName, methodName: 'append', featuresList: [] },
      { serviceName, methodName: 'delete', featuresList: [] },
      { serviceName, methodName: 'tombstone', featuresList: [] },
      { serviceName, methodName: 'batchappend', featuresList: ['deadline_duration'] },
    ]),
  );
});

const services = {
  'persistent subscriptions': PersistentSubscriptionsService,
  projections: ProjectionsService,
  users: UsersService,
  operations: OperationsService,
  monitoring: MonitoringService,
};
/** Of all these services the node has only what starts and stops a scavenge. */
const others = Object.entries(services).flatMap(([service, methods]) =>
  Object.values(methods as unknown as Record<string, { readonly path: string }>)
    .filter(({ path }) => !/\/(Start|Stop)Scavenge$/.test(path))
    .map(({ path }) => [service, path] as const),
);

test.each(others)(
  'given a call of %s that the node does not have, when %s is called, then it is not implemented',
  async (_service, path) => {
    const client = new Client(address(), insecure);
    const bytes = (value: Buffer): Buffer => value;
    const error = await new Promise<ServiceError | null>((resolve) =>
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), resolve),
    );
    client.close();
    expect(status[error?.code ?? 0]).toBe('UNIMPLEMENTED');
  },
);

test.each(['true', 'false'])(
  'given a call that says requires-leader %s, when it arrives, then it is served',
  async (leader) => {
    const streams = openStreams(node);
    const stream = newStream();
    await rawUnaryAppend(streams, { stream, events: [{}] });
    const headers = new Metadata();
    headers.set('requires-leader', leader);
    headers.set('connection-name', 'test');
    const options = new DeleteReq.Options().setStreamIdentifier(identifier(stream));
    const request = new DeleteReq().setOptions(options.setAny(new Empty()));
    const error = await new Promise((resolve) => streams.delete(request, headers, resolve));
    expect(error).toBeNull();
    streams.close();
  },
);

describe('given open calls, when the node stops', () => {
  test('then each ends with CANCELLED, what it was sent before being complete', async () => {
    const other = await startNodeOnly();
    const streams = openStreams(other);
    const batch = openBatch(streams);
    const correlation = crypto.randomUUID();
    batch.send({ correlation, stream: 'stock', events: [{}, {}], final: true });
    await batch.replyTo(correlation);
    const readings = [
      rawSubscribe(streams, { stream: 'stock' }),
      rawSubscribe(streams, { filter: { on: 'stream', prefixes: ['stock'] } }),
      rawSubscribe(streams, { stream: 'absent' }),
    ];
    await Promise.all(readings.slice(0, 2).map((reading) => reading.reaches('caught up')));
    await readings[2]?.reaches('confirmed');
    await other.stop();
    expect(await batch.ended()).toEqual({ status: 'CANCELLED' });
    for (const reading of readings) expect(await reading.ended()).toEqual({ status: 'CANCELLED' });
    expect(readings[0]?.texts()).toEqual([
      'confirmed',
      'stock/0 StockReceived',
      'stock/1 StockReceived',
      'caught up',
    ]);
    streams.close();
  });

  test('then appends that have arrived are answered as written', async () => {
    const other = await startNodeOnly();
    const streams = openStreams(other);
    const batch = openBatch(streams);
    const ids = Array.from({ length: 50 }, () => crypto.randomUUID());
    for (const [i, correlation] of ids.entries()) {
      batch.send({ correlation, stream: `stock-${i}`, events: [{}], final: true });
    }
    await batch.replyTo(ids[0]!);
    await other.stop();
    expect(await batch.ended()).toEqual({ status: 'CANCELLED' });
    expect(batch.replies.every(({ shown }) => shown.revision === '0')).toBe(true);
    expect(await rawUnaryAppend(streams, { stream: 'stock', events: [{}] })).toEqual({
      status: 'UNAVAILABLE',
    });
    expect((await rawRead(streams, { stream: 'stock' })).end).toEqual({ status: 'UNAVAILABLE' });
    streams.close();
  });
});
