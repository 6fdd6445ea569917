import { ANY, BACKWARDS, END, NO_STREAM, StreamNotFoundError } from '@eventstore/db-client';
import { rawRead, rawSubscribe, type RawRead } from './raw-reads';
import { rawUnaryAppend } from './raw-writes';
import { collect, ending, newStream, received, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const shown = async (stream: string, read: RawRead = {}): Promise<number[]> => {
  const { texts, end } = await rawRead(under.streams, { stream, ...read });
  expect(end).toEqual({ status: 'OK' });
  return texts.map((text) => Number(/\/(\d+) /.exec(text)?.[1]));
};
const append = (stream: string, count: number) =>
  under.client.appendToStream(stream, Array.from({ length: count }, received));
const withTen = async (): Promise<string> => {
  const stream = newStream();
  await append(stream, 10);
  return stream;
};
/** Writes metadata as it stands, senseless or not. */
const write = (stream: string, data: string) =>
  rawUnaryAppend(under.streams, { stream: `$$${stream}`, events: [{ type: '$metadata', data }] });

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const from = (first: number): number[] => ALL.slice(first);

describe('given the revisions 0 to 9, when metadata says', () => {
  test.each<[string, number[]]>([
    ['{"$maxCount":3}', from(7)],
    ['{"$maxCount":1}', from(9)],
    ['{"$maxCount":10}', ALL],
    ['{"$maxCount":11}', ALL],
    ['{"$maxCount":9223372036854775807}', ALL],
    ['{"$tb":4}', from(4)],
    ['{"$tb":0}', ALL],
    ['{"$tb":9}', from(9)],
    ['{"$tb":10}', []],
    ['{"$tb":100}', []],
    ['{"$tb":9223372036854775806}', []],
    ['{"$maxAge":31536000}', ALL],
    ['{"$tb":3,"$maxCount":5}', from(5)],
    ['{"$tb":9,"$maxCount":5}', from(9)],
    ['{"$tb":1,"unknown":{"$tb":[5]}}', from(1)],
    ['{ "owner" : "$tb", "$tb" : 2 }', from(2)],
    ['{}', ALL],
  ])('%s, then %j are shown, in either direction', async (metadata, expected) => {
    const stream = await withTen();
    expect(await write(stream, metadata)).toMatchObject({ revision: '0' });
    expect(await shown(stream)).toEqual(expected);
    expect(await shown(stream, { backwards: true, from: 'end' })).toEqual([...expected].reverse());
    const reading = rawSubscribe(under.streams, { stream });
    await reading.reaches('caught up');
    expect(reading.texts()).toHaveLength(expected.length + 2);
    reading.cancel();
  });

  test.each([
    '{"$maxCount":0}',
    '{"$maxCount":-1}',
    '{"$maxCount":"3"}',
    '{"$maxCount":1.5}',
    '{"$maxCount":1e1}',
    '{"$maxCount":null}',
    '{"$maxAge":0}',
    '{"$maxAge":-5}',
    '{"$maxAge":"1"}',
    '{"$tb":-5}',
    '{"$tb":1e1}',
    '{"$tb":2.0}',
    '{"$tb":"4"}',
    '{"$tb":true}',
    '{"$tb":[4]}',
    '{"$tb":2,"$maxCount":"x"}',
    '{"$tb":2,"$maxAge":0}',
    '{"$maxCount":2,"$tb":-1}',
    '[1]',
    '"$tb"',
    'not json',
    '{"$tb":4',
    '',
  ])('%j, which makes no sense, then all of it is void', async (metadata) => {
    const stream = await withTen();
    await write(stream, metadata);
    expect(await shown(stream)).toEqual(ALL);
  });

  test.each<[string, RawRead, number[]]>([
    ['from below what is shown', { from: 2 }, from(4)],
    ['from below, with a count', { from: 2, count: 3 }, [4, 5, 6]],
    ['from the start, with a count', { count: 1 }, [4]],
    ['from the first that is shown', { from: 4, count: 1 }, [4]],
    ['from what is shown', { from: 8 }, [8, 9]],
    ['backwards from what is shown', { backwards: true, from: 6 }, [6, 5, 4]],
    ['backwards down to the first', { backwards: true, from: 4, count: 5 }, [4]],
    ['backwards from what is hidden', { backwards: true, from: 3 }, []],
    ['backwards from the start', { backwards: true, from: 'start' }, []],
  ])('to truncate before 4 and it is read %s, then %j %j come', async (_how, read, expected) => {
    const stream = await withTen();
    await under.client.setStreamMetadata(stream, { truncateBefore: 4 });
    expect(await shown(stream, read)).toEqual(expected);
  });

  test('to keep 3 and more is appended, then the window moves on', async () => {
    const stream = await withTen();
    await under.client.setStreamMetadata(stream, { maxCount: 3 });
    await append(stream, 2);
    expect(await shown(stream)).toEqual([9, 10, 11]);
    await append(stream, 5);
    expect(await shown(stream)).toEqual([14, 15, 16]);
  });

  test('to truncate all and more is appended, then revisions go on', async () => {
    const stream = await withTen();
    await under.client.setStreamMetadata(stream, { truncateBefore: 11 });
    const next = { expectedRevision: 9n };
    expect(await ending(under.client.appendToStream(stream, received(1), next))).toBe(
      'at revision 10',
    );
    expect(await shown(stream)).toEqual([]);
    await append(stream, 1);
    expect(await shown(stream)).toEqual([11]);
  });

  test('less and less and then nothing, then the same revisions are shown again', async () => {
    const stream = await withTen();
    for (const [maxCount, expected] of [
      [2, from(8)],
      [5, from(5)],
    ] as const) {
      await under.client.setStreamMetadata(stream, { maxCount });
      expect(await shown(stream)).toEqual(expected);
    }
    await under.client.setStreamMetadata(stream, {});
    expect(await shown(stream)).toEqual(ALL);
  });

  test('to hide all, then the stream is found, unlike one that is deleted', async () => {
    const stream = await withTen();
    await under.client.setStreamMetadata(stream, { truncateBefore: 10 });
    expect(await collect(under.client.readStream(stream))).toEqual([]);
    await under.client.deleteStream(stream);
    await expect(collect(under.client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  });

  test('to keep 2, then the log and links from elsewhere are not renumbered', async () => {
    const stream = await withTen();
    await under.client.setStreamMetadata(stream, { maxCount: 2 });
    const filter = { on: 'stream', regex: `^${stream}$` } as const;
    const { texts } = await rawRead(under.streams, { filter });
    expect(texts).toEqual(ALL.map((revision) => `${stream}/${revision} StockReceived`));
  });
});

describe('given metadata that says to keep a minute', () => {
  afterEach(() => jest.restoreAllMocks());
  /** The node runs in this process: its clock is ours. */
  const anHourLater = (): void => {
    const begun = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => begun + 3_600_000);
  };

  test('when time passes, then each event is hidden by its own age, until the rule is lifted', async () => {
    const stream = newStream();
    await append(stream, 2);
    await under.client.setStreamMetadata(stream, { maxAge: 60 });
    expect(await shown(stream)).toEqual([0, 1]);
    anHourLater();
    expect(await shown(stream)).toEqual([]);
    await append(stream, 2);
    expect(await shown(stream)).toEqual([2, 3]);
    expect(await shown(stream, { backwards: true, from: 'end' })).toEqual([3, 2]);
    expect(await shown(stream, { from: 1, count: 1 })).toEqual([2]);
    const reading = rawSubscribe(under.streams, { stream });
    await reading.reaches('caught up');
    expect(reading.texts()).toHaveLength(4);
    reading.cancel();
    await under.client.setStreamMetadata(stream, {});
    expect(await shown(stream)).toEqual([0, 1, 2, 3]);
  });
});

describe('given the metadata of a stream', () => {
  test('when it is written with an expected revision, then that is kept as in any stream', async () => {
    const stream = newStream();
    const set = (expectedRevision: typeof NO_STREAM | typeof ANY | bigint) =>
      ending(under.client.setStreamMetadata(stream, { owner: 'ann' }, { expectedRevision }));
    expect(await set(NO_STREAM)).toBe('at revision 0');
    expect(await set(NO_STREAM)).toBe('conflict, it is at 0');
    expect(await set(0n)).toBe('at revision 1');
    expect(await set(5n)).toBe('conflict, it is at 1');
    expect(await set(ANY)).toBe('at revision 2');
  });

  test('when it is read, then its last event is shown, however many there are', async () => {
    const stream = newStream();
    for (const maxCount of [5, 6, 7]) await under.client.setStreamMetadata(stream, { maxCount });
    for (const read of [{}, { from: 0 }, { backwards: true, from: 'end' }] as const) {
      expect(await shown(`$$${stream}`, read)).toEqual([2]);
    }
    expect((await under.client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 7 });
  });

  test('when there is none, then its stream is not found and the client says so', async () => {
    const stream = await withTen();
    const { texts } = await rawRead(under.streams, { stream: `$$${stream}` });
    expect(texts).toEqual([`not found: $$${stream}`]);
    expect((await under.client.getStreamMetadata(stream)).metadata).toBeUndefined();
  });

  test('when there is nothing but that, then the stream itself is not found', async () => {
    const stream = newStream();
    await under.client.setStreamMetadata(stream, { owner: 'ann' });
    const { texts } = await rawRead(under.streams, { stream });
    expect(texts).toEqual([`not found: ${stream}`]);
  });

  test('when its append is repeated, then it is recognised', async () => {
    const stream = newStream();
    const event = { id: crypto.randomUUID(), type: '$metadata', data: '{"$maxCount":7}' };
    const again = { stream: `$$${stream}`, expected: 'no_stream', events: [event] } as const;
    const first = await rawUnaryAppend(under.streams, again);
    expect(await rawUnaryAppend(under.streams, again)).toEqual(first);
    expect(first).toMatchObject({ revision: '0' });
  });

  test('when the client writes all that it knows, then it reads the same back', async () => {
    const stream = newStream();
    const metadata = {
      maxCount: 12,
      maxAge: 3600,
      truncateBefore: 4,
      cacheControl: 30,
      acl: { readRoles: ['$all'], writeRoles: ['ops', 'ann'], deleteRoles: ['$admins'] },
      owner: 'ann',
    };
    await under.client.setStreamMetadata<typeof metadata>(stream, metadata);
    const read = await under.client.getStreamMetadata(stream);
    expect(read.metadata).toEqual(metadata);
    const newest = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;
    const [event] = await collect(under.client.readStream(`$$${stream}`, newest));
    expect(event?.event).toMatchObject({ type: '$metadata', isJson: true, revision: 0n });
  });

  test('when metadata of metadata is written, then it has no effect', async () => {
    const stream = await withTen();
    await under.client.setStreamMetadata(stream, { maxCount: 3 });
    await under.client.setStreamMetadata(`$$${stream}`, { truncateBefore: 9 });
    expect(await shown(`$$${stream}`)).toEqual([0]);
    expect(await shown(stream)).toEqual(from(7));
  });
});
