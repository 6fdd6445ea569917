import {
  amountOf,
  Conditions,
  orderBy,
  type ListQuery,
  type OrderColumn,
  type Queryable,
  type Sort,
  type Sorts,
} from './page';
import { availableOf, type Units } from './stock-levels';

export interface AllocationRow {
  readonly lotCode: string | null;
  readonly quantity: Units;
  readonly issuedQuantity: Units;
}

export interface ReservationRow {
  readonly reservationId: string;
  readonly sku: string;
  readonly location: string;
  readonly status: string;
  readonly totalQuantity: Units;
  readonly allocatedQuantity: Units;
  readonly issuedQuantity: Units;
  readonly releasedQuantity: Units;
  readonly expiredQuantity: Units;
  readonly short: Units;
  readonly unit: string;
  readonly decimals: number;
  readonly strategy: string;
  readonly hard: boolean;
  readonly batchId: string | null;
  readonly reference: string | null;
  readonly expiresAt: string | null;
  readonly reservedAt: string;
  readonly endedAt: string | null;
  readonly actor: string;
  readonly revision: number;
  /** In the order in which they are issued. */
  readonly allocations: readonly AllocationRow[];
}

export const RESERVATION_STATUSES = [
  'ACTIVE',
  'PARTIAL',
  'COMPLETED',
  'RELEASED',
  'EXPIRED',
] as const;
const OPEN = "r.status IN ('ACTIVE', 'PARTIAL')";

export interface ReservationFilter {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly status?: string | undefined;
  readonly batchId?: string | undefined;
  readonly reference?: string | undefined;
  /** Only open ones; half-open, as every range. */
  readonly expiresBefore?: string | undefined;
}

const RESERVATION = `r.reservation_id AS "reservationId", r.sku, r.location, r.status, r.quantity AS "totalQuantity",
  r.allocated AS "allocatedQuantity", r.issued AS "issuedQuantity", r.released AS "releasedQuantity",
  r.expired AS "expiredQuantity", r.short, r.unit, r.decimals, r.strategy, r.hard, r.batch_id AS "batchId", r.reference,
  r.expires_at AS "expiresAt", r.reserved_at AS "reservedAt", r.ended_at AS "endedAt", r.actor,
  r.revision::int AS revision, d.allocations`;
/** A bigint as text: JSON numbers lose what is above 2^53. */
const ALLOCATIONS = `LEFT JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object('lotCode', nullif(a.lot_code, ''), 'quantity', a.quantity::text,
    'issuedQuantity', a.issued::text) ORDER BY a.since_position, a.line), '[]') AS allocations
  FROM allocations a WHERE a.reservation_id = r.reservation_id) d ON true`;

const MADE = { sql: 'r.made_position', type: 'bigint' } as const;
const SORTS = {
  reservedAt: [MADE],
  expiresAt: [
    { sql: `coalesce(r.expires_at, 'infinity'::timestamptz)`, type: 'timestamptz' },
    MADE,
  ],
  sku: [{ sql: 'r.sku', type: 'text' }, { sql: 'r.location', type: 'text' }, MADE],
  quantity: [{ sql: amountOf('r.quantity', 'r.decimals'), type: 'numeric' }, MADE],
} as const satisfies Sorts<string>;
export type ReservationSort = Sort<keyof typeof SORTS>;
export const RESERVATION_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export function listReservations(
  filter: ReservationFilter,
  sort: ReservationSort,
): ListQuery<ReservationRow> {
  const conditions = chosen(filter).where('r.status = ?', filter.status);
  if (filter.expiresBefore !== undefined) {
    conditions.add(`${OPEN} AND r.expires_at < ?::timestamptz`, filter.expiresBefore);
  }
  return {
    columns: 'r.*',
    from: 'reservations r',
    alias: 'r',
    select: RESERVATION,
    detail: ALLOCATIONS,
    conditions,
    order: orderBy<keyof typeof SORTS>(SORTS, sort),
  };
}

type Demand = Pick<ReservationFilter, 'sku' | 'location' | 'batchId' | 'reference'>;
const chosen = ({ sku, location, batchId, reference }: Demand): Conditions =>
  new Conditions()
    .where('r.sku = ?', sku)
    .where('r.location = ?', location)
    .where('r.batch_id = ?', batchId)
    .where('r.reference = ?', reference);

export async function findReservation(
  db: Queryable,
  id: string,
): Promise<ReservationRow | undefined> {
  const sql = `SELECT ${RESERVATION} FROM reservations r ${ALLOCATIONS} WHERE r.reservation_id = $1`;
  return (await db.query<ReservationRow>(sql, [id]))[0];
}

export interface DueReservation {
  readonly reservationId: string;
  readonly sku: string;
  readonly location: string;
  readonly expiresAt: string;
}

/** Open reservations whose time is over at an instant, the earliest first. */
export const dueReservations = (
  db: Queryable,
  now: string,
  limit: number,
): Promise<DueReservation[]> =>
  db.query<DueReservation>(
    `SELECT r.reservation_id AS "reservationId", r.sku, r.location, r.expires_at AS "expiresAt"
     FROM reservations r WHERE r.expires_at IS NOT NULL AND ${OPEN} AND r.expires_at <= $1::timestamptz
     ORDER BY r.expires_at LIMIT $2`,
    [now, limit],
  );

export interface ShortageRow {
  readonly reservationId: string;
  readonly sku: string;
  readonly name: string | null;
  readonly location: string;
  readonly short: Units;
  readonly totalQuantity: Units;
  readonly allocatedQuantity: Units;
  /** What could be had at the place now. */
  readonly available: Units;
  readonly unit: string;
  readonly decimals: number;
  readonly batchId: string | null;
  readonly reference: string | null;
  readonly expiresAt: string | null;
  readonly reservedAt: string;
}

