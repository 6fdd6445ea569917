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

/** The worst first: a row has the first that is true of it. */
export const STOCK_STATES = [
  'OUT_OF_STOCK',
  'BELOW_SAFETY_STOCK',
  'BELOW_REORDER',
  'ABOVE_MAXIMUM',
] as const;
export type StockState = (typeof STOCK_STATES)[number];

export interface LowStockRow {
  readonly sku: string;
  readonly name: string;
  readonly category: string | null;
  /** null: the item over all places, against its own thresholds. */
  readonly location: string | null;
  readonly state: StockState;
  /** The reorder threshold. */
  readonly threshold: Units | null;
  readonly safetyStock: Units | null;
  readonly maximum: Units | null;
  readonly onHand: Units;
  readonly available: Units;
  readonly shortBy: Units | null;
  readonly unit: string;
  readonly decimals: number;
}

export interface LowStockFilter {
  readonly sku?: string | undefined;
  readonly category?: string | undefined;
  readonly location?: string | undefined;
  /** Default: everything at or below its reorder threshold. */
  readonly state?: StockState | undefined;
}

const ITEM = 'i.sku, i.name, i.category, i.unit, i.decimals';
const SUMS = 'coalesce(d.on_hand, 0) AS on_hand, coalesce(d.available, 0) AS available';

const STATE = `CASE
  WHEN c.available <= 0 THEN 'OUT_OF_STOCK'
  WHEN c.available < c.safety_stock THEN 'BELOW_SAFETY_STOCK'
  WHEN c.available <= c.threshold THEN 'BELOW_REORDER'
  WHEN c.on_hand > c.maximum THEN 'ABOVE_MAXIMUM' END`;

/**
 * Active items against their thresholds. Without a location: every item against its own over all places, and every
 * place that has thresholds of its own against those. With one: what is or was there, and what has thresholds there,
 * against each threshold of the place or else of the item.
 */
function lowStock(conditions: Conditions, filter: LowStockFilter, today: string): string {
  const day = conditions.bind(today);
  const place = filter.location === undefined ? undefined : conditions.bind(filter.location);
  conditions.where('r.sku = ?', filter.sku).where('r.category = ?', filter.category);
  if (filter.state === undefined) conditions.add('r.available <= r.threshold');
  else conditions.add('r.state = ?', filter.state);
  const candidates = place === undefined ? everywhere(day) : at(place, day);
  return `(SELECT c.*, ${STATE} AS state FROM (${candidates}) c) r`;
}

const sumsOf = (day: string): string =>
  `sum(s.on_hand) AS on_hand, sum(${availableOf(day)}) AS available FROM stock_levels s`;

const levelsOf = (row: string): string =>
  `${row}.safety_stock, ${row}.reorder_threshold AS threshold, ${row}.maximum`;
const hasLevels = (row: string): string =>
  `coalesce(${row}.safety_stock, ${row}.reorder_threshold, ${row}.maximum) IS NOT NULL`;

const everywhere = (day: string): string =>
  `SELECT ${ITEM}, NULL AS location, ${levelsOf('i')}, ${SUMS}
   FROM items i LEFT JOIN (SELECT s.sku, ${sumsOf(day)} GROUP BY s.sku) d ON d.sku = i.sku
   WHERE i.active AND ${hasLevels('i')}
   UNION ALL
   SELECT ${ITEM}, t.location, ${levelsOf('t')}, ${SUMS}
   FROM item_thresholds t JOIN items i ON i.sku = t.sku AND i.active
   LEFT JOIN LATERAL (SELECT ${sumsOf(day)} WHERE s.sku = t.sku AND s.location = t.location) d ON true`;

/** Who has sums at the place is or was there. */
const at = (place: string, day: string): string =>
  `SELECT ${ITEM}, ${place}::text AS location, coalesce(t.safety_stock, i.safety_stock) AS safety_stock,
     coalesce(t.reorder_threshold, i.reorder_threshold) AS threshold, coalesce(t.maximum, i.maximum) AS maximum, ${SUMS}
   FROM items i LEFT JOIN item_thresholds t ON t.sku = i.sku AND t.location = ${place}
   LEFT JOIN (SELECT s.sku, ${sumsOf(day)} WHERE s.location = ${place} GROUP BY s.sku) d ON d.sku = i.sku
   WHERE i.active AND (t.sku IS NOT NULL OR d.sku IS NOT NULL AND ${hasLevels('i')})`;

/** What is missing to the reorder threshold; 0 where nothing is. */
const SHORT_BY = 'greatest(r.threshold - r.available, 0)';

const OWN = [
  { sql: 'r.sku', type: 'text' },
  { sql: `coalesce(r.location, '')`, type: 'text' },
] as const;
const SORTS = {
  sku: OWN,
  name: [{ sql: 'r.name', type: 'text' }, ...OWN],
  available: [{ sql: amountOf('r.available', 'r.decimals'), type: 'numeric' }, ...OWN],
  shortBy: [{ sql: amountOf(SHORT_BY, 'r.decimals'), type: 'numeric' }, ...OWN],
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
    select: `r.sku, r.name, r.category, r.location, r.state, r.threshold, r.safety_stock AS "safetyStock", r.maximum,
      r.on_hand AS "onHand", r.available, CASE WHEN r.threshold IS NOT NULL THEN ${SHORT_BY} END AS "shortBy",
      r.unit, r.decimals`,
    conditions,
    order: orderBy<keyof typeof SORTS>(SORTS, sort),
  };
}

export async function countLowStock(db: Queryable, today: string): Promise<number> {
  const conditions = new Conditions();
  const from = lowStock(conditions, {}, today);
  const sql = `SELECT count(*)::int AS low FROM ${from} ${conditions.toString()}`;
  const [row] = await db.query<{ low: number }>(sql, conditions.parameters);
  return row?.low ?? 0;
}
