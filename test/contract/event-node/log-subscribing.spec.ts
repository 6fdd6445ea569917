import {
  START,
  eventTypeFilter,
  jsonEvent,
  streamNameFilter,
  type AppendResult,
} from '@eventstore/db-client';
import { rawRead, rawSubscribe, type From, type RawFilter, type RawRead } from './raw-reads';
import { rawUnaryAppend } from './raw-writes';
import { brief, newStream, received, startNodeUnderTest, take } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const append = (stream: string, ...types: string[]): Promise<AppendResult> =>
  under.client.appendToStream(
    stream,
    types.map((type) => jsonEvent({ type, data: {} })),
  );
const subscribe = (read: RawRead) => rawSubscribe(under.streams, read);
/** The newest position, after which a test's own events follow. */
const origin = async (): Promise<bigint> => (await append(newStream(), 'Origin')).position!.commit;

describe('given events of two streams, when the log is subscribed to', () => {
  const given = async () => {
    const from = await origin();
    const [a, b] = [newStream(), newStream()];
    const positions: bigint[] = [];
    for (const stream of [a, b, a]) {
      positions.push((await append(stream, 'Stored')).position!.commit);
    }
    const stored = [`${a}/0 Stored`, `${b}/0 Stored`, `${a}/1 Stored`];
    return { a, b, from, positions, stored };
  };

  test.each<[string, (p: bigint[], from: bigint) => From, number]>([
    ['the one before them', (_p, from) => from, 0],
    ['the first', (p) => p[0]!, 1],
    ['the second', (p) => p[1]!, 2],
    ['the last', (p) => p[2]!, 3],
    ['the end', () => 'end', 3],
    ['2^64-1', () => 2n ** 64n - 1n, 3],
    // A prepare position below the commit position lies before the event there.
    ['just before the second', (p) => ({ commit: p[1]!, prepare: p[0]! }), 1],
    ['just before the second, by 0', (p) => ({ commit: p[1]!, prepare: 0n }), 1],
  ])('from the position of %s, then what comes after it comes', async (_which, from, skipped) => {
    const { a, b, positions, stored, from: before } = await given();
    const reading = subscribe({ from: from(positions, before) });
    await reading.reaches('caught up');
    await append(b, 'Live', 'Live');
    await append(a, 'Live');
    await reading.reaches(5 + stored.length - skipped);
    expect(reading.texts()).toEqual([
      'confirmed',
      ...stored.slice(skipped),
      'caught up',
      `${b}/1 Live`,
      `${b}/2 Live`,
      `${a}/2 Live`,
    ]);
    reading.cancel();
  });

  test('from its start, then every event of the log comes in order', async () => {
    await given();
    const log = await rawRead(under.streams, {});
    const reading = subscribe({});
    await reading.reaches('caught up');
    expect(reading.texts()).toEqual(['confirmed', ...log.texts, 'caught up']);
    reading.cancel();
  });

  test('from far beyond its end, then whatever is appended from now on comes', async () => {
    const { a } = await given();
    const reading = subscribe({ from: 2n ** 40n });
    await reading.reaches('caught up');
    await append(a, 'Live');
    await reading.reaches(3);
    expect(reading.texts()).toEqual(['confirmed', 'caught up', `${a}/2 Live`]);
    reading.cancel();
  });

  test.each<[string, (positions: bigint[]) => RawRead, string]>([
    ['from between two records', (p) => ({ from: p[1]! + 1n }), 'UNKNOWN'],
    ['from just before a record', (p) => ({ from: p[1]! - 1n }), 'UNKNOWN'],
    ['backwards', () => ({ backwards: true }), 'INVALID_ARGUMENT'],
    [
      'with neither filter nor none',
      () => ({ change: (options) => options.clearNoFilter() }),
      'INVALID_ARGUMENT',
    ],
  ])('%s, then it is refused and nothing comes', async (_how, read, status) => {
    const { positions } = await given();
    const reading = subscribe(read(positions));
    expect(await reading.ended()).toEqual({ status });
    expect(reading.texts()).toEqual([]);
  });

  test('by the official client and resumed from a position, then nothing is lost or repeated', async () => {
    const stream = newStream();
    await append(stream, 'A', 'B', 'C', 'D', 'E', 'F');
    const filter = () => streamNameFilter({ prefixes: [stream] });
    const all = under.client.subscribeToAll({ fromPosition: START, filter: filter() });
    const first = await take(all, 3);
    const fromPosition = first[2]!.event!.position;
    const rest = under.client.subscribeToAll({ fromPosition, filter: filter() });
    const seen = [...first, ...(await take(rest, 3))].map(({ event }) => event?.type);
    expect(seen).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
  });
});

