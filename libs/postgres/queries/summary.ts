import {
  amountOf,
  Conditions,
  orderBy,
  readPage,
  type ListQuery,
  type OrderColumn,
  type Queryable,
  type Sort,
  type Sorts,
} from './page';
import { nameContains } from './items';
import {
  availableOf,
  expiredOf,
  quarantinedOf,
  rejectedOf,
  type Sums,
  type Units,
} from './stock-levels';

export interface SummaryRow extends Sums {
  readonly sku: string;
  readonly itemId: string;
  readonly name: string;
  readonly category: string | null;
  readonly active: boolean;
  readonly unit: string;
  readonly decimals: number;
  /** Has left one place and is not yet at another; of a place: what is on its way there. */
  readonly inTransit: Units;
  readonly lastMovementAt: string | null;
}
export interface PlaceSummaryRow extends SummaryRow {
  readonly location: string;
}

export interface SummaryFilter {
  readonly q?: string | undefined;
  readonly sku?: string | undefined;
  readonly category?: string | undefined;
  readonly active?: boolean | undefined;
  readonly inStock?: boolean | undefined;
  readonly location?: string | undefined;
}

/** Of the item `i` and the balance `b`. */
const COLUMNS = `i.sku, i.name, i.category, i.active, i.unit, i.decimals, b.on_hand, b.reserved, b.held, b.received,
  b.issued, b.adjusted, b.transferred_in, b.transferred_out, b.last_movement_at`;
const ITEM = `r.sku, r.sku AS "itemId", r.name, r.category, r.active, r.unit, r.decimals`;
const SUMS = `coalesce(r.on_hand, 0) AS "onHand", coalesce(r.reserved, 0) AS reserved, coalesce(r.held, 0) AS "onHold",
  coalesce(d.available, 0) AS available, coalesce(d.quarantined, 0) AS quarantined, coalesce(d.rejected, 0) AS rejected, coalesce(d.expired, 0) AS expired,
  coalesce(r.received, 0) AS received, coalesce(r.issued, 0) AS issued, coalesce(r.adjusted, 0) AS adjusted,
  coalesce(r.transferred_in, 0) AS "transferredIn", coalesce(r.transferred_out, 0) AS "transferredOut",
  coalesce(w.in_transit, 0) AS "inTransit", r.last_movement_at AS "lastMovementAt"`;

/** What depends on the day is summed over the lots when asked. */
const byDay = (today: string, and: string): string =>
  `LEFT JOIN LATERAL (SELECT sum(${availableOf(today)}) AS available, sum(${quarantinedOf}) AS quarantined, sum(${rejectedOf}) AS rejected,
                             sum(${expiredOf(today)}) AS expired
                      FROM stock_levels s WHERE s.sku = r.sku ${and}) d ON true`;

const onTheWay = (and: string): string =>
  `LEFT JOIN LATERAL (SELECT sum(t.quantity) AS in_transit FROM in_transit t WHERE t.sku = r.sku ${and}) w ON true`;

const sortsOf = (own: readonly OrderColumn[]) =>
  ({
    sku: own,
    name: [{ sql: 'i.name', type: 'text' }, ...own],
    onHand: [{ sql: amountOf('coalesce(b.on_hand, 0)', 'i.decimals'), type: 'numeric' }, ...own],
    // What never moved comes before everything else.
    lastMovementAt: [
      { sql: `coalesce(b.last_movement_at, '-infinity'::timestamptz)`, type: 'timestamptz' },
      ...own,
    ],
  }) as const satisfies Sorts<string>;
const ITEM_ORDER = sortsOf([{ sql: 'i.sku', type: 'text' }]);
const PLACE_ORDER = sortsOf([
  { sql: 'b.sku', type: 'text' },
  { sql: 'b.location', type: 'text' },
]);
type SummarySortName = keyof typeof ITEM_ORDER;
export type SummarySort = Sort<SummarySortName>;
export const SUMMARY_SORTS = Object.keys(ITEM_ORDER) as SummarySortName[];

function filtered({ q, category, active, inStock }: SummaryFilter): Conditions {
  const conditions = new Conditions();
  conditions.where('i.category = ?', category).where('i.active = ?', active);
  if (inStock !== undefined) {
    conditions.add(`coalesce(b.on_hand, 0) ${inStock ? '>' : '='} 0`);
  }
  nameContains(conditions, q);
  return conditions;
}

/** Every item with its stock over all places; one that never moved has zeros. */
export function listSummaries(
  filter: SummaryFilter,
  sort: SummarySort,
  today: string,
): ListQuery<SummaryRow> {
  const conditions = filtered(filter).where('i.sku = ?', filter.sku);
  return {
    columns: COLUMNS,
    from: 'items i LEFT JOIN stock_by_item b ON b.sku = i.sku',
    alias: 'r',
    select: `${ITEM}, ${SUMS}`,
    detail: `${byDay(conditions.bind(today), '')} ${onTheWay('')}`,
    conditions,
    order: orderBy<SummarySortName>(ITEM_ORDER, sort),
  };
}

/** Items at the places where they have ever been. */
export function listPlaceSummaries(
  filter: SummaryFilter,
  sort: SummarySort,
  today: string,
): ListQuery<PlaceSummaryRow> {
  const conditions = filtered(filter)
    .where('b.sku = ?', filter.sku)
    .where('b.location = ?', filter.location);
  return {
    columns: `${COLUMNS}, b.location`,
    from: 'stock_by_location b JOIN items i ON i.sku = b.sku',
    alias: 'r',
    select: `${ITEM}, r.location, ${SUMS}`,
    detail: `${byDay(conditions.bind(today), 'AND s.location = r.location')} ${onTheWay('AND t.to_location = r.location')}`,
    conditions,
    order: orderBy<SummarySortName>(PLACE_ORDER, sort),
  };
}

export interface ItemSummary {
  readonly item: SummaryRow;
  readonly locations: readonly PlaceSummaryRow[];
}

const MAX_PLACES = 10_000;

export async function findSummary(
  db: Queryable,
  sku: string,
  today: string,
): Promise<ItemSummary | undefined> {
  const one = { limit: 1, after: undefined };
  const { rows } = await readPage(db, listSummaries({ sku }, 'sku', today), one);
  const [item] = rows;
  if (!item) return undefined;
  const places = { limit: MAX_PLACES, after: undefined };
  const locations = await readPage(db, listPlaceSummaries({ sku }, 'sku', today), places);
  return { item, locations: locations.rows };
}
