import { BACKWARDS, END, START, StreamNotFoundError } from '@eventstore/db-client';
import { rawRead, type RawRead } from './raw-reads';
import { collect, newStream, received, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const revisionsOf = (texts: readonly string[]): number[] =>
  texts.map((text) => Number(/\/(\d+) /.exec(text)?.[1]));
const revisions = async (read: RawRead): Promise<number[]> => {
  const { texts, end } = await rawRead(under.streams, read);
  expect(end).toEqual({ status: 'OK' });
  return revisionsOf(texts);
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A stream with the revisions 0 to 299, made once. */
let stream: string;
beforeAll(async () => {
  stream = newStream();
  await under.client.appendToStream(stream, upTo(300).map(received));
});

describe('given the revisions 0 to 299, when they are read forwards', () => {
  test.each<[string, Omit<RawRead, 'stream'>, number[]]>([
    ['from the start', { count: 2 }, [0, 1]],
    ['from 0', { from: 0, count: 1 }, [0]],
    ['from a revision', { from: 297 }, [297, 298, 299]],
    ['from a revision with a count', { from: 7, count: 3 }, [7, 8, 9]],
    ['from the last one', { from: 299 }, [299]],
    ['from one past the end', { from: 300 }, []],
    ['from far past the end', { from: 100_000 }, []],
    ['from the largest revision', { from: 2n ** 63n - 1n }, []],
    ['with a count beyond the end', { from: 298, count: 1000 }, [298, 299]],
    ['with a count across pages', { from: 100, count: 130 }, upTo(130).map((i) => i + 100)],
    ['whole', {}, upTo(300)],
  ])('%s, then these come: %j %j', async (_how, read, expected) => {
    expect(await revisions({ stream, ...read })).toEqual(expected);
  });
});

describe('given the revisions 0 to 299, when they are read backwards', () => {
  test.each<[string, Omit<RawRead, 'stream'>, number[]]>([
    ['from the end', { from: 'end', count: 2 }, [299, 298]],
    ['from the start', { from: 'start' }, [0]],
    ['from 0', { from: 0 }, [0]],
    ['from a revision', { from: 2 }, [2, 1, 0]],
    ['from a revision with a count', { from: 9, count: 3 }, [9, 8, 7]],
    ['from the last one', { from: 299, count: 1 }, [299]],
    ['from beyond the end', { from: 9999, count: 1 }, [299]],
    ['from the largest revision', { from: 2n ** 63n - 1n, count: 1 }, [299]],
    ['from 2^64-1', { from: 2n ** 64n - 1n, count: 1 }, [299]],
    ['whole', { from: 'end' }, upTo(300).reverse()],
  ])('%s, then these come: %j %j', async (_how, read, expected) => {
    expect(await revisions({ stream, backwards: true, ...read })).toEqual(expected);
  });
});

describe('given the official client, when it reads the revisions 0 to 299', () => {
  test.each([
    ['from the start', { fromRevision: START, maxCount: 2 }, [0n, 1n]],
    ['from a revision', { fromRevision: 298n }, [298n, 299n]],
    ['past the end', { fromRevision: 300n }, []],
    ['backwards from the end', { direction: BACKWARDS, fromRevision: END, maxCount: 1 }, [299n]],
    ['backwards from a revision', { direction: BACKWARDS, fromRevision: 1n }, [1n, 0n]],
  ] as const)('%s, then these come', async (_how, options, expected) => {
    const events = await collect(under.client.readStream(stream, options));
    expect(events.map(({ event }) => event?.revision)).toEqual(expected);
  });
});

describe('given no stream, when it is read', () => {
  test.each<Omit<RawRead, 'stream'>>([
    {},
    { from: 3 },
    { count: 1 },
    { backwards: true, from: 'end' },
    { backwards: true, from: 3 },
  ])('with %j, then a message says that there is none', async (read) => {
    const absent = newStream();
    const { texts, end } = await rawRead(under.streams, { stream: absent, ...read });
    expect(texts).toEqual([`not found: ${absent}`]);
    expect(end).toEqual({ status: 'OK' });
  });

  test('by the official client, then that is StreamNotFoundError', async () => {
    await expect(collect(under.client.readStream('stock-never'))).rejects.toThrow(
      StreamNotFoundError,
    );
  });
});

describe('given the revisions 0 to 299, when a read', () => {
  test.each<[string, RawRead]>([
    ['has a count of 0', { count: 0 }],
    ['goes forwards from the end', { from: 'end' }],
    ['goes forwards from 2^64-1', { from: 2n ** 64n - 1n }],
    ['goes forwards from 2^63', { from: 2n ** 63n }],
    ['goes forwards from 2^64-2', { from: 2n ** 64n - 2n }],
    ['goes backwards from 2^63', { from: 2n ** 63n, backwards: true }],
    ['goes backwards from 2^64-2', { from: 2n ** 64n - 2n, backwards: true }],
    ['names no stream', { stream: '' }],
  ])('%s, then it fails and brings no event', async (_why, read) => {
    const { texts, end } = await rawRead(under.streams, { stream, ...read });
    expect(end).toEqual({ status: 'UNKNOWN' });
    expect(texts).toEqual([]);
  });

  test.each<[string, RawRead]>([
    ['filters one stream', { filter: { on: 'type', prefixes: ['S'] } }],
    ['says neither filter nor none', { change: (options) => options.clearNoFilter() }],
    ['says neither count nor subscription', { change: (options) => options.clearCount() }],
    ['says neither stream nor log', { change: (options) => options.clearStream() }],
  ])('%s, then it is invalid', async (_why, read) => {
    const { texts, end } = await rawRead(under.streams, { stream, ...read });
    expect(end).toEqual({ status: 'INVALID_ARGUMENT' });
    expect(texts).toEqual([]);
  });
});

describe('given events larger than a page, when they are read', () => {
  test('then all come, in either direction', async () => {
    const large = newStream();
    const append = () =>
      under.client.appendToStream(large, [
        { ...received(1), data: { padding: 'x'.repeat(700_000) } },
      ]);
    for (let i = 0; i < 5; i += 1) await append();
    expect(await revisions({ stream: large })).toEqual(upTo(5));
    expect(await revisions({ stream: large, backwards: true, from: 'end' })).toEqual([
      4, 3, 2, 1, 0,
    ]);
    expect(await revisions({ stream: large, from: 1, count: 3 })).toEqual([1, 2, 3]);
  });
});
