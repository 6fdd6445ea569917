import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { rawRead } from './raw-reads';
import { rawDelete, rawPaths, rawTombstone, rawUnaryAppend } from './raw-writes';
import { clientPaths, collect, ending, newStream, received, startNodeUnderTest } from './support';
import type { Expected } from './raw-calls';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const SOFT_DELETE = '{"$tb":9223372036854775807}';

const revisions = async (stream: string): Promise<bigint[]> =>
  (await collect(under.client.readStream(stream))).map(({ event }) => event?.revision ?? -1n);

/** The newest metadata, as it stands there. */
async function metadataOf(stream: string): Promise<string> {
  const { messages } = await rawRead(under.streams, { stream: `$$${stream}` });
  const data = messages[0]?.event?.getEvent()?.getData_asU8() ?? [];
  return `${messages[0]?.text.split(' ')[0]} ${Buffer.from(data).toString()}`;
}

const withThree = async (): Promise<string> => {
  const stream = newStream();
  await under.client.appendToStream(stream, [received(1), received(2), received(3)]);
  return stream;
};
const deleted = async (): Promise<string> => {
  const stream = await withThree();
  await under.client.deleteStream(stream);
  return stream;
};

describe('given a stream at revision 2, when it is deleted', () => {
  test.each<Expected>(['any', 2, 'stream_exists'])(
    'with %s, then it is not found and its metadata says why, at the position of the reply',
    async (expected) => {
      const stream = await withThree();
      const { position } = await rawDelete(under.streams, stream, expected);
      await expect(revisions(stream)).rejects.toThrow(StreamNotFoundError);
      expect(await metadataOf(stream)).toBe(`$$${stream}/0 ${SOFT_DELETE}`);
      const { messages } = await rawRead(under.streams, { stream: `$$${stream}` });
      expect(String(messages[0]?.position?.commit)).toBe(position);
    },
  );

  test.each<Expected>(['no_stream', 0, 1, 3, 5])(
    'with %s, then that is refused and it is still there',
    async (expected) => {
      const stream = await withThree();
      const outcome = await rawDelete(under.streams, stream, expected);
      expect(outcome).toMatchObject({ exception: 'wrong-expected-version' });
      expect(await revisions(stream)).toEqual([0n, 1n, 2n]);
    },
  );

  test('by the official client with another revision, then it says what it is at', async () => {
    const stream = await withThree();
    const refused = under.client.deleteStream(stream, { expectedRevision: 1n });
    await expect(refused).rejects.toThrow(WrongExpectedVersionError);
    await expect(refused).rejects.toMatchObject({ expectedVersion: 1n, actualVersion: 2n });
  });
});

describe('given no stream, when it is deleted', () => {
  test.each<Expected>(['any', 'no_stream', 'stream_exists', 0])(
    'with %s, then that is refused',
    async (expected) => {
      const outcome = await rawDelete(under.streams, newStream(), expected);
      expect(outcome).toMatchObject({
        exception: 'wrong-expected-version',
        'actual-version': '-1',
      });
    },
  );

  test('but metadata, then that is replaced', async () => {
    const stream = newStream();
    await under.client.setStreamMetadata(stream, { owner: 'ann' });
    expect(await rawDelete(under.streams, stream, 'any')).toHaveProperty('position');
    expect(await metadataOf(stream)).toBe(`$$${stream}/1 ${SOFT_DELETE}`);
  });
});

