import { RecentMap } from '../runtime';

/** Every connection keeps the plans of all of them, some 50 KB each. */
const MOST = 64;
const MOST_REMEMBERED = 1_000;

/**
 * Which statements are prepared: those that are asked again. PostgreSQL then parses and plans them once for each connection,
 * which for a list takes longer than to read a page of it.
 */
export class PreparedStatements {
  private readonly names = new Map<string, string>();
  private readonly asked = new RecentMap<string, true>(MOST_REMEMBERED);
  private given = 0;

  /** The name under which the text is prepared; undefined = it is not. */
  nameOf(sql: string): string | undefined {
    const name = this.names.get(sql);
    if (name !== undefined || this.names.size >= MOST) return name;
    if (!this.asked.has(sql)) {
      this.asked.set(sql, true);
      return undefined;
    }
    this.given += 1;
    this.names.set(sql, `asked:${this.given}`);
    return this.names.get(sql);
  }

  /** A name is never used for another text, for connections remember it. */
  forget(sql: string): void {
    this.names.delete(sql);
    this.asked.delete(sql);
  }
}
