import { Conditions, orderBy, type ListQuery, type Queryable, type Sort, type Sorts } from './page';
import type { Units } from './stock-levels';

export interface TransferLineRow {
  /** null is the pool of stock without a lot code. */
  readonly lotCode: string | null;
  readonly quantity: number;
  readonly received: number;
  readonly arrived: number;
  readonly writtenOff: number;
  readonly cancelled: number;
}

export interface TransferRow {
  readonly transferId: string;
  readonly sku: string;
  readonly from: string;
  readonly to: string;
  readonly status: string;
  readonly quantity: Units;
  readonly received: Units;
  readonly writtenOff: Units;
  readonly cancelled: Units;
  readonly outstanding: Units;
  readonly inTransit: Units;
  readonly lines: readonly TransferLineRow[];
  readonly unit: string;
  readonly decimals: number;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly actor: string;
  readonly dispatchedAt: string;
  readonly endedAt: string | null;
  /** Of the stream that it was sent from. */
  readonly revision: number;
}

export interface TransferFilter {
  readonly sku?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly status?: string | undefined;
}

const TRANSFER = `t.transfer_id AS "transferId", t.sku, t.from_location AS "from", t.to_location AS "to", t.status,
  t.quantity, t.received, t.written_off AS "writtenOff", t.cancelled, t.outstanding, t.in_transit AS "inTransit", t.lines,
  t.unit, t.decimals, t.reference, t.reason, t.actor, t.dispatched_at AS "dispatchedAt", t.ended_at AS "endedAt",
  t.revision`;

const ID = { sql: 't.transfer_id', type: 'text' } as const;
const SORTS = {
  dispatchedAt: [{ sql: 't.dispatched_at', type: 'timestamptz' }, ID],
  transferId: [ID],
} as const satisfies Sorts<string>;
export type TransferSort = Sort<keyof typeof SORTS>;
export const TRANSFER_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export function listTransfers(filter: TransferFilter, sort: TransferSort): ListQuery<TransferRow> {
  const conditions = new Conditions()
    .where('t.sku = ?', filter.sku)
    .where('t.from_location = ?', filter.from)
    .where('t.to_location = ?', filter.to)
    .where('t.status = ?', filter.status);
  return {
    columns: 't.*',
    from: 'transfers t',
    alias: 't',
    select: TRANSFER,
    conditions,
    order: orderBy<keyof typeof SORTS>(SORTS, sort),
  };
}

export async function findTransfer(
  db: Queryable,
  transferId: string,
): Promise<TransferRow | undefined> {
  const sql = `SELECT ${TRANSFER} FROM transfers t WHERE t.transfer_id = $1`;
  return (await db.query<TransferRow>(sql, [transferId]))[0];
}

export interface InTransitRow {
  readonly sku: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** null is the pool of stock without a lot code. */
  readonly lotCode: string | null;
  readonly quantity: Units;
  readonly unit: string;
  readonly decimals: number;
  /** There has been something on this way ever since. */
  readonly since: string;
}

export interface InTransitFilter extends Omit<TransferFilter, 'status'> {
  readonly lotCode?: string | undefined;
}

const SKU = { sql: 't.sku', type: 'text' } as const;
const FROM = { sql: 't.from_location', type: 'text' } as const;
const TO = { sql: 't.to_location', type: 'text' } as const;
const LOT = { sql: 't.lot_code', type: 'text' } as const;
const WAYS = {
  sku: [SKU, FROM, TO, LOT],
  from: [FROM, SKU, TO, LOT],
  to: [TO, SKU, FROM, LOT],
  since: [{ sql: 't.since', type: 'timestamptz' }, SKU, FROM, TO, LOT],
} as const satisfies Sorts<string>;
export type InTransitSort = Sort<keyof typeof WAYS>;
export const IN_TRANSIT_SORTS = Object.keys(WAYS) as (keyof typeof WAYS)[];

/** What has left one place and is not yet at another, per item, way and lot. */
export function listInTransit(
  filter: InTransitFilter,
  sort: InTransitSort,
): ListQuery<InTransitRow> {
  const conditions = new Conditions()
    .where('t.sku = ?', filter.sku)
    .where('t.from_location = ?', filter.from)
    .where('t.to_location = ?', filter.to)
    .where('t.lot_code = ?', filter.lotCode);
  return {
    columns: 't.*, i.name',
    from: 'in_transit t JOIN items i ON i.sku = t.sku',
    alias: 't',
    select: `t.sku, t.name, t.from_location AS "from", t.to_location AS "to", nullif(t.lot_code, '') AS "lotCode",
      t.quantity, t.unit, t.decimals, t.since`,
    conditions,
    order: orderBy<keyof typeof WAYS>(WAYS, sort),
  };
}
