import type { PoolClient } from 'pg';
import { tableOf, type View, views } from '../projections';

/** An index says nothing that its table does not: views declare theirs, and the database is brought in line with that. */
export async function alignIndexes(client: PoolClient): Promise<void> {
  const wanted = new Map(views.flatMap(indexesOf).map((index) => [index.name, index.sql]));
  const tables = views.map(tableOf);
  const { rows } = await client.query<{ name: string }>(
    `SELECT indexname AS name FROM pg_indexes
     WHERE schemaname = 'public' AND tablename = ANY($1) AND starts_with(indexname, tablename || '_by_')`,
    [tables],
  );
  for (const { name } of rows) {
    if (!wanted.delete(name)) await client.query(`DROP INDEX public.${name}`);
  }
  for (const sql of wanted.values()) await client.query(sql);
}

/** The name tells what is indexed, so an index of another kind has another name. */
function indexesOf(view: View): { readonly name: string; readonly sql: string }[] {
  const table = tableOf(view);
  return view.indexes.map(({ columns, where, name = columns.join('_'), using = 'btree' }) => ({
    name: `${table}_by_${name}`,
    sql:
      `CREATE INDEX ${table}_by_${name} ON public.${table} USING ${using} (${columns.join(', ')})` +
      (where === undefined ? '' : ` WHERE ${where}`),
  }));
}
