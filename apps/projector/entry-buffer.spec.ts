import type { LogEntry } from '../../libs/eventstore';
import { EntryBuffer } from './entry-buffer';

const entry = (commit: number): LogEntry => ({
  kind: 'checkpoint',
  position: { commit: BigInt(commit), prepare: BigInt(commit) },
});

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
  const buffer = new EntryBuffer(10);
  void buffer.fill(logOf(5).entries);
  await turns();
  expect(await buffer.take(3)).toEqual([entry(0), entry(1), entry(2)]);
  expect(await buffer.take(3)).toEqual([entry(3), entry(4)]);
  expect(buffer.size).toBe(0);
});

it('waits for the first entry', async () => {
  const buffer = new EntryBuffer(10);
  const taken = buffer.take(3);
  void buffer.fill(logOf(1).entries);
  expect(await taken).toEqual([entry(0)]);
});

it('holds the reader back while it is full', async () => {
  const buffer = new EntryBuffer(4);
  const log = logOf(100);
  void buffer.fill(log.entries);
  await turns();
  expect(log.read()).toBe(4);
  await buffer.take(4);
  await turns();
  expect(log.read()).toBe(8);
});

it('gives what it has, then throws what the log threw', async () => {
  const buffer = new EntryBuffer(10);
  async function* broken(): AsyncGenerator<LogEntry> {
    yield entry(0);
    await Promise.resolve();
    throw new Error('another store');
  }
  await buffer.fill(broken());
  expect(await buffer.take(5)).toEqual([entry(0)]);
  await expect(buffer.take(5)).rejects.toThrow('another store');
});

it('wakes whoever waits when it is closed', async () => {
  const buffer = new EntryBuffer(10);
  const taken = buffer.take(1);
  buffer.close(new Error('stopping'));
  await expect(taken).rejects.toThrow('stopping');
});

describe('gather', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends with enough entries, before the time', async () => {
    const buffer = new EntryBuffer(10);
    void buffer.fill(logOf(6).entries);
    await buffer.gather(5, 1_000_000);
    expect(buffer.size).toBeGreaterThanOrEqual(5);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends with the time, before there are enough', async () => {
    const buffer = new EntryBuffer(10);
    const gathered = buffer.gather(5, 20);
    await jest.advanceTimersByTimeAsync(20);
    await gathered;
    expect(buffer.size).toBe(0);
  });

  it('ends when the buffer is closed', async () => {
    const buffer = new EntryBuffer(10);
    const gathered = buffer.gather(5, 1_000_000);
    buffer.close(new Error('stopping'));
    await gathered;
    expect(jest.getTimerCount()).toBe(0);
  });
});
