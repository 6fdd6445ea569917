import type { Row } from '../projections';

/** The rows of one view that were written or read last; the rest is in the table. */
export class RowCache {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly limit: number) {}

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** What was stored last is kept longest. */
  store(rows: ReadonlyMap<string, Row | undefined>): void {
    for (const [key, row] of rows) {
      this.rows.delete(key);
      if (row) this.rows.set(key, row);
    }
    for (const key of this.rows.keys()) {
      if (this.rows.size <= this.limit) break;
      this.rows.delete(key);
    }
  }

  clear(): void {
    this.rows.clear();
  }
}
