import type { EventStore } from '../../libs/eventstore';
import type { Applier } from '../../libs/postgres';
import { type Amount, EntryBuffer } from './entry-buffer';

/** Entries that wait while PostgreSQL works on the batch before. */
const BUFFERED: Amount = { entries: 8_192, bytes: 32 * 1024 * 1024 };

/** Reads the log from where the tables are, side by side with the work on what was read; undefined when told to stop. */
export async function follow<T>(
  store: EventStore,
  applier: Applier,
  signal: AbortSignal,
  work: (buffer: EntryBuffer) => Promise<T>,
): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const buffer = new EntryBuffer(BUFFERED);
  const reading = new AbortController();
  const stop = (): void => {
    reading.abort();
    buffer.close(new Error('the projector stops'));
  };
  signal.addEventListener('abort', stop);
  const filling = buffer.fill(store.readLog({ from: applier.from, signal: reading.signal }));
  try {
    return await work(buffer);
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await filling;
  }
}

/** Resolves when the signal is given. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
