import {
  MaxAppendSizeExceededError,
  StreamNotFoundError,
  binaryEvent,
} from '@eventstore/db-client';
import { rawRead } from './raw-reads';
import {
  abandonedUnaryAppend,
  openBatch,
  rawBatchAppend,
  rawPaths,
  rawUnaryAppend,
} from './raw-writes';
import { clientPaths, collect, newStream, startNodeUnderTest } from './support';
import type { RawEvent } from './raw-writes';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const MEBIBYTE = 1 << 20;
const bytes = (count: number): Buffer => Buffer.alloc(count, 'x');
const holds = async (stream: string): Promise<number> =>
  (await rawRead(under.streams, { stream })).messages.filter(({ event }) => event).length;

const TOO_BIG = {
  batch: (stream: string) => ({
    error: 'INVALID_ARGUMENT',
    details: 'type.googleapis.com/event_store.client.MaximumAppendSizeExceeded',
    maximum: '1048576',
    stream,
  }),
  unary: () => ({
    status: 'INVALID_ARGUMENT',
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': '1048576',
  }),
};

const INVALID = {
  batch: (stream: string) => ({
    error: 'INVALID_ARGUMENT',
    details: 'type.googleapis.com/event_store.client.BadRequest',
    stream,
  }),
  unary: () => ({ status: 'UNKNOWN' }),
};

const MISSING = {
  ...INVALID,
  unary: () => ({
    status: 'INVALID_ARGUMENT',
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  }),
};

describe.each(rawPaths)('given a %s append', (path, append) => {
  test.each<[string, readonly RawEvent[]]>([
    ['exactly 1 MiB of data', [{ data: bytes(MEBIBYTE) }]],
    ['1 MiB of data in two events', [{ data: bytes(MEBIBYTE - 9) }, { data: bytes(9) }]],
    ['1 MiB of data and as much metadata', [{ data: bytes(MEBIBYTE), metadata: bytes(MEBIBYTE) }]],
    ['3 MiB of metadata', [{ metadata: bytes(3 * MEBIBYTE) }]],
  ])('when it brings %s, then it is written', async (_what, events) => {
    const stream = newStream();
    const reply = await append(under.streams, { stream, events });
    expect(reply.revision).toBe(String(events.length - 1));
    expect(await holds(stream)).toBe(events.length);
  });

  test.each<[string, readonly RawEvent[]]>([
    ['a byte more than 1 MiB', [{ data: bytes(MEBIBYTE + 1) }]],
    ['a byte more in two events', [{ data: bytes(MEBIBYTE - 9) }, { data: bytes(10) }]],
    ['1.2 MB behind a small event', [{}, { data: bytes(1_200_000) }]],
    ['a message of nearly 16 MiB', [{ data: bytes(15 * MEBIBYTE) }]],
  ])('when it brings %s, then it is too big and nothing is written', async (_what, events) => {
    const stream = newStream();
    expect(await append(under.streams, { stream, events })).toEqual(TOO_BIG[path](stream));
    expect(await holds(stream)).toBe(0);
  });

  test('when a message of it is larger than 16 MiB, then the call ends and nothing is written', async () => {
    const stream = newStream();
    const events = [{ data: bytes(16 * MEBIBYTE + 1) }];
    const reply = await append(under.streams, { stream, events });
    expect(reply).toEqual({ status: 'RESOURCE_EXHAUSTED' });
    expect(await holds(stream)).toBe(0);
  });

  test.each<[string, RawEvent]>([
    ['type', { type: null }],
    ['content type', { contentType: null }],
    ['type and content type', { type: null, contentType: null }],
  ])('when its last event lacks its %s, then nothing is written', async (_what, event) => {
    const stream = newStream();
    const reply = await append(under.streams, { stream, events: [{}, event] });
    expect(reply).toEqual(MISSING[path](stream));
    expect(await holds(stream)).toBe(0);
  });

  test.each<[string, RawEvent]>([
    ['an empty type', { type: '' }],
    ['no id', { id: null }],
    ['an empty id', { id: '' }],
    ['the id of zeros', { id: '00000000-0000-0000-0000-000000000000' }],
    ['an id that is none', { id: 'stock-1' }],
    ['an id that is cut off', { id: '0b6f1f0e-7f0a-4d52-9d6b-0d4b3c0f9a1' }],
  ])('when its last event has %s, then nothing is written', async (_what, event) => {
    const stream = newStream();
    const reply = await append(under.streams, { stream, events: [{}, event] });
    expect(reply).toEqual(INVALID[path](stream));
    expect(await holds(stream)).toBe(0);
  });

  test('when it names no stream, then it is refused', async () => {
    const reply = await append(under.streams, { stream: '', events: [{}] });
    expect(reply).toEqual(INVALID[path](''));
  });
});

