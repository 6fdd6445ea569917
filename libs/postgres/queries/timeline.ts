import { IS_MOVEMENT } from './ledger';
import { Conditions, type Queryable } from './page';
import type { Units } from './stock-levels';

/** What on hand comes to, by the times at which movements took effect. */
export interface Timeline {
  /** The least that is on hand at any time from the movement on, with the movement. */
  readonly lowestBalance: Units;
  /** Since when it is that little. */
  readonly at: string;
  /** On hand after everything, with the movement. */
  readonly balanceNow: Units;
}

export interface TimelineOf {
  readonly sku: string;
  readonly location: string;
  /** Of this lot alone; '' is the pool of stock without a lot code. */
  readonly lotCode?: string;
  /** When the movement takes effect. */
  readonly effectiveAt: string;
  /** What it adds to what is on hand. */
  readonly change: number;
}

/**
 * The timeline of stock with a movement that is not in the ledger yet. Read backwards from what there is now, so that the
 * past before the movement costs nothing.
 */
export async function readTimeline(db: Queryable, of: TimelineOf): Promise<Timeline> {
  const place = new Conditions()
    .where('m.sku = ?', of.sku)
    .where('m.location = ?', of.location)
    .where('m.lot_code = ?', of.lotCode);
  const then = place.bind(of.effectiveAt);
  const change = place.bind(of.change);
  const moves = `${place.toString()} AND m.${IS_MOVEMENT}`;
  const since = `${moves} AND m.effective_at > ${then}::timestamptz`;
  const newest =
    of.lotCode === undefined
      ? `SELECT m.balance FROM ledger m ${place.toString()} ORDER BY m.position DESC, m.line DESC LIMIT 1`
      : `SELECT sum(m.quantity) FROM ledger m ${moves}`;
  const [timeline] = await db.query<Timeline>(
    `WITH present AS (SELECT coalesce((${newest}), 0) + ${change}::bigint AS balance),
     later AS (
       SELECT m.effective_at AS until, sum(m.quantity) OVER (ORDER BY m.effective_at DESC) AS moved
       FROM ledger m ${since}),
     lowest AS (
       SELECT until, balance - moved AS balance FROM later, present
       UNION ALL SELECT 'infinity', balance FROM present
       ORDER BY balance, until LIMIT 1)
     SELECT lowest.balance AS "lowestBalance", present.balance AS "balanceNow", coalesce(
       (SELECT max(m.effective_at) FROM ledger m ${since} AND m.effective_at < lowest.until),
       ${then}::timestamptz) AS at
     FROM lowest, present`,
    place.parameters,
  );
  return timeline!;
}
