import { SQL_TYPES, tableOf, type View } from '../projections';

/** The SQL of one view. Names come from the view's declaration only; values travel as arrays, one for each column. */
export interface Statements {
  /** Rows of these keys, or the newest of these partitions. */
  readonly select: string;
  readonly upsert: string;
  readonly remove: string;
  readonly copy: string;
}

export function statementsOf(view: View, name = tableOf(view)): Statements {
  const table = `public.${name}`;
  const columns = Object.keys(view.columns);
  const list = columns.join(', ');
  const given = (names: readonly string[]): string =>
    `unnest(${names.map((name, i) => `$${i + 1}::${typeOf(view, name)}[]`).join(', ')})`;
  const others = columns.filter((name) => !view.key.includes(name));
  return {
    select: view.kind === 'table' ? selectOf(view, table, given) : newestOf(view, table, given),
    upsert: `INSERT INTO ${table} (${list}) SELECT * FROM ${given(columns)}
      ON CONFLICT (${view.key.join(', ')}) DO UPDATE SET
      ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    remove: `DELETE FROM ${table} USING ${given(view.key)} AS gone(${view.key.join(', ')})
      WHERE ${view.key.map((column) => `${name}.${column} = gone.${column}`).join(' AND ')}`,
    copy: `COPY ${table} (${list}) FROM STDIN`,
  };
}

type Given = (names: readonly string[]) => string;

const selectOf = (view: View, table: string, given: Given): string =>
  `SELECT ${Object.keys(view.columns).join(', ')} FROM ${table}
   JOIN ${given(view.key)} AS wanted(${view.key.join(', ')}) USING (${view.key.join(', ')})`;

function newestOf(view: View & { kind: 'journal' }, table: string, given: Given): string {
  const { partition } = view;
  const conditions = partition.map((name) => `r.${name} = wanted.${name}`);
  return `SELECT newest.* FROM ${given(partition)} AS wanted(${partition.join(', ')})
    CROSS JOIN LATERAL (
      SELECT ${Object.keys(view.columns).join(', ')} FROM ${table} r
      WHERE ${conditions.join(' AND ')} ORDER BY ${view.key.map((name) => `r.${name} DESC`).join(', ')} LIMIT 1
    ) AS newest`;
}

function typeOf(view: View, name: string): string {
  const column = view.columns[name];
  if (!column) throw new Error(`the view ${view.name} has no column ${name}`);
  return SQL_TYPES[column.kind];
}