describe('given a soft-deleted stream', () => {
  test.each([{}, { from: 1 }, { backwards: true, from: 'end' }, { count: 1 }] as const)(
    'when it is read with %j, then it is not found',
    async (options) => {
      const stream = await deleted();
      expect(await rawRead(under.streams, { stream, ...options })).toMatchObject({
        texts: [`not found: ${stream}`],
        end: { status: 'OK' },
      });
    },
  );

  test.each<Expected>(['any', 2, 'no_stream'])(
    'when it is deleted again with %s, then that is repeated',
    async (expected) => {
      const stream = await deleted();
      expect(await rawDelete(under.streams, stream, expected)).toHaveProperty('position');
      expect(await metadataOf(stream)).toBe(`$$${stream}/1 ${SOFT_DELETE}`);
    },
  );

  test.each<Expected>([0, 1, 3])(
    'when it is deleted again with %s, then that is refused',
    async (expected) => {
      const outcome = await rawDelete(under.streams, await deleted(), expected);
      expect(outcome).toMatchObject({ exception: 'wrong-expected-version', 'actual-version': '2' });
    },
  );

  test('when it had other metadata, then that is lost', async () => {
    const stream = await withThree();
    await under.client.setStreamMetadata(stream, { maxCount: 1, owner: 'ann' });
    await under.client.deleteStream(stream);
    expect(await metadataOf(stream)).toBe(`$$${stream}/1 ${SOFT_DELETE}`);
    await under.client.appendToStream(stream, [4, 5].map(received));
    expect(await revisions(stream)).toEqual([3n, 4n]);
    expect(await metadataOf(stream)).toBe(`$$${stream}/2 {"$tb":3}`);
  });

  test('when the node is asked for its events in the log, then they are still there', async () => {
    const stream = await deleted();
    const { texts } = await rawRead(under.streams, {
      filter: { on: 'stream', prefixes: [`${stream}`] },
    });
    expect(texts.filter((text) => text.startsWith(`${stream}/`))).toHaveLength(3);
  });
});

describe.each(clientPaths)('given a soft-deleted stream, when a %s append', (_path, path) => {
  test.each<[AppendExpectedRevision]>([[ANY], [NO_STREAM], [2n]])(
    'expects %s, then it goes on after its last revision and shows what is new',
    async (expectedRevision) => {
      const stream = await deleted();
      const append = under.client.appendToStream(stream, [4, 5].map(received), {
        expectedRevision,
        ...path,
      });
      expect(await ending(append)).toBe('at revision 4');
      expect(await revisions(stream)).toEqual([3n, 4n]);
      expect(await metadataOf(stream)).toBe(`$$${stream}/1 {"$tb":3}`);
      await under.client.appendToStream(stream, received(6), { expectedRevision: 4n });
      expect(await revisions(stream)).toEqual([3n, 4n, 5n]);
    },
  );

  test.each<[AppendExpectedRevision, string]>([
    [STREAM_EXISTS, 'stream deleted'],
    [0n, 'conflict, it is at 2'],
    [1n, 'conflict, it is at 2'],
    [7n, 'conflict, it is at 2'],
  ])('expects %s, then it is refused: %s', async (expectedRevision, outcome) => {
    const stream = await deleted();
    const append = under.client.appendToStream(stream, received(4), { expectedRevision, ...path });
    expect(await ending(append)).toBe(outcome);
    await expect(revisions(stream)).rejects.toThrow(StreamNotFoundError);
  });
});

test('given a stream that was deleted twice with appends between, when it is read, then only what came after the last shows', async () => {
  const stream = await deleted();
  await under.client.appendToStream(stream, received(4));
  await under.client.deleteStream(stream, { expectedRevision: 3n });
  const append = under.client.appendToStream(stream, [5, 6].map(received), {
    expectedRevision: NO_STREAM,
  });
  expect(await ending(append)).toBe('at revision 5');
  expect(await revisions(stream)).toEqual([4n, 5n]);
  expect(await metadataOf(stream)).toBe(`$$${stream}/3 {"$tb":4}`);
});

describe.each(rawPaths)('given a soft-deleted stream, when a %s append', (_path, append) => {
  test.each<Expected>(['any', 'no_stream', 2])(
    'without events expects %s, then it is found again and empty',
    async (expected) => {
      const stream = await deleted();
      const reply = await append(under.streams, { stream, expected, events: [] });
      expect(reply).toMatchObject({ revision: '2' });
      expect(await revisions(stream)).toEqual([]);
      expect(await metadataOf(stream)).toBe(`$$${stream}/1 {"$tb":3}`);
    },
  );
});

