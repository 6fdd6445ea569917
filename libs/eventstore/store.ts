import { BackOff, newId, type Logger } from '../runtime';
import { AppendError, EventStoreClient, isOutage, StoreUnavailableError } from './client';
import { categories, categoryOf, encode, type RawEvent } from './codec';
import { entryOf, readLog } from './subscribe';
import type { LogEntry, Position } from './types';
import { watchStreams, type Watcher } from './watch';

/** The stream in which a store says who it is: a position means something in its own store only. */
const IDENTITY_STREAM = 'lotstream-store';

export class EventStore {
  constructor(
    readonly client: EventStoreClient,
    /** Random, written once into the store itself. */
    readonly storeId: string,
    private readonly logger: Logger,
  ) {}

  /** Our part of the log after a position, then what is appended; survives outages and never ends by itself. */
  readLog(options: { from: Position | undefined; signal: AbortSignal }): AsyncIterable<LogEntry> {
    return readLog(this.client, this.logger, options);
  }

  /** Tells of appends to streams of some categories as they happen; ends with the signal. */
  watch(options: {
    readonly categories: readonly string[];
    readonly watcher: Watcher;
    readonly signal: AbortSignal;
  }): Promise<void> {
    return watchStreams(this.client, this.logger, options);
  }

  readEventAt(position: Position): Promise<RawEvent | undefined> {
    return this.client.eventAt(position);
  }

  /** The event that stands at a position, as `readLog` tells it; undefined where there is none. */
  async entryAt(position: Position): Promise<LogEntry | undefined> {
    const raw = await this.client.eventAt(position);
    return raw && entryOf(raw, position);
  }

  /** Commit position of our last event; further up when much of others' was written since. */
  head(): Promise<bigint> {
    return this.client.lastPosition((stream) => categories.includes(categoryOf(stream)));
  }

  /** Commit position of our last event; undefined when it is not among the last some hundred of the log. */
  async lastOwn(): Promise<bigint | undefined> {
    let isOurs = false;
    const look = (stream: string): boolean => (isOurs = categories.includes(categoryOf(stream)));
    // Mostly it is the very last: asked for more, the store sends more, and an event may be large.
    let last = await this.client.lastPosition(look, 1);
    if (!isOurs) last = await this.client.lastPosition(look);
    return isOurs ? last : undefined;
  }

  /** Commit position of the last event of the log, whoever wrote it. */
  end(): Promise<bigint> {
    return this.client.lastPosition(() => true, 1);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

/** Connects, and learns (or says first) which store this is. Rejects with StoreUnavailableError while it is down. */
export async function openEventStore(options: {
  url: string;
  logger: Logger;
}): Promise<EventStore> {
  const client = new EventStoreClient(options.url);
  try {
    const storeId = (await readIdentity(client)) ?? (await writeIdentity(client));
    return new EventStore(client, storeId, options.logger);
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** The same, trying again with back-off until the store answers or the signal ends it. */
export async function openEventStoreWithRetry(options: {
  url: string;
  logger: Logger;
  signal?: AbortSignal;
}): Promise<EventStore> {
  const backOff = new BackOff(50, 1_000);
  for (;;) {
    try {
      return await openEventStore(options);
    } catch (error) {
      if (!isOutage(error) || options.signal?.aborted) throw error;
      options.logger.debug({ err: error }, 'the event store does not answer yet');
      await backOff.pause(options.signal);
    }
  }
}

async function readIdentity(client: EventStoreClient): Promise<string | undefined> {
  for await (const event of client.readStream(IDENTITY_STREAM, 0, 1, 5_000)) {
    return (event.data as { storeId: string }).storeId;
  }
  return undefined;
}

async function writeIdentity(client: EventStoreClient): Promise<string> {
  const storeId = newId();
  const event = encode({
    id: newId(),
    type: 'StoreIdentified',
    data: { storeId },
    metadata: {} as never,
  });
  try {
    await client.append(IDENTITY_STREAM, [event], -1, 5_000);
    return storeId;
  } catch (error) {
    // Another process said it first, or the answer was lost: what is stored counts.
    const stored = await readIdentity(client);
    if (stored !== undefined && error instanceof AppendError) return stored;
    if (!(error instanceof AppendError) || error.failure === 'rejected') throw error;
    throw new StoreUnavailableError('the store did not say who it is', { cause: error });
  }
}
