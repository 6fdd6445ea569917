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

  toString(): string {
    return this.texts.length === 0 ? '' : `WHERE ${this.texts.join(' AND ')}`;
  }
}

/** One column of an order; the columns together are unique. */
export interface OrderColumn {
  readonly sql: string;
  readonly type: 'text' | 'bigint' | 'timestamptz' | 'date';
}

export interface PagedQuery {
  readonly select: string;
  readonly from: string;
  readonly conditions: Conditions;
  readonly order: readonly OrderColumn[];
  readonly descending?: boolean;
  readonly page: PageRequest;
}

/** One page by keyset: as quick at the end of a list as at its beginning, and steady while rows are added. */
export async function readPage<Row extends object>(
  db: Queryable,
  { select, from, conditions, order, descending = false, page }: PagedQuery,
): Promise<PageOf<Row>> {
  const columns = order.map(({ sql }) => sql).join(', ');
  if (page.after) {
    const keys = page.after.map((key, i) => `${conditions.bind(key)}::${order[i]?.type ?? 'text'}`);
    conditions.add(`(${columns}) ${descending ? '<' : '>'} (${keys.join(', ')})`);
  }
  const direction = descending ? 'DESC' : 'ASC';
  const rows = await db.query<Row & Record<`key${number}`, string>>(
    `SELECT ${select}, ${order.map(({ sql }, i) => `(${sql})::text AS key${i}`).join(', ')}
     FROM ${from} ${conditions.toString()}
     ORDER BY ${order.map(({ sql }) => `${sql} ${direction}`).join(', ')}
     LIMIT ${conditions.bind(page.limit + 1)}`,
    conditions.parameters,
  );
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  const next = last && order.map((_column, i) => (last as Record<string, string>)[`key${i}`] ?? '');
  for (const row of shown) order.forEach((_column, i) => Reflect.deleteProperty(row, `key${i}`));
  return { rows: shown, next };
}

/** A text that LIKE takes literally, anywhere in the column. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** `-name` reads downwards. */
export const isDescending = (sort: string): boolean => sort.startsWith('-');
export const sortColumn = (sort: string): string => sort.replace(/^-/, '');
