import { Conditions, readPage, type PageOf, type PageRequest, type Queryable } from './page';
import { availableOf, expiredOf, quarantinedOf, type Sums } from './stock-levels';

export interface SummaryRow extends Sums {
  readonly sku: string;
  readonly itemId: string;
  readonly name: string;
  readonly category: string | null;
  readonly active: boolean;
  readonly unit: string;
  readonly decimals: number;
  readonly lastMovementAt: string | null;
}
export interface PlaceSummaryRow extends SummaryRow {
  readonly location: string;
}

export interface SummaryFilter {
  readonly sku?: string | undefined;
  readonly category?: string | undefined;
  readonly active?: boolean | undefined;
  readonly location?: string | undefined;
}

const SUMS = `coalesce(b.on_hand, 0) AS "onHand", coalesce(b.reserved, 0) AS reserved,
  coalesce(d.available, 0) AS available, coalesce(d.quarantined, 0) AS quarantined, coalesce(d.expired, 0) AS expired,
  coalesce(b.received, 0) AS received, coalesce(b.issued, 0) AS issued, coalesce(b.adjusted, 0) AS adjusted,
  coalesce(b.transferred_in, 0) AS "transferredIn", coalesce(b.transferred_out, 0) AS "transferredOut",
  b.last_movement_at AS "lastMovementAt"`;
const ITEM = `i.sku, i.sku AS "itemId", i.name, i.category, i.active, i.unit, i.decimals`;

/** What depends on the day is summed over the lots when asked. */
const byDay = (today: string, and: string): string =>
  `LATERAL (SELECT sum(${availableOf(today)}) AS available, sum(${quarantinedOf}) AS quarantined,
                   sum(${expiredOf(today)}) AS expired
            FROM stock_levels s WHERE s.sku = i.sku ${and}) d ON true`;

/** Every item with its stock over all places; one that never moved has zeros. */
export function listSummaries(
  db: Queryable,
  filter: SummaryFilter,
  today: string,
  page: PageRequest,
): Promise<PageOf<SummaryRow>> {
  const conditions = new Conditions();
  const day = conditions.bind(today);
  conditions
    .where('i.sku = ?', filter.sku)
    .where('i.category = ?', filter.category)
    .where('i.active = ?', filter.active);
  return readPage<SummaryRow>(db, {
    select: `${ITEM}, ${SUMS}`,
    from: `items i LEFT JOIN stock_by_item b ON b.sku = i.sku LEFT JOIN ${byDay(day, '')}`,
    conditions,
    order: [{ sql: 'i.sku', type: 'text' }],
    page,
  });
}

/** Items at the places where they have ever been. */
export function listPlaceSummaries(
  db: Queryable,
  filter: SummaryFilter,
  today: string,
  page: PageRequest,
): Promise<PageOf<PlaceSummaryRow>> {
  const conditions = new Conditions();
  const day = conditions.bind(today);
  conditions
    .where('b.sku = ?', filter.sku)
    .where('b.location = ?', filter.location)
    .where('i.category = ?', filter.category)
    .where('i.active = ?', filter.active);
  return readPage<PlaceSummaryRow>(db, {
    select: `${ITEM}, b.location, ${SUMS}`,
    from: `stock_by_location b JOIN items i ON i.sku = b.sku
      LEFT JOIN ${byDay(day, 'AND s.location = b.location')}`,
    conditions,
    order: [
      { sql: 'b.sku', type: 'text' },
      { sql: 'b.location', type: 'text' },
    ],
    page,
  });
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
  const { rows } = await listSummaries(db, { sku }, today, { limit: 1, after: undefined });
  const [item] = rows;
  if (!item) return undefined;
  const places = { limit: MAX_PLACES, after: undefined };
  const locations = await listPlaceSummaries(db, { sku }, today, places);
  return { item, locations: locations.rows };
}
