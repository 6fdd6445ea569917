import { START, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import {
  rawRead,
  rawSubscribe,
  type Message,
  type RawFilter,
  type RawPosition,
  type Reading,
} from './raw-reads';
import { rawUnaryAppend } from './raw-writes';
import { newStream, startNodeOnly, startNodeUnderTest, openStreams, take } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

/**
 * Appends one event for each letter: `m` to a stream that matches, `o` to another; `-` is a record that is no event.
 * Answers the positions of the events.
 */
async function write(stream: string, letters: string): Promise<bigint[]> {
  const runs = letters.match(/m+|o+|-/g) ?? [];
  for (const run of runs) {
    const name = run.startsWith('m') ? stream : `other-${stream}`;
    const events = run === '-' ? [] : [...run].map((type) => ({ type }));
    await rawUnaryAppend(under.streams, { stream: name, events });
  }
  const count = letters.replace(/[^mo]/g, '').length;
  if (count === 0) return [];
  const { messages } = await rawRead(under.streams, { from: 'end', backwards: true, count });
  return messages.map(({ position }) => position!.commit).reverse();
}

const origin = async (): Promise<bigint> => (await write('origin', 'o'))[0]!;
const filterOn = (stream: string, window: number, multiplier = 1): RawFilter => ({
  on: 'stream',
  prefixes: [stream],
  window,
  multiplier,
});
const follow = (from: bigint | RawPosition | 'start', filter: RawFilter): Reading =>
  rawSubscribe(under.streams, { from, filter });

/** `3` for the event with that index, `=3` for a checkpoint at it, `<3` for one just before it. */
function brief(positions: readonly bigint[], { text, position, event }: Message): string {
  const index = positions.indexOf(position?.commit ?? -1n);
  if (event) return String(index);
  if (text !== 'checkpoint' || !position) return text;
  if (position.prepare === position.commit) return `=${index}`;
  return position.prepare === 0n ? `<${index}` : `${position.commit}/${position.prepare}`;
}
const briefs = (reading: Reading, positions: readonly bigint[]): string =>
  reading.messages.map((message) => brief(positions, message)).join(' ');

describe('given stored events of which a filter matches some, when the log is followed', () => {
  test.each<[stored: string, window: number, multiplier: number, messages: string]>([
    // A page with a match: the last one. A page without: its start, with a prepare position of 0.
    ['oomo oooo mmoo', 4, 1, '2 =2 <4 8 9 =9'],
    ['mmmm mmmm', 4, 1, '0 1 2 3 =3 4 5 6 7 =7'],
    ['mooo moom', 4, 1, '0 =0 4 7 =7'],
    // What is left when it has caught up brings none.
    ['oomo oom', 4, 1, '2 =2 6'],
    ['mmm', 4, 1, '0 1 2'],
    // Two pages fill an interval of 2 x 4; what is matched in the first of them does not count.
    ['mmmm mooo oooo oooo', 4, 2, '0 1 2 3 4 =4 <12'],
    ['mmmm oooo', 4, 2, '0 1 2 3 <4'],
    ['mmmm mmmm mmmm', 4, 3, '0 1 2 3 4 5 6 7 8 9 10 11 =11'],
    // Records that are no events are not considered.
    ['m--m --oo mooo', 4, 1, '0 1 =1 4 =4'],
    ['mooo ---- mo', 4, 1, '0 =0 4'],
    ['mom', 1, 1, '0 =0 <1 2 =2'],
  ])('%s in pages of %i, %i for a checkpoint, then %s', async (...row) => {
    const [stored, window, multiplier, messages] = row;
    const from = await origin();
    const stream = newStream();
    const positions = await write(stream, stored);
    const reading = follow(from, filterOn(stream, window, multiplier));
    await reading.reaches('caught up');
    expect(briefs(reading, positions)).toBe(`confirmed ${messages} caught up`);
    reading.cancel();
  });
});

describe('given a subscription that has caught up over what was stored, when events come', () => {
  test.each<[stored: string, live: string, window: number, multiplier: number, messages: string]>([
    // Live every considered event counts, and the checkpoint is at it, whether it matches or not.
    ['', 'ooo ooo', 3, 1, '=2 =5'],
    ['', 'omo mom', 3, 1, '1 =2 3 5 =5'],
    ['', 'mmmm mm', 2, 2, '0 1 2 3 =3 4 5'],
    // The count of the stored ones goes on.
    ['oo', 'oooo', 3, 1, '=2 =5'],
    ['mooo', 'ooo mooo', 4, 2, '0 7 =7'],
  ])('after %j then %j in pages of %i, %i for a checkpoint, then %s', async (...row) => {
    const [stored, live, window, multiplier, messages] = row;
    const from = await origin();
    const stream = newStream();
    const before = await write(stream, stored);
    const reading = follow(from, filterOn(stream, window, multiplier));
    await reading.reaches('caught up');
    const positions = [...before, ...(await write(stream, live))];
    await reading.reaches(2 + messages.split(' ').length);
    const seen = briefs(reading, positions).replace('caught up', '').replace(/ +/g, ' ');
    expect(seen).toBe(`confirmed ${messages}`);
    reading.cancel();
  });

  test('that were appended together, then checkpoints lie between them all the same', async () => {
    const stream = newStream();
    const reading = follow(await origin(), filterOn(stream, 2));
    await reading.reaches('caught up');
    const events = Array.from({ length: 5 }, () => jsonEvent({ type: 'm', data: {} }));
    await under.client.appendToStream(stream, events);
    await reading.reaches(9);
    const positions = reading.messages.flatMap(({ event, position }) =>
      event ? [position!.commit] : [],
    );
    expect(briefs(reading, positions)).toBe('confirmed caught up 0 1 =1 2 3 =3 4');
    reading.cancel();
  });
});

test('given a new log, when its first page has no match, then the checkpoint is (0, 0)', async () => {
  const node = await startNodeOnly();
  const streams = openStreams(node);
  for (let i = 0; i < 5; i += 1) await rawUnaryAppend(streams, { stream: 'other', events: [{}] });
  const reading = rawSubscribe(streams, { filter: filterOn('stock', 4) });
  await reading.reaches('caught up');
  expect(reading.texts()).toEqual(['confirmed', 'checkpoint', 'caught up']);
  expect(reading.messages[1]?.position).toEqual({ commit: 0n, prepare: 0n });
  const again = rawSubscribe(streams, { from: 0n, filter: filterOn('other', 4) });
  await again.reaches('caught up');
  expect(again.texts().filter((text) => text.startsWith('other'))).toHaveLength(5);
  reading.cancel();
  again.cancel();
  streams.close();
  await node.stop();
});

test('given no window, when the log is followed, then a page has 32 events', async () => {
  const from = await origin();
  const stream = newStream();
  const positions = await write(stream, 'o'.repeat(70));
  const reading = rawSubscribe(under.streams, {
    from,
    filter: { on: 'stream', prefixes: [stream] },
  });
  await reading.reaches('caught up');
  expect(reading.texts()).toEqual(['confirmed', 'checkpoint', 'checkpoint', 'caught up']);
  expect(reading.messages[2]?.position?.commit).toBe(positions[32]);
  const live = await write(stream, 'o'.repeat(26));
  await reading.reaches(5);
  // 6 were left over: the 26th makes 32.
  expect(reading.messages[4]?.position?.commit).toBe(live[25]);
  reading.cancel();
});

test('given events larger than the node reads at a time, when none matches, then checkpoints come all the same', async () => {
  const from = await origin();
  const stream = newStream();
  const data = { padding: 'x'.repeat(400_000) };
  for (let i = 0; i < 8; i += 1) {
    await under.client.appendToStream(`other-${stream}`, jsonEvent({ type: 'o', data }));
  }
  const reading = follow(from, filterOn(stream, 4));
  await reading.reaches('caught up');
  expect(reading.texts()).toEqual(['confirmed', 'checkpoint', 'checkpoint', 'caught up']);
  reading.cancel();
});

test('given a subscription without a filter, when it catches up and goes on, then no checkpoint comes', async () => {
  const from = await origin();
  const stream = newStream();
  const reading = rawSubscribe(under.streams, { from });
  await write(stream, 'o'.repeat(70));
  await reading.reaches(72);
  expect(reading.texts()).not.toContain('checkpoint');
  reading.cancel();
});

describe('given checkpoints of a subscription over stored and live events, when it is resumed', () => {
  test('from any of them, then exactly the matches come that had not come before it', async () => {
    const from = await origin();
    const stream = newStream();
    const stored = await write(stream, 'oomoo ooooo momom ooooo ooomo ooooo ooo');
    const first = follow(from, filterOn(stream, 3));
    await first.reaches('caught up');
    const positions = [...stored, ...(await write(stream, 'oomoo mooom ooooo mmm oo'))];
    await first.reaches(`${stream}/10 m`);
    await rawRead(under.streams, { from: 'end' });
    const marks = first.messages.flatMap(({ text }, i) => (text === 'checkpoint' ? [i] : []));
    expect(marks.length).toBeGreaterThan(15);
    const commits = marks.map((i) => first.messages[i]!.position!.commit);
    expect(commits).toEqual([...commits].sort((a, b) => (a < b ? -1 : 1)));
    const all = first.texts().filter((text) => text.startsWith(stream));
    for (const mark of marks) {
      const seen = first
        .texts()
        .slice(0, mark)
        .filter((text) => text.startsWith(stream));
      const again = follow(first.messages[mark]!.position!, filterOn(stream, 3));
      await again.reaches('caught up');
      const rest = again.texts().filter((text) => text.startsWith(stream));
      expect([brief(positions, first.messages[mark]!), ...seen, ...rest]).toEqual([
        brief(positions, first.messages[mark]!),
        ...all,
      ]);
      again.cancel();
    }
    first.cancel();
  });

  test('by the official client, then the rest comes', async () => {
    const stream = newStream();
    await write(stream, 'ooooo oooom ooooo');
    const checkpoints: { readonly commit: bigint; readonly prepare: bigint }[] = [];
    const checkpointReached = (_subscription: unknown, position: RawPosition): Promise<void> => {
      checkpoints.push(position);
      return Promise.resolve();
    };
    const prefixes = [stream];
    const all = under.client.subscribeToAll({
      fromPosition: START,
      filter: streamNameFilter({
        prefixes,
        maxSearchWindow: 4,
        checkpointInterval: 1,
        checkpointReached,
      }),
    });
    const [match] = await take(all, 1);
    const before = checkpoints.filter(({ commit }) => commit < match!.event!.position.commit);
    expect(before.length).toBeGreaterThan(1);
    for (const fromPosition of before.slice(-2)) {
      const rest = under.client.subscribeToAll({
        fromPosition,
        filter: streamNameFilter({ prefixes }),
      });
      expect((await take(rest, 1))[0]?.event?.id).toBe(match?.event?.id);
    }
  });
});