describe('given a soft-deleted stream, when metadata is written to it', () => {
  const write = (stream: string, data: string) =>
    rawUnaryAppend(under.streams, {
      stream: `$$${stream}`,
      events: [{ type: '$metadata', data }],
    });

  test.each([
    ['{"owner":"ann"}', '{"$tb":3,"owner":"ann"}'],
    [
      '{"big":12345678901234567890,"$maxCount":9}',
      '{"$tb":3,"big":12345678901234567890,"$maxCount":9}',
    ],
    ['{}', '{"$tb":3}'],
    ['{"$tb":1}', '{"$tb":3}'],
  ])('%s, then a second record hides what it held: %s', async (data, second) => {
    const stream = await deleted();
    expect(await write(stream, data)).toMatchObject({ revision: '1' });
    expect(await revisions(stream)).toEqual([]);
    expect(await metadataOf(stream)).toBe(`$$${stream}/2 ${second}`);
    await under.client.appendToStream(stream, received(4), { expectedRevision: 2n });
    expect(await revisions(stream)).toEqual([3n]);
  });

  test('that deletes it, then it stays deleted', async () => {
    const stream = await deleted();
    await write(stream, SOFT_DELETE);
    await expect(revisions(stream)).rejects.toThrow(StreamNotFoundError);
    expect(await metadataOf(stream)).toBe(`$$${stream}/1 ${SOFT_DELETE}`);
  });
});

describe('given a stream of three events, when its metadata is set', () => {
  test.each([
    [SOFT_DELETE, 'not found'],
    // One less is a truncation beyond all that there is, and no delete.
    ['{"$tb":9223372036854775806}', 'empty'],
  ])('to %s, then it is %s', async (data, outcome) => {
    const stream = await withThree();
    const events = [{ type: '$metadata', data }];
    await rawUnaryAppend(under.streams, { stream: `$$${stream}`, events });
    const { texts } = await rawRead(under.streams, { stream });
    expect(texts).toEqual(outcome === 'empty' ? [] : [`not found: ${stream}`]);
  });
});

describe('given a stream, when it is tombstoned', () => {
  test.each<[string, Expected, () => string | Promise<string>]>([
    ['three events', 2, withThree],
    ['three events', 'any', withThree],
    ['three events', 'stream_exists', withThree],
    ['no events', 'any', newStream],
    ['no events', 'no_stream', newStream],
    ['deleted events', 'any', deleted],
    ['deleted events', 2, deleted],
  ])('holding %s with %s, then it is gone for ever', async (_what, expected, given) => {
    const stream = await given();
    expect(await rawTombstone(under.streams, stream, expected)).toHaveProperty('position');
    await expect(revisions(stream)).rejects.toThrow(StreamDeletedError);
    const append = under.client.appendToStream(stream, received(1), { expectedRevision: ANY });
    expect(await ending(append)).toBe('stream deleted');
    await expect(under.client.deleteStream(stream)).rejects.toThrow(StreamDeletedError);
    await expect(under.client.tombstoneStream(stream)).rejects.toThrow(StreamDeletedError);
    const metadata = under.client.setStreamMetadata(stream, { owner: 'ann' });
    await expect(metadata).rejects.toThrow(StreamDeletedError);
  });

  test('then a repeated append that was written before it is refused', async () => {
    const stream = newStream();
    const events = [received(1), received(2)];
    const options = { expectedRevision: NO_STREAM } as const;
    await under.client.appendToStream(stream, events, options);
    await under.client.tombstoneStream(stream);
    expect(await ending(under.client.appendToStream(stream, events, options))).toBe(
      'stream deleted',
    );
  });

  test('then another stream of a similar name is not', async () => {
    const stream = await withThree();
    const longer = `${stream}-longer`;
    await under.client.appendToStream(longer, received(1));
    await under.client.tombstoneStream(stream);
    expect(await revisions(longer)).toEqual([0n]);
  });
});
