import {
  amountOf,
  Conditions,
  orderBy,
  type ListQuery,
  type Queryable,
  type Sort,
  type Sorts,
} from './page';
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

const ITEM = 'i.sku, i.name, i.category, i.unit, i.decimals';
const SUMS = 'coalesce(d.on_hand, 0) AS on_hand, coalesce(d.available, 0) AS available';

/**
 * Active items at or below a threshold. Without a location: every item against its own threshold over all places, and
 * every place that has a threshold of its own against that. With one: what is or was there, and what has a threshold
 * there, against the place's own threshold or else the item's.
 */
function lowStock(conditions: Conditions, filter: LowStockFilter, today: string): string {
  const day = conditions.bind(today);
  const place = filter.location === undefined ? undefined : conditions.bind(filter.location);
  conditions.where('r.sku = ?', filter.sku).where('r.category = ?', filter.category);
  const candidates = place === undefined ? everywhere(day) : at(place, day);
  return `(SELECT * FROM (${candidates}) c WHERE c.available <= c.threshold) r`;
}

const sumsOf = (day: string): string =>
  `sum(s.on_hand) AS on_hand, sum(${availableOf(day)}) AS available FROM stock_levels s`;

const everywhere = (day: string): string =>
  `SELECT ${ITEM}, NULL AS location, i.reorder_threshold AS threshold, ${SUMS}
   FROM items i LEFT JOIN (SELECT s.sku, ${sumsOf(day)} GROUP BY s.sku) d ON d.sku = i.sku
   WHERE i.active AND i.reorder_threshold IS NOT NULL
   UNION ALL
   SELECT ${ITEM}, t.location, t.threshold, ${SUMS}
   FROM item_thresholds t JOIN items i ON i.sku = t.sku AND i.active
   LEFT JOIN LATERAL (SELECT ${sumsOf(day)} WHERE s.sku = t.sku AND s.location = t.location) d ON true`;

/** Who has sums at the place is or was there. */
const at = (place: string, day: string): string =>
  `SELECT ${ITEM}, ${place}::text AS location, coalesce(t.threshold, i.reorder_threshold) AS threshold, ${SUMS}
   FROM items i LEFT JOIN item_thresholds t ON t.sku = i.sku AND t.location = ${place}
   LEFT JOIN (SELECT s.sku, ${sumsOf(day)} WHERE s.location = ${place} GROUP BY s.sku) d ON d.sku = i.sku
   WHERE i.active AND (t.threshold IS NOT NULL OR i.reorder_threshold IS NOT NULL AND d.sku IS NOT NULL)`;

const OWN = [
  { sql: 'r.sku', type: 'text' },
  { sql: `coalesce(r.location, '')`, type: 'text' },
] as const;
const SORTS = {
  sku: OWN,
  name: [{ sql: 'r.name', type: 'text' }, ...OWN],
  available: [{ sql: amountOf('r.available', 'r.decimals'), type: 'numeric' }, ...OWN],
  shortBy: [
    { sql: amountOf('(r.threshold - r.available)', 'r.decimals'), type: 'numeric' },
    ...OWN,
  ],
} as const satisfies Sorts<string>;
export type LowStockSort = Sort<keyof typeof SORTS>;
export const LOW_STOCK_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export function listLowStock(
  filter: LowStockFilter,
  sort: LowStockSort,
  today: string,
): ListQuery<LowStockRow> {
  const conditions = new Conditions();
  return {
    columns: 'r.*',
    from: lowStock(conditions, filter, today),
    alias: 'r',
    select: `r.sku, r.name, r.category, r.location, r.threshold, r.on_hand AS "onHand", r.available,
      r.threshold - r.available AS "shortBy", r.unit, r.decimals`,
    conditions,
    order: orderBy<keyof typeof SORTS>(SORTS, sort),
  };
}

export async function countLowStock(db: Queryable, today: string): Promise<number> {
  const conditions = new Conditions();
  const from = lowStock(conditions, {}, today);
  const sql = `SELECT count(*)::int AS low FROM ${from}`;
  const [row] = await db.query<{ low: number }>(sql, conditions.parameters);
  return row?.low ?? 0;
}
