import { NO_STREAM, START, StreamNotFoundError, binaryEvent } from '@eventstore/db-client';
import { rawRead } from './raw-reads';
import { rawPaths, rawUnaryAppend } from './raw-writes';
import { clientPaths, collect, newStream, received, startNodeUnderTest } from './support';
import type { Expected } from './raw-calls';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const texts = async (stream: string): Promise<string[]> =>
  (await rawRead(under.streams, { stream })).texts;

describe.each(rawPaths)('given no stream, when a %s append without events', (_path, append) => {
  test.each(['any', 'no_stream'] as const)(
    'expects %s, then it succeeds, and there is still no stream',
    async (expected) => {
      const stream = newStream();
      const before = await under.client.appendToStream(newStream(), received(1));
      const reply = await append(under.streams, { stream, expected, events: [] });
      expect(reply.revision).toBe('no_stream');
      expect(BigInt(reply.position!)).toBeGreaterThan(before.position!.commit);
      expect(await texts(stream)).toEqual([`not found: ${stream}`]);
    },
  );

  test.each([0, 'stream_exists'] as const)(
    'expects %s, then the revision is wrong',
    async (expected) => {
      const reply = await append(under.streams, { stream: newStream(), expected, events: [] });
      expect(reply.wrong).toBe(`expected ${expected}, actual no_stream`);
    },
  );
});

describe.each(rawPaths)(
  'given a stream at revision 1, when a %s append without events',
  (_path, append) => {
    const given = async () => {
      const stream = newStream();
      const events = [received(1), received(2)];
      await under.client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
      return stream;
    };

    test.each<Expected>([1, 'any', 'stream_exists'])(
      'expects %s, then it succeeds at revision 1 and no event is written',
      async (expected) => {
        const stream = await given();
        const reply = await append(under.streams, { stream, expected, events: [] });
        expect(reply.revision).toBe('1');
        expect(await texts(stream)).toHaveLength(2);
      },
    );

    test.each<Expected>([0, 5, 'no_stream'])(
      'expects %s, then the revision is wrong',
      async (expected) => {
        const stream = await given();
        const reply = await append(under.streams, { stream, expected, events: [] });
        expect(reply.wrong).toBe(`expected ${expected}, actual 1`);
      },
    );

    test('is answered, then its position is that of a record that no reader of the log is shown', async () => {
      const stream = await given();
      const { position } = await append(under.streams, { stream, events: [] });
      const after = await under.client.appendToStream(stream, received(3));
      const { messages } = await rawRead(under.streams, { from: BigInt(position!) });
      expect(messages[0]?.position?.commit).toBe(after.position?.commit);
      const log = await collect(under.client.readAll({ fromPosition: START }));
      const positions = log.map(({ event }) => event?.position.commit);
      expect(positions).not.toContain(BigInt(position!));
    });

    test('comes to a soft-deleted stream, then that is back without what it held', async () => {
      const stream = await given();
      await under.client.deleteStream(stream);
      expect(await append(under.streams, { stream, events: [] })).toMatchObject({ revision: '1' });
      expect(await rawRead(under.streams, { stream })).toMatchObject({
        texts: [],
        end: { status: 'OK' },
      });
      const next = { stream, expected: 1, events: [{}] };
      expect(await append(under.streams, next)).toMatchObject({ revision: '2' });
      expect(await texts(stream)).toEqual([`${stream}/2 StockReceived`]);
    });
  },
);

test.each(clientPaths)(
  'given no stream, when the client makes a %s append without events, then it is told revision 0',
  async (_path, path) => {
    const stream = newStream();
    const reply = await under.client.appendToStream(stream, [], path);
    expect(reply).toMatchObject({ success: true, nextExpectedRevision: 0n });
    await expect(collect(under.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  },
);

test('given an event without data, when it is read, then it is there with no bytes', async () => {
  const stream = newStream();
  await rawUnaryAppend(under.streams, {
    stream,
    events: [{ contentType: 'application/octet-stream', data: '' }],
  });
  await under.client.appendToStream(
    stream,
    binaryEvent({ type: 'ScanStored', data: Buffer.alloc(0) }),
  );
  const stored = await collect(under.client.readStream(stream));
  expect(stored.map(({ event }) => (event?.data as Uint8Array).length)).toEqual([0, 0]);
});
