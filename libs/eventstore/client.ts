import {
  EventStoreDBClient,
  type AllStreamSubscription,
  type AppendResult,
  ErrorType,
  FORWARDS,
  BACKWARDS,
  END,
  START,
  jsonEvent,
  streamNameFilter,
  type ResolvedEvent,
} from '@eventstore/db-client';
import type { EncodedEvent, RawEvent } from './codec';
import type { Position } from './types';

/**
 * The only file that knows the official client. One instance per process: its pending appends sit in a map of the
 * module, so that the end of one batch call rejects the appends of another, and an answer to one of those ends the process.
 */

export type AppendFailure =
  /** Somebody else wrote first; nothing was written. */
  | 'conflict'
  /** It may or may not have been written. */
  | 'ambiguous'
  /** The store refused for good. */
  | 'rejected';

export class AppendError extends Error {
  constructor(
    readonly failure: AppendFailure,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The store did not answer, or not in time. */
export class StoreUnavailableError extends Error {}

export class EventStoreClient {
  private readonly reader: EventStoreDBClient;
  /** Does nothing but append: a read that is cut off makes a client reconnect, and then it would have two batch calls. */
  private writer: EventStoreDBClient;

  constructor(private readonly url: string) {
    this.reader = EventStoreDBClient.connectionString(url);
    this.writer = EventStoreDBClient.connectionString(url);
  }

  /** Appends after `revision` (-1: to a new stream); answers the commit position of the last event. */
  async append(
    stream: string,
    events: readonly EncodedEvent[],
    revision: number,
    timeoutMs: number,
  ): Promise<bigint | undefined> {
    const proposed = events.map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data: data as Record<string, unknown>, metadata }),
    );
    const expectedRevision = revision < 0 ? ('no_stream' as const) : BigInt(revision);
    const { writer } = this;
    let result: AppendResult;
    try {
      const append = writer.appendToStream(stream, proposed, { expectedRevision });
      result = await within(timeoutMs, append);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'ambiguous') this.replaceIfUseless(writer);
      throw new AppendError(failure, error);
    }
    return result.position?.commit;
  }

  /** A client asks once what the server can do; when that fails, so does every append as long as it is connected. */
  private replaceIfUseless(writer: EventStoreDBClient): void {
    const { capabilities } = writer as unknown as { readonly capabilities: Promise<unknown> };
    capabilities.catch(() => {
      if (this.writer !== writer) return;
      this.writer = EventStoreDBClient.connectionString(this.url);
      void writer.dispose().catch(() => undefined);
    });
  }

  /** The events of a stream, forwards from a revision; nothing for a stream that is absent. */
  async *readStream(
    stream: string,
    fromRevision: number,
    maxCount: number,
    idleTimeoutMs: number,
  ): AsyncGenerator<RawEvent> {
    const events = this.reader.readStream(stream, {
      fromRevision: BigInt(fromRevision),
      direction: FORWARDS,
      maxCount,
    });
    try {
      for await (const resolved of this.inTime(events, idleTimeoutMs)) {
        const raw = rawEvent(resolved);
        if (raw) yield raw;
      }
    } catch (error) {
      if (typeOf(error) !== ErrorType.STREAM_NOT_FOUND) throw error;
    }
  }

  /** The event that stands at a position, whatever it is; undefined where there is none. */
  async eventAt(position: Position): Promise<RawEvent | undefined> {
    const one = { fromPosition: position, direction: FORWARDS, maxCount: 1 } as const;
    try {
      for await (const resolved of this.inTime(this.reader.readAll(one))) return rawEvent(resolved);
    } catch (error) {
      // A real server answers UNKNOWN for a position inside its log that is no record.
      if ((error as { code?: unknown }).code !== UNKNOWN_CODE) throw error;
    }
    return undefined;
  }

  /**
   * Position of the last event of streams that are asked for; of an event further up when other events are the last so
   * many of the log, and 0 when it has none.
   */
  async lastPosition(
    isAskedFor: (stream: string) => boolean,
    maxCount = SEARCHED_FOR_LAST,
  ): Promise<bigint> {
    const newest = { fromPosition: END, direction: BACKWARDS, maxCount } as const;
    let last = 0n;
    for await (const { link, event } of this.inTime(this.reader.readAll(newest))) {
      const record = link ?? event;
      if (!record) continue;
      last = record.position.commit;
      if (isAskedFor(record.streamId)) break;
    }
    return last;
  }

  /** The events of a read; throws StoreUnavailableError when they do not come, or not in time. */
  private async *inTime<E>(
    events: AsyncIterable<E>,
    timeoutMs = READ_TIMEOUT_MS,
  ): AsyncGenerator<E> {
    // Iterated in the tick that made it: the failure of an unobserved read ends the process (client rule 10).
    const iterator = events[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await within(timeoutMs, iterator.next());
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      throw isOutage(error) ? new StoreUnavailableError(messageOf(error), { cause: error }) : error;
    } finally {
      // A generator that is left early must end the call, or it would stay open on the server.
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
  }

  /** A catch-up subscription to the streams whose names begin with one of the prefixes. */
  subscribe(
    from: Position | 'end' | undefined,
    prefixes: readonly string[],
    checkpointReached: (subscription: AllStreamSubscription, position: Position) => void,
  ): AllStreamSubscription {
    return this.reader.subscribeToAll({
      fromPosition: from === 'end' ? END : (from ?? START),
      filter: streamNameFilter({
        prefixes: [...prefixes],
        checkpointInterval: CHECKPOINT_INTERVAL,
        // Never throws and never waits: the client would stall for ever (client rule 7).
        checkpointReached: (subscription, position) => {
          checkpointReached(subscription, position);
          return Promise.resolve();
        },
      }),
    });
  }

  /** The client waits for calls that it has cancelled to say so, which some never do. */
  async close(): Promise<void> {
    const clients = [this.reader, this.writer];
    const closing = Promise.all(clients.map((client) => client.dispose()));
    await within(CLOSE_TIMEOUT_MS, closing).catch(() => undefined);
  }
}

