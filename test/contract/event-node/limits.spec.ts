import {
  EventStoreDBClient,
  MaxAppendSizeExceededError,
  UnknownError,
  jsonEvent,
} from '@eventstore/db-client';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, BatchAppendReq, ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import {
  startEventNode,
  type Limits,
  type RunningEventNode,
} from '../../../libs/embedded/eventstore';
import { createLogger } from '../../../libs/runtime';
import { openRawConnection, type RawCall, type RawConnection } from './raw-connection';
import { collect, newFolder, newStream, received, until } from './support';

const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;
const LIMITS: Limits = {
  messageBytes: 1 << 20,
  appendBytes: 10_000,
  calls: 300,
  subscriptions: 5,
  inFlightBytes: 1 << 20,
  waitingAppends: 8,
};

let node: RunningEventNode;
let client: EventStoreDBClient;
let raw: RawConnection;
beforeAll(async () => {
  const logger = createLogger('test', 'silent');
  const dataFolder = await newFolder();
  node = await startEventNode({ dataFolder, host: '127.0.0.1', port: 0, logger, limits: LIMITS });
  client = EventStoreDBClient.connectionString(node.url);
});
beforeEach(() => (raw = openRawConnection(node.url)));
afterEach(async () => {
  raw.close();
  // What the client keeps open for its appends may stay.
  await until(() => node.health().calls <= 1 && node.health().heldBytes === 0);
});
afterAll(async () => {
  await client.dispose();
  await node.stop();
});

const callMany = (method: string, count: number): RawCall[] =>
  Array.from({ length: count }, () => raw.call(method));
const refused = (calls: readonly RawCall[]): RawCall[] =>
  calls.filter((call) => call.status() === RESOURCE_EXHAUSTED);
const isServed = async (): Promise<void> => {
  const stream = newStream();
  await client.appendToStream(stream, received(1));
  expect(await collect(client.readStream(stream))).toHaveLength(1);
};

function subscribe(call: RawCall): void {
  const options = new ReadReq.Options()
    .setAll(new ReadReq.Options.AllOptions().setEnd(new Empty()))
    .setSubscription(new ReadReq.Options.SubscriptionOptions())
    .setNoFilter(new Empty())
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
  call.send(new ReadReq().setOptions(options).serializeBinary());
  call.stream.end();
}

const identifier = () => new StreamIdentifier().setStreamName(Buffer.from(newStream()));

function batchPart(bytes: number, isFinal: boolean): Uint8Array {
  const event = new BatchAppendReq.ProposedMessage().setId(
    new UUID().setString(crypto.randomUUID()),
  );
  event.getMetadataMap().set('type', 'A').set('content-type', 'application/json');
  event.setCustomMetadata(Buffer.alloc(bytes)).setData(Buffer.from('{}'));
  const options = new BatchAppendReq.Options().setStreamIdentifier(identifier());
  const request = new BatchAppendReq()
    .setCorrelationId(new UUID().setString(crypto.randomUUID()))
    .setOptions(options.setAny(new GoogleEmpty()))
    .setIsFinal(isFinal);
  request.addProposedMessages(event);
  return request.serializeBinary();
}

const unaryOptions = (): Uint8Array =>
  new AppendReq()
    .setOptions(new AppendReq.Options().setStreamIdentifier(identifier()).setAny(new Empty()))
    .serializeBinary();

function unaryPart(bytes: number): Uint8Array {
  const event = new AppendReq.ProposedMessage().setId(new UUID().setString(crypto.randomUUID()));
  event.getMetadataMap().set('type', 'A').set('content-type', 'application/json');
  return new AppendReq()
    .setProposedMessage(event.setCustomMetadata(Buffer.alloc(bytes)))
    .serializeBinary();
}

test('given as many open calls as there may be, when one more is made, then it alone is refused, until one ends', async () => {
  const calls = callMany('BatchAppend', LIMITS.calls - 1);
  await until(() => node.health().calls >= LIMITS.calls - 1);
  const more = callMany('BatchAppend', 10);
  await until(() => refused(more).length >= 8);
  expect(refused(more)[0]?.details()).toContain('--max-calls');
  expect(refused(calls)).toEqual([]);
  for (const call of [...calls.slice(0, 5), ...more]) call.stream.close();
  await until(() => node.health().calls < LIMITS.calls - 2);
  await isServed();
});

