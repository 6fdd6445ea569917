import { Conditions, orderBy, type ListQuery, type Sort, type Sorts } from './page';

export interface AuditRow {
  readonly position: string;
  readonly eventId: string;
  readonly stream: string;
  readonly category: string;
  readonly revision: number;
  readonly type: string;
  readonly sku: string | null;
  readonly location: string | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  readonly data: unknown;
}

export interface AuditFilter {
  readonly sku?: string | undefined;
  readonly location?: string | undefined;
  readonly actor?: string | undefined;
  readonly type?: string | undefined;
  readonly category?: string | undefined;
  readonly stream?: string | undefined;
  readonly commandId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** On recordedAt, half-open. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const SORTS = {
  position: [{ sql: 'a.position', type: 'bigint' }],
  recordedAt: [
    { sql: 'a.recorded_at', type: 'timestamptz' },
    { sql: 'a.position', type: 'bigint' },
  ],
} as const satisfies Sorts<string>;
export type AuditSort = Sort<keyof typeof SORTS>;
export const AUDIT_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

/** Every event. */
export const listAudit = (filter: AuditFilter, sort: AuditSort): ListQuery<AuditRow> => ({
  columns: 'a.*',
  from: 'audit_log a',
  alias: 'a',
  select: `a.position::text AS position, a.event_id AS "eventId", a.stream, a.category,
    a.revision::int AS revision, a.type, a.sku, a.location, a.actor, a.reason, a.command_id AS "commandId",
    a.correlation_id AS "correlationId", a.causation_id AS "causationId", a.effective_at AS "effectiveAt",
    a.recorded_at AS "recordedAt", a.data`,
  conditions: new Conditions()
    .where('a.sku = ?', filter.sku)
    .where('a.location = ?', filter.location)
    .where('a.actor = ?', filter.actor)
    .where('a.type = ?', filter.type)
    .where('a.category = ?', filter.category)
    .where('a.stream = ?', filter.stream)
    .where('a.command_id = ?::uuid', filter.commandId)
    .where('a.correlation_id = ?', filter.correlationId)
    .where('a.recorded_at >= ?::timestamptz', filter.from)
    .where('a.recorded_at < ?::timestamptz', filter.to),
  order: orderBy<keyof typeof SORTS>(SORTS, sort),
});
