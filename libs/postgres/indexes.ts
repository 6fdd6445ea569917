import type { PoolClient } from 'pg';
import { tableOf, type View, views } from '../projections';

export interface IndexOf {
  readonly name: string;
  readonly sql: string;
}

/** The name tells what is indexed, so an index of another kind has another name. */
export const indexesOf = (view: View, table = tableOf(view)): readonly IndexOf[] =>
  view.indexes.map(({ columns, where, name = columns.join('_'), using = 'btree' }) => ({
    name: `${table}_by_${name}`,
    sql:
      `CREATE INDEX ${table}_by_${name} ON public.${table} USING ${using} (${columns.join(', ')})` +
      (where === undefined ? '' : ` WHERE ${where}`),
  }));

/**
 * An index says nothing that its table does not: views declare theirs without a version of their own, and the tables there
 * are brought in line with that. What others have made under other names stays.
 */
export async function alignIndexes(client: PoolClient): Promise<void> {
  for (const view of views) {
    const table = tableOf(view);
    const { rows } = await client.query<{ name: string | null }>(
      `SELECT i.indexname AS name FROM pg_tables t LEFT JOIN pg_indexes i
         ON i.schemaname = t.schemaname AND i.tablename = t.tablename AND starts_with(i.indexname, t.tablename || '_by_')
       WHERE t.schemaname = 'public' AND t.tablename = $1`,
      [table],
    );
    if (rows.length === 0) continue;
    const there = rows.map(({ name }) => name);
    const wanted = indexesOf(view);
    for (const name of there) {
      if (name !== null && !wanted.some((index) => index.name === name)) {
        await client.query(`DROP INDEX public.${name}`);
      }
    }
    for (const { name, sql } of wanted) if (!there.includes(name)) await client.query(sql);
  }
}
