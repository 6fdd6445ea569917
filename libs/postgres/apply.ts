import type { PoolClient } from 'pg';
import { foldEvents, type Key, keysOf, type Row, textOfKey, type View } from '../projections';
import type { Logger } from '../runtime';
import {
  loadProjections,
  lockCheckpoints,
  type Move,
  moveCheckpoints,
  resumeStopped,
} from './checkpoints';
import { type Postgres, takeConnection } from './connection';
import {
  type LogEntry,
  type Position,
  type Projection,
  projectionOf,
  shareBefore,
} from './projection';
import { shareOf } from './projection';
import { isDataError, naming, RowError, writeAdded, writeRows } from './write';

export interface ApplierOptions {
  readonly postgres: Postgres;
  readonly views: readonly View[];
  readonly storeId: string;
  readonly logger: Logger;
  /** Rows kept in memory for each view. */
  readonly cachedRows?: number;
  /** Try stopped projections again. */
  readonly resume?: boolean;
}

/** `fenced`: another projector has moved the checkpoints, nothing was written. */
export type Applied = 'applied' | 'fenced';

/** A batch that takes longer than this has lost its database. */
const BATCH_TIMEOUT_MS = 30_000;

/**
 * Brings batches of the log into the tables, exactly once: rows and checkpoints change in one transaction, which goes on
 * only if the checkpoints are as this applier left them. After a rejection its memory is worth nothing: close it, open another.
 */
export class Applier {
  private constructor(
    private readonly client: PoolClient,
    private readonly release: (destroy: boolean) => void,
    readonly projections: readonly Projection[],
    private readonly storeId: string,
    private readonly logger: Logger,
  ) {}

  static async open(options: ApplierOptions): Promise<Applier> {
    const { views, storeId, logger, cachedRows = 20_000 } = options;
    const { client, release } = await takeConnection(options.postgres);
    try {
      if (options.resume) await resumeStopped(client);
      const projections = views.map((view) => projectionOf(view, cachedRows));
      await loadProjections(client, projections, storeId);
      return new Applier(client, release, projections, storeId, logger);
    } catch (error) {
      release(true);
      throw error;
    }
  }

  /** From where the log is to be read: the projection that is furthest behind, the stopped ones aside. */
  get from(): Position | undefined {
    const [first] = this.running()
      .map(({ checkpoint }) => checkpoint)
      .sort((a, b) => (a.commit < b.commit ? -1 : 1));
    return first && first.commit >= 0n
      ? { commit: first.commit, prepare: first.prepare }
      : undefined;
  }

  /** Looks again how far everything is, after another projector has been at work. */
  reload(): Promise<void> {
    return loadProjections(this.client, this.projections, this.storeId);
  }

  async apply(entries: readonly LogEntry[]): Promise<Applied> {
    try {
      return await withTimeout(this.attempt(entries));
    } catch (error) {
      if (!(error instanceof RowError) || !isDataError(error.cause)) throw error;
      return this.isolate(entries, error);
    }
  }

  /** After a rejection nothing of the connection can be trusted; otherwise it goes back to the pool. */
  close(broken = false): void {
    this.release(broken);
  }

  private running(): Projection[] {
    return this.projections.filter(({ stopped }) => !stopped);
  }

  /** PostgreSQL refuses a row for what is in it: finds the event, stops that one projection there, goes on with the others. */
  private async isolate(entries: readonly LogEntry[], error: RowError): Promise<Applied> {
    if (entries.length > 1) {
      const middle = entries.length >> 1;
      const first = await this.apply(entries.slice(0, middle));
      return first === 'fenced' ? first : this.apply(entries.slice(middle));
    }
    const reason = error.cause instanceof Error ? error.cause.message : String(error.cause);
    return withTimeout(this.attempt(entries, { name: error.projection, reason }));
  }

