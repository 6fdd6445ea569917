import { END, START, jsonEvent } from '@eventstore/db-client';
import { rawRead, rawSubscribe, type From, type RawRead } from './raw-reads';
import { rawUnaryAppend } from './raw-writes';
import { brief, newStream, received, startNodeUnderTest, take, until } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const appendMany = (stream: string, count: number) =>
  under.client.appendToStream(stream, Array.from({ length: count }, received));

const streamOf = async (count: number): Promise<string> => {
  const stream = newStream();
  await appendMany(stream, count);
  return stream;
};

const subscribe = (read: RawRead) => rawSubscribe(under.streams, read);
const events = (stream: string, ...revisions: number[]): string[] =>
  revisions.map((revision) => `${stream}/${revision} StockReceived`);
/** Whatever the node was about to send on this connection has been sent. */
const settle = () => rawRead(under.streams, { from: 'end' });

describe('given the revisions 0 to 3, when they are subscribed to', () => {
  test.each<[From, number[], number[]]>([
    ['start', [0, 1, 2, 3], [4, 5, 6]],
    [0, [1, 2, 3], [4, 5, 6]],
    [2, [3], [4, 5, 6]],
    [3, [], [4, 5, 6]],
    // Revisions that do not exist yet are skipped when they come.
    [4, [], [5, 6]],
    [5, [], [6]],
    ['end', [], [4, 5, 6]],
    [2n ** 64n - 1n, [], [4, 5, 6]],
  ])(
    'from %s, then stored ones %j, that it has caught up, and live ones %j come',
    async (...row) => {
      const [from, stored, live] = row;
      const stream = await streamOf(4);
      const reading = subscribe({ stream, from });
      await reading.reaches('caught up');
      await appendMany(stream, 1);
      await appendMany(newStream(), 1);
      await appendMany(stream, 2);
      await reading.reaches(2 + stored.length + live.length);
      expect(reading.texts()).toEqual([
        'confirmed',
        ...events(stream, ...stored),
        'caught up',
        ...events(stream, ...live),
      ]);
      reading.cancel();
    },
  );

  test.each<[string, RawRead, string]>([
    ['from the largest revision', { from: 2n ** 63n - 1n }, 'UNKNOWN'],
    ['from 2^63', { from: 2n ** 63n }, 'UNKNOWN'],
    ['from 2^64-2', { from: 2n ** 64n - 2n }, 'UNKNOWN'],
    ['backwards', { backwards: true }, 'INVALID_ARGUMENT'],
    ['with a filter', { filter: { on: 'type', prefixes: ['S'] } }, 'INVALID_ARGUMENT'],
    [
      'with neither filter nor none',
      { change: (options) => options.clearNoFilter() },
      'INVALID_ARGUMENT',
    ],
  ])('%s, then it is refused and nothing comes', async (_how, read, status) => {
    const stream = await streamOf(4);
    const reading = subscribe({ stream, ...read });
    expect(await reading.ended()).toEqual({ status });
    expect(reading.texts()).toEqual([]);
  });
});

describe('given the official client, when it subscribes to a stream', () => {
  test('from its start, then stored and new events come once each and in order', async () => {
    const stream = await streamOf(300);
    const seen = take(under.client.subscribeToStream(stream, { fromRevision: START }), 310);
    for (let i = 0; i < 10; i += 1) await appendMany(stream, 1);
    expect((await seen).map(({ event }) => event?.revision)).toEqual(
      Array.from({ length: 310 }, (_, i) => BigInt(i)),
    );
  });

  test('from a revision, then the event after it comes first', async () => {
    const stream = await streamOf(3);
    const seen = await take(under.client.subscribeToStream(stream, { fromRevision: 1n }), 1);
    expect(seen.map(brief)).toEqual(events(stream, 2));
  });

  test('from its end, then only what is appended later comes', async () => {
    const stream = await streamOf(3);
    const subscription = under.client.subscribeToStream(stream, { fromRevision: END });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await appendMany(stream, 1);
    expect((await take(subscription, 1)).map(brief)).toEqual(events(stream, 3));
  });
});

