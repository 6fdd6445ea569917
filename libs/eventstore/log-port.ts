import { setTimeout as wait } from 'node:timers/promises';
import type { RecordedEvent } from '../domain';
import type { Logger } from '../runtime';
import { AppendError, type EventStoreClient } from './client';
import { decode, type EncodedEvent } from './codec';
import { Folded } from './folded';
import type { Snapshotted } from './snapshot-form';
import type { Snapshots } from './snapshots';

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly position: bigint | undefined }
  | { readonly kind: 'conflict' }
  /** The store did not say; the stream has to be asked. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'rejected'; readonly detail: string };

/** What `execute` needs of the store: the official client in the product, a scripted log in tests. */
export type AppendAndRead = Pick<EventStoreClient, 'append' | 'readStream'>;

/** More events than this, and a snapshot is looked for; most streams are shorter and cost one read. */
const READ_BEFORE_SNAPSHOT = 32;
/** What is read from where a snapshot is likely to end, while that is still being loaded. */
const READ_BESIDE_SNAPSHOT = 256;
const READ_TIMEOUT_MS = 5_000;
const MAX_APPEND_TIMEOUT_MS = 5_000;
/** Above these the official client may end the process when the server dies (client rule 3). */
const MAX_APPENDS_IN_FLIGHT = 256;
const MAX_BYTES_IN_FLIGHT = 4 * 1024 * 1024;

/** The seam under `execute`: load and append, nothing else. */
export class LogPort {
  private appends = 0;
  private bytes = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly client: AppendAndRead,
    private readonly logger: Logger,
    private readonly snapshots?: Pick<Snapshots, 'hint' | 'restore' | 'reject'>,
  ) {}

  /** Reads the stream from where `known` ends, or whole, to its head. */
  async refresh(
    definition: Snapshotted,
    stream: string,
    known: Folded<unknown> | undefined,
  ): Promise<Folded<unknown>> {
    const folded = known ?? new Folded(definition);
    if (!known && this.snapshots) {
      const hint = this.snapshots.hint(definition, stream);
      if (hint === undefined) {
        const first = await this.readInto(folded, stream, READ_BEFORE_SNAPSHOT);
        if (first < READ_BEFORE_SNAPSHOT) return folded;
      }
      const restored = await this.restore(definition, stream, this.snapshots, hint);
      if (restored) return restored;
    }
    await this.readInto(folded, stream);
    return folded;
  }

  /** From a snapshot to the head. The event that it ends with must stand where it says: then all before it does. */
  private async restore(
    definition: Snapshotted,
    stream: string,
    snapshots: Pick<Snapshots, 'hint' | 'restore' | 'reject'>,
    hint: number | undefined,
  ): Promise<Folded<unknown> | undefined> {
    const [restored, beside] = await Promise.all([
      snapshots.restore(definition, stream),
      hint === undefined ? [] : this.readSome(stream, hint),
    ]);
    if (!restored) return undefined;
    const { revision, eventId } = restored;
    const covers = beside.some((event) => event.revision === revision);
    const tail = covers ? beside : await this.readSome(stream, revision);
    const found = tail.find((event) => event.revision === revision)?.id;
    if (found === eventId) {
      for (const event of tail) if (event.revision > revision) restored.apply(event);
      if (tail.length === READ_BESIDE_SNAPSHOT) await this.readInto(restored, stream);
      return restored;
    }
    const reason = found === undefined ? 'it is ahead of the stream' : 'another event stands there';
    snapshots.reject(definition, stream, revision, reason);
    return undefined;
  }

  private async readSome(stream: string, from: number): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of this.read(stream, from, READ_BESIDE_SNAPSHOT)) events.push(event);
    return events;
  }

  /** How many events there were. */
  private async readInto(
    folded: Folded<unknown>,
    stream: string,
    maxCount?: number,
  ): Promise<number> {
    const before = folded.revision;
    for await (const event of this.read(stream, before + 1, maxCount)) folded.apply(event);
    return folded.revision - before;
  }

  async *read(
    stream: string,
    fromRevision: number,
    maxCount = Number.MAX_SAFE_INTEGER,
  ): AsyncGenerator<RecordedEvent> {
    for await (const raw of this.client.readStream(
      stream,
      fromRevision,
      maxCount,
      READ_TIMEOUT_MS,
    )) {
      yield decode(raw);
    }
  }

  /** Appends; an answer that got lost is asked for once more with the same bytes, which writes nothing twice. */
  async append(
    stream: string,
    events: readonly EncodedEvent[],
    revision: number,
    timeoutMs: number,
  ): Promise<AppendOutcome> {
    const bytes = events.reduce((sum, event) => sum + event.bytes, 0);
    while (this.isFull(bytes)) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.appends += 1;
    this.bytes += bytes;
    try {
      for (let sent = 1; ; sent += 1) {
        try {
          const budget = Math.max(250, Math.min(timeoutMs, MAX_APPEND_TIMEOUT_MS));
          const position = await this.client.append(stream, events, revision, budget);
          return { kind: 'appended', position };
        } catch (error) {
          if (!(error instanceof AppendError)) throw error;
          if (error.failure === 'conflict') return { kind: 'conflict' };
          if (error.failure === 'rejected') return { kind: 'rejected', detail: error.message };
          this.logger.warn({ stream, err: error }, 'an append was not answered');
          if (sent === 2) return { kind: 'unknown' };
          await wait(20 + 60 * Math.random());
        }
      }
    } finally {
      this.leave(bytes);
    }
  }

  private isFull(bytes: number): boolean {
    return (
      this.appends >= MAX_APPENDS_IN_FLIGHT ||
      (this.appends > 0 && this.bytes + bytes > MAX_BYTES_IN_FLIGHT)
    );
  }

  private leave(bytes: number): void {
    this.appends -= 1;
    this.bytes -= bytes;
    this.waiting.shift()?.();
  }
}