test('given a subscription to the log, when streams are described, deleted and tombstoned, then it is told, stored and live alike', async () => {
  const from = await origin();
  const live = subscribe({ from });
  await live.reaches('caught up');
  const [a, b] = [newStream(), newStream()];
  await append(a, 'A');
  await under.client.setStreamMetadata(a, { maxCount: 1 });
  await append(a, 'B');
  await under.client.deleteStream(a);
  await append(a, 'C');
  await append(b, 'D');
  await rawUnaryAppend(under.streams, { stream: b, events: [] });
  await under.client.tombstoneStream(b);
  await append(`$${b}`, 'E');
  const expected = [
    `${a}/0 A`,
    `$$${a}/0 $metadata`,
    `${a}/1 B`,
    `$$${a}/1 $metadata`,
    `${a}/2 C`,
    `$$${a}/2 $metadata`,
    `${b}/0 D`,
    `${b}/9223372036854775807 $streamDeleted`,
    `$${b}/0 E`,
  ];
  await live.reaches(expected.length + 2);
  expect(live.texts()).toEqual(['confirmed', 'caught up', ...expected]);
  const stored = subscribe({ from });
  await stored.reaches('caught up');
  expect(stored.texts()).toEqual(['confirmed', ...expected, 'caught up']);
  live.cancel();
  stored.cancel();
});

test('given two connections that append at once, when the log is subscribed to, then its order is that of the positions', async () => {
  const from = await origin();
  const reading = subscribe({ from });
  await reading.reaches('caught up');
  const streams = Array.from({ length: 60 }, newStream);
  await Promise.all(
    streams.map((stream, i) =>
      i % 2 === 0
        ? append(stream, 'A', 'B')
        : rawUnaryAppend(under.streams, { stream, events: [{ type: 'A' }, { type: 'B' }] }),
    ),
  );
  await reading.reaches(122);
  const positions = reading.messages.slice(2).map(({ position }) => position!.commit);
  expect(positions).toEqual([...new Set(positions)].sort((x, y) => (x < y ? -1 : 1)));
  const log = await rawRead(under.streams, { from });
  expect(reading.texts().slice(2)).toEqual(log.texts.slice(1));
  reading.cancel();
});

