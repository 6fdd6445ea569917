import { Conditions, readPage, type PageOf, type PageRequest, type Queryable } from './page';
import { availableOf, type Units } from './stock-levels';

export interface LowStockRow {
  readonly sku: string;
  readonly name: string;
  readonly category: string | null;
  /** null: the item over all places, against its own threshold. */
  readonly location: string | null;
  readonly threshold: Units;
  readonly onHand: Units;
  readonly available: Units;
  readonly shortBy: Units;
  readonly unit: string;
  readonly decimals: number;
}

export interface LowStockFilter {
  readonly sku?: string | undefined;
  readonly category?: string | undefined;
  readonly location?: string | undefined;
}

/**
 * Active items at or below a threshold. Without a location: every item against its own threshold over all places, and
 * every place that has a threshold of its own against that. With one: what is or was there, and what has a threshold
 * there, against the place's own threshold or else the item's.
 */
function lowStock(conditions: Conditions, filter: LowStockFilter, today: string): string {
  const day = conditions.bind(today);
  const place = filter.location === undefined ? undefined : conditions.bind(filter.location);
  const wishes =
    place === undefined
      ? `SELECT sku, NULL AS location, reorder_threshold AS threshold FROM items
         WHERE reorder_threshold IS NOT NULL
         UNION ALL SELECT sku, location, threshold FROM item_thresholds WHERE threshold IS NOT NULL`
      : `SELECT i.sku, ${place}::text AS location, coalesce(t.threshold, i.reorder_threshold) AS threshold
         FROM items i LEFT JOIN item_thresholds t ON t.sku = i.sku AND t.location = ${place}
         WHERE t.threshold IS NOT NULL OR i.reorder_threshold IS NOT NULL AND EXISTS
           (SELECT FROM stock_by_location b WHERE b.sku = i.sku AND b.location = ${place})`;
  conditions.where('r.sku = ?', filter.sku).where('r.category = ?', filter.category);
  return `(SELECT w.sku, i.name, i.category, w.location, w.threshold, d.on_hand, d.available, i.unit, i.decimals
    FROM (${wishes}) w JOIN items i ON i.sku = w.sku AND i.active
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(s.on_hand), 0) AS on_hand, coalesce(sum(${availableOf(day)}), 0) AS available
      FROM stock_levels s
      WHERE s.sku = w.sku AND (w.location IS NULL OR s.location = w.location)) d
    WHERE d.available <= w.threshold) r`;
}

export function listLowStock(
  db: Queryable,
  filter: LowStockFilter,
  today: string,
  page: PageRequest,
): Promise<PageOf<LowStockRow>> {
  const conditions = new Conditions();
  const from = lowStock(conditions, filter, today);
  return readPage<LowStockRow>(db, {
    select: `r.sku, r.name, r.category, r.location, r.threshold, r.on_hand AS "onHand", r.available,
      r.threshold - r.available AS "shortBy", r.unit, r.decimals`,
    from,
    conditions,
    order: [
      { sql: 'r.sku', type: 'text' },
      { sql: `coalesce(r.location, '')`, type: 'text' },
    ],
    page,
  });
}

export async function countLowStock(db: Queryable, today: string): Promise<number> {
  const conditions = new Conditions();
  const from = lowStock(conditions, {}, today);
  const sql = `SELECT count(*)::int AS low FROM ${from}`;
  const [row] = await db.query<{ low: number }>(sql, conditions.parameters);
  return row?.low ?? 0;
}