const READ_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 500;
const SEARCHED_FOR_LAST = 256;
const UNKNOWN_CODE = 2;
/** Times the server's window of 32: a checkpoint about every 320 events that are not ours. */
const CHECKPOINT_INTERVAL = 10;

export function rawEvent({ event }: ResolvedEvent): RawEvent | undefined {
  // Types with $ and the revision 2^63-1 are the store's own (client rule 12).
  if (!event || event.type.startsWith('$') || event.revision > Number.MAX_SAFE_INTEGER)
    return undefined;
  return {
    id: event.id,
    stream: event.streamId,
    revision: Number(event.revision),
    position: event.position?.commit ?? 0n,
    type: event.type,
    data: event.data,
    metadata: event.metadata,
  };
}

class TimeoutError extends Error {}

/** Our own time-out: a frozen server holds a call for 20 s whatever its deadline says (client rule 4). */
function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new TimeoutError(`the event store did not answer within ${ms} ms`)),
      ms,
    );
    const settled = (): void => clearTimeout(timer);
    work.then(settled, settled);
    work.then(resolve, reject);
  });
}

const typeOf = (error: unknown): unknown => (error as { type?: unknown } | undefined)?.type;
const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** By type or by gRPC code: while a store is down both occur (client rule 5). */
export function isOutage(error: unknown): boolean {
  const type = typeOf(error);
  const code = (error as { code?: unknown } | undefined)?.code;
  return (
    error instanceof TimeoutError ||
    error instanceof StoreUnavailableError ||
    OUTAGE_TYPES.has(type) ||
    (typeof code === 'number' && OUTAGE_CODES.has(code)) ||
    (typeof code === 'string' && code.startsWith('ECONN'))
  );
}

const OUTAGE_TYPES = new Set<unknown>([
  ErrorType.UNAVAILABLE,
  ErrorType.TIMEOUT,
  ErrorType.CANCELLED,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.NOT_LEADER,
]);
/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE. */
const OUTAGE_CODES = new Set([1, 4, 10, 13, 14]);

function failureOf(error: unknown): AppendFailure {
  switch (typeOf(error)) {
    case ErrorType.WRONG_EXPECTED_VERSION:
      return 'conflict';
    case ErrorType.STREAM_DELETED:
    case ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED:
    case ErrorType.ACCESS_DENIED:
    case ErrorType.INVALID_ARGUMENT:
      return 'rejected';
    default:
      return 'ambiguous';
  }
}
