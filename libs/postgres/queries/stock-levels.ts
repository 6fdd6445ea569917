import { Conditions, readPage, type PageOf, type PageRequest, type Queryable } from './page';

/** Sums in base units; a sum of bigints comes as text. */
export type Units = number | bigint | string;

export interface Sums {
  readonly onHand: Units;
  readonly reserved: Units;
  readonly available: Units;
  readonly quarantined: Units;
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
        THEN s.on_hand - s.reserved ELSE 0 END`;
export const quarantinedOf = `CASE WHEN s.qc_status = 'QUARANTINE' THEN s.on_hand ELSE 0 END`;
export const expiredOf = (today: string): string =>
  `CASE WHEN s.expires_on < ${today}::date THEN s.on_hand ELSE 0 END`;

export interface LevelFilter {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly lotCode?: string | undefined;
  readonly inStock?: boolean | undefined;
}

export function listLevels(
  db: Queryable,
  filter: LevelFilter,
  today: string,
  page: PageRequest,
): Promise<PageOf<LevelRow>> {
  const conditions = new Conditions();
  const day = conditions.bind(today);
  conditions
    .where('s.sku = ?', filter.sku)
    .where('s.location = ?', filter.location)
    .where('s.lot_code = ?', filter.lotCode);
  if (filter.inStock !== undefined) conditions.add(`s.on_hand ${filter.inStock ? '>' : '='} 0`);
  return readPage<LevelRow>(db, {
    select: `s.sku, s.location, nullif(s.lot_code, '') AS "lotCode", s.on_hand AS "onHand", s.reserved,
      ${availableOf(day)} AS available, ${quarantinedOf} AS quarantined, ${expiredOf(day)} AS expired,
      s.received, s.issued, s.adjusted, s.transferred_in AS "transferredIn", s.transferred_out AS "transferredOut",
      s.unit, s.decimals, s.qc_status AS "qcStatus", s.expires_on::text AS "expiresOn",
      s.received_at AS "receivedAt", s.last_movement_at AS "lastMovementAt", s.revision::int AS revision`,
    from: 'stock_levels s',
    conditions,
    order: [
      { sql: 's.sku', type: 'text' },
      { sql: 's.location', type: 'text' },
      { sql: 's.lot_code', type: 'text' },
    ],
    page,
  });
}