test('given as many subscriptions as there may be, when one more is made, then it alone is refused, until one ends', async () => {
  const calls = callMany('Read', LIMITS.subscriptions + 1);
  for (const call of calls) subscribe(call);
  await until(() => refused(calls).length === 1);
  expect(refused(calls)[0]?.details()).toContain('--max-subscriptions');
  expect(node.health().subscriptions).toBe(LIMITS.subscriptions);
  calls.find((call) => call.status() === -1)?.stream.close();
  await until(() => node.health().subscriptions < LIMITS.subscriptions);
  const next = raw.call('Read');
  subscribe(next);
  await until(() => node.health().subscriptions === LIMITS.subscriptions);
  expect(next.status()).toBe(-1);
});

test('given a message larger than it may be, when it is announced, then its call is refused before it has come', async () => {
  const call = raw.call('BatchAppend');
  call.sendPart(LIMITS.messageBytes + 1, Buffer.alloc(10));
  await until(() => call.status() !== -1);
  expect(call.status()).toBe(RESOURCE_EXHAUSTED);
  await isServed();
});

test.each([
  ['on the batch path', undefined],
  ['on the unary path', { username: 'admin', password: 'changeit' }],
])(
  'given more data than an append may bring, when it is sent %s, then the limit is named',
  async (_how, credentials) => {
    const events = Array.from({ length: 11 }, () =>
      jsonEvent({ type: 'A', data: { padding: 'x'.repeat(990) } }),
    );
    const append = client.appendToStream(newStream(), events, credentials ? { credentials } : {});
    const error: unknown = await append.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: LIMITS.appendBytes });
  },
);

test('given more appends at once than may wait, when they come, then some are told that the node is busy and the others are written', async () => {
  const streams = Array.from({ length: 200 }, newStream);
  const outcomes = await Promise.allSettled(
    streams.map((stream) => client.appendToStream(stream, received(1))),
  );
  const failed = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.length).toBeLessThan(200);
  for (const reason of failed) {
    expect(reason).toBeInstanceOf(UnknownError);
    expect(String(reason)).toContain('Server Is Too Busy');
  }
  const stored = await Promise.all(
    streams.map((stream) => collect(client.readStream(stream)).catch(() => [])),
  );
  expect(stored.filter(({ length }) => length === 1)).toHaveLength(200 - failed.length);
});

test('given more unary appends at once than may wait, when they come, then some end with UNAVAILABLE', async () => {
  const calls = callMany('Append', 100);
  for (const call of calls) {
    call.send(unaryOptions());
    call.send(unaryPart(10));
    call.stream.end();
    call.stream.resume();
  }
  await until(() => calls.every((call) => call.status() !== -1));
  const busy = calls.filter((call) => call.status() === UNAVAILABLE);
  expect(busy.length).toBeGreaterThan(0);
  expect(busy[0]?.details()).toContain('Server Is Too Busy');
  expect(calls.filter((call) => call.status() === 0)).toHaveLength(100 - busy.length);
});

describe('given half-sent appends that hold more than they may together, when others append', () => {
  test.each<[string, (call: RawCall) => void]>([
    ['half a message each', (call) => call.sendPart(1 << 20, Buffer.alloc(40_000))],
    [
      'a unary append without its end each',
      (call) => {
        call.send(unaryOptions());
        call.send(unaryPart(40_000));
      },
    ],
  ])('with %s, then the oldest are given up and the others are served', async (how, misbehave) => {
    const calls = callMany(how.includes('unary') ? 'Append' : 'BatchAppend', 60);
    for (const call of calls) misbehave(call);
    await until(() => refused(calls).length >= 30);
    expect(refused(calls)[0]?.details()).toContain('--max-in-flight-bytes');
    expect(calls[59]?.status()).toBe(-1);
    expect(node.health().heldBytes).toBeLessThanOrEqual(LIMITS.inFlightBytes);
    await isServed();
  });

  test('with batches on one call without their ends, then the oldest are answered that the node is busy', async () => {
    const call = raw.call('BatchAppend');
    let answers = 0;
    call.stream.on('data', () => (answers += 1));
    for (let i = 0; i < 60; i += 1) call.send(batchPart(40_000, false));
    await until(() => answers > 0);
    expect(node.health().heldBytes).toBeLessThanOrEqual(LIMITS.inFlightBytes);
    await isServed();
  });
});

test('given large appends one right after the other on one call, when each is whole, then none counts as half-sent', async () => {
  const call = raw.call('BatchAppend');
  let answers = 0;
  call.stream.on('data', () => (answers += 1));
  for (let i = 0; i < 60; i += 1) call.send(batchPart(40_000, true));
  await until(() => answers > 0 && node.health().heldBytes === 0);
  expect(call.status()).toBe(-1);
});
