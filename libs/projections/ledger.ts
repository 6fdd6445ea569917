import { cellOf, instantOf } from './amounts';
import { decimal, instant, orNull, small, text, uuid, whole, type RowOf } from './columns';
import { effectOf, movements, type MovementType } from './movements';
import { journal } from './view';

const columns = {
  position: whole,
  /** Id of the event. */
  movement_id: uuid,
  stream: text,
  revision: whole,
  sku: text,
  location: text,
  /** '' is the pool of stock without a lot code. */
  lot_code: text,
  type: text,
  /** Effect on what is on hand: below zero for what goes out. */
  quantity: whole,
  /** On hand of the item at the location after the movement, in log order. */
  balance: whole,
  unit: text,
  decimals: small,
  purpose: text,
  reference: orNull(text),
  reason: orNull(text),
  /** Of one unit of the item. */
  unit_cost: orNull(decimal),
  currency: orNull(text),
  actor: text,
  command_id: uuid,
  correlation_id: text,
  effective_at: instant,
  recorded_at: instant,
} as const;

const WORDS = { StockReceived: 'RECEIVE', StockIssued: 'ISSUE', StockAdjusted: 'ADJUST' } as const;

/** Every movement with the balance it left. */
export const ledger = journal<RowOf<typeof columns>, MovementType>({
  name: 'ledger',
  version: 1,
  columns,
  key: ['position'],
  indexes: [
    { columns: ['sku', 'location', 'position'] },
    { columns: ['location', 'position'] },
    { columns: ['sku', 'lot_code', 'position'], where: "lot_code <> ''" },
    { columns: ['effective_at'] },
  ],
  handles: movements,
  partition: ['sku', 'location'],
  partitionOf: ({ data }) => [data.sku, data.location],
  fold(newest, event) {
    const { data, metadata } = event;
    const unitCost = event.type === 'StockReceived' ? event.data.unitCost : null;
    const quantity = effectOf(event);
    const row = {
      position: cellOf(event.position),
      movement_id: event.id,
      stream: event.stream,
      revision: event.revision,
      sku: data.sku,
      location: data.location,
      lot_code: data.lotCode ?? '',
      type: WORDS[event.type],
      quantity,
      balance: (newest?.balance ?? 0) + quantity,
      unit: data.unit,
      decimals: data.decimals,
      purpose: data.purpose,
      reference: data.reference,
      reason: metadata.reason ?? null,
      unit_cost: unitCost?.amount ?? null,
      currency: unitCost?.currency ?? null,
      actor: metadata.actor,
      command_id: metadata.commandId,
      correlation_id: metadata.correlationId,
      effective_at: instantOf(metadata.effectiveAt),
      recorded_at: instantOf(metadata.recordedAt),
    };
    return [row];
  },
});