  private async attempt(entries: readonly LogEntry[], refused?: Refused): Promise<Applied> {
    const steps = this.running()
      .map((projection) => new Step(projection, entries, refused))
      .filter((step) => step.moves);
    if (steps.length === 0) return 'applied';
    await this.client.query('BEGIN');
    try {
      const projections = steps.map(({ projection }) => projection);
      if (!(await lockCheckpoints(this.client, projections, this.storeId))) {
        await this.rollBack();
        return 'fenced';
      }
      await this.write(steps);
      await moveCheckpoints(this.client, steps);
      await this.client.query('COMMIT');
    } catch (error) {
      await this.rollBack();
      if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return 'fenced';
      throw error;
    }
    for (const step of steps) this.conclude(step);
    return 'applied';
  }

  /** While PostgreSQL takes the rows of one view, the next one is folded. */
  private async write(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await step.load(this.client);
    let writing: Promise<void> = Promise.resolve();
    for (const step of steps) {
      step.fold();
      await writing;
      writing = step.write(this.client);
      // Awaited a turn later: until then a rejection must not count as unhandled.
      writing.catch(() => undefined);
    }
    await writing;
  }

  private async rollBack(): Promise<void> {
    for (const { cache } of this.projections) cache.clear();
    // Fails on a connection that is gone, and then there is nothing left to roll back.
    await this.client.query('ROLLBACK').catch(() => undefined);
  }

  private conclude(step: Step): void {
    const { projection, reached, stop } = step;
    projection.checkpoint = reached;
    projection.cache.store(step.rows);
    if (!stop) return;
    projection.stopped = stop;
    this.logger.error(
      { projection: projection.name, ...stop, position: String(stop.position) },
      'the projection stopped at an event that it cannot take',
    );
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

interface Refused {
  readonly name: string;
  readonly reason: string;
}

/** One projection's part of one batch. */
class Step implements Move {
  rows: ReadonlyMap<string, Row | undefined> = new Map();
  private added: readonly Row[] = [];
  private readonly loaded = new Map<string, Row>();
  private keys: ReadonlyMap<string, Key> = new Map();
  private share;

  constructor(
    readonly projection: Projection,
    private readonly entries: readonly LogEntry[],
    refused: Refused | undefined,
  ) {
    this.share = shareOf(projection, entries);
    const [event] = this.share.events;
    if (refused?.name === projection.name && event) {
      this.share = shareBefore(projection, entries, event, refused.reason);
    }
  }

  get reached(): Projection['checkpoint'] {
    return this.share.reached;
  }

  get stop(): Projection['stopped'] {
    return this.share.stop;
  }

  get moves(): boolean {
    return this.stop !== undefined || this.reached.commit > this.projection.checkpoint.commit;
  }

  async load(client: PoolClient): Promise<void> {
    const { view, cache, statements, name } = this.projection;
    this.keys = keysOf(view, this.share.events);
    const missing = [...this.keys].filter(([text]) => !cache.has(text)).map(([, key]) => key);
    if (missing.length === 0) return;
    const columns = view.kind === 'table' ? view.key : view.partition;
    const selected = client.query<Row>({
      name: `${name}:select`,
      text: statements.select,
      values: columns.map((_, i) => missing.map((key) => key[i])),
    });
    const { rows } = await naming(name, selected);
    for (const row of rows) {
      this.loaded.set(textOfKey(columns.map((column) => row[column] as string | number)), row);
    }
  }

  fold(): void {
    const { view, cache } = this.projection;
    const known = (key: string): Row | undefined => this.loaded.get(key) ?? cache.get(key);
    const { rows, added, failure } = foldEvents(view, known, this.share.events);
    this.rows = rows;
    this.added = added;
    if (failure) {
      const { event, reason } = failure;
      this.share = shareBefore(this.projection, this.entries, event, reason);
    }
  }

  async write(client: PoolClient): Promise<void> {
    if (this.projection.view.kind === 'journal') {
      await writeAdded(client, this.projection, this.added);
    } else {
      await writeRows(client, this.projection, this.rows, this.keys);
    }
  }
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const message = `PostgreSQL did not finish a batch within ${BATCH_TIMEOUT_MS} ms`;
    timer = setTimeout(() => reject(new Error(message)), BATCH_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    // The loser of the race may still reject.
    work.catch(() => undefined);
  }
}
