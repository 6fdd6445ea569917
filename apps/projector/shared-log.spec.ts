import type { LogEntry, Position } from '../../libs/eventstore';
import { recorded } from '../../test/support/histories';
import { SharedLog } from './shared-log';

/** Events at the positions 1, 2, 3, ...; each has the position as its id's end. */
const entry = (position: number): LogEntry => ({
  kind: 'event',
  event: {
    ...recorded(
      { type: 'ItemDeactivated', data: { sku: 'A' } },
      'item',
      'item-default.A',
      position,
      position,
    ),
    position: BigInt(position),
  },
});
const place = (position: number): Position => ({
  commit: BigInt(position),
  prepare: BigInt(position),
});
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

let end: number;
let ownReads: number[];
let waiting: (() => void)[];
let stopping: AbortController;
beforeEach(() => {
  end = 0;
  ownReads = [];
  waiting = [];
  stopping = new AbortController();
});
afterEach(() => stopping.abort());

function grow(to: number): void {
  end = to;
  for (const wake of waiting.splice(0)) wake();
}

/** The log as one who reads by himself is told it. */
async function* readLog({
  from,
  signal,
}: {
  from: Position | undefined;
  signal: AbortSignal;
}): AsyncGenerator<LogEntry> {
  for (let next = Number(from?.commit ?? 0n) + 1; !signal.aborted;) {
    if (next <= end) {
      ownReads.push(next);
      yield entry(next++);
    } else {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

/** Reads through `shared`, and tells what it was given so far. */
function listen(shared: SharedLog, from?: Position) {
  const given: number[] = [];
  const run = async (): Promise<void> => {
    for await (const one of shared.read(readLog, from, stopping.signal)) {
      if (one.kind === 'event') given.push(Number(one.event.position));
    }
  };
  return { given, done: run() };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 300; i += 1) await Promise.resolve();
};

it('while the projections do not read, one reads by himself', async () => {
  const { given } = listen(new SharedLog());
  grow(3);
  await turns();
  expect(given).toEqual([1, 2, 3]);
  expect(ownReads).toEqual([1, 2, 3]);
});

it('who is where they are is told what they read, and reads nothing by himself', async () => {
  const shared = new SharedLog();
  shared.begin(place(5));
  const { given } = listen(shared, place(5));
  await turns();
  grow(9);
  shared.tell([entry(6), entry(7)]);
  shared.tell([{ kind: 'caughtUp' }, entry(8)]);
  shared.tell([entry(9)]);
  await turns();
  expect(given).toEqual([6, 7, 8, 9]);
  expect(ownReads).toEqual([]);
});

it('who comes a moment after they began, from the same place, is told what was told before', async () => {
  const shared = new SharedLog();
  const begun = shared.nextBegin;
  shared.begin(place(3));
  await begun;
  grow(7);
  shared.tell([entry(4), entry(5)]);
  const { given } = listen(shared, place(4));
  shared.tell([entry(6), entry(7)]);
  await turns();
  expect(given).toEqual(range(5, 7));
  expect(ownReads).toEqual([]);
});

it('what was told before is kept for the first who comes, and only while it is little', async () => {
  const shared = new SharedLog({ entries: 3, bytes: Infinity });
  shared.begin(undefined);
  grow(4);
  shared.tell([entry(1), entry(2)]);
  shared.tell([entry(3), entry(4)]);
  const { given } = listen(shared);
  await turns();
  expect(given).toEqual(range(1, 4));
  expect(ownReads).toEqual(range(1, 4));
});

it('who is behind reads by himself until he has caught up, and misses nothing that is told meanwhile', async () => {
  const shared = new SharedLog();
  grow(5);
  shared.begin(place(3));
  const { given } = listen(shared, place(1));
  shared.tell([entry(4), entry(5)]);
  await turns();
  grow(7);
  shared.tell([entry(6), entry(7)]);
  await turns();
  expect(given).toEqual(range(2, 7));
  expect(ownReads).toEqual(range(2, 3));
});

it('who is ahead is told nothing twice', async () => {
  const shared = new SharedLog();
  shared.begin(place(2));
  const { given } = listen(shared, place(4));
  await turns();
  grow(6);
  shared.tell([entry(3), entry(4), entry(5)]);
  shared.tell([entry(6)]);
  await turns();
  expect(given).toEqual([5, 6]);
  expect(ownReads).toEqual([]);
});

it('when they stop, one goes on by himself from what he was given; when they begin further on, without a gap', async () => {
  const shared = new SharedLog();
  shared.begin(undefined);
  const { given } = listen(shared);
  grow(2);
  shared.tell([entry(1), entry(2)]);
  await turns();
  shared.end();
  await turns();
  grow(4);
  await turns();
  expect(given).toEqual(range(1, 4));
  // Another projector was at work meanwhile.
  grow(9);
  shared.begin(place(9));
  await turns();
  grow(10);
  shared.tell([entry(10)]);
  await turns();
  expect(given).toEqual(range(1, 10));
});

it('who takes too long leaves, gets what waits for him, and reads the rest by himself', async () => {
  const shared = new SharedLog({ entries: 3, bytes: Infinity });
  shared.begin(undefined);
  const reading = shared.read(readLog, undefined, stopping.signal);
  const next = async (): Promise<number> => {
    const read = await reading.next();
    const one = read.value as Extract<LogEntry, { kind: 'event' }>;
    return Number(one.event.position);
  };
  const first = next();
  await turns();
  grow(20);
  shared.tell([entry(1)]);
  expect(await first).toBe(1);
  for (let position = 2; position <= 20; position += 1) shared.tell([entry(position)]);
  const given = [];
  for (let n = 2; n <= 20; n += 1) given.push(await next());
  expect(given).toEqual(range(2, 20));
  expect(ownReads).toEqual(range(6, 20));
});

it('what waits is bounded in bytes as well', async () => {
  const shared = new SharedLog({ entries: 1_000, bytes: 3_000 });
  shared.begin(undefined);
  const reading = shared.read(readLog, undefined, stopping.signal);
  const first = reading.next();
  await turns();
  grow(20);
  for (let position = 1; position <= 20; position += 1) shared.tell([entry(position)]);
  await first;
  for (let n = 2; n <= 20; n += 1) await reading.next();
  expect(ownReads[0]).toBeLessThan(6);
  expect(ownReads.at(-1)).toBe(20);
});

it('the signal ends it, whatever it waits for', async () => {
  const shared = new SharedLog();
  shared.begin(undefined);
  const listening = listen(shared);
  const alone = listen(new SharedLog());
  await turns();
  stopping.abort();
  await Promise.all([listening.done, alone.done]);
});
