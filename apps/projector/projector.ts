import { setTimeout as wait } from 'node:timers/promises';
import { type EventStore, openEventStoreWithRetry } from '../../libs/eventstore';
import {
  AnotherStoreError,
  Applier,
  migrate,
  openPostgresWithRetry,
  type Postgres,
  type Projection,
  rebuild,
} from '../../libs/postgres';
import { views } from '../../libs/projections';
import { BackOff, type Logger } from '../../libs/runtime';
import { EntryBuffer } from './entry-buffer';
import type { Metrics } from './metrics';
import { LogMismatchError, verifyCheckpoints } from './verify';

/** Entries that wait while PostgreSQL works on the batch before. */
const BUFFERED = 8_192;
const LARGEST_BATCH = 4_096;
/** Live, batches begin at least so far apart, so that a busy log does not cost a transaction for every event, ... */
const PACE_MS = 20;
/** ... and the machine is not busier with them than this part of the time, up to the longest pace: commands go first; ... */
const BUSY_PART = 1 / 4;
const LONGEST_PACE_MS = 80;
/** ... with so many entries at hand the next begins at once. */
const WORTH_A_BATCH = 512;
const STANDBY_MS = 1_000;
const REFUSED_MS = 5_000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;

export type ProjectorState =
  /** Waiting for PostgreSQL or the event store, at the start or after an outage. */
  | 'CONNECTING'
  | 'RUNNING'
  /** Another projector is at work on these tables. */
  | 'STANDBY'
  /** The tables and the log do not belong together. */
  | 'REFUSED';

export interface ProjectorOptions {
  readonly eventstoreUrl: string;
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Empty the tables first and fill them from the start of the log. */
  readonly rebuild: boolean;
  readonly onRunning: () => void;
}

/** Reads the log and brings it into the tables, whatever goes away in between. */
export class Projector {
  state: ProjectorState = 'CONNECTING';
  reason: string | undefined;
  projections: readonly Projection[] = [];
  storeId: string | undefined;
  /** When the oldest event that is read and not applied was recorded; undefined = everything is applied. */
  oldestWaiting: string | undefined;
  waiting = 0;
  private begun = false;

  constructor(private readonly options: ProjectorOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { logger, eventstoreUrl, databaseUrl } = this.options;
    const [store, postgres] = await Promise.all([
      openEventStoreWithRetry({ url: eventstoreUrl, logger, signal }),
      openPostgresWithRetry({
        url: databaseUrl,
        logger,
        signal,
        name: 'lotstream projector',
        connections: 3,
      }),
    ]);
    this.storeId = store.storeId;
    try {
      await this.goOn(store, postgres, signal);
    } finally {
      await Promise.allSettled([store.close(), postgres.close()]);
    }
  }

  private async goOn(store: EventStore, postgres: Postgres, signal: AbortSignal): Promise<void> {
    const backOff = new BackOff(FIRST_DELAY_MS, LONGEST_DELAY_MS);
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await this.session(store, postgres, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - began > LONGEST_DELAY_MS) backOff.reset();
        this.trouble(error);
        if (this.state === 'REFUSED') {
          await wait(REFUSED_MS, undefined, { signal }).catch(() => undefined);
        } else {
          await backOff.pause(signal);
        }
      }
    }
  }

  private trouble(error: unknown): void {
    const { logger } = this.options;
    const reason = error instanceof Error ? error.message : String(error);
    const refused = error instanceof AnotherStoreError || error instanceof LogMismatchError;
    // One line for an outage, however many times we knock.
    const known = reason === this.reason;
    this.state = refused ? 'REFUSED' : 'CONNECTING';
    this.reason = reason;
    if (known) return;
    if (refused) logger.error({ reason }, 'the tables and the log do not belong together');
    else logger.warn({ err: error }, 'projecting was interrupted; trying again');
  }

  /** One stretch of work on one connection, until something breaks or another projector takes over. */
  private async session(store: EventStore, postgres: Postgres, signal: AbortSignal): Promise<void> {
    await this.prepare(postgres);
    const applier = await Applier.open({
      postgres,
      views,
      storeId: store.storeId,
      logger: this.options.logger,
      resume: !this.begun,
    });
    let broken = true;
    try {
      await verifyCheckpoints(store, applier.projections);
      this.projections = applier.projections;
      this.state = 'RUNNING';
      this.reason = undefined;
      if (!this.begun) this.options.onRunning();
      this.begun = true;
      await this.follow(store, applier, signal);
      if (!signal.aborted) await this.standBy(applier, signal);
      broken = false;
    } finally {
      applier.close(broken);
    }
  }

  private async prepare(postgres: Postgres): Promise<void> {
    await migrate(postgres);
    if (!this.options.rebuild || this.begun) return;
    await rebuild(postgres, views);
    this.options.logger.info('the tables are empty and fill from the start of the log');
  }

  /** Reads and applies side by side; ends when another projector has moved the checkpoints. */
  private async follow(store: EventStore, applier: Applier, signal: AbortSignal): Promise<void> {
    if (applier.projections.every(({ stopped }) => stopped)) return waitForAbort(signal);
    const buffer = new EntryBuffer(BUFFERED);
    const reading = new AbortController();
    const stop = (): void => {
      reading.abort();
      buffer.close(new Error('the projector stops'));
    };
    signal.addEventListener('abort', stop);
    const filling = buffer.fill(store.readLog({ from: applier.from, signal: reading.signal }));
    try {
      while (!signal.aborted && (await this.applyNext(buffer, applier)) === 'applied');
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await filling;
      this.waiting = 0;
      this.oldestWaiting = undefined;
    }
  }

  private async applyNext(buffer: EntryBuffer, applier: Applier): Promise<'applied' | 'fenced'> {
    const { metrics } = this.options;
    const batch = await buffer.take(LARGEST_BATCH);
    const events = batch.filter(({ kind }) => kind === 'event');
    const [first] = events;
    this.oldestWaiting = first?.kind === 'event' ? first.event.metadata.recordedAt : undefined;
    this.waiting = events.length + buffer.size;
    const began = performance.now();
    const applied = await applier.apply(batch);
    const took = performance.now() - began;
    if (applied === 'applied' && events.length > 0) {
      metrics.eventsApplied.inc(events.length);
      metrics.batchSeconds.observe(took / 1_000);
    }
    const next = buffer.oldest;
    this.oldestWaiting = next?.kind === 'event' ? next.event.metadata.recordedAt : undefined;
    this.waiting = buffer.size;
    const pace = Math.min(Math.max(PACE_MS, took / BUSY_PART), LONGEST_PACE_MS);
    if (applied === 'applied') await buffer.gather(WORTH_A_BATCH, pace - took);
    return applied;
  }

  /** Until nobody has moved the checkpoints for a while. */
  private async standBy(applier: Applier, signal: AbortSignal): Promise<void> {
    this.state = 'STANDBY';
    this.options.logger.info('another projector is at work; standing by');
    for (let before = ''; !signal.aborted;) {
      await applier.reload();
      const now = applier.projections.map(({ checkpoint }) => checkpoint.commit).join();
      if (now === before) return;
      before = now;
      await wait(STANDBY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

const waitForAbort = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