test.each(clientPaths)(
  'given the official client, when a %s append is too big, then it says so and by how much one may go',
  async (_path, path) => {
    const stream = newStream();
    const half = binaryEvent({ type: 'ReportAttached', data: bytes(600_000) });
    const append = under.client.appendToStream(stream, [half, half], path);
    await expect(append).rejects.toThrow(MaxAppendSizeExceededError);
    await expect(append).rejects.toMatchObject({ maxAppendSize: MEBIBYTE });
    await expect(collect(under.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  },
);

test('given a batch append in two chunks, when they are too big together, then it is refused once', async () => {
  const stream = newStream();
  const call = openBatch(under.streams);
  const [big, next] = [crypto.randomUUID(), crypto.randomUUID()];
  const half = { data: bytes(600_000) };
  call.send({ correlation: big, stream, events: [half], final: false });
  call.send({ correlation: big, events: [half], final: true });
  call.send({ correlation: next, stream, events: [{}], final: true });
  expect(await call.replyTo(next)).toMatchObject({ revision: '0' });
  expect(await call.replyTo(big)).toEqual(TOO_BIG.batch(stream));
  call.end();
  expect(await call.ended()).toEqual({ status: 'OK' });
  expect(call.replies.map(({ correlation }) => correlation)).toEqual([big, next]);
});

test('given a batch call, when one append on it is refused, then those before and after are written', async () => {
  const stream = newStream();
  const call = openBatch(under.streams);
  const ids = Array.from({ length: 5 }, () => crypto.randomUUID());
  ids.forEach((correlation, i) =>
    call.send({ correlation, stream, events: [i % 2 === 0 ? {} : { type: '' }], final: true }),
  );
  call.end();
  expect(await call.ended()).toEqual({ status: 'OK' });
  expect(call.replies).toHaveLength(5);
  const outcomes = ids.map((id) => call.replies.find((r) => r.correlation === id)?.shown);
  expect(outcomes.map((shown) => shown?.revision ?? shown?.details?.split('.').at(-1))).toEqual([
    '0',
    'BadRequest',
    '1',
    'BadRequest',
    '2',
  ]);
});

test('given a unary append that is too big, when it has been refused, then the next one is written', async () => {
  const stream = newStream();
  await rawUnaryAppend(under.streams, { stream, events: [{ data: bytes(2 * MEBIBYTE) }] });
  const reply = await rawUnaryAppend(under.streams, { stream, events: [{}] });
  expect(reply).toMatchObject({ revision: '0' });
});

test('given a unary append, when its caller gives up before the end of it, then nothing is written', async () => {
  const stream = newStream();
  const append = { stream, events: [{}, {}] };
  // What is answered on the same connection later shows that the events have arrived.
  const arrived = () => rawRead(under.streams, { stream });
  expect(await abandonedUnaryAppend(under.streams, append, arrived)).toEqual({
    status: 'CANCELLED',
  });
  // What is written later is behind anything that the node would have made of it.
  await rawBatchAppend(under.streams, { stream: newStream(), events: [{}] });
  expect(await holds(stream)).toBe(0);
});
