import type { LogEntry } from '../../libs/eventstore';
import { weightOf } from '../../libs/runtime';

export interface Amount {
  readonly entries: number;
  /** As the entries take them in memory, roughly. */
  readonly bytes: number;
}

/** Between the reader of the log and the applier: each works while the other does, and a full buffer holds the reader back. */
export class EntryBuffer {
  private entries: LogEntry[] = [];
  private bytes = 0;
  private failure: { readonly error: unknown } | undefined;
  private wakeReader: () => void = () => undefined;
  private wakeApplier: () => void = () => undefined;
  /** So many entries the applier waits for. */
  private wanted = 1;
  /** Everything that was in the log when it was asked has come. */
  private caughtUp = false;

  constructor(private readonly limit: Amount) {}

  get size(): number {
    return this.entries.length;
  }

  /** The event that has waited longest. */
  get oldest(): LogEntry | undefined {
    return this.entries.find(({ kind }) => kind === 'event');
  }

  /** Ends when the log does or the buffer is closed; what the log throws, `take` throws. */
  async fill(log: AsyncIterable<LogEntry>): Promise<void> {
    try {
      for await (const entry of log) {
        this.entries.push(entry);
        this.bytes += bytesOf(entry);
        const isHead = entry.kind === 'caughtUp';
        this.caughtUp ||= isHead;
        if (isHead || this.entries.length >= this.wanted || this.isFull()) this.wakeApplier();
        while (this.isFull() && !this.failure) {
          await new Promise<void>((resolve) => (this.wakeReader = resolve));
        }
        if (this.failure) return;
      }
      this.close(new Error('the log ended'));
    } catch (error) {
      this.close(error);
    }
  }

  close(error: unknown): void {
    this.failure ??= { error };
    this.wakeReader();
    this.wakeApplier();
  }

  /** Waits until there are so many entries or the buffer is full, but not longer than so many milliseconds. */
  async gather(count: number, forMs: number): Promise<void> {
    if (forMs <= 0 || this.failure || this.entries.length >= count || this.isFull()) return;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<void>((resolve) => (timer = setTimeout(resolve, forMs)));
    await Promise.race([end, this.more(count)]);
    clearTimeout(timer);
  }

  /** As `gather`, while there is more in the log than has come. */
  async gatherBehind(count: number, forMs: number): Promise<void> {
    if (!this.caughtUp) await this.gather(count, forMs);
  }

  /** The oldest entries, at least one; waits for it. */
  async take(most: Amount): Promise<LogEntry[]> {
    while (this.entries.length === 0) {
      if (this.failure) throw this.failure.error;
      await this.more(1);
    }
    const taken = this.entries.slice(0, this.countWithin(most));
    if (taken.length === this.entries.length) {
      this.entries = [];
      this.bytes = 0;
    } else {
      this.entries = this.entries.slice(taken.length);
      for (const entry of taken) this.bytes -= bytesOf(entry);
    }
    this.wakeReader();
    return taken;
  }

  private countWithin(most: Amount): number {
    if (this.bytes <= most.bytes) return most.entries;
    let bytes = 0;
    let count = 0;
    for (const entry of this.entries) {
      bytes += bytesOf(entry);
      if (count > 0 && (bytes > most.bytes || count === most.entries)) break;
      count += 1;
    }
    return count;
  }

  private isFull(): boolean {
    return this.entries.length >= this.limit.entries || this.bytes >= this.limit.bytes;
  }

  private more(wanted: number): Promise<void> {
    this.wanted = wanted;
    return new Promise((resolve) => (this.wakeApplier = resolve));
  }
}

/** Metadata holds the command, which is about as large as the payload, and some hundred bytes more. */
export const bytesOf = (entry: LogEntry): number =>
  entry.kind === 'event' ? METADATA_BYTES + 2 * weightOf(entry.event.data) : METADATA_BYTES;
const METADATA_BYTES = 1_024;
