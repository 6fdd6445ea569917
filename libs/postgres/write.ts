import type { PoolClient } from 'pg';
import type { Key, Row } from '../projections';
import { copyIn } from './copy';
import { arrayOf, copyTextOf } from './encode';
import type { Projection } from './projection';

/** PostgreSQL did not take what concerns the rows of a view; says whose they were. */
export class RowError extends Error {
  constructor(
    readonly projection: string,
    override readonly cause: unknown,
  ) {
    super(`rows of ${projection} were refused: ${String(cause)}`);
  }
}

/** Wrong for what is in the row (data, constraint, size), not for the state of the server. */
export const isDataError = (error: unknown): boolean =>
  /^(22|23|54)/.test((error as { code?: string }).code ?? '');

export async function writeAdded(
  client: PoolClient,
  { name, view, statements }: Projection,
  added: readonly Row[],
): Promise<void> {
  if (added.length === 0) return;
  await naming(name, copyIn(client, statements.copy, copyTextOf(added, view.columns)));
}

/** The changed rows in one statement, those that are gone in another. */
export async function writeRows(
  client: PoolClient,
  { name, view, statements }: Projection,
  rows: ReadonlyMap<string, Row | undefined>,
  keys: ReadonlyMap<string, Key>,
): Promise<void> {
  const changed = [...rows.values()].filter((row) => row !== undefined);
  if (changed.length > 0) {
    const values = Object.keys(view.columns).map((column) => arrayOf(changed, column));
    await naming(name, client.query({ name: `${name}:upsert`, text: statements.upsert, values }));
  }
  const gone = [...rows].flatMap(([text, row]) => (row ? [] : [keys.get(text) ?? []]));
  if (gone.length > 0) {
    const values = view.key.map((_, i) => gone.map((key) => key[i]));
    await naming(name, client.query({ name: `${name}:remove`, text: statements.remove, values }));
  }
}

export async function naming<T>(projection: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new RowError(projection, error);
  }
}
