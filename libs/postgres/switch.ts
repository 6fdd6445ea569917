import type { PoolClient } from 'pg';
import { tableOf } from '../projections';
import { forgetProjections, lockCheckpoints } from './checkpoints';
import { type Postgres, takeConnection } from './connection';
import type { Projection } from './projection';
import { dropSides, endRebuild, type Pair, type Rebuild } from './rebuild-requests';
import { serve } from './served';
import { dropTable, renameTable, showTable } from './tables';

/** Waiting for readers that hold the old table makes others wait behind us: better to try again. */
const LOCK_WAIT_MS = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Of one table: what was found when old and new stood at the same event. */
export interface Comparison {
  readonly rows: number;
  readonly oldRows: number;
  /** Every row equal, in every column. */
  readonly same: boolean;
}
export type Comparisons = Readonly<Record<string, Comparison>>;

/** `busy`: readers or a projector held what is needed; try again. `lost`: somebody else has gone on with it. */
export type Held<T> = T | 'busy' | 'lost';

export interface Beside {
  readonly rebuild: Rebuild;
  readonly pairs: readonly Pair[];
  readonly sides: readonly Projection[];
  readonly storeId: string;
}

/** Whatever answers a question. */
interface Asked {
  query<R extends object>(sql: string, values: unknown[]): Promise<{ readonly rows: R[] }>;
}

const livesOf = (pairs: readonly Pair[]): string[] => pairs.flatMap(({ live }) => live ?? []);

/**
 * Position of the last event in the tables that readers see, as far as they go on: those beside are filled up to there and
 * no further, so that both can be compared. Undefined when none goes on: it stopped, or is of another store, or there is none.
 */
export async function endOfLive(
  client: Asked,
  { pairs, storeId }: Pick<Beside, 'pairs' | 'storeId'>,
  hold = false,
): Promise<bigint | undefined> {
  const { rows } = await client.query<{ event_position: number | bigint | null }>(
    `SELECT c.event_position FROM control.checkpoints c
     WHERE c.projection = ANY($1) AND c.store_id = $2 AND NOT EXISTS (
       SELECT FROM control.projection_status s
       WHERE s.projection = c.projection AND s.state <> 'RUNNING')
     ORDER BY c.projection ${hold ? 'FOR UPDATE' : ''}`,
    [livesOf(pairs), storeId],
  );
  if (rows.length === 0) return undefined;
  return rows
    .map(({ event_position: position }) => BigInt(position ?? -1))
    .reduce((a, b) => (a > b ? a : b));
}

/** Holds the tables that readers see where they are while `work` is done, in one transaction with what it does. */
async function holding<T>(
  postgres: Postgres,
  beside: Beside,
  work: (client: PoolClient, end: bigint | undefined) => Promise<Held<T>>,
): Promise<Held<T>> {
  const { client, release } = await takeConnection(postgres);
  let broken = true;
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
    const { rows } = await client.query(
      `SELECT FROM control.rebuilds WHERE id = $1 AND state = 'FILLING' FOR UPDATE`,
      [beside.rebuild.id],
    );
    const verdict =
      rows.length === 0 ? 'lost' : await work(client, await endOfLive(client, beside, true));
    await client.query(verdict === 'busy' || verdict === 'lost' ? 'ROLLBACK' : 'COMMIT');
    broken = false;
    return verdict;
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    await client.query('ROLLBACK');
    broken = false;
    return 'busy';
  } finally {
    release(broken);
  }
}

/** Brings the tables beside exactly to an event; false when that does not work out now. */
export type FillTo = (end: bigint | undefined) => Promise<boolean>;

/**
 * Compares every row of the tables beside with the ones that readers see, both as they stand at one event, while both go
 * on. Tables of another version or store, and those that have stopped elsewhere, are not compared.
 */
export async function compareTables(
  postgres: Postgres,
  beside: Beside,
  fillTo: FillTo,
): Promise<Held<Comparisons>> {
  const snapshot = await takeConnection(postgres);
  let broken = true;
  try {
    const { client } = snapshot;
    const held = await holding(postgres, beside, async (_holder, end) => {
      if (!(await fillTo(end))) return 'busy';
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // The first question fixes what the snapshot sees; until then nothing may move.
      return comparable(client, beside);
    });
    if (held === 'busy' || held === 'lost') return held;
    const found: Record<string, Comparison> = {};
    for (const { view, live, side } of held) {
      const now = await digestOf(client, side);
      const old = await digestOf(client, live ?? side);
      const same = now.rows === old.rows && now.digest === old.digest;
      found[view.name] = { rows: now.rows, oldRows: old.rows, same };
    }
    await client.query('COMMIT');
    broken = false;
    return found;
  } finally {
    snapshot.release(broken);
  }
}

/** Old and new of one version that stand at the same event. */
async function comparable(client: PoolClient, { pairs, storeId }: Beside): Promise<Pair[]> {
  const { rows } = await client.query<{ projection: string; event_id: string | null }>(
    'SELECT projection, event_id FROM control.checkpoints WHERE store_id = $1',
    [storeId],
  );
  const events = new Map(rows.map(({ projection, event_id }) => [projection, event_id]));
  return pairs.filter(
    ({ view, live, side }) =>
      live === tableOf(view) && events.has(live) && events.get(live) === events.get(side),
  );
}

async function digestOf(
  client: PoolClient,
  table: string,
): Promise<{ rows: number; digest: string }> {
  const { rows } = await client.query<{ rows: number; digest: string }>(
    `SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS digest
     FROM public.${table} t`,
  );
  return rows[0] ?? { rows: NaN, digest: '' };
}

/**
 * Puts the tables beside in the place of those that readers see, all at once: no reader meets an empty or half-built table,
 * and none sees a table go back. Of a VERIFY the tables beside go instead.
 */
export function switchTables(
  postgres: Postgres,
  beside: Beside,
  comparisons: Comparisons,
  fillTo: FillTo,
): Promise<Held<'done'>> {
  const { rebuild, pairs, sides, storeId } = beside;
  return holding(postgres, beside, async (client, end) => {
    if (rebuild.kind !== 'VERIFY') {
      if (!(await fillTo(end))) return 'busy';
      if (!(await lockCheckpoints(client, sides, storeId))) return 'lost';
      for (const pair of pairs) await replaceTable(client, pair, rebuild.id);
    } else await dropSides(client, pairs);
    await endRebuild(client, rebuild.id, 'DONE', { outcome: comparisons });
    return 'done';
  });
}

async function replaceTable(
  client: PoolClient,
  { view, live, side }: Pair,
  generation: number,
): Promise<void> {
  const table = tableOf(view);
  await showTable(client, view, side);
  if (live !== undefined) {
    await dropTable(client, live);
    await forgetProjections(client, [live]);
  }
  if (side !== table) {
    await renameTable(client, view, side, table);
    for (const name of ['checkpoints', 'projection_status']) {
      await client.query(`UPDATE control.${name} SET projection = $2 WHERE projection = $1`, [
        side,
        table,
      ]);
    }
  }
  await client.query('UPDATE control.checkpoints SET generation = $2 WHERE projection = $1', [
    table,
    generation,
  ]);
  await serve(client, view);
}
