import { IS_MOVEMENT, LEDGER_ORDERS, type LedgerRow, type LedgerSort, MOVEMENT } from './ledger';
import { Conditions, orderBy, type ListQuery } from './page';

/** How a movement got behind the closing of the day on which it takes effect. */
export const RESTATEMENT_CAUSES = ['SLIPPED_IN', 'REOPENED'] as const;
export type RestatementCause = (typeof RESTATEMENT_CAUSES)[number];

export interface RestatementRow extends LedgerRow {
  /** SLIPPED_IN: the books were closed, and who decided did not know it yet. REOPENED: they were open again. */
  readonly cause: RestatementCause;
  /** The closing that it came after: the last one that closed its day. */
  readonly closingPosition: string;
  readonly closedThrough: string;
  readonly closedAt: string;
}

export interface RestatementFilter {
  /** Takes effect on this day of UTC or earlier. */
  readonly through?: string | undefined;
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly cause?: RestatementCause | undefined;
}

const startOf = (day: string): string => `(${day})::timestamp AT TIME ZONE 'UTC'`;

/** The movement takes effect on a day that this closing closed, and not one before it. */
const closes = (closing: string): string =>
  `effective_at < ${startOf(`${closing}.closed_through + 1`)}
   AND effective_at >= coalesce(${startOf(`${closing}.was_closed_through + 1`)}, '-infinity')`;

/** Whether its day was open again when it came. */
const REOPENED = `EXISTS (
  SELECT FROM periods o WHERE o.type = 'REOPEN' AND o.position > c.position AND o.position < m.position
    AND m.effective_at >= ${startOf('o.closed_through + 1')})`;

/** Movements of closed days that stand in the log behind the closing: what it had told of those days has changed. */
export function listRestatements(
  filter: RestatementFilter,
  sort: LedgerSort,
): ListQuery<RestatementRow> {
  const conditions = new Conditions()
    .add(`c.type = 'CLOSE'`)
    .add(
      `NOT EXISTS (SELECT FROM periods later WHERE later.type = 'CLOSE' AND later.position > c.position
         AND later.position < m.position AND m.${closes('later').replace(' AND ', ' AND m.')})`,
    )
    .where('m.sku = ?', filter.sku)
    .where('m.location = ?', filter.location);
  if (filter.through !== undefined) {
    conditions.add(`m.effective_at < ${startOf('?::date + 1')}`, filter.through);
  }
  if (filter.cause !== undefined) {
    conditions.add(filter.cause === 'REOPENED' ? REOPENED : `NOT ${REOPENED}`);
  }
  return {
    columns: `m.*, c.position AS closing_position, c.closed_through, c.recorded_at AS closed_at,
      CASE WHEN ${REOPENED} THEN 'REOPENED' ELSE 'SLIPPED_IN' END AS cause`,
    from: `periods c CROSS JOIN LATERAL (
      SELECT * FROM ledger WHERE position > c.position AND ${closes('c')} AND ${IS_MOVEMENT} OFFSET 0) m`,
    alias: 'm',
    select: `${MOVEMENT}, m.cause, m.closing_position::text AS "closingPosition",
      m.closed_through::text AS "closedThrough", m.closed_at AS "closedAt"`,
    conditions,
    order: orderBy<keyof typeof LEDGER_ORDERS>(LEDGER_ORDERS, sort),
  };
}
