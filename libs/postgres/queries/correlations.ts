import { Conditions, type Queryable } from './page';
import type { Units } from './stock-levels';

/** A movement as whoever takes it back needs it. */
export interface CorrelatedMovement {
  /** In the log of all streams. */
  readonly position: string;
  readonly movementId: string;
  readonly type: string;
  readonly sku: string;
  readonly location: string;
  readonly lotCode: string | null;
  readonly quantity: Units;
  readonly unit: string;
  readonly decimals: number;
  /** Of the stream of its stock. */
  readonly revision: number;
}

/**
 * By the index of the audit log; a second one would cost every movement. What a reversal of the same correlation has taken
 * back is a movement of it, the reversal is not.
 */
function correlated(correlationId: string, before: string | undefined): [string, Conditions] {
  const conditions = new Conditions();
  const id = conditions.bind(correlationId);
  conditions
    .add(`a.correlation_id = ${id}`)
    .add(`m.type NOT IN ('RESERVE', 'UNRESERVE')`)
    .add(
      `NOT (m.type = 'REVERSE' AND EXISTS
         (SELECT 1 FROM ledger o WHERE o.movement_id = m.reverses AND o.correlation_id = ${id}))`,
    )
    .where('a.position < ?::bigint', before);
  return ['audit_log a JOIN ledger m ON m.position = a.position', conditions];
}

/** The movements that came with a correlation id, the newest first; `before` = only those in the log before that position. */
export async function readCorrelated(
  db: Queryable,
  correlationId: string,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<readonly CorrelatedMovement[]> {
  const [from, conditions] = correlated(correlationId, before);
  const sql = `SELECT m.position::text AS position, m.movement_id AS "movementId", m.type, m.sku, m.location,
      nullif(m.lot_code, '') AS "lotCode", m.quantity, m.unit, m.decimals, m.revision::int AS revision
    FROM ${from} ${conditions.toString()} ORDER BY a.position DESC LIMIT ${conditions.bind(limit)}`;
  return db.query<CorrelatedMovement>(sql, conditions.parameters);
}

export async function countCorrelated(db: Queryable, correlationId: string): Promise<number> {
  const [from, conditions] = correlated(correlationId, undefined);
  const sql = `SELECT count(*)::int AS movements FROM ${from} ${conditions.toString()}`;
  const [row] = await db.query<{ readonly movements: number }>(sql, conditions.parameters);
  return row?.movements ?? 0;
}
