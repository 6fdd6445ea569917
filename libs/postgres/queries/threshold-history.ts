import { Conditions, orderBy, type ListQuery, type Sort, type Sorts } from './page';
import type { Units } from './stock-levels';

export interface ThresholdChangeRow {
  readonly sku: string;
  /** null: the item over all places. */
  readonly location: string | null;
  readonly kind: string;
  /** null on either side: there was none, there is none any more. */
  readonly was: Units | null;
  readonly threshold: Units | null;
  readonly unit: string;
  readonly decimals: number;
  readonly reason: string | null;
  readonly actor: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly effectiveAt: string;
  readonly recordedAt: string;
}

export interface ThresholdHistoryFilter {
  readonly location?: string | undefined;
  readonly kind?: string | undefined;
  /** On recordedAt, half-open. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const SORTS = {
  position: [{ sql: 'h.position', type: 'bigint' }],
} as const satisfies Sorts<string>;
export type ThresholdHistorySort = Sort<keyof typeof SORTS>;
export const THRESHOLD_HISTORY_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

/** Every change of the thresholds of one item. */
export const listThresholdHistory = (
  sku: string,
  filter: ThresholdHistoryFilter,
  sort: ThresholdHistorySort,
): ListQuery<ThresholdChangeRow> => ({
  columns: 'h.*',
  from: 'threshold_history h',
  alias: 'h',
  select: `h.sku, nullif(h.location, '') AS location, h.kind, h.was, h.threshold, h.unit, h.decimals, h.reason, h.actor,
    h.command_id AS "commandId", h.correlation_id AS "correlationId", h.effective_at AS "effectiveAt",
    h.recorded_at AS "recordedAt"`,
  conditions: new Conditions()
    .add('h.sku = ?', sku)
    .where('h.location = ?', filter.location)
    .where('h.kind = ?', filter.kind)
    .where('h.recorded_at >= ?::timestamptz', filter.from)
    .where('h.recorded_at < ?::timestamptz', filter.to),
  order: orderBy<keyof typeof SORTS>(SORTS, sort),
});
