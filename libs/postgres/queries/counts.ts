import { Conditions, orderBy, type ListQuery, type Queryable, type Sort, type Sorts } from './page';
import type { Units } from './stock-levels';

export interface CountRow {
  readonly countId: string;
  readonly sku: string;
  readonly location: string;
  readonly lotCode: string | null;
  readonly kind: string;
  readonly blind: boolean;
  readonly status: string;
  readonly counted: Units;
  readonly book: Units;
  readonly variance: Units;
  readonly unit: string;
  readonly decimals: number;
  readonly countedAtRevision: number;
  readonly countedBy: string;
  readonly countedAt: string;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly revision: number;
}

export interface CountFilter {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly lotCode?: string | undefined;
  readonly status?: string | undefined;
  readonly kind?: string | undefined;
  readonly countedBy?: string | undefined;
  readonly reference?: string | undefined;
  /** On countedAt, half-open. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const COUNT = `c.count_id AS "countId", c.sku, c.location, nullif(c.lot_code, '') AS "lotCode", c.kind, c.blind,
  c.status, c.counted, c.book, c.variance, c.unit, c.decimals, c.counted_at_revision::int AS "countedAtRevision",
  c.counted_by AS "countedBy", c.counted_at AS "countedAt", c.decided_by AS "decidedBy",
  c.decided_at AS "decidedAt", c.reason, c.reference, c.revision::int AS revision`;

const BY_ID = { sql: 'c.count_id', type: 'text' } as const;
const SORTS = {
  countedAt: [{ sql: 'c.counted_at', type: 'timestamptz' }, BY_ID],
  sku: [{ sql: 'c.sku', type: 'text' }, { sql: 'c.location', type: 'text' }, BY_ID],
} as const satisfies Sorts<string>;
export type CountSort = Sort<keyof typeof SORTS>;
export const COUNT_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export const listCounts = (filter: CountFilter, sort: CountSort): ListQuery<CountRow> => ({
  columns: 'c.*',
  from: 'counts c',
  alias: 'c',
  select: COUNT,
  conditions: new Conditions()
    .where('c.sku = ?', filter.sku)
    .where('c.location = ?', filter.location)
    .where('c.lot_code = ?', filter.lotCode)
    .where('c.status = ?', filter.status)
    .where('c.kind = ?', filter.kind)
    .where('c.counted_by = ?', filter.countedBy)
    .where('c.reference = ?', filter.reference)
    .where('c.counted_at >= ?::timestamptz', filter.from)
    .where('c.counted_at < ?::timestamptz', filter.to),
  order: orderBy<keyof typeof SORTS>(SORTS, sort),
});

export async function findCount(db: Queryable, countId: string): Promise<CountRow | undefined> {
  return (
    await db.query<CountRow>(`SELECT ${COUNT} FROM counts c WHERE c.count_id = $1`, [countId])
  )[0];
}

/** What a counter is given: what should be looked at, and never how much of it. */
export interface CountSheetRow {
  readonly sku: string;
  readonly name: string | null;
  readonly location: string;
  readonly lotCode: string | null;
  readonly unit: string;
  /** To be sent with the count. */
  readonly revision: number;
}

const SHEET_SORTS = {
  sku: [
    { sql: 's.sku', type: 'text' },
    { sql: 's.lot_code', type: 'text' },
  ],
} as const satisfies Sorts<string>;
export type CountSheetSort = Sort<keyof typeof SHEET_SORTS>;
export const COUNT_SHEET_SORTS = Object.keys(SHEET_SORTS) as (keyof typeof SHEET_SORTS)[];

export const listCountSheet = (
  filter: { readonly location: string; readonly sku?: string | undefined },
  sort: CountSheetSort,
): ListQuery<CountSheetRow> => ({
  columns: 's.sku, s.location, s.lot_code, s.unit, b.revision, i.name',
  from: `stock_levels s JOIN stock_by_location b ON b.sku = s.sku AND b.location = s.location
         LEFT JOIN items i ON i.sku = s.sku`,
  alias: 's',
  select: `s.sku, s.name, s.location, nullif(s.lot_code, '') AS "lotCode", s.unit, s.revision::int AS revision`,
  conditions: new Conditions()
    .where('s.location = ?', filter.location)
    .where('s.sku = ?', filter.sku)
    .add('s.on_hand > 0'),
  order: orderBy<keyof typeof SHEET_SORTS>(SHEET_SORTS, sort),
});

/** Where a movement stands: its place and its revision. */
export interface MovementPlace {
  readonly sku: string;
  readonly location: string;
  readonly revision: number;
}

export async function findMovement(
  db: Queryable,
  movementId: string,
): Promise<MovementPlace | undefined> {
  const sql = `SELECT sku, location, revision::int AS revision FROM ledger WHERE movement_id = $1::uuid LIMIT 1`;
  return (await db.query<MovementPlace>(sql, [movementId]))[0];
}