describe('given no stream, when it is subscribed to', () => {
  test.each<[From, number[]]>([
    ['start', [0, 1, 2]],
    [1, [2]],
    [7, []],
  ])('from %s, then nothing is said until it is made', async (from, due) => {
    const stream = newStream();
    const reading = subscribe({ stream, from });
    await reading.reaches('confirmed');
    await settle();
    expect(reading.texts()).toEqual(['confirmed']);
    await appendMany(stream, 3);
    await reading.reaches('caught up');
    expect(reading.texts()).toEqual(['confirmed', ...events(stream, ...due), 'caught up']);
    reading.cancel();
  });

  test('from its end, then it has caught up at once', async () => {
    const stream = newStream();
    const reading = subscribe({ stream, from: 'end' });
    await reading.reaches('caught up');
    await appendMany(stream, 2);
    await reading.reaches(4);
    expect(reading.texts()).toEqual(['confirmed', 'caught up', ...events(stream, 0, 1)]);
    reading.cancel();
  });

  test('by the official client, then its events come when it is made', async () => {
    const stream = newStream();
    const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
    await new Promise((resolve) => subscription.once('confirmation', resolve));
    await appendMany(stream, 2);
    expect((await take(subscription, 2)).map(({ event }) => event?.revision)).toEqual([0n, 1n]);
  });
});

describe('given a soft-deleted stream, when it is subscribed to', () => {
  test.each<From>(['start', 0])('from %s, then nothing is said until it is back', async (from) => {
    const stream = await streamOf(3);
    await under.client.deleteStream(stream);
    const reading = subscribe({ stream, from });
    await reading.reaches('confirmed');
    await settle();
    expect(reading.texts()).toEqual(['confirmed']);
    await appendMany(stream, 2);
    await reading.reaches('caught up');
    expect(reading.texts()).toEqual(['confirmed', ...events(stream, 3, 4), 'caught up']);
    reading.cancel();
  });
});

test('given a tombstoned stream, when it is subscribed to from its end, then it has caught up, without an error', async () => {
  const stream = await streamOf(1);
  await under.client.tombstoneStream(stream);
  const reading = subscribe({ stream, from: 'end' });
  await reading.reaches('caught up');
  await settle();
  expect(reading.texts()).toEqual(['confirmed', 'caught up']);
  reading.cancel();
});

describe('given a subscription that has caught up, when its stream', () => {
  const given = async () => {
    const stream = await streamOf(2);
    const reading = subscribe({ stream });
    await reading.reaches('caught up');
    const before = ['confirmed', ...events(stream, 0, 1), 'caught up'];
    return { stream, reading, before };
  };

  test('is soft-deleted and written to again, then it is told of the events only', async () => {
    const { stream, reading, before } = await given();
    await under.client.deleteStream(stream);
    await appendMany(stream, 1);
    await reading.reaches(5);
    expect(reading.texts()).toEqual([...before, ...events(stream, 2)]);
    reading.cancel();
  });

  test.each([
    ['what is truncated', { truncateBefore: 100 }],
    ['more than is kept', { maxCount: 1 }],
  ])('gets %s, then live events come all the same', async (_what, metadata) => {
    const { stream, reading, before } = await given();
    await under.client.setStreamMetadata(stream, metadata);
    await appendMany(stream, 3);
    await reading.reaches(7);
    expect(reading.texts()).toEqual([...before, ...events(stream, 2, 3, 4)]);
    reading.cancel();
  });

  test('is tombstoned, then the tombstone comes and the subscription ends', async () => {
    const { stream, reading, before } = await given();
    await under.client.tombstoneStream(stream);
    expect(await reading.ended()).toEqual({
      status: 'FAILED_PRECONDITION',
      exception: 'stream-deleted',
      'stream-name': stream,
    });
    const tombstone = `${stream}/9223372036854775807 $streamDeleted`;
    expect(reading.texts()).toEqual([...before, tombstone]);
  });

  test('is tombstoned under the official client, then that is told', async () => {
    const stream = await streamOf(1);
    const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
    const types: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const { event } of subscription) types.push(event?.type);
    })();
    const ended = expect(reading).rejects.toMatchObject({ type: 'stream-deleted' });
    await until(() => types.length === 1);
    await under.client.tombstoneStream(stream);
    await ended;
    // The client may drop what it has buffered when the error comes.
    expect(['StockReceived', '$streamDeleted']).toEqual(expect.arrayContaining(types));
  });

  test('gets an append without events, then nothing comes', async () => {
    const { stream, reading, before } = await given();
    await rawUnaryAppend(under.streams, { stream, events: [] });
    await appendMany(stream, 1);
    await reading.reaches(5);
    expect(reading.texts()).toEqual([...before, ...events(stream, 2)]);
    reading.cancel();
  });

  test('gets an append that is refused or known, then nothing comes', async () => {
    const { stream, reading, before } = await given();
    const known = { stream, events: [{ id: crypto.randomUUID() }] };
    await rawUnaryAppend(under.streams, known);
    await rawUnaryAppend(under.streams, known);
    await rawUnaryAppend(under.streams, { stream, expected: 0, events: [{}] });
    await appendMany(stream, 1);
    await reading.reaches(6);
    expect(reading.texts()).toEqual([...before, ...events(stream, 2, 3)]);
    reading.cancel();
  });
});

