import type { LogEntry, Position } from '../../libs/eventstore';
import { commitOf } from '../../libs/postgres';
import { type Amount, bytesOf } from './entry-buffer';

/** Reads the log by itself. */
type ReadLog = (options: {
  readonly from: Position | undefined;
  readonly signal: AbortSignal;
}) => AsyncIterable<LogEntry>;

/** What may wait for one who listens; who falls behind further reads by himself again. */
const WAITING: Amount = { entries: 8_192, bytes: 8 * 1024 * 1024 };

/**
 * What the projections read, told to others in this process, so that a busy log is read and decoded once. Who is behind
 * reads by himself until he has caught up with them, and again whenever they do not read.
 */
export class SharedLog {
  /** Commit position up to which it has been told; undefined while nobody reads. */
  private at: bigint | undefined;
  /** What has been told since they began, kept until somebody listens who begins there too, or it becomes too much. */
  private opening: { readonly after: bigint; readonly told: Listener } | undefined;
  private readonly listeners = new Set<Listener>();
  private tellBegun: () => void = () => undefined;
  private begun = new Promise<void>((resolve) => (this.tellBegun = resolve));

  constructor(private readonly waiting: Amount = WAITING) {}

  /** Resolves when the projections begin to read, the next time. */
  get nextBegin(): Promise<void> {
    return this.begun;
  }

  /** The projections begin to read, behind this place. */
  begin(from: Position | undefined): void {
    this.at = from?.commit ?? -1n;
    this.opening = { after: this.at, told: new Listener(this.waiting) };
    this.tellBegun();
    this.begun = new Promise<void>((resolve) => (this.tellBegun = resolve));
  }

  tell(entries: readonly LogEntry[]): void {
    for (const listener of this.listeners) listener.hear(entries);
    this.opening?.told.hear(entries);
    if (this.opening?.told.hasLeft) this.opening = undefined;
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const commit = commitOf(entries[i]!);
      if (commit === undefined) continue;
      this.at = commit;
      return;
    }
  }

  /** They have stopped: whoever listens goes on by himself. */
  end(): void {
    this.at = undefined;
    this.opening = undefined;
    for (const listener of this.listeners) listener.leave();
  }

  /** The log behind a place, without end; every entry once. */
  async *read(
    readLog: ReadLog,
    from: Position | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<LogEntry> {
    let place = from;
    const isNew = (entry: LogEntry): boolean => {
      const commit = commitOf(entry);
      if (commit === undefined) return true;
      if (commit <= (place?.commit ?? -1n)) return false;
      place = entry.kind === 'checkpoint' ? entry.position : { commit, prepare: commit };
      return true;
    };
    while (!signal.aborted) {
      let listener = this.join(place);
      if (!listener) {
        for await (const entry of readLog({ from: place, signal })) {
          if (isNew(entry)) yield entry;
          // Before anything is awaited, or what is told meanwhile would have to be read again.
          listener = this.join(place);
          if (listener) break;
        }
      }
      if (!listener) continue;
      try {
        for await (const entry of listener.entries(signal)) if (isNew(entry)) yield entry;
      } finally {
        this.listeners.delete(listener);
      }
    }
  }

  private join(place: Position | undefined): Listener | undefined {
    if (this.at === undefined) return undefined;
    const { at, opening } = this;
    const commit = place?.commit ?? -1n;
    const missed = commit < at && opening && commit >= opening.after ? opening.told : undefined;
    if (commit < at && !missed) return undefined;
    this.opening = undefined;
    const listener = missed ?? new Listener(this.waiting);
    this.listeners.add(listener);
    return listener;
  }
}

class Listener {
  private queue: LogEntry[] = [];
  private bytes = 0;
  hasLeft = false;
  private wake: () => void = () => undefined;

  constructor(private readonly waiting: Amount) {}

  hear(entries: readonly LogEntry[]): void {
    if (this.hasLeft) return;
    for (const entry of entries) {
      this.queue.push(entry);
      this.bytes += bytesOf(entry);
    }
    const { waiting } = this;
    // What waits is still given; what comes behind it is read again.
    if (this.queue.length > waiting.entries || this.bytes > waiting.bytes) this.hasLeft = true;
    this.wake();
  }

  leave(): void {
    this.hasLeft = true;
    this.wake();
  }

  async *entries(signal: AbortSignal): AsyncGenerator<LogEntry> {
    const stop = (): void => this.leave();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const { queue } = this;
        this.queue = [];
        this.bytes = 0;
        yield* queue;
        if (this.queue.length > 0) continue;
        if (this.hasLeft) return;
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
