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

/** Rows made ready in the form that PostgreSQL takes; sending them is all that is left to do. */
export type Writer = (client: PoolClient) => Promise<void>;

const NOTHING: Writer = () => Promise.resolve();

export function addedWriter({ name, view, statements }: Projection, added: readonly Row[]): Writer {
  if (added.length === 0) return NOTHING;
  const lines = copyTextOf(added, view.columns);
  return (client) => naming(name, copyIn(client, statements.copy, lines));
}

/** The changed rows in one statement, those that are gone in another. */
export function rowsWriter(
  { name, view, statements }: Projection,
  rows: ReadonlyMap<string, Row | undefined>,
  keys: ReadonlyMap<string, Key>,
): Writer {
  if (rows.size === 0) return NOTHING;
  const changed = [...rows.values()].filter((row) => row !== undefined);
  const gone = [...rows].flatMap(([text, row]) => (row ? [] : [keys.get(text) ?? []]));
  const cells = Object.keys(view.columns).map((column) => arrayOf(changed, column));
  const goneCells = view.key.map((_, i) => gone.map((key) => key[i]));
  return async (client) => {
    if (changed.length > 0) {
      const upsert = { name: `${name}:upsert`, text: statements.upsert, values: cells };
      await naming(name, client.query(upsert));
    }
    if (gone.length > 0) {
      const remove = { name: `${name}:remove`, text: statements.remove, values: goneCells };
      await naming(name, client.query(remove));
    }
  };
}

export async function naming<T>(projection: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new RowError(projection, error);
  }
}
