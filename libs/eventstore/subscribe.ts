import { BackOff, type Logger } from '../runtime';
import { rawEvent, isOutage, type EventStoreClient } from './client';
import { categories, CodecError, decode, type RawEvent } from './codec';
import { checkStream } from './own-stream';
import type { LogEntry, Position } from './types';

/** How many entries may wait for the reader before the subscription is held back: an event may have 1 MiB. */
const BUFFERED = 32;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
const NO_POSITION = 2n ** 64n - 1n;

/**
 * One subscription to everything of ours, renewed after every outage from what the reader has been given. Checkpoints and
 * `caughtUp` run ahead of the events in the official client (rules 7 and 11): here they travel in the same queue.
 */
export async function* readLog(
  client: EventStoreClient,
  logger: Logger,
  { from, signal }: { from: Position | undefined; signal: AbortSignal },
): AsyncGenerator<LogEntry> {
  let position = from;
  const backOff = new BackOff(FIRST_DELAY_MS, LONGEST_DELAY_MS);
  while (!signal.aborted) {
    const session = new Session(client, position, signal);
    try {
      for await (const entry of session.entries()) {
        backOff.reset();
        const reached = positionOf(entry);
        if (reached && isAfter(reached, position)) position = reached;
        else if (entry.kind === 'checkpoint') continue;
        yield entry;
      }
    } catch (error) {
      if (!isOutage(error)) logger.warn({ err: error }, 'the subscription ended unexpectedly');
      else logger.debug({ err: error }, 'the subscription was cut off');
      await backOff.pause(signal);
    } finally {
      session.end();
    }
  }
}

function positionOf(entry: LogEntry): Position | undefined {
  switch (entry.kind) {
    case 'event':
      return { commit: entry.event.position, prepare: entry.event.position };
    case 'undecodable':
      return { commit: entry.position, prepare: entry.position };
    case 'checkpoint':
      return entry.position;
    case 'caughtUp':
      return undefined;
  }
}

const isAfter = (a: Position, b: Position | undefined): boolean =>
  b === undefined || a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);

/** One subscription: takes what the client delivers and puts its signals where they belong among the events. */
class Session {
  private readonly queue: LogEntry[] = [];
  /** Signals that wait until the client has handed over the events before them. */
  private readonly signals: { due: number; entry: LogEntry }[] = [];
  private taken = 0;
  private failure: { error: unknown } | undefined;
  private wakeReader: () => void = () => undefined;
  private wakePump: () => void = () => undefined;
  private readonly subscription;
  private readonly onAbort = (): void => this.fail(undefined);

  constructor(
    client: EventStoreClient,
    from: Position | undefined,
    private readonly signal: AbortSignal,
  ) {
    const prefixes = categories.map((category) => `${category}-`);
    this.subscription = client.subscribe(from, prefixes, (_, position) => {
      if (position.commit !== NO_POSITION) this.signalled({ kind: 'checkpoint', position });
    });
    this.subscription.on('caughtUp', () => this.signalled({ kind: 'caughtUp' }));
    signal.addEventListener('abort', this.onAbort);
    void this.pump();
  }

  async *entries(): AsyncGenerator<LogEntry> {
    let next = 0;
    for (;;) {
      if (next < this.queue.length) {
        yield this.queue[next++]!;
        continue;
      }
      this.queue.length = next = 0;
      this.wakePump();
      if (this.failure) {
        if (this.signal.aborted) return;
        throw this.failure.error;
      }
      await new Promise<void>((resolve) => (this.wakeReader = resolve));
    }
  }

  end(): void {
    this.signal.removeEventListener('abort', this.onAbort);
    this.fail(undefined);
    // A second error often follows the first; nobody is left to care.
    this.subscription.on('error', () => undefined);
    void this.subscription.unsubscribe().catch(() => undefined);
  }

  private async pump(): Promise<void> {
    try {
      for await (const resolved of this.subscription) {
        this.taken += 1;
        const raw = rawEvent(resolved);
        if (raw) this.push(entryOf(raw, resolved.event?.position));
        this.releaseSignals();
        while (this.queue.length >= BUFFERED && !this.failure) {
          await new Promise<void>((resolve) => (this.wakePump = resolve));
        }
        if (this.failure) return;
      }
      this.fail(new Error('the subscription ended'));
    } catch (error) {
      this.fail(error);
    }
  }

  private signalled(entry: LogEntry): void {
    this.signals.push({ due: this.taken + this.subscription.readableLength, entry });
    this.releaseSignals();
  }

  private releaseSignals(): void {
    while (this.signals.length > 0 && this.signals[0]!.due <= this.taken) {
      this.push(this.signals.shift()!.entry);
    }
  }

  private push(entry: LogEntry): void {
    this.queue.push(entry);
    this.wakeReader();
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    this.wakeReader();
    this.wakePump();
  }
}

export function entryOf(raw: RawEvent, at: Position | undefined): LogEntry {
  try {
    // Positions tell events apart by their commit part alone; only transactions of the old TCP protocol share one.
    if (at && at.commit !== at.prepare) throw new CodecError('it was written in a TCP transaction');
    const event = decode(raw);
    checkStream(event);
    return { kind: 'event', event };
  } catch (error) {
    const { position, id, stream, type } = raw;
    const problem = error instanceof Error ? error.message : String(error);
    return { kind: 'undecodable', position, id, stream, type, problem };
  }
}
