import { BACKWARDS, END, FORWARDS, START, UnknownError, jsonEvent } from '@eventstore/db-client';
import { rawRead, type RawPosition, type RawRead } from './raw-reads';
import { brief, collect, newStream, received, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

/** Events a/0 b/0 b/1 a/1 a/2 c/0, the only ones of this log so far, and their positions. */
const ORDER = ['a/0', 'b/0', 'b/1', 'a/1', 'a/2', 'c/0'];
const positions: bigint[] = [];
beforeAll(async () => {
  const appends: [string, number][] = [
    ['a', 1],
    ['b', 2],
    ['a', 2],
    ['c', 1],
  ];
  for (const [stream, count] of appends) {
    await under.client.appendToStream(stream, Array.from({ length: count }, received));
  }
  const log = await collect(under.client.readAll());
  positions.push(...log.map(({ event }) => event!.position.commit));
});

const read = async (options: RawRead) => {
  const { texts, end } = await rawRead(under.streams, options);
  return end.status === 'OK' ? texts.map((text) => text.split(' ')[0]) : end.status;
};
const at = (index: number): bigint => positions[index]!;

describe('given the events of several streams, when the log is read', () => {
  test('forwards, then they come in the order in which they were committed, all above position 0', async () => {
    expect(await read({})).toEqual(ORDER);
    expect(at(0)).toBeGreaterThan(0n);
    expect(positions).toEqual([...new Set(positions)].sort((x, y) => (x < y ? -1 : 1)));
  });

  test.each(ORDER.map((name, i) => [name, i] as const))(
    'forwards from the position of %s, then that comes first',
    async (_name, i) => {
      expect(await read({ from: at(i) })).toEqual(ORDER.slice(i));
      expect(await read({ from: at(i), count: 2 })).toEqual(ORDER.slice(i, i + 2));
    },
  );

  test.each(ORDER.map((name, i) => [name, i] as const))(
    'backwards from the position of %s, then what was before it comes first',
    async (_name, i) => {
      const before = ORDER.slice(0, i).reverse();
      expect(await read({ from: at(i), backwards: true })).toEqual(before);
      expect(await read({ from: at(i), backwards: true, count: 1 })).toEqual(before.slice(0, 1));
    },
  );

  test.each<[string, RawRead, string[]]>([
    ['forwards with a count', { count: 3 }, ORDER.slice(0, 3)],
    ['forwards with a count beyond the end', { count: 100 }, ORDER],
    ['forwards from its end', { from: 'end' }, []],
    ['forwards from 2^64-1', { from: 2n ** 64n - 1n }, []],
    ['forwards from far beyond its end', { from: 2n ** 40n }, []],
    ['backwards from its end', { from: 'end', backwards: true }, [...ORDER].reverse()],
    ['backwards, the newest', { from: 'end', backwards: true, count: 1 }, ['c/0']],
    ['backwards from its start', { from: 'start', backwards: true }, []],
    ['from position 0', { from: 0n }, ORDER],
  ])('%s, then these come', async (_how, options, expected) => {
    expect(await read(options)).toEqual(expected);
  });

  test('from a position with a lower prepare, then the commit position counts', async () => {
    const from: RawPosition = { commit: at(2), prepare: at(1) };
    expect(await read({ from })).toEqual(ORDER.slice(2));
    expect(await read({ from: { commit: at(2), prepare: 0n } })).toEqual(ORDER.slice(2));
  });

  test.each<[string, () => RawRead]>([
    ['between two records', () => ({ from: at(1) + 1n })],
    ['just before a record', () => ({ from: at(1) - 1n })],
    ['between two records, backwards', () => ({ from: at(1) + 1n, backwards: true })],
    ['beyond its end, backwards', () => ({ from: 2n ** 40n, backwards: true })],
    ['with a prepare above the commit', () => ({ from: { commit: at(1), prepare: at(2) } })],
    ['with a count of 0', () => ({ count: 0 })],
  ])('from a position %s, then it fails', async (_where, options) => {
    expect(await read(options())).toBe('UNKNOWN');
  });

  test('with neither filter nor none, then it is invalid', async () => {
    expect(await read({ change: (options) => options.clearNoFilter() })).toBe('INVALID_ARGUMENT');
  });
});

describe('given the official client, when it reads the log', () => {
  const from = (i: number) => ({ commit: at(i), prepare: at(i) });

  test('forwards from a position, then the event there comes first', async () => {
    const log = under.client.readAll({ direction: FORWARDS, fromPosition: from(4) });
    expect((await collect(log)).map(({ event }) => event?.position.commit)).toEqual(
      positions.slice(4),
    );
  });

  test('backwards from a position, then the event there does not come', async () => {
    const log = under.client.readAll({ direction: BACKWARDS, fromPosition: from(2) });
    expect((await collect(log)).map(brief)).toEqual(['b/0 StockReceived', 'a/0 StockReceived']);
  });

  test('backwards from its end, then the newest comes first', async () => {
    const log = under.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
    expect((await collect(log)).map(brief)).toEqual(['c/0 StockReceived']);
  });

  test('from a position that was never handed out, then it is refused', async () => {
    const between = { commit: at(1) + 1n, prepare: at(1) + 1n };
    const log = under.client.readAll({ direction: FORWARDS, fromPosition: between });
    await expect(collect(log)).rejects.toThrow(UnknownError);
  });
});

describe('given a filter, when the log is read', () => {
  test.each<[string, RawRead, string[]]>([
    ['prefixes', { filter: { on: 'stream', prefixes: ['b', 'c'] } }, ['b/0', 'b/1', 'c/0']],
    ['regex', { filter: { on: 'stream', regex: '^[ac]$' } }, ['a/0', 'a/1', 'a/2', 'c/0']],
    ['a count', { filter: { on: 'stream', prefixes: ['a'] }, count: 2 }, ['a/0', 'a/1']],
    [
      'a direction',
      { filter: { on: 'stream', prefixes: ['a'] }, backwards: true, from: 'end', count: 2 },
      ['a/2', 'a/1'],
    ],
    ['no match', { filter: { on: 'type', prefixes: ['stock'] } }, []],
  ])('with %s, then only what matches comes', async (_what, options, expected) => {
    expect(await read(options)).toEqual(expected);
  });

  test.each<[string, RawRead]>([
    ['a regex that makes no sense', { filter: { on: 'stream', regex: '(' } }],
    ['an interval of 0', { filter: { on: 'stream', prefixes: ['a'], multiplier: 0 } }],
    ['a window of 0', { filter: { on: 'stream', prefixes: ['a'], window: 0 } }],
  ])('with %s, then it fails', async (_what, options) => {
    expect(await read(options)).toBe('UNKNOWN');
  });
});

test('given metadata, deletes, tombstones and hidden events, when the log is read, then all are there in order', async () => {
  const [kept, cut, deleted, dead] = [newStream(), newStream(), newStream(), newStream()];
  const { client } = under;
  const from = (await client.appendToStream(newStream(), received(0))).position!;
  await client.appendToStream(kept, [1, 2].map(received));
  await client.setStreamMetadata(kept, { maxCount: 1 });
  await client.appendToStream(cut, [1, 2].map(received));
  await client.setStreamMetadata(cut, { truncateBefore: 2 });
  await client.appendToStream(deleted, received(1));
  await client.deleteStream(deleted);
  await client.appendToStream(deleted, received(2));
  await client.appendToStream(dead, received(1));
  await client.tombstoneStream(dead);
  await client.appendToStream(`$${kept}`, jsonEvent({ type: 'Ordinary', data: {} }));
  const log = await collect(client.readAll({ fromPosition: from }));
  expect(log.slice(1).map(brief)).toEqual([
    `${kept}/0 StockReceived`,
    `${kept}/1 StockReceived`,
    `$$${kept}/0 $metadata`,
    `${cut}/0 StockReceived`,
    `${cut}/1 StockReceived`,
    `$$${cut}/0 $metadata`,
    `${deleted}/0 StockReceived`,
    `$$${deleted}/0 $metadata`,
    `${deleted}/1 StockReceived`,
    `$$${deleted}/1 $metadata`,
    `${dead}/0 StockReceived`,
    `${dead}/9223372036854775807 $streamDeleted`,
    `$${kept}/0 Ordinary`,
  ]);
  const backwards = { direction: BACKWARDS, fromPosition: END, maxCount: 13 } as const;
  const mirrored = await collect(client.readAll(backwards));
  expect(mirrored.map(brief)).toEqual(log.slice(1).map(brief).reverse());
});

test('given more events than a page, when the log is read in either direction, then each comes once', async () => {
  const stream = newStream();
  for (let i = 0; i < 4; i += 1) {
    await under.client.appendToStream(stream, Array.from({ length: 100 }, received));
  }
  const forwards = await collect(under.client.readAll({ fromPosition: START }));
  const backwards = await collect(
    under.client.readAll({ direction: BACKWARDS, fromPosition: END }),
  );
  expect(backwards.map(brief)).toEqual(forwards.map(brief).reverse());
  expect(forwards.slice(-400).map(({ event }) => event?.revision)).toEqual(
    Array.from({ length: 400 }, (_, i) => BigInt(i)),
  );
});
