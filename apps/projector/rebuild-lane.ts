import { setTimeout as wait } from 'node:timers/promises';
import type { EventStore, LogEntry } from '../../libs/eventstore';
import {
  AnotherStoreError,
  Applier,
  beginRebuild,
  commitOf,
  compareTables,
  endOfLive,
  type Pair,
  type Postgres,
  type Projection,
  type Rebuild,
  switchTables,
  type Comparisons,
} from '../../libs/postgres';
import type { Logger } from '../../libs/runtime';
import type { Amount, EntryBuffer } from './entry-buffer';
import { follow } from './follow';
import { standBy } from './main-lane';
import { LogMismatchError, verifyCheckpoints } from './verify';

/** Smaller than those of the tables that readers see, whose turn comes in between. */
const BATCH: Amount = { entries: 1_024, bytes: 2 * 1024 * 1024 };
const IDLE_MS = 100;
const BUSY_MS = 500;
/** The tables that readers see are held for no longer than this while the last events are brought in. */
const HOLD_MS = 2_000;

export interface RebuildWork {
  readonly store: EventStore;
  readonly postgres: Postgres;
  readonly logger: Logger;
  readonly rebuild: Rebuild;
  readonly pairs: readonly Pair[];
  readonly signal: AbortSignal;
  /** Stopped projections may try again: the process has just begun. */
  readonly resume: boolean;
  readonly onOpen: (projections: readonly Projection[]) => void;
}

/** Fills tables beside those that readers see, compares them, and puts them in their place. */
export async function runRebuild(work: RebuildWork): Promise<void> {
  const { store, postgres, rebuild, pairs, logger, signal } = work;
  const target = await store.lastOwn();
  const from = { storeId: store.storeId, target };
  if (!(await beginRebuild(postgres, rebuild, pairs, { ...from, again: false }))) return;
  let applier = await openApplier(work);
  try {
    const sound = await isSound(store, applier);
    if (!sound) {
      applier.close();
      await beginRebuild(postgres, rebuild, pairs, { ...from, again: true });
      applier = await openApplier(work);
    }
    work.onOpen(applier.projections);
    logger.info({ rebuild: rebuild.id, tables: rebuild.projections }, 'filling tables beside');
    const verdict = await follow(store, applier, signal, (buffer) =>
      new Filling(work, applier, buffer, target).run(),
    );
    if (verdict === 'fenced') await standBy(applier, signal);
  } finally {
    applier.close(true);
  }
}

const openApplier = ({ postgres, pairs, store, logger, resume }: RebuildWork): Promise<Applier> =>
  Applier.open({
    postgres,
    views: pairs.map(({ view }) => view),
    tables: new Map(pairs.map(({ view, side }) => [view.name, side])),
    storeId: store.storeId,
    logger,
    resume,
  });

async function isSound(store: EventStore, { projections }: Applier): Promise<boolean> {
  try {
    await verifyCheckpoints(store, projections);
    return true;
  } catch (error) {
    if (error instanceof LogMismatchError || error instanceof AnotherStoreError) return false;
    throw error;
  }
}

/** One stretch of filling, from the open tables to the switch. */
class Filling {
  /** Read, and beyond what may be applied now. */
  private held: readonly LogEntry[] = [];
  private caughtUp = false;
  private comparisons: Comparisons | undefined;

  constructor(
    private readonly work: RebuildWork,
    private readonly applier: Applier,
    private readonly buffer: EntryBuffer,
    private readonly target: bigint | undefined,
  ) {}

  async run(): Promise<'fenced' | undefined> {
    const { postgres, pairs, store, signal } = this.work;
    while (!signal.aborted) {
      const end = await endOfLive(questionsOf(postgres), { pairs, storeId: store.storeId });
      const step = await this.step(end);
      if (step === 'fenced') return step;
      if (this.isThere(end) && this.applier.projections.every(({ stopped }) => !stopped)) {
        const finished = await this.finish();
        if (finished !== 'busy') return finished === 'done' ? undefined : 'fenced';
        await wait(BUSY_MS, undefined, { signal }).catch(() => undefined);
      } else if (step === 'idle') await wait(IDLE_MS, undefined, { signal }).catch(() => undefined);
      // The tables that readers see have their turn.
      else await new Promise(setImmediate);
    }
    return undefined;
  }

  /** One batch, but nothing beyond `end`. */
  private async step(end: bigint | undefined): Promise<'applied' | 'idle' | 'fenced'> {
    if (this.held.length === 0 && this.buffer.size === 0) {
      await this.buffer.gather(1, IDLE_MS);
      if (this.buffer.size === 0) return 'idle';
    }
    const entries = this.held.length > 0 ? this.held : await this.buffer.take(BATCH);
    const beyond =
      end === undefined ? -1 : entries.findIndex((entry) => (commitOf(entry) ?? -1n) > end);
    const now = beyond < 0 ? entries : entries.slice(0, beyond);
    this.held = beyond < 0 ? [] : entries.slice(beyond);
    if (now.length === 0) return 'idle';
    if ((await this.applier.apply(now)) === 'fenced') return 'fenced';
    this.caughtUp ||= now.some(({ kind }) => kind === 'caughtUp');
    return 'applied';
  }

  /** Where the tables that readers see are; without such, where the log ended when we began. */
  private isThere(end: bigint | undefined): boolean {
    const aim = end ?? this.target;
    if (end === undefined && this.caughtUp) return true;
    return (
      aim !== undefined &&
      this.applier.projections.every(({ checkpoint }) => (checkpoint.event?.position ?? -1n) >= aim)
    );
  }

  private async finish(): Promise<'done' | 'busy' | 'lost'> {
    const { postgres, rebuild, pairs, store, logger } = this.work;
    const sides = this.applier.projections;
    const beside = { rebuild, pairs, sides, storeId: store.storeId };
    const fillTo = (end: bigint | undefined): Promise<boolean> => this.fillTo(end);
    if (!this.comparisons) {
      const compared = await compareTables(postgres, beside, fillTo);
      if (compared === 'busy' || compared === 'lost') return compared;
      this.comparisons = compared;
    }
    const verdict = await switchTables(postgres, beside, this.comparisons, fillTo);
    if (verdict === 'done') {
      const found = { rebuild: rebuild.id, kind: rebuild.kind, tables: this.comparisons };
      const differ = Object.values(this.comparisons).some(({ same }) => !same);
      if (differ) logger.warn(found, 'the tables that readers saw differed from the log');
      else logger.info(found, 'the tables beside are done');
    }
    return verdict;
  }

  private async fillTo(end: bigint | undefined): Promise<boolean> {
    const until = performance.now() + HOLD_MS;
    while (!this.isThere(end)) {
      if (performance.now() > until || this.work.signal.aborted) return false;
      if ((await this.step(end)) === 'fenced') return false;
    }
    return true;
  }
}

const questionsOf = (postgres: Postgres) => ({
  query: async <R extends object>(sql: string, values?: unknown[]) => ({
    rows: await postgres.query<R>(sql, values),
  }),
});
