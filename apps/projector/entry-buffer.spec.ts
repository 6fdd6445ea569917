import type { LogEntry } from '../../libs/eventstore';
import { recorded } from '../../test/support/histories';
import { type Amount, EntryBuffer } from './entry-buffer';

const entry = (commit: number): LogEntry => ({
  kind: 'checkpoint',
  position: { commit: BigInt(commit), prepare: BigInt(commit) },
});

const upTo = (entries: number): Amount => ({ entries, bytes: Infinity });

/** A log that tells how far it has been read, and waits at the end as the real one does. */
function logOf(count: number): { entries: AsyncGenerator<LogEntry>; read: () => number } {
  let read = 0;
  async function* entries(): AsyncGenerator<LogEntry> {
    while (read < count) yield entry(read++);
    await new Promise(() => undefined);
  }
  return { entries: entries(), read: () => read };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 200; i++) await Promise.resolve();
};

it('gives the entries in order, as many as are there, at most so many', async () => {
  const buffer = new EntryBuffer(upTo(10));
  void buffer.fill(logOf(5).entries);
  await turns();
  expect(await buffer.take(upTo(3))).toEqual([entry(0), entry(1), entry(2)]);
  expect(await buffer.take(upTo(3))).toEqual([entry(3), entry(4)]);
  expect(buffer.size).toBe(0);
});

it('waits for the first entry', async () => {
  const buffer = new EntryBuffer(upTo(10));
  const taken = buffer.take(upTo(3));
  void buffer.fill(logOf(1).entries);
  expect(await taken).toEqual([entry(0)]);
});

it('holds the reader back while it is full', async () => {
  const buffer = new EntryBuffer(upTo(4));
  const log = logOf(100);
  void buffer.fill(log.entries);
  await turns();
  expect(log.read()).toBe(4);
  await buffer.take(upTo(4));
  await turns();
  expect(log.read()).toBe(8);
});

it('gives what it has, then throws what the log threw', async () => {
  const buffer = new EntryBuffer(upTo(10));
  async function* broken(): AsyncGenerator<LogEntry> {
    yield entry(0);
    await Promise.resolve();
    throw new Error('another store');
  }
  await buffer.fill(broken());
  expect(await buffer.take(upTo(5))).toEqual([entry(0)]);
  await expect(buffer.take(upTo(5))).rejects.toThrow('another store');
});

it('wakes whoever waits when it is closed', async () => {
  const buffer = new EntryBuffer(upTo(10));
  const taken = buffer.take(upTo(1));
  buffer.close(new Error('stopping'));
  await expect(taken).rejects.toThrow('stopping');
});

describe('of large entries', () => {
  const KIB = 1_024;
  const large = (place: number): LogEntry => ({
    kind: 'event',
    event: recorded(
      { type: 'ItemRegistered', data: { sku: 'A', description: 'x'.repeat(50 * KIB) } },
      'item',
      'item-default.A',
      place,
      place,
    ),
  });

  it('holds the reader back by their size, and gives no more than asked for, but always one', async () => {
    const buffer = new EntryBuffer({ entries: 1_000, bytes: 1_000 * KIB });
    let read = 0;
    async function* log(): AsyncGenerator<LogEntry> {
      while (read < 100) yield large(read++);
      await new Promise(() => undefined);
    }
    void buffer.fill(log());
    await turns();
    expect(read).toBe(10);
    expect(await buffer.take({ entries: 1_000, bytes: 350 * KIB })).toHaveLength(3);
    await turns();
    expect(read).toBe(13);
    expect(await buffer.take({ entries: 2, bytes: 350 * KIB })).toHaveLength(2);
    expect(await buffer.take({ entries: 1_000, bytes: 1 })).toHaveLength(1);
    await buffer.gather(1_000, 60_000);
    expect(buffer.size).toBe(10);
  });
});

describe('gather', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends with enough entries, before the time', async () => {
    const buffer = new EntryBuffer(upTo(10));
    void buffer.fill(logOf(6).entries);
    await buffer.gather(5, 1_000_000);
    expect(buffer.size).toBeGreaterThanOrEqual(5);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends with the time, before there are enough', async () => {
    const buffer = new EntryBuffer(upTo(10));
    const gathered = buffer.gather(5, 20);
    await jest.advanceTimersByTimeAsync(20);
    await gathered;
    expect(buffer.size).toBe(0);
  });

  it('ends when the buffer is closed', async () => {
    const buffer = new EntryBuffer(upTo(10));
    const gathered = buffer.gather(5, 1_000_000);
    buffer.close(new Error('stopping'));
    await gathered;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('of what is behind ends with the head of the log, and from then on at once', async () => {
    const buffer = new EntryBuffer(upTo(10));
    let rest = (): void => undefined;
    const more = new Promise<void>((resolve) => (rest = resolve));
    let next = (): void => undefined;
    const one = new Promise<void>((resolve) => (next = resolve));
    async function* log(): AsyncGenerator<LogEntry> {
      yield entry(0);
      await more;
      yield entry(1);
      yield { kind: 'caughtUp' };
      await one;
      yield entry(2);
      await new Promise(() => undefined);
    }
    void buffer.fill(log());
    let isOver = false;
    const gathered = buffer.gatherBehind(5, 1_000_000).then(() => (isOver = true));
    await turns();
    expect([buffer.size, isOver]).toEqual([1, false]);
    rest();
    await gathered;
    expect(buffer.size).toBe(3);
    await buffer.take(upTo(10));
    await buffer.gatherBehind(5, 1_000_000);
    // Live, a batch is waited for as before.
    const live = buffer.gather(5, 20).then(() => (isOver = false));
    next();
    await turns();
    expect([buffer.size, isOver]).toEqual([1, true]);
    await jest.advanceTimersByTimeAsync(20);
    await live;
    expect(jest.getTimerCount()).toBe(0);
  });
});
