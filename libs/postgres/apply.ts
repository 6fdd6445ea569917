import type { PoolClient } from 'pg';
import { foldEvents, type Key, keysOf, type Row, textOfKey, type View } from '../projections';
import type { Logger } from '../runtime';
import {
  beginProjections,
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
  shareOf,
} from './projection';
import { addedWriter, isDataError, naming, RowError, rowsWriter, type Writer } from './write';

export interface ApplierOptions {
  readonly postgres: Postgres;
  readonly views: readonly View[];
  readonly storeId: string;
  readonly logger: Logger;
  /** Rows kept in memory for each view. */
  readonly cachedRows?: number;
  /** Try stopped projections again. */
  readonly resume?: boolean;
  /** The tables to fill, by the names of the views; those that are not named have the names of their versions. */
  readonly tables?: ReadonlyMap<string, string>;
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
    const { views, storeId, logger, cachedRows = 20_000, tables } = options;
    const { client, release } = await takeConnection(options.postgres);
    try {
      const projections = views.map((view) =>
        projectionOf(view, cachedRows, tables?.get(view.name)),
      );
      const names = projections.map(({ name }) => name);
      if (!tables) await beginProjections(client, names, storeId);
      if (options.resume) await resumeStopped(client, names);
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
    return this.applyWithout(entries, []);
  }

  /** `refused`: the views whose rows of these entries PostgreSQL does not take. */
  private async applyWithout(
    entries: readonly LogEntry[],
    refused: readonly Refused[],
  ): Promise<Applied> {
    try {
      return await withTimeout(this.attempt(entries, refused));
    } catch (error) {
      if (!(error instanceof RowError) || !isDataError(error.cause)) throw error;
      return this.isolate(entries, refused, error);
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
  private async isolate(
    entries: readonly LogEntry[],
    refused: readonly Refused[],
    { projection: name, cause }: RowError,
  ): Promise<Applied> {
    if (entries.length > 1) {
      const middle = entries.length >> 1;
      const first = await this.apply(entries.slice(0, middle));
      return first === 'fenced' ? first : this.apply(entries.slice(middle));
    }
    // One event may be too much for several views: each of them is found in turn.
    const reason = cause instanceof Error ? cause.message : String(cause);
    return this.applyWithout(entries, [...refused, { name, reason }]);
  }

  private async attempt(
    entries: readonly LogEntry[],
    refused: readonly Refused[],
  ): Promise<Applied> {
    const steps = this.running()
      .map((projection) => new Step(projection, entries, refused))
      .filter((step) => step.moves);
    if (steps.length === 0) return 'applied';
    const flight = new Flight();
    void flight.add(this.client.query(BEGIN));
    const projections = steps.map(({ projection }) => projection);
    const ours = flight.add(lockCheckpoints(this.client, projections, this.storeId));
    try {
      await this.send(steps, flight);
      await flight.landed();
      if (!(await ours)) return await this.rollBack('fenced');
      await this.client.query('COMMIT');
    } catch (error) {
      const { code } = error as { code?: string };
      const late = code === LOCK_NOT_AVAILABLE || !(await ours.catch(() => true));
      await this.rollBack('applied');
      // Whatever went wrong after another one had been at work went wrong for that reason.
      if (late) return 'fenced';
      throw error;
    }
    for (const step of steps) this.conclude(step);
    return 'applied';
  }

  /** Nothing waits for an answer but the folds for the rows they need; PostgreSQL works while the next view is folded. */
  private async send(steps: readonly Step[], flight: Flight): Promise<void> {
    const loads = steps.flatMap((step) => step.load(this.client) ?? []);
    for (const load of loads) void flight.add(load);
    if (loads.length > 0) await flight.landed();
    for (const step of steps) {
      step.prepare();
      void flight.add(step.writer(this.client));
      // What is larger than the socket's buffer leaves when the event loop turns.
      if (step.isLarge) await new Promise(setImmediate);
    }
    void flight.add(moveCheckpoints(this.client, steps));
  }

  private async rollBack(verdict: Applied): Promise<Applied> {
    for (const { cache } of this.projections) cache.clear();
    // Fails on a connection that is gone, and then there is nothing left to roll back.
    await this.client.query('ROLLBACK').catch(() => undefined);
    return verdict;
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

/**
 * Nobody waits for the disk: where PostgreSQL dies it loses the last transactions whole, rows and checkpoints, and what they
 * said is still in the log.
 */
const BEGIN = 'BEGIN; SET LOCAL synchronous_commit = off';

interface Refused {
  readonly name: string;
  readonly reason: string;
}

/** One projection's part of one batch. */
class Step implements Move {
  rows: ReadonlyMap<string, Row | undefined> = new Map();
  writer: Writer = () => Promise.resolve();
  private readonly loaded = new Map<string, Row>();
  private keys: ReadonlyMap<string, Key> = new Map();
  private share;

  constructor(
    readonly projection: Projection,
    private readonly entries: readonly LogEntry[],
    refused: readonly Refused[],
  ) {
    this.share = shareOf(projection, entries);
    const [event] = this.share.events;
    const refusal = refused.find(({ name }) => name === projection.name);
    if (refusal && event) this.share = shareBefore(projection, entries, event, refusal.reason);
  }

  get reached(): Projection['checkpoint'] {
    return this.share.reached;
  }

  get stop(): Projection['stopped'] {
    return this.share.stop;
  }

  get moves(): boolean {
    return this.stop !== undefined || this.reached !== this.projection.checkpoint;
  }

  get isLarge(): boolean {
    return this.share.events.length > 256;
  }

  /** Undefined when everything the fold needs is known. */
  load(client: PoolClient): Promise<void> | undefined {
    const { view, cache, statements, name } = this.projection;
    this.keys = keysOf(view, this.share.events);
    const missing = [...this.keys].filter(([text]) => !cache.has(text)).map(([, key]) => key);
    if (missing.length === 0) return undefined;
    const columns = view.kind === 'table' ? view.key : view.partition;
    const selected = client.query<Row>({
      name: `${name}:select`,
      text: statements.select,
      values: columns.map((_, i) => missing.map((key) => key[i])),
    });
    return naming(name, selected).then(({ rows }) => {
      for (const row of rows) {
        this.loaded.set(textOfKey(columns.map((column) => row[column] as string | number)), row);
      }
    });
  }

  /** Folds the events and makes the rows ready to be sent. */
  prepare(): void {
    const { view, cache } = this.projection;
    const known = (key: string): Row | undefined => this.loaded.get(key) ?? cache.get(key);
    const { rows, added, failure } = foldEvents(view, known, this.share.events);
    this.rows = rows;
    this.writer =
      view.kind === 'journal'
        ? addedWriter(this.projection, added)
        : rowsWriter(this.projection, rows, this.keys);
    if (failure) {
      const { event, reason } = failure;
      this.share = shareBefore(this.projection, this.entries, event, reason);
    }
  }
}

/** Statements on their way, in the order in which they are answered. */
class Flight {
  private readonly sent: Promise<unknown>[] = [];

  add<T>(statement: Promise<T>): Promise<T> {
    // Awaited when it has landed; until then a rejection must not count as unhandled.
    statement.catch(() => undefined);
    this.sent.push(statement);
    return statement;
  }

  /** Waits for all; the first failure is the one that made the others fail. */
  async landed(): Promise<void> {
    for (const statement of this.sent) await statement;
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
