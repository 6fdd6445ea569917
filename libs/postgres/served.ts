import type { PoolClient } from 'pg';
import { tableOf, type View } from '../projections';
import { requestVersions } from './rebuild-requests';
import { makeTable, showTable, tableExists } from './tables';

/** Which table each SQL view shows. */
export type Served = ReadonlyMap<string, string>;

export async function readServed(client: Pick<PoolClient, 'query'>): Promise<Served> {
  const { rows } = await client.query<{ view: string; projection: string }>(
    'SELECT view, projection FROM control.served',
  );
  return new Map(rows.map(({ view, projection }) => [view, projection]));
}

/** What a projector has to do with a view, as its own code and the tables stand. */
export type Standing =
  /** Readers see the table of this version: it is kept up to date. */
  | 'served'
  /** Readers see an older one, or none: the table of this version is filled beside, and shown then. */
  | 'newer'
  /** A later version of Lotstream has been at work: hands off. */
  | 'superseded';

export function standingOf(view: View, served: Served): Standing {
  const table = served.get(view.name);
  if (table === tableOf(view)) return 'served';
  return table === undefined || versionOf(table) < view.version ? 'newer' : 'superseded';
}

const versionOf = (table: string): number => Number(/_v(\d+)$/.exec(table)?.[1] ?? 0);

/** Within a transaction: makes the tables that are missing; on a database without any, shows them to readers as well. */
export async function prepareTables(client: PoolClient, views: readonly View[]): Promise<void> {
  const served = await readServed(client);
  for (const view of views) {
    const isFirst = served.size === 0;
    if (!isFirst && standingOf(view, served) === 'superseded') continue;
    const table = tableOf(view);
    const isNew = !(await tableExists(client, table));
    if (isNew) {
      await makeTable(client, view);
      // One of that name was dropped by hand: what is left of it would make the new one begin in the middle.
      await client.query('DELETE FROM control.checkpoints WHERE projection = $1', [table]);
      await client.query('DELETE FROM control.projection_status WHERE projection = $1', [table]);
    }
    if (isFirst) await serve(client, view);
    else if (isNew && served.get(view.name) === table) await showTable(client, view, table);
  }
  if (served.size > 0) {
    await requestVersions(
      client,
      views.filter((view) => standingOf(view, served) === 'newer'),
    );
  }
}

export async function serve(client: PoolClient, view: View): Promise<void> {
  await showTable(client, view, tableOf(view));
  await client.query(
    `INSERT INTO control.served (view, projection) VALUES ($1, $2)
     ON CONFLICT (view) DO UPDATE SET projection = excluded.projection`,
    [view.name, tableOf(view)],
  );
}
