import { amountOf, Conditions, orderBy, type ListQuery, type Sort, type Sorts } from './page';

/** Sums in base units; a sum of bigints comes as text. */
export type Units = number | bigint | string;

export interface Sums {
  readonly onHand: Units;
  readonly reserved: Units;
  /** There, but not to be used until someone lifts it. */
  readonly onHold: Units;
  readonly available: Units;
  readonly quarantined: Units;
  /** In lots that were rejected or recalled. */
  readonly rejected: Units;
  readonly expired: Units;
  readonly received: Units;
  readonly issued: Units;
  readonly adjusted: Units;
  readonly transferredIn: Units;
  readonly transferredOut: Units;
}

export interface LevelRow extends Sums {
  readonly sku: string;
  readonly location: string;
  /** null is the pool of stock without a lot code. */
  readonly lotCode: string | null;
  readonly unit: string;
  readonly decimals: number;
  readonly qcStatus: string;
  readonly expiresOn: string | null;
  readonly receivedAt: string;
  readonly lastMovementAt: string;
  readonly revision: number;
}

/** What of one row of stock_levels can be promised on a day; `today` is a placeholder. */
export const availableOf = (today: string): string =>
  `CASE WHEN s.qc_status = 'APPROVED' AND (s.expires_on IS NULL OR s.expires_on >= ${today}::date)
        THEN s.on_hand - s.reserved - s.held ELSE 0 END`;
export const quarantinedOf = `CASE WHEN s.qc_status = 'QUARANTINE' THEN s.on_hand ELSE 0 END`;
export const rejectedOf = `CASE WHEN s.qc_status IN ('REJECTED', 'RECALLED') THEN s.on_hand ELSE 0 END`;
export const expiredOf = (today: string): string =>
  `CASE WHEN s.expires_on < ${today}::date THEN s.on_hand ELSE 0 END`;

export interface LevelFilter {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly lotCode?: string | undefined;
  readonly qcStatus?: string | undefined;
  readonly inStock?: boolean | undefined;
  /** Half-open: from the first day on, before the second. */
  readonly expiresFrom?: string | undefined;
  readonly expiresBefore?: string | undefined;
}

const SKU = { sql: 's.sku', type: 'text' } as const;
const PLACE = { sql: 's.location', type: 'text' } as const;
const LOT = { sql: 's.lot_code', type: 'text' } as const;
const SORTS = {
  sku: [SKU, PLACE, LOT],
  location: [PLACE, SKU, LOT],
  // What does not expire comes after every date there is. The index is on this very expression.
  expiresOn: [{ sql: `coalesce(s.expires_on, 'infinity'::date)`, type: 'date' }, SKU, PLACE, LOT],
  onHand: [{ sql: amountOf('s.on_hand', 's.decimals'), type: 'numeric' }, SKU, PLACE, LOT],
  lastMovementAt: [{ sql: 's.last_movement_at', type: 'timestamptz' }, SKU, PLACE, LOT],
} as const satisfies Sorts<string>;
export type LevelSort = Sort<keyof typeof SORTS>;
export const LEVEL_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export function listLevels(
  filter: LevelFilter,
  sort: LevelSort,
  today: string,
): ListQuery<LevelRow> {
  const conditions = new Conditions();
  const day = conditions.bind(today);
  conditions
    .where('s.sku = ?', filter.sku)
    .where('s.location = ?', filter.location)
    .where('s.lot_code = ?', filter.lotCode)
    .where('s.qc_status = ?', filter.qcStatus)
    .where('s.expires_on >= ?::date', filter.expiresFrom)
    .where('s.expires_on < ?::date', filter.expiresBefore);
  if (filter.inStock !== undefined) conditions.add(`s.on_hand ${filter.inStock ? '>' : '='} 0`);
  return {
    columns: 's.*',
    from: 'stock_levels s',
    alias: 's',
    select: `s.sku, s.location, nullif(s.lot_code, '') AS "lotCode", s.on_hand AS "onHand", s.reserved, s.held AS "onHold",
      ${availableOf(day)} AS available, ${quarantinedOf} AS quarantined, ${rejectedOf} AS rejected, ${expiredOf(day)} AS expired,
      s.received, s.issued, s.adjusted, s.transferred_in AS "transferredIn", s.transferred_out AS "transferredOut",
      s.unit, s.decimals, s.qc_status AS "qcStatus", s.expires_on::text AS "expiresOn",
      s.received_at AS "receivedAt", s.last_movement_at AS "lastMovementAt", s.revision::int AS revision`,
    conditions,
    order: orderBy<keyof typeof SORTS>(SORTS, sort),
  };
}
