import { countLowStock } from './low-stock';
import { type Queryable } from './page';
import type { Units } from './stock-levels';

export interface Stats {
  readonly items: number;
  readonly activeItems: number;
  readonly locations: number;
  readonly activeLocations: number;
  readonly lots: number;
  /** SKUs at a location with something on hand. */
  readonly stockedLevels: number;
  readonly movements: number;
  readonly lowStock: number;
  /** By unit and decimals: quantities of different units are never added up. */
  readonly units: readonly UnitTotals[];
}

export interface UnitTotals {
  readonly unit: string;
  readonly decimals: number;
  readonly onHand: Units;
  readonly reserved: Units;
  readonly received: Units;
  readonly issued: Units;
  readonly adjusted: Units;
}

/** Every event of a stock stream is one movement, so their number follows from the revisions. */
const COUNTS = `SELECT
  (SELECT count(*)::int FROM items) AS items,
  (SELECT count(*)::int FROM items WHERE active) AS "activeItems",
  (SELECT count(*)::int FROM locations) AS locations,
  (SELECT count(*)::int FROM locations WHERE active) AS "activeLocations",
  (SELECT count(*)::int FROM lots) AS lots,
  (SELECT count(*)::int FROM stock_by_location WHERE on_hand > 0) AS "stockedLevels",
  (SELECT coalesce(sum(revision + 1), 0)::float8 FROM stock_by_location) AS movements`;

const UNITS = `SELECT unit, decimals, sum(on_hand)::text AS "onHand", sum(reserved)::text AS reserved,
    sum(received)::text AS received, sum(issued)::text AS issued, sum(adjusted)::text AS adjusted
  FROM stock_by_item GROUP BY unit, decimals ORDER BY unit, decimals`;

export async function readStats(db: Queryable, today: string): Promise<Stats> {
  const [counts, units, lowStock] = await Promise.all([
    db.query<Omit<Stats, 'units' | 'lowStock'>>(COUNTS),
    db.query<UnitTotals>(UNITS),
    countLowStock(db, today),
  ]);
  const [row] = counts;
  if (!row) throw new Error('the counts of the statistics gave no row');
  return { ...row, lowStock, units };
}
