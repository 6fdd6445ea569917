import type { Columns, Row } from '../projections';
import { RecentMap, weightOf } from '../runtime';

/** A row of more than so many bytes counts as several. */
const ROW_BYTES = 1_024;

/** The rows of one view that were written or read last; the rest is in the table. */
export class RowCache {
  private readonly rows: RecentMap<string, Row>;

  /** At most so many rows of an ordinary size. */
  constructor(limit: number, columns: Columns) {
    // Only what has no limit of its own is weighed: a walk through every row would cost more than it saves.
    const mayBeLarge = Object.values(columns).some(({ kind }) => kind === 'json');
    this.rows = new RecentMap(limit, mayBeLarge ? rowsIn : undefined);
  }

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** What was stored last is kept longest. */
  store(rows: ReadonlyMap<string, Row | undefined>): void {
    for (const [key, row] of rows) {
      if (row) this.rows.set(key, row);
      else this.rows.delete(key);
    }
  }

  clear(): void {
    this.rows.clear();
  }
}

const rowsIn = (row: Row): number => Math.max(1, Math.round(weightOf(row) / ROW_BYTES));
