import {
  ANY,
  MaxAppendSizeExceededError,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  StreamNotFoundError,
  WrongExpectedVersionError,
  binaryEvent,
} from '@eventstore/db-client';
import { brief, collect, newStream, received, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

/** Credentials for the call make the client use the unary append; without TLS they are not sent. */
const unary = { credentials: { username: 'unused', password: 'unused' } };

describe.each([
  ['a batch append', {}],
  ['a unary append', unary],
])('given an empty stream, when %s', (_name, path) => {
  test('expects no stream, then its events are there in order and the reply names the last', async () => {
    const stream = newStream();
    const result = await under.client.appendToStream(
      stream,
      [received(10), received(5), received(1)],
      { expectedRevision: NO_STREAM, ...path },
    );

    const stored = await collect(under.client.readStream(stream));
    expect(stored.map(brief)).toEqual([
      `${stream}/0 StockReceived`,
      `${stream}/1 StockReceived`,
      `${stream}/2 StockReceived`,
    ]);
    expect(result.nextExpectedRevision).toBe(2n);
    expect(result.position).toEqual(stored[2]?.event?.position);
    expect(stored[0]?.event?.position?.commit).toBeGreaterThan(0n);
  });

  test('expects a revision, then it is refused and nothing is written', async () => {
    const stream = newStream();
    const append = under.client.appendToStream(stream, received(1), {
      expectedRevision: 4n,
      ...path,
    });
    await expect(append).rejects.toMatchObject({ expectedVersion: 4n, actualVersion: NO_STREAM });
    await expect(append).rejects.toBeInstanceOf(WrongExpectedVersionError);
    await expect(collect(under.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  });

  test('brings more than a megabyte, then it is refused and nothing is written', async () => {
    const stream = newStream();
    const half = binaryEvent({ type: 'ReportAttached', data: Buffer.alloc(600_000) });
    const append = under.client.appendToStream(stream, [half, half], path);
    await expect(append).rejects.toThrow(MaxAppendSizeExceededError);
    await expect(collect(under.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  });
});

describe('given a stream at revision 1, when an append', () => {
  const seeded = async () => {
    const stream = newStream();
    const events = [received(10), received(20)];
    const first = await under.client.appendToStream(stream, events, {
      expectedRevision: NO_STREAM,
    });
    return { stream, events, first };
  };

  test('expects revision 1, then it continues at 2', async () => {
    const { stream } = await seeded();
    const next = await under.client.appendToStream(stream, received(1), { expectedRevision: 1n });
    expect(next.nextExpectedRevision).toBe(2n);
  });

  test.each([NO_STREAM, 0n, 2n] as const)('expects %s, then it conflicts', async (expected) => {
    const { stream } = await seeded();
    const append = under.client.appendToStream(stream, received(1), { expectedRevision: expected });
    await expect(append).rejects.toMatchObject({ actualVersion: 1n });
  });

  test('is repeated with the same ids and revision, then the first reply is given again', async () => {
    const { stream, events, first } = await seeded();
    const again = await under.client.appendToStream(stream, events, {
      expectedRevision: NO_STREAM,
    });
    expect(again).toEqual(first);
    expect(await collect(under.client.readStream(stream))).toHaveLength(2);
  });

  test('repeats only some of the ids at that revision, then it conflicts', async () => {
    const { stream, events } = await seeded();
    const append = under.client.appendToStream(stream, [events[0]!, received(3)], {
      expectedRevision: NO_STREAM,
    });
    await expect(append).rejects.toThrow(WrongExpectedVersionError);
  });

  test.each([ANY, STREAM_EXISTS] as const)(
    'is repeated with %s, then it is written once',
    async (expected) => {
      const { stream } = await seeded();
      const event = received(7);
      const first = await under.client.appendToStream(stream, event, {
        expectedRevision: expected,
      });
      const again = await under.client.appendToStream(stream, event, {
        expectedRevision: expected,
      });
      expect(again).toEqual(first);
      expect(await collect(under.client.readStream(stream))).toHaveLength(3);
    },
  );

  test('uses the id of an event in another stream, then it is written', async () => {
    const { events } = await seeded();
    const other = newStream();
    await under.client.appendToStream(other, events[0]!, { expectedRevision: ANY });
    await under.client.appendToStream(other, events[0]!, { expectedRevision: ANY });
    expect(await collect(under.client.readStream(other))).toHaveLength(2);
  });
});

test('given a hundred writers of one stream, when all expect the same revision, then one wins', async () => {
  const stream = newStream();
  const attempts = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) =>
      under.client.appendToStream(stream, [received(i), received(i)], {
        expectedRevision: NO_STREAM,
      }),
    ),
  );
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await collect(under.client.readStream(stream))).toHaveLength(2);
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
  expect(log.filter(({ event }) => own.has(event?.streamId ?? ''))).toHaveLength(400);
});