describe('given stored events of which metadata hides some, when they are subscribed to', () => {
  test.each([
    ['start', { truncateBefore: 2 }, [2, 3]],
    [0, { truncateBefore: 3 }, [3]],
    [2, { truncateBefore: 2 }, [3]],
    ['start', { truncateBefore: 50 }, []],
    ['start', { maxCount: 1 }, [3]],
    [2, { maxCount: 3 }, [3]],
  ] as const)('from %s with %j, then %j come', async (from, metadata, due) => {
    const stream = await streamOf(4);
    await under.client.setStreamMetadata(stream, metadata);
    const reading = subscribe({ stream, from });
    await reading.reaches('caught up');
    expect(reading.texts()).toEqual(['confirmed', ...events(stream, ...due), 'caught up']);
    reading.cancel();
  });
});

test('given the metadata of a stream, when it is subscribed to, then its last event and every later one come', async () => {
  const stream = newStream();
  for (const owner of ['ann', 'bob']) await under.client.setStreamMetadata(stream, { owner });
  const reading = subscribe({ stream: `$$${stream}` });
  await reading.reaches('caught up');
  for (const owner of ['cid', 'dan']) await under.client.setStreamMetadata(stream, { owner });
  await reading.reaches(5);
  const written = [1, 2, 3].map((revision) => `$$${stream}/${revision} $metadata`);
  expect(reading.texts()).toEqual(['confirmed', written[0], 'caught up', written[1], written[2]]);
  reading.cancel();
});

test('given a stream that is written to all the time, when many subscribe meanwhile, then each gets every event once and in order', async () => {
  const stream = newStream();
  const total = 750;
  let written = 0;
  const writing = (async () => {
    while (written < total) {
      await Promise.all([1, 2, 5, 7, 10].map((count) => appendMany(stream, count)));
      written += 25;
    }
  })();
  const readers: Promise<(bigint | undefined)[]>[] = [];
  const follow = async (): Promise<(bigint | undefined)[]> => {
    const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
    return (await take(subscription, total)).map(({ event }) => event?.revision);
  };
  for (let i = 1; i <= 20; i += 1) {
    await until(() => written >= (total / 25) * i);
    readers.push(follow());
  }
  await writing;
  const expected = Array.from({ length: total }, (_, i) => BigInt(i));
  for (const revisions of await Promise.all(readers)) expect(revisions).toEqual(expected);
});

test('given events larger than a page, when they are subscribed to, then none is missing at the switch to live ones', async () => {
  const stream = newStream();
  const data = { padding: 'x'.repeat(300_000) };
  const large = () => under.client.appendToStream(stream, jsonEvent({ type: 'Large', data }));
  for (let i = 0; i < 6; i += 1) await large();
  const reading = subscribe({ stream });
  await Promise.all([large(), large()]);
  await reading.reaches(10);
  const seen = reading.texts().filter((text) => text.endsWith('Large'));
  expect(seen).toEqual(Array.from({ length: 8 }, (_, i) => `${stream}/${i} Large`));
  reading.cancel();
});
