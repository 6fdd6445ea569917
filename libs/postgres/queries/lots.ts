import {
  Conditions,
  orderBy,
  readPage,
  type ListQuery,
  type Queryable,
  type Sort,
  type Sorts,
} from './page';
import { availableOf, expiredOf, type LevelRow, listLevels, type Units } from './stock-levels';

export interface LotRow {
  readonly sku: string;
  readonly lotCode: string;
  readonly expiresOn: string | null;
  readonly qcStatus: string;
  readonly supplierLot: string | null;
  readonly manufacturedOn: string | null;
  readonly parentLots: readonly string[];
  readonly received: Units;
  readonly onHand: Units;
  readonly reserved: Units;
  readonly onHold: Units;
  readonly available: Units;
  readonly expired: Units;
  readonly firstReceivedAt: string;
  readonly lastReceivedAt: string;
  readonly unit: string;
  readonly decimals: number;
}

export interface LotFilter {
  readonly sku?: string | undefined;
  readonly lotCode?: string | undefined;
  readonly location?: string | undefined;
  readonly qcStatus?: string | undefined;
  readonly inStock?: boolean | undefined;
  /** Half-open: from the first day on, before the second. */
  readonly expiresFrom?: string | undefined;
  readonly expiresBefore?: string | undefined;
}

const LOT = `l.sku, l.lot_code AS "lotCode", l.expires_on::text AS "expiresOn", l.qc_status AS "qcStatus",
  l.supplier_lot AS "supplierLot", l.manufactured_on::text AS "manufacturedOn", l.parent_lots AS "parentLots", l.received,
  coalesce(d.on_hand, 0) AS "onHand", coalesce(d.reserved, 0) AS reserved, coalesce(d.held, 0) AS "onHold", coalesce(d.available, 0) AS available,
  coalesce(d.expired, 0) AS expired, l.first_received_at AS "firstReceivedAt", l.last_received_at AS "lastReceivedAt",
  l.unit, l.decimals`;

const sumsOf = (today: string, place: string): string =>
  `LEFT JOIN LATERAL (
     SELECT sum(s.on_hand) AS on_hand, sum(s.reserved) AS reserved, sum(s.held) AS held, sum(${availableOf(today)}) AS available,
            sum(${expiredOf(today)}) AS expired
     FROM stock_levels s WHERE s.sku = l.sku AND s.lot_code = l.lot_code ${place}) d ON true`;

const BY_LOT = [
  { sql: 'l.sku', type: 'text' },
  { sql: 'l.lot_code', type: 'text' },
] as const;
const SORTS = {
  lot: BY_LOT,
  // A lot without expiry comes after every date there is. The index is on this very expression.
  expiresOn: [{ sql: `coalesce(l.expires_on, 'infinity'::date)`, type: 'date' }, ...BY_LOT],
  firstReceivedAt: [{ sql: 'l.first_received_at', type: 'timestamptz' }, ...BY_LOT],
  lastReceivedAt: [{ sql: 'l.last_received_at', type: 'timestamptz' }, ...BY_LOT],
} as const satisfies Sorts<string>;
export type LotSort = Sort<keyof typeof SORTS>;
export const LOT_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export function listLots(filter: LotFilter, sort: LotSort, today: string): ListQuery<LotRow> {
  const conditions = new Conditions();
  const day = conditions.bind(today);
  const place =
    filter.location === undefined ? '' : `AND s.location = ${conditions.bind(filter.location)}`;
  const held = (and: string): string =>
    `EXISTS (SELECT FROM stock_levels s WHERE s.sku = l.sku AND s.lot_code = l.lot_code ${place} ${and})`;
  if (filter.location !== undefined) conditions.add(held(''));
  conditions
    .where('l.sku = ?', filter.sku)
    .where('l.lot_code = ?', filter.lotCode)
    .where('l.qc_status = ?', filter.qcStatus)
    .where('l.expires_on >= ?::date', filter.expiresFrom)
    .where('l.expires_on < ?::date', filter.expiresBefore);
  if (filter.inStock !== undefined) {
    conditions.add(`${filter.inStock ? '' : 'NOT '}${held('AND s.on_hand > 0')}`);
  }
  return {
    columns: 'l.*',
    from: 'lots l',
    alias: 'l',
    select: LOT,
    detail: sumsOf(day, place),
    conditions,
    order: orderBy<keyof typeof SORTS>(SORTS, sort),
  };
}

export async function findLot(
  db: Queryable,
  sku: string,
  lotCode: string,
  today: string,
): Promise<LotRow | undefined> {
  const sql = `SELECT ${LOT} FROM lots l ${sumsOf('$3', '')} WHERE l.sku = $1 AND l.lot_code = $2`;
  return (await db.query<LotRow>(sql, [sku, lotCode, today]))[0];
}

/** One thing that was said of a lot: by quality control, by a receipt, about its expiry. */
export interface LotHistoryRow {
  readonly revision: number;
  /** Of the event. */
  readonly type: string;
  readonly qcStatus: string;
  readonly expiresOn: string | null;
  readonly inspector: string | null;
  readonly reason: string | null;
  readonly actor: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly effectiveAt: string;
  readonly recordedAt: string;
}

const MAX_HISTORY = 1_000;

/** What was said of a lot, oldest first: the events of its stream that say what it is, the first of each decision. */
export const lotHistory = (db: Queryable, stream: string): Promise<LotHistoryRow[]> =>
  db.query<LotHistoryRow>(
    `SELECT a.revision::int AS revision, a.type, a.data->>'qcStatus' AS "qcStatus",
       a.data->>'expiresOn' AS "expiresOn", a.data->>'inspector' AS inspector, a.reason, a.actor,
       a.command_id AS "commandId", a.correlation_id AS "correlationId",
       a.effective_at AS "effectiveAt", a.recorded_at AS "recordedAt"
     FROM audit_log a WHERE a.stream = $1 AND a.type NOT IN ('LotNotedAt', 'LotDescribed')
       AND NOT EXISTS (SELECT FROM audit_log b WHERE b.stream = a.stream AND b.revision = a.revision - 1
         AND b.command_id = a.command_id AND b.type = a.type)
     ORDER BY a.revision LIMIT ${MAX_HISTORY}`,
    [stream],
  );

const MAX_PLACES = 10_000;

/** Where some of a lot is or was. */
export async function lotPlaces(
  db: Queryable,
  lot: { readonly sku: string; readonly lotCode: string },
  today: string,
): Promise<readonly LevelRow[]> {
  const all = { limit: MAX_PLACES, after: undefined };
  return (await readPage(db, listLevels(lot, 'sku', today), all)).rows;
}
