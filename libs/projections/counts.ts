import { cellOf, instantOf } from './amounts';
import { flag, instant, orNull, small, text, whole, type RowOf } from './columns';
import { table, type EventOf } from './view';

const columns = {
  count_id: text,
  sku: text,
  location: text,
  /** '' is the pool of stock without a lot code. */
  lot_code: text,
  kind: text,
  blind: flag,
  /** PENDING until another person has decided; then APPLIED or REJECTED. */
  status: text,
  counted: whole,
  book: whole,
  variance: whole,
  unit: text,
  decimals: small,
  counted_at_revision: whole,
  counted_by: text,
  counted_at: instant,
  decided_by: orNull(text),
  decided_at: orNull(instant),
  reason: orNull(text),
  reference: orNull(text),
  revision: whole,
  position: whole,
} as const;
type CountRow = RowOf<typeof columns>;
type CountType = 'CountSubmitted' | 'StockCounted' | 'CountRejected';

const STATUSES = {
  CountSubmitted: 'PENDING',
  StockCounted: 'APPLIED',
  CountRejected: 'REJECTED',
} as const satisfies Readonly<Record<CountType, string>>;

/** Counts with what they were off by. */
export const counts = table<CountRow, CountType>({
  name: 'counts',
  version: 2,
  columns,
  key: ['count_id'],
  indexes: [
    { columns: ['sku', 'location', 'count_id'] },
    { columns: ['counted_at', 'count_id'] },
    { columns: ['status', 'counted_at', 'count_id'], where: "status = 'PENDING'" },
  ],
  handles: { CountSubmitted: true, StockCounted: true, CountRejected: true },
  keysOf: ({ data }) => [[data.countId]],
  fold(row, event) {
    const place = { revision: event.revision, position: cellOf(event.position) };
    const { data, metadata, type } = event;
    // A recount is a count again, and not yet a decision.
    const isDecision = type !== 'CountSubmitted' && row?.counted_by === data.countedBy;
    return {
      count_id: data.countId,
      sku: data.sku,
      location: data.location,
      lot_code: data.lotCode ?? '',
      kind: data.kind,
      blind: data.blind,
      status: STATUSES[type],
      counted: data.counted,
      book: data.book,
      variance: data.counted - data.book,
      unit: data.unit,
      decimals: data.decimals,
      counted_at_revision: data.countedAtRevision,
      counted_by: data.countedBy,
      counted_at: isDecision ? row.counted_at : instantOf(metadata.effectiveAt),
      decided_by: null,
      decided_at: null,
      reason: metadata.reason ?? row?.reason ?? null,
      reference: data.reference ?? row?.reference ?? null,
      ...(isDecision && decided(event)),
      ...place,
    };
  },
});

const decided = ({ metadata }: EventOf<CountType>): Partial<CountRow> => ({
  decided_by: metadata.actor,
  decided_at: instantOf(metadata.recordedAt),
  ...(metadata.reason !== undefined && { reason: metadata.reason }),
});
