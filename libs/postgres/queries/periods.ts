import { Conditions, orderBy, type ListQuery, type Sort, type Sorts } from './page';

export interface PeriodRow {
  readonly position: string;
  readonly type: 'CLOSE' | 'REOPEN';
  /** The last closed day from here on. */
  readonly closedThrough: string;
  /** The last closed day before; null: nothing was closed. */
  readonly wasClosedThrough: string | null;
  readonly reason: string | null;
  readonly actor: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly revision: number;
  readonly effectiveAt: string;
  readonly recordedAt: string;
}

const PERIOD = `p.position::text AS position, p.type, p.closed_through::text AS "closedThrough",
  p.was_closed_through::text AS "wasClosedThrough", p.reason, p.actor, p.command_id AS "commandId",
  p.correlation_id AS "correlationId", p.revision::int AS revision, p.effective_at AS "effectiveAt",
  p.recorded_at AS "recordedAt"`;

const SORTS = {
  position: [{ sql: 'p.position', type: 'bigint' }],
} as const satisfies Sorts<string>;
export type PeriodSort = Sort<keyof typeof SORTS>;
export const PERIOD_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

/** Every closing and reopening of the books. */
export const listPeriods = (sort: PeriodSort): ListQuery<PeriodRow> => ({
  columns: 'p.*',
  from: 'periods p',
  alias: 'p',
  select: PERIOD,
  conditions: new Conditions(),
  order: orderBy<keyof typeof SORTS>(SORTS, sort),
});
