import type { PoolClient } from 'pg';
import { tableOf, type View } from '../projections';
import { beginProjections, forgetProjections } from './checkpoints';
import { inTransaction, type Postgres } from './connection';
import type { Served } from './served';
import { dropTable, makeTable } from './tables';

/** What is to be filled beside the tables that readers see; any projector with that code takes it up. */
export interface Rebuild {
  readonly id: number;
  /** REBUILD: takes the place of the old tables. VERIFY: is compared with them and goes. VERSION: the code has a new one. */
  readonly kind: 'REBUILD' | 'VERIFY' | 'VERSION';
  /** Tables by the names of their versions. */
  readonly projections: readonly string[];
  readonly state: 'WAITING' | 'FILLING';
  /** The event store to fill from; null = the one that the tables are from. */
  readonly storeId: string | null;
}

export async function openRebuilds(postgres: Pick<Postgres, 'query'>): Promise<Rebuild[]> {
  return postgres.query<Rebuild>(
    `SELECT id, kind, projections, state, store_id AS "storeId" FROM control.rebuilds
     WHERE state IN ('WAITING', 'FILLING') ORDER BY id`,
  );
}

/** The tables of one rebuild: what is filled, what is shown meanwhile. */
export interface Pair {
  readonly view: View;
  readonly side: string;
  readonly live: string | undefined;
}

export function pairsOf(rebuild: Rebuild, views: readonly View[], served: Served): Pair[] {
  return views
    .filter((view) => rebuild.projections.includes(tableOf(view)))
    .map((view) => {
      const live = served.get(view.name);
      const table = tableOf(view);
      return { view, live, side: live === table ? `${table}_next` : table };
    });
}

/** Within a transaction: what the code has in a newer version than readers see. */
export async function requestVersions(client: PoolClient, views: readonly View[]): Promise<void> {
  const { rows } = await client.query<{ projections: string[] }>(
    `SELECT projections FROM control.rebuilds WHERE state IN ('WAITING', 'FILLING')`,
  );
  const asked = new Set(rows.flatMap(({ projections }) => projections));
  const tables = views.map(tableOf).filter((table) => !asked.has(table));
  if (tables.length === 0) return;
  await client.query(
    `INSERT INTO control.rebuilds (kind, projections, state, actor)
     VALUES ('VERSION', $1, 'WAITING', 'system')`,
    [tables],
  );
}

/**
 * Makes the empty tables of a rebuild that nobody has begun; one that was interrupted goes on where it was. False: it is
 * not open any more. `again`: whatever is in its tables is worth nothing.
 */
export async function beginRebuild(
  postgres: Postgres,
  rebuild: Rebuild,
  pairs: readonly Pair[],
  from: { readonly storeId: string; readonly target: bigint | undefined; readonly again: boolean },
): Promise<boolean> {
  return inTransaction(postgres, async (client) => {
    const { rows } = await client.query<{ state: string }>(
      'SELECT state FROM control.rebuilds WHERE id = $1 FOR UPDATE',
      [rebuild.id],
    );
    const state = rows[0]?.state;
    if (state === 'WAITING' || (state === 'FILLING' && from.again)) {
      const names = pairs.map(({ side }) => side);
      await forgetProjections(client, names);
      for (const { view, side } of pairs) {
        await dropTable(client, side);
        await makeTable(client, view, side);
      }
      await beginProjections(client, names, from.storeId, rebuild.id);
      await client.query(
        `UPDATE control.rebuilds SET state = 'FILLING', store_id = $2, target = $3, begun_at = now()
         WHERE id = $1`,
        [rebuild.id, from.storeId, from.target === undefined ? null : String(from.target)],
      );
    }
    return state === 'WAITING' || state === 'FILLING';
  });
}

/** Gives up for good; the tables beside go. */
export async function failRebuild(
  postgres: Postgres,
  rebuild: Rebuild,
  pairs: readonly Pair[],
  problem: string,
): Promise<void> {
  return inTransaction(postgres, async (client) => {
    await endRebuild(client, rebuild.id, 'FAILED', { problem });
    await dropSides(client, pairs);
  });
}

export async function dropSides(client: PoolClient, pairs: readonly Pair[]): Promise<void> {
  await forgetProjections(
    client,
    pairs.map(({ side }) => side),
  );
  for (const { side } of pairs) await dropTable(client, side);
}

export async function endRebuild(
  client: PoolClient,
  id: number,
  state: 'DONE' | 'FAILED',
  { outcome, problem }: { outcome?: object; problem?: string },
): Promise<void> {
  await client.query(
    `UPDATE control.rebuilds SET state = $2, outcome = $3, problem = $4, ended_at = now()
     WHERE id = $1`,
    [id, state, outcome ? JSON.stringify(outcome) : null, problem ?? null],
  );
}