describe('given events of several streams and types, when the log is subscribed to', () => {
  let tag: string;
  let from: bigint;
  beforeAll(async () => {
    tag = newStream();
    from = await origin();
    await append(`${tag}-order-1`, 'Made', 'Paid');
    await append(`${tag}-stock-1`, 'Moved');
    await append(`${tag}-order-2`, 'Made');
    await under.client.setStreamMetadata(`${tag}-order-1`, { owner: 'ann' });
    await append(`${tag}-orders`, 'made', 'MadeUp');
  });

  const cases: [string, () => RawFilter, string[]][] = [
    [
      'prefixes of streams',
      () => ({ on: 'stream', prefixes: [`${tag}-order-2`, `${tag}-st`] }),
      ['stock-1 Moved', 'order-2 Made'],
    ],
    ['a prefix in another case', () => ({ on: 'stream', prefixes: [`${tag}-ORDER`] }), []],
    ['no prefix at all', () => ({ on: 'stream', prefixes: [] }), []],
    ['a part from within a name', () => ({ on: 'stream', prefixes: ['order'] }), []],
    [
      'a regex of streams',
      () => ({ on: 'stream', regex: `^${tag}-order-[0-9]$` }),
      ['order-1 Made', 'order-1 Paid', 'order-2 Made'],
    ],
    [
      'a regex from within streams',
      () => ({ on: 'stream', regex: `${tag}-(stock|orders)` }),
      ['stock-1 Moved', 'orders made', 'orders MadeUp'],
    ],
    [
      'a regex at the end of streams',
      () => ({ on: 'stream', regex: `${tag}-.*-1$` }),
      ['order-1 Made', 'order-1 Paid', 'stock-1 Moved', 'order-1 $metadata'],
    ],
    ['a regex in another case', () => ({ on: 'stream', regex: `^${tag}-ORDER` }), []],
    [
      'prefixes of types',
      () => ({ on: 'type', prefixes: ['Pa', 'Made'] }),
      ['order-1 Made', 'order-1 Paid', 'order-2 Made', 'orders MadeUp'],
    ],
    ['a type in another case', () => ({ on: 'type', prefixes: ['mad'] }), ['orders made']],
    ['a prefix of streams on types', () => ({ on: 'type', prefixes: [tag] }), []],
    ['a regex of types', () => ({ on: 'type', regex: '^Made$' }), ['order-1 Made', 'order-2 Made']],
    [
      'a regex from within types',
      () => ({ on: 'type', regex: 'ade' }),
      ['order-1 Made', 'order-2 Made', 'orders made', 'orders MadeUp'],
    ],
    [
      'a regex against system types',
      () => ({ on: 'type', regex: '^[^$].*' }),
      [
        'order-1 Made',
        'order-1 Paid',
        'stock-1 Moved',
        'order-2 Made',
        'orders made',
        'orders MadeUp',
      ],
    ],
    [
      'a regex against system streams',
      () => ({ on: 'stream', regex: `^[^$]*order-1` }),
      ['order-1 Made', 'order-1 Paid'],
    ],
  ];
  const short = (texts: readonly string[]): string[] =>
    texts
      .filter((text) => text.includes(tag))
      .map((text) => text.replace(/^(?:\$\$)?stock-\d+-(.*)\/\d+ /, '$1 '));

  test.each(cases)('with %s, then only what matches comes', async (_what, filter, expected) => {
    const reading = subscribe({ from, filter: filter() });
    await reading.reaches('caught up');
    expect(short(reading.texts())).toEqual(expected);
    reading.cancel();
  });

  test.each(cases)(
    'live with %s, then only what matches comes',
    async (_what, filter, expected) => {
      const reading = subscribe({ from: 'end', filter: filter() });
      const all = subscribe({ from: 'end' });
      await Promise.all([reading.reaches('caught up'), all.reaches('caught up')]);
      await append(`${tag}-order-1`, 'Made', 'Paid');
      await append(`${tag}-stock-1`, 'Moved');
      await append(`${tag}-order-2`, 'Made');
      await under.client.setStreamMetadata(`${tag}-order-1`, { owner: 'ann' });
      await append(`${tag}-orders`, 'made', 'MadeUp');
      // The one that sees all is told after the one with the filter.
      await all.reaches(9);
      await rawRead(under.streams, { from: 'end' });
      expect(short(reading.texts())).toEqual(expected);
      reading.cancel();
      all.cancel();
    },
  );

  test.each<[string, RawFilter]>([
    ['a regex that makes no sense', { on: 'type', regex: '(' }],
    ['an interval of 0', { on: 'type', prefixes: ['a'], multiplier: 0 }],
    ['a window of 0', { on: 'type', prefixes: ['a'], window: 0 }],
  ])('with %s, then it is refused', async (_what, filter) => {
    const reading = subscribe({ filter });
    expect(await reading.ended()).toEqual({ status: 'UNKNOWN' });
    expect(reading.texts()).toEqual([]);
  });

  test.each([
    ['a prefix of streams', () => streamNameFilter({ prefixes: [`${tag}-st`] }), ['Moved']],
    ['a regex of streams', () => streamNameFilter({ regex: `^${tag}-stock-1$` }), ['Moved']],
    ['prefixes of types', () => eventTypeFilter({ prefixes: ['Pa', 'Mo'] }), ['Paid', 'Moved']],
    ['a regex of types', () => eventTypeFilter({ regex: '^(Paid|Moved)$' }), ['Paid', 'Moved']],
  ] as const)(
    'by the official client with %s, then only what matches comes',
    async (_what, filter, types) => {
      const fromPosition = { commit: from, prepare: from };
      const subscription = under.client.subscribeToAll({ fromPosition, filter: filter() });
      const seen = await take(subscription, types.length);
      expect(seen.map(({ event }) => event?.type)).toEqual(types);
    },
  );
});

test('given the official client, when it follows the log and a stream, then both bring the same events', async () => {
  const stream = newStream();
  const ofLog = under.client.subscribeToAll({
    fromPosition: START,
    filter: streamNameFilter({ prefixes: [stream] }),
  });
  const ofStream = under.client.subscribeToStream(stream, { fromRevision: START });
  const both = Promise.all([take(ofLog, 20), take(ofStream, 20)]);
  for (let i = 0; i < 20; i += 1) await under.client.appendToStream(stream, received(i));
  const [log, alone] = await both;
  expect(log.map(brief)).toEqual(alone.map(brief));
  expect(log.map(({ event }) => event?.position)).toEqual(
    alone.map(({ event }) => event?.position),
  );
});
