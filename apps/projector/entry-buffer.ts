import type { LogEntry } from '../../libs/eventstore';

/** Between the reader of the log and the applier: each works while the other does, and a full buffer holds the reader back. */
export class EntryBuffer {
  private entries: LogEntry[] = [];
  private failure: { readonly error: unknown } | undefined;
  private wakeReader: () => void = () => undefined;
  private wakeApplier: () => void = () => undefined;
  /** So many entries the applier waits for. */
  private wanted = 1;

  constructor(private readonly limit: number) {}

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
        if (this.entries.length >= this.wanted) this.wakeApplier();
        while (this.entries.length >= this.limit && !this.failure) {
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

  /** Waits until there are so many entries, but not longer than so many milliseconds. */
  async gather(count: number, forMs: number): Promise<void> {
    if (forMs <= 0 || this.failure || this.entries.length >= count) return;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<void>((resolve) => (timer = setTimeout(resolve, forMs)));
    await Promise.race([end, this.more(count)]);
    clearTimeout(timer);
  }

  /** The oldest entries, at least one. */
  async take(most: number): Promise<LogEntry[]> {
    while (this.entries.length === 0) {
      if (this.failure) throw this.failure.error;
      await this.more(1);
    }
    const taken = this.entries.length <= most ? this.entries : this.entries.slice(0, most);
    this.entries = this.entries.slice(taken.length);
    this.wakeReader();
    return taken;
  }

  private more(wanted: number): Promise<void> {
    this.wanted = wanted;
    return new Promise((resolve) => (this.wakeApplier = resolve));
  }
}
