import { Conditions, orderBy, type ListQuery, type Sort, type Sorts } from './page';
import type { Units } from './stock-levels';

export interface LedgerRow {
  readonly position: string;
  readonly movementId: string;
  readonly sku: string;
  readonly location: string;
  readonly lotCode: string | null;
  readonly type: string;
  /** Effect on what is on hand; of RESERVE and UNRESERVE, how much is set aside or freed. */
  readonly quantity: Units;
  /** On hand of the item at the location after it, in log order. */
  readonly balance: Units;
  /** Reserved of the item at the location after it. */
  readonly reserved: Units;
  readonly unit: string;
  readonly decimals: number;
  readonly purpose: string | null;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly unitCost: string | null;
  readonly currency: string | null;
  /** The reservation, transfer or count that it belongs to. */
  readonly documentId: string | null;
  /** The movement that it takes back. */
  readonly reverses: string | null;
  readonly actor: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly revision: number;
  readonly effectiveAt: string;
  readonly recordedAt: string;
}
export interface LotLedgerRow extends LedgerRow {
  /** On hand of the lot over all places after it, in log order. */
  readonly lotBalance: Units;
}

export interface LedgerFilter {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly lotCode?: string | undefined;
  readonly type?: string | undefined;
  readonly documentId?: string | undefined;
  readonly purpose?: string | undefined;
  readonly reference?: string | undefined;
  readonly actor?: string | undefined;
  readonly commandId?: string | undefined;
  /** On effectiveAt, half-open. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const MOVEMENT = `m.position::text AS position, m.movement_id AS "movementId", m.sku, m.location,
  nullif(m.lot_code, '') AS "lotCode", m.type, m.quantity, m.balance, m.reserved, m.unit, m.decimals, m.purpose, m.reference,
  m.reason, m.unit_cost::text AS "unitCost", m.currency,
  m.document_id AS "documentId", m.reverses, m.actor, m.command_id AS "commandId",
  m.correlation_id AS "correlationId", m.revision::int AS revision, m.effective_at AS "effectiveAt",
  m.recorded_at AS "recordedAt"`;

/** What is set aside or freed moves nothing. */
export const IS_MOVEMENT = `type NOT IN ('RESERVE', 'UNRESERVE')`;

const BY_POSITION = [
  { sql: 'm.position', type: 'bigint' },
  { sql: 'm.line', type: 'integer' },
] as const;
export const LEDGER_ORDERS = {
  position: BY_POSITION,
  effectiveAt: [{ sql: 'm.effective_at', type: 'timestamptz' }, ...BY_POSITION],
} as const satisfies Sorts<string>;
export type LedgerSort = Sort<keyof typeof LEDGER_ORDERS>;
export const LEDGER_SORTS = Object.keys(LEDGER_ORDERS) as (keyof typeof LEDGER_ORDERS)[];

function filtered(filter: LedgerFilter, conditions = new Conditions()): Conditions {
  return (
    conditions
      .where('m.sku = ?', filter.sku)
      .where('m.location = ?', filter.location)
      .where('m.lot_code = ?', filter.lotCode)
      .where('m.type = ?', filter.type)
      .where('m.document_id = ?', filter.documentId)
      .where('m.purpose = ?', filter.purpose)
      .where('m.reference = ?', filter.reference)
      .where('m.actor = ?', filter.actor)
      // The audit log has the index; a second one would cost every movement.
      .where(
        'm.position IN (SELECT position FROM audit_log WHERE command_id = ?::uuid)',
        filter.commandId,
      )
      .where('m.effective_at >= ?::timestamptz', filter.from)
      .where('m.effective_at < ?::timestamptz', filter.to)
  );
}

export const listMovements = (filter: LedgerFilter, sort: LedgerSort): ListQuery<LedgerRow> => ({
  columns: 'm.*',
  from: 'ledger m',
  alias: 'm',
  select: MOVEMENT,
  conditions: filtered(filter),
  order: orderBy<keyof typeof LEDGER_ORDERS>(LEDGER_ORDERS, sort),
});

/** Movements of one lot; its balance runs over the whole lot, whatever the filter leaves of it. */
export function listLotMovements(
  lot: { readonly sku: string; readonly lotCode: string },
  filter: LedgerFilter,
  sort: LedgerSort,
): ListQuery<LotLedgerRow> {
  const conditions = new Conditions();
  const [sku, lotCode] = [conditions.bind(lot.sku), conditions.bind(lot.lotCode)];
  return {
    columns: 'm.*',
    from: `(SELECT *, sum(quantity) FILTER (WHERE type NOT IN ('RESERVE', 'UNRESERVE'))
                      OVER (ORDER BY position, line) AS lot_balance
            FROM ledger WHERE sku = ${sku} AND lot_code = ${lotCode} AND lot_code <> '') m`,
    alias: 'm',
    select: `${MOVEMENT}, m.lot_balance AS "lotBalance"`,
    conditions: filtered(filter, conditions),
    order: orderBy<keyof typeof LEDGER_ORDERS>(LEDGER_ORDERS, sort),
  };
}