const SHORT_SORTS = {
  reservedAt: [MADE],
  sku: SORTS.sku,
  short: [{ sql: amountOf('r.short', 'r.decimals'), type: 'numeric' }, MADE],
} as const satisfies Sorts<string>;
export type ShortageSort = Sort<keyof typeof SHORT_SORTS>;
export const SHORTAGE_SORTS = Object.keys(SHORT_SORTS) as (keyof typeof SHORT_SORTS)[];

/** Reservations for which something is missing. */
export function listShortages(
  filter: Demand,
  sort: ShortageSort,
  today: string,
): ListQuery<ShortageRow> {
  const conditions = chosen(filter).add('r.short > 0');
  const day = conditions.bind(today);
  return {
    columns: 'r.*',
    from: 'reservations r',
    alias: 'r',
    select: `r.reservation_id AS "reservationId", r.sku, i.name, r.location, r.short, r.quantity AS "totalQuantity",
      r.allocated AS "allocatedQuantity", coalesce(d.available, 0) AS available, r.unit, r.decimals,
      r.batch_id AS "batchId", r.reference, r.expires_at AS "expiresAt", r.reserved_at AS "reservedAt"`,
    detail: `LEFT JOIN items i ON i.sku = r.sku
      LEFT JOIN LATERAL (SELECT sum(${availableOf(day)}) AS available FROM stock_levels s
        WHERE s.sku = r.sku AND s.location = r.location) d ON true`,
    conditions,
    order: orderBy<keyof typeof SHORT_SORTS>(SHORT_SORTS, sort),
  };
}

/** Why an allocation may come to nothing, the first that is true. */
export const RESERVATION_RISKS = [
  'LOT_NOT_APPROVED',
  'LOT_EXPIRED',
  'LOT_EXPIRES',
  'RESERVATION_EXPIRES',
] as const;

export interface RiskRow {
  readonly reservationId: string;
  readonly sku: string;
  readonly location: string;
  readonly lotCode: string | null;
  readonly risk: (typeof RESERVATION_RISKS)[number];
  readonly quantity: Units;
  readonly unit: string;
  readonly decimals: number;
  readonly qcStatus: string;
  readonly expiresOn: string | null;
  readonly batchId: string | null;
  readonly reference: string | null;
  readonly expiresAt: string | null;
}

export interface RiskFilter extends Demand {
  readonly lotCode?: string | undefined;
  readonly risk?: string | undefined;
  /** Lots that may last be used, and reservations that end, before this day. */
  readonly before: string;
}

const ALLOCATION: readonly OrderColumn[] = [
  { sql: 'r.sku', type: 'text' },
  { sql: 'r.location', type: 'text' },
  { sql: 'r.made_position', type: 'bigint' },
  { sql: 'r.lot_code', type: 'text' },
];
const RISK_SORTS: Sorts<'sku' | 'expiresOn' | 'expiresAt'> = {
  sku: ALLOCATION,
  expiresOn: [{ sql: `coalesce(r.expires_on, 'infinity'::date)`, type: 'date' }, ...ALLOCATION],
  expiresAt: [
    { sql: `coalesce(r.expires_at, 'infinity'::timestamptz)`, type: 'timestamptz' },
    ...ALLOCATION,
  ],
};
export type RiskSort = Sort<keyof typeof RISK_SORTS>;
export const RISK_SORT_NAMES = Object.keys(RISK_SORTS) as (keyof typeof RISK_SORTS)[];

/** Allocations in lots that are not approved, have expired or soon will, and those of reservations that soon end. */
export function listReservationsAtRisk(
  filter: RiskFilter,
  sort: RiskSort,
  today: string,
): ListQuery<RiskRow> {
  const conditions = chosen(filter)
    .where('r.lot_code = ?', filter.lotCode)
    .where('r.risk = ?', filter.risk);
  const [day, before] = [conditions.bind(today), conditions.bind(filter.before)];
  const allocations = `SELECT a.reservation_id, a.sku, a.location, a.lot_code, a.quantity, a.unit, a.decimals,
      s.qc_status, s.expires_on, v.batch_id, v.reference, v.expires_at, v.made_position,
      CASE WHEN s.qc_status <> 'APPROVED' THEN 'LOT_NOT_APPROVED'
           WHEN s.expires_on < ${day}::date THEN 'LOT_EXPIRED'
           WHEN s.expires_on < ${before}::date THEN 'LOT_EXPIRES'
           WHEN v.expires_at < (${before}::date)::timestamp AT TIME ZONE 'UTC' THEN 'RESERVATION_EXPIRES' END AS risk
    FROM allocations a JOIN reservations v ON v.reservation_id = a.reservation_id
    JOIN stock_levels s ON s.sku = a.sku AND s.location = a.location AND s.lot_code = a.lot_code
    WHERE a.quantity > 0`;
  conditions.add('r.risk IS NOT NULL');
  return {
    columns: 'r.*',
    from: `(${allocations}) r`,
    alias: 'r',
    select: `r.reservation_id AS "reservationId", r.sku, r.location, nullif(r.lot_code, '') AS "lotCode", r.risk,
      r.quantity, r.unit, r.decimals, r.qc_status AS "qcStatus", r.expires_on::text AS "expiresOn",
      r.batch_id AS "batchId", r.reference, r.expires_at AS "expiresAt"`,
    conditions,
    order: orderBy<keyof typeof RISK_SORTS>(RISK_SORTS, sort),
  };
}
