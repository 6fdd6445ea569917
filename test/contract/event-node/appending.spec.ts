import {
  ANY,
  END,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  StreamNotFoundError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { rawRead } from './raw-reads';
import {
  brief,
  clientPaths,
  collect,
  ending,
  newStream,
  received,
  startNodeUnderTest,
} from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

type Case = readonly [expected: AppendExpectedRevision, outcome: string];

const stored = async (stream: string): Promise<string[]> =>
  (await collect(under.client.readStream(stream))).map(brief);

describe.each(clientPaths)('given no stream, when a %s append', (_path, path) => {
  test.each<Case>([
    [NO_STREAM, 'at revision 2'],
    [ANY, 'at revision 2'],
  ])(
    'expects %s, then its events are there in order and the reply names the last',
    async (...row) => {
      const [expectedRevision, outcome] = row;
      const stream = newStream();
      const events = [received(10), received(5), received(1)];
      const options = { expectedRevision, ...path };
      const reply = await under.client.appendToStream(stream, events, options);

      const found = await collect(under.client.readStream(stream));
      expect(found.map(brief)).toEqual([
        `${stream}/0 StockReceived`,
        `${stream}/1 StockReceived`,
        `${stream}/2 StockReceived`,
      ]);
      expect(found.map(({ event }) => event?.id)).toEqual(events.map(({ id }) => id));
      expect(`at revision ${reply.nextExpectedRevision}`).toBe(outcome);
      expect(reply.position).toEqual(found[2]?.event?.position);
      expect(reply.position?.commit).toBe(reply.position?.prepare);
      expect(found[0]?.event?.position?.commit).toBeGreaterThan(0n);
    },
  );

  test.each([[0n], [7n], [STREAM_EXISTS]] as const)(
    'expects %s, then it is refused and nothing is written',
    async (expectedRevision) => {
      const stream = newStream();
      const options = { expectedRevision, ...path };
      const append = under.client.appendToStream(stream, received(1), options);
      await expect(append).rejects.toMatchObject({
        type: 'wrong-expected-version',
        streamName: stream,
        expectedVersion: expectedRevision,
        actualVersion: NO_STREAM,
      });
      await expect(stored(stream)).rejects.toThrow(StreamNotFoundError);
    },
  );
});

describe.each(clientPaths)('given a stream at revision 2, when a %s append', (_path, path) => {
  const given = async () => {
    const stream = newStream();
    const events = [received(10), received(20), received(30)];
    await under.client.appendToStream(stream, events, { expectedRevision: NO_STREAM, ...path });
    return stream;
  };

  test.each([[2n], [ANY], [STREAM_EXISTS]] as const)(
    'expects %s, then it continues at 3',
    async (expectedRevision) => {
      const stream = await given();
      const events = [received(1), received(2)];
      const append = under.client.appendToStream(stream, events, { expectedRevision, ...path });
      expect(await ending(append)).toBe('at revision 4');
      expect(await stored(stream)).toHaveLength(5);
    },
  );

  test.each([[NO_STREAM], [0n], [1n], [3n], [100n]] as const)(
    'expects %s, then it is refused and nothing is written',
    async (expectedRevision) => {
      const stream = await given();
      const events = [received(1), received(2)];
      const append = under.client.appendToStream(stream, events, { expectedRevision, ...path });
      await expect(append).rejects.toMatchObject({
        type: 'wrong-expected-version',
        streamName: stream,
        expectedVersion: expectedRevision,
        actualVersion: 2n,
      });
      expect(await stored(stream)).toHaveLength(3);
    },
  );
});

describe.each(clientPaths)('given metadata alone, when a %s append', (_path, path) => {
  test.each<Case>([
    [STREAM_EXISTS, 'at revision 0'],
    [NO_STREAM, 'at revision 0'],
    [ANY, 'at revision 0'],
    [0n, 'conflict, it is at no_stream'],
  ])('expects %s, then it ends %s', async (expectedRevision, outcome) => {
    const stream = newStream();
    await under.client.setStreamMetadata(stream, { owner: 'ann' });
    const options = { expectedRevision, ...path };
    expect(await ending(under.client.appendToStream(stream, received(1), options))).toBe(outcome);
  });
});

test('given many appends, when each has been answered, then reads of the stream and of the log show it at once', async () => {
  const stream = newStream();
  for (let i = 0n; i < 50n; i += 1n) {
    const { position } = await under.client.appendToStream(stream, received(Number(i)));
    const newest = { direction: 'backwards', maxCount: 1 } as const;
    const [inStream] = await collect(
      under.client.readStream(stream, { ...newest, fromRevision: END }),
    );
    const [inLog] = await collect(under.client.readAll({ ...newest, fromPosition: END }));
    expect(inStream?.event?.revision).toBe(i);
    expect(inLog?.event?.position).toEqual(position);
  }
});

test('given a hundred writers of one stream, when all expect the same revision, then one wins', async () => {
  const stream = newStream();
  const attempts = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      ending(
        under.client.appendToStream(stream, [received(i), received(i)], {
          expectedRevision: NO_STREAM,
        }),
      ),
    ),
  );
  expect(attempts.filter((outcome) => outcome === 'at revision 1')).toHaveLength(1);
  expect(attempts.filter((outcome) => outcome === 'conflict, it is at 1')).toHaveLength(99);
  expect(await stored(stream)).toHaveLength(2);
});

test('given many writers of one stream, when all append three events, then no append is torn apart', async () => {
  const stream = newStream();
  const writers = Array.from({ length: 40 }, (_, writer) => [writer, writer, writer].map(received));
  await Promise.all(writers.map((events) => under.client.appendToStream(stream, events)));
  const ids = (await collect(under.client.readStream(stream))).map(({ event }) => event?.id);
  const firsts = ids.filter((_, i) => i % 3 === 0);
  const byFirst = new Map(writers.map((events) => [events[0]?.id, events.map(({ id }) => id)]));
  expect(ids).toEqual(firsts.flatMap((id) => byFirst.get(id)));
  expect(new Set(firsts).size).toBe(40);
});

test('given a stream that gets three events at a time, when it is read meanwhile, then an append is seen whole or not at all', async () => {
  const stream = newStream();
  const expectedRevision = NO_STREAM;
  await under.client.appendToStream(stream, [1, 2, 3].map(received), { expectedRevision });
  const appends = Promise.all(
    Array.from({ length: 60 }, () => under.client.appendToStream(stream, [1, 2, 3].map(received))),
  );
  const counts: number[] = [];
  while (counts.at(-1) !== 183) {
    counts.push((await stored(stream)).length);
    const filter = { on: 'stream', regex: `^${stream}$` } as const;
    counts.push((await rawRead(under.streams, { filter })).messages.length);
  }
  await appends;
  expect(counts.filter((count) => count % 3 !== 0)).toEqual([]);
});

test('given many streams, when appended to at once, then the log holds all in ascending positions', async () => {
  const streams = Array.from({ length: 200 }, newStream);
  await Promise.all(
    streams.map((stream) => under.client.appendToStream(stream, [received(1), received(2)])),
  );
  const own = new Set(streams);
  const log = await collect(under.client.readAll({ fromPosition: START }));
  const positions = log.map(({ event }) => event?.position.commit ?? 0n);
  expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
  expect(new Set(positions).size).toBe(positions.length);
  const seen = log.filter(({ event }) => own.has(event?.streamId ?? ''));
  expect(seen).toHaveLength(400);
  // The two of one append follow each other, within the log as within their stream.
  seen.forEach(({ event }, i) => expect(event?.revision).toBe(BigInt(i % 2)));
});
