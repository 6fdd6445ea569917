/** What the queries need of a database. Instants come as ISO text, a bigint as a number where that is exact. */
export interface Queryable {
  query<R extends object>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
}

/** Keys of the last row that a reader has seen, one text for each column of the order. */
export type Keys = readonly string[];

export interface PageRequest {
  readonly limit: number;
  readonly after: Keys | undefined;
}

export interface PageOf<Row> {
  readonly rows: readonly Row[];
  /** Undefined on the last page. */
  readonly next: Keys | undefined;
}

/** Collects conditions and their parameters; every `?` in a condition stands for the next of its values. */
export class Conditions {
  readonly parameters: unknown[] = [];
  private readonly texts: string[] = [];

  /** The placeholder of a value. */
  bind(value: unknown): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  add(condition: string, ...values: readonly unknown[]): this {
    const left = [...values];
    this.texts.push(condition.replace(/\?/g, () => this.bind(left.shift())));
    return this;
  }

  /** Adds the condition only where its value is asked for. */
  where(condition: string, value: unknown): this {
    return value === undefined ? this : this.add(condition, value);
  }

  copy(): Conditions {
    const copy = new Conditions();
    copy.parameters.push(...this.parameters);
    copy.texts.push(...this.texts);
    return copy;
  }

  toString(): string {
    return this.texts.length === 0 ? '' : `WHERE ${this.texts.join(' AND ')}`;
  }
}

/** One column of an order, never null; the columns together are unique. */
export interface OrderColumn {
  readonly sql: string;
  readonly type: 'text' | 'bigint' | 'integer' | 'numeric' | 'timestamptz' | 'date';
}

/** The columns that a list can be sorted by, each with what makes the order total. */
export type Sorts<Name extends string> = Readonly<Record<Name, readonly OrderColumn[]>>;
/** `-name` reads downwards. */
export type Sort<Name extends string> = Name | `-${Name}`;

export interface Order {
  readonly columns: readonly OrderColumn[];
  readonly descending: boolean;
}

export function orderBy<Name extends string>(sorts: Sorts<Name>, sort: Sort<Name>): Order {
  const descending = sort.startsWith('-');
  const name = (descending ? sort.slice(1) : sort) as Name;
  return { columns: sorts[name], descending };
}

/** A list before anything is asked of the database; pages and streams are read from it. */
export interface ListQuery<Row extends object> {
  /** Of the rows that are chosen; `alias` is what `select` and `detail` know them by. */
  readonly columns: string;
  readonly from: string;
  readonly conditions: Conditions;
  readonly order: Order;
  readonly alias: string;
  readonly select: string;
  /** Joins that cost: they are made for the rows of the page alone. */
  readonly detail?: string;
  /** Exists in the type only: what a row is read as. */
  readonly row?: Row;
}

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Everything after `after`, or so many rows of it; `withKeys` tells each row's own keys as key0, key1, … */
export function statementOf(
  list: ListQuery<object>,
  {
    after,
    limit,
    withKeys = false,
  }: {
    readonly after: Keys | undefined;
    readonly limit: number | undefined;
    readonly withKeys?: boolean;
  },
): Statement {
  const { columns, from, alias, select, detail = '', order } = list;
  const conditions = list.conditions.copy();
  const places = order.columns.map((_column, i) => i);
  if (after) {
    const keys = after.map(
      (key, i) => `${conditions.bind(key)}::${order.columns[i]?.type ?? 'text'}`,
    );
    const names = order.columns.map(({ sql }) => sql).join(', ');
    conditions.add(`(${names}) ${order.descending ? '<' : '>'} (${keys.join(', ')})`);
  }
  const direction = order.descending ? 'DESC' : 'ASC';
  const sorts = order.columns.map(({ sql }, i) => `${sql} AS sort${i}`).join(', ');
  const keys = places.map((i) => `, ${alias}.sort${i}::text AS key${i}`).join('');
  const sql = `SELECT ${select}${withKeys ? keys : ''}
     FROM (SELECT ${columns}, ${sorts} FROM ${from} ${conditions.toString()}
           ORDER BY ${order.columns.map((column) => `${column.sql} ${direction}`).join(', ')}
           ${limit === undefined ? '' : `LIMIT ${conditions.bind(limit)}`}) ${alias} ${detail}
     ORDER BY ${places.map((i) => `${alias}.sort${i} ${direction}`).join(', ')}`;
  return { sql, parameters: conditions.parameters };
}

/** One page by keyset: as quick at the end of a list as at its beginning, and steady while rows are added. */
export async function readPage<Row extends object>(
  db: Queryable,
  list: ListQuery<Row>,
  { limit, after }: PageRequest,
): Promise<PageOf<Row>> {
  const { sql, parameters } = statementOf(list, { after, limit: limit + 1, withKeys: true });
  const rows = await db.query<Row & Record<`key${number}`, string>>(sql, parameters);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const { columns } = list.order;
  const next =
    last && columns.map((_column, i) => (last as Record<string, string>)[`key${i}`] ?? '');
  for (const row of shown) columns.forEach((_column, i) => Reflect.deleteProperty(row, `key${i}`));
  return { rows: shown, next };
}

/** A text that LIKE takes literally, anywhere in the column. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Base units as an amount that compares with those of other units' decimals; exact. */
export const amountOf = (units: string, decimals: string): string =>
  `${units} * (10::numeric ^ (-${decimals}))`;
