import { rawRead, rawSubscribe } from './raw-reads';
import { rawBatchAppend, rawDelete, rawTombstone, rawUnaryAppend } from './raw-writes';
import { newStream, received, startNodeUnderTest } from './support';
import type { Expected } from './raw-calls';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const TYPE = 'type.googleapis.com/event_store.client.';
const withThree = async (): Promise<string> => {
  const stream = newStream();
  await under.client.appendToStream(stream, [1, 2, 3].map(received));
  return stream;
};

describe('given a wrong expected revision, when something is appended', () => {
  const cases: [held: string, Expected, actual: string][] = [
    ['no stream', 0, 'no_stream'],
    ['no stream', 7, 'no_stream'],
    ['no stream', 'stream_exists', 'no_stream'],
    ['three events', 0, '2'],
    ['three events', 3, '2'],
    ['three events', 'no_stream', '2'],
  ];
  const given = (held: string) => (held === 'no stream' ? newStream() : withThree());

  test.each(cases)('to %s in a batch with %s, then details say %s', async (...row) => {
    const [held, expected, actual] = row;
    const stream = await given(held);
    expect(await rawBatchAppend(under.streams, { stream, expected, events: [{}] })).toEqual({
      error: 'ALREADY_EXISTS',
      details: `${TYPE}WrongExpectedVersion`,
      wrong: `expected ${expected}, actual ${actual}`,
      stream,
    });
  });

  test.each(cases)('to %s alone with %s, then an ordinary reply says %s', async (...row) => {
    const [held, expected, actual] = row;
    const stream = await given(held);
    expect(await rawUnaryAppend(under.streams, { stream, expected, events: [{}] })).toEqual({
      wrong: `expected ${expected}, actual ${actual}`,
    });
  });

  test('known by its first id only with any, then both paths name any', async () => {
    const stream = newStream();
    const known = { id: crypto.randomUUID() };
    await rawUnaryAppend(under.streams, { stream, events: [known] });
    const append = { stream, expected: 'any', events: [known, {}] } as const;
    const wrong = 'expected any, actual 0';
    expect(await rawUnaryAppend(under.streams, append)).toEqual({ wrong });
    expect(await rawBatchAppend(under.streams, append)).toMatchObject({ wrong, stream });
  });
});

describe.each([
  ['deleted', rawDelete],
  ['tombstoned', rawTombstone],
] as const)('given a wrong expected revision, when a stream is %s', (how, remove) => {
  test.each<[held: string, Expected, expectedNumber: string, actual: string]>([
    ['no stream', 0, '0', '-1'],
    ['no stream', 'stream_exists', '-4', '-1'],
    ['three events', 'no_stream', '-1', '2'],
    ['three events', 0, '0', '2'],
    ['three events', 1, '1', '2'],
    ['three events', 5, '5', '2'],
  ])('holding %s with %s, then trailers say %s and %s', async (...row) => {
    const [held, expected, expectedNumber, actual] = row;
    const stream = held === 'no stream' ? newStream() : await withThree();
    expect(await remove(under.streams, stream, expected)).toEqual({
      status: 'FAILED_PRECONDITION',
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': expectedNumber,
      'actual-version': actual,
    });
    const { messages } = await rawRead(under.streams, { stream });
    expect(messages.filter(({ event }) => event)).toHaveLength(held === 'no stream' ? 0 : 3);
  });

  test('whose name is missing, then that is refused', async () => {
    expect(await remove(under.streams, '', 'any')).toEqual({ status: 'UNKNOWN' });
  });

  test('whose name is not ASCII, then the error cannot say more than that', async () => {
    const stream = `größe-${newStream()}`;
    expect(await remove(under.streams, stream, 7)).toEqual({ status: 'UNKNOWN' });
  });

  test(`with the right one, then it is ${how} and the reply has the position of the record`, async () => {
    const stream = await withThree();
    const { position } = await remove(under.streams, stream, 2);
    const { messages } = await rawRead(under.streams, { from: BigInt(position!), count: 1 });
    const record = how === 'deleted' ? `$$${stream}/0 $metadata` : `${stream}/9223372036854775807`;
    expect(messages[0]?.text).toContain(record);
  });
});

