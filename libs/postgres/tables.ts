import type { PoolClient } from 'pg';
import { SQL_TYPES, tableOf, type View } from '../projections';
import { indexesOf } from './indexes';

/** Rows that change in place: room in the page keeps their new versions there. */
const ROOM = 'WITH (fillfactor = 70)';

/** Makes the table of a view, or one for the same rows under another name. */
export async function makeTable(
  client: PoolClient,
  view: View,
  table = tableOf(view),
): Promise<void> {
  const columns = Object.entries(view.columns).map(
    ([name, { kind, nullable }]) => `${name} ${SQL_TYPES[kind]} ${nullable ? '' : 'NOT NULL'}`,
  );
  const key = `CONSTRAINT ${keyNameOf(table)} PRIMARY KEY (${view.key.join(', ')})`;
  await client.query(
    `CREATE TABLE public.${table} (${[...columns, key].join(', ')}) ${view.kind === 'table' ? ROOM : ''}`,
  );
  for (const { sql } of indexesOf(view, table)) await client.query(sql);
}

export async function dropTable(client: PoolClient, table: string): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS public.${table}`);
}

export async function tableExists(client: PoolClient, table: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AS found`,
    [`public.${table}`],
  );
  return rows[0]?.found ?? false;
}

const keyNameOf = (table: string): string => `${table}_pk`;

/** Gives a table, and what belongs to it, a name that is free. */
export async function renameTable(
  client: PoolClient,
  view: View,
  from: string,
  to: string,
): Promise<void> {
  await client.query(`ALTER TABLE public.${from} RENAME TO ${to}`);
  await client.query(`ALTER INDEX public.${keyNameOf(from)} RENAME TO ${keyNameOf(to)}`);
  const names = indexesOf(view, to);
  for (const [i, { name }] of indexesOf(view, from).entries()) {
    await client.query(`ALTER INDEX public.${name} RENAME TO ${names[i]!.name}`);
  }
}

/** Lets the SQL view of readers show a table. Within a transaction: a view whose columns differ is made anew. */
export async function showTable(client: PoolClient, view: View, table: string): Promise<void> {
  const columns = Object.keys(view.columns).join(', ');
  const definition = `VIEW public.${view.name} AS SELECT ${columns} FROM public.${table}`;
  await client.query('SAVEPOINT show');
  try {
    await client.query(`CREATE OR REPLACE ${definition}`);
  } catch (error) {
    if ((error as { code?: string }).code !== INVALID_TABLE_DEFINITION) throw error;
    await client.query('ROLLBACK TO SAVEPOINT show');
    await remakeView(client, view.name, definition);
  }
  await client.query('RELEASE SAVEPOINT show');
}

/** Columns have gone, or have another name or type. */
const INVALID_TABLE_DEFINITION = '42P16';

/** Whoever might read the view may read the new one. */
async function remakeView(client: PoolClient, name: string, definition: string): Promise<void> {
  const { rows } = await client.query<{ reader: string }>(
    `SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END AS reader
     FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
       LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE c.oid = to_regclass($1) AND a.privilege_type = 'SELECT'`,
    [`public.${name}`],
  );
  await client.query(`DROP VIEW public.${name}`);
  await client.query(`CREATE ${definition}`);
  for (const { reader } of rows) await client.query(`GRANT SELECT ON public.${name} TO ${reader}`);
}