describe('given a tombstoned stream, when', () => {
  const tombstoned = async (): Promise<string> => {
    const stream = await withThree();
    await under.client.tombstoneStream(stream);
    return stream;
  };
  const gone = (stream: string) => ({
    status: 'FAILED_PRECONDITION',
    exception: 'stream-deleted',
    'stream-name': stream,
  });

  test.each<Expected>(['any', 'no_stream', 'stream_exists', 2, 5])(
    'something is appended to it with %s, then both paths say that it is gone',
    async (expected) => {
      const stream = await tombstoned();
      const append = { stream, expected, events: [{}] };
      expect(await rawUnaryAppend(under.streams, append)).toEqual(gone(stream));
      expect(await rawBatchAppend(under.streams, append)).toEqual({
        error: 'NOT_FOUND',
        details: `${TYPE}StreamDeleted`,
        deleted: stream,
        stream,
      });
    },
  );

  test('nothing is appended to it, then both paths say that it is gone', async () => {
    const stream = await tombstoned();
    expect(await rawUnaryAppend(under.streams, { stream, events: [] })).toEqual(gone(stream));
    expect(await rawBatchAppend(under.streams, { stream, events: [] })).toMatchObject({
      deleted: stream,
    });
  });

  test.each([{}, { backwards: true, from: 'end' }, { from: 5 }, { count: 1 }] as const)(
    'it is read with %j, then it is gone',
    async (options) => {
      const stream = await tombstoned();
      const { texts, end } = await rawRead(under.streams, { stream, ...options });
      expect(texts).toEqual([]);
      expect(end).toEqual(gone(stream));
    },
  );

  test.each(['start', 1] as const)(
    'it is subscribed to from %s, then it is gone before a confirmation',
    async (from) => {
      const stream = await tombstoned();
      const reading = rawSubscribe(under.streams, { stream, from });
      expect(await reading.ended()).toEqual(gone(stream));
      expect(reading.texts()).toEqual([]);
    },
  );

  test.each<[string, Expected]>([
    ['any', 'any'],
    ['its last revision', 2],
    ['no_stream', 'no_stream'],
  ])('it is deleted or tombstoned with %s, then it is gone', async (_name, expected) => {
    const stream = await tombstoned();
    expect(await rawDelete(under.streams, stream, expected)).toEqual(gone(stream));
    expect(await rawTombstone(under.streams, stream, expected)).toEqual(gone(stream));
  });

  test('its metadata is read or written, then that is gone too', async () => {
    const stream = `$$${await tombstoned()}`;
    expect((await rawRead(under.streams, { stream })).end).toEqual(gone(stream));
    expect(await rawUnaryAppend(under.streams, { stream, events: [{}] })).toEqual(gone(stream));
    expect(await rawBatchAppend(under.streams, { stream, events: [{}] })).toMatchObject({
      deleted: stream,
    });
  });

  test('its name is not ASCII, then the error cannot say more than that', async () => {
    const stream = `größe-${newStream()}`;
    await rawTombstone(under.streams, stream, 'any');
    expect((await rawRead(under.streams, { stream })).end).toEqual({ status: 'UNKNOWN' });
    const append = { stream, events: [{}] };
    expect(await rawUnaryAppend(under.streams, append)).toEqual({ status: 'UNKNOWN' });
    // Details are bytes, so that a batch can say it.
    expect(await rawBatchAppend(under.streams, append)).toMatchObject({ deleted: stream });
  });
});

describe('given a soft-deleted stream, when an append needs it to exist', () => {
  test('then both paths say that it is deleted, as a delete does', async () => {
    const stream = await withThree();
    await under.client.deleteStream(stream);
    const append = { stream, expected: 'stream_exists', events: [{}] } as const;
    const deleted = {
      status: 'FAILED_PRECONDITION',
      exception: 'stream-deleted',
      'stream-name': stream,
    };
    expect(await rawUnaryAppend(under.streams, append)).toEqual(deleted);
    expect(await rawDelete(under.streams, stream, 'stream_exists')).toEqual(deleted);
    expect(await rawBatchAppend(under.streams, append)).toMatchObject({
      error: 'NOT_FOUND',
      deleted: stream,
    });
  });
});
