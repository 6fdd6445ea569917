import { cellOf, instantOf } from './amounts';
import { decimal, instant, orNull, small, text, uuid, whole, type RowOf } from './columns';
import {
  effectsOf,
  isMovement,
  quantityEvents,
  type MovementType,
  type QuantityType,
} from './movements';
import { journal, type EventOf } from './view';

const columns = {
  position: whole,
  /** Of the rows of one event, from 0. */
  line: small,
  /** Id of the event. */
  movement_id: uuid,
  stream: text,
  revision: whole,
  sku: text,
  location: text,
  /** '' is the pool of stock without a lot code. */
  lot_code: text,
  type: text,
  /** Effect on what is on hand, below zero for what goes out; of RESERVE and UNRESERVE, how much is set aside or freed. */
  quantity: whole,
  /** On hand of the item at the location after it, in log order. */
  balance: whole,
  /** Reserved of the item at the location after it. */
  reserved: whole,
  unit: text,
  decimals: small,
  purpose: orNull(text),
  reference: orNull(text),
  reason: orNull(text),
  /** Of one unit of the item. */
  unit_cost: orNull(decimal),
  currency: orNull(text),
  /** The reservation, transfer or count that it belongs to. */
  document_id: orNull(text),
  /** The movement that it takes back. */
  reverses: orNull(uuid),
  actor: text,
  command_id: uuid,
  correlation_id: text,
  effective_at: instant,
  recorded_at: instant,
} as const;
type LedgerRow = RowOf<typeof columns>;

const WORDS: Readonly<Record<MovementType, string>> = {
  'StockReceived.v2': 'RECEIVE',
  StockReturned: 'RECEIVE',
  'StockIssued.v2': 'ISSUE',
  'StockAdjusted.v2': 'ADJUST',
  StockCounted: 'COUNT',
  MovementReversed: 'REVERSE',
  StockDispatched: 'TRANSFER_OUT',
  StockArrived: 'TRANSFER_IN',
  TransferCancelled: 'TRANSFER_IN',
};

type LedgerType = Exclude<QuantityType, 'StockHeld' | 'HoldLifted'>;
type LedgerEvent = EventOf<LedgerType>;
const { StockHeld: _held, HoldLifted: _lifted, ...handles } = quantityEvents;

/** Every movement with the balance it left, and what was set aside and freed. */
export const ledger = journal<LedgerRow, LedgerType>({
  name: 'ledger',
  version: 2,
  columns,
  key: ['position', 'line'],
  indexes: [
    { columns: ['sku', 'location', 'position', 'line'] },
    { columns: ['location', 'position', 'line'] },
    { columns: ['sku', 'lot_code', 'position', 'line'], where: "lot_code <> ''" },
    { columns: ['movement_id'] },
    // Timelines, and what came late into a closed period.
    { columns: ['sku', 'location', 'effective_at'] },
    { columns: ['effective_at', 'position', 'line'] },
  ],
  handles,
  partition: ['sku', 'location'],
  partitionOf: ({ data }) => [data.sku, data.location],
  fold(newest, event) {
    let balance = newest?.balance ?? 0;
    let reserved = newest?.reserved ?? 0;
    const rows: LedgerRow[] = [];
    const add = (lot: string, type: string, quantity: number): void => {
      rows.push(rowOf(event, rows.length, lot, type, quantity, balance, reserved));
    };
    for (const { lot, onHand, reserved: change } of effectsOf(event)) {
      reserved += change;
      if (change !== 0) add(lot, change > 0 ? 'RESERVE' : 'UNRESERVE', Math.abs(change));
      balance += onHand;
      if (isMovement(event)) add(lot, WORDS[event.type], onHand);
    }
    return rows;
  },
});

function rowOf(
  event: LedgerEvent,
  line: number,
  lot: string,
  type: string,
  quantity: number,
  balance: number,
  reserved: number,
): LedgerRow {
  const { data, metadata } = event;
  const unitCost = event.type === 'StockReceived.v2' ? event.data.unitCost : null;
  return {
    position: cellOf(event.position),
    line,
    movement_id: event.id,
    stream: event.stream,
    revision: event.revision,
    sku: data.sku,
    location: data.location,
    lot_code: lot,
    type,
    quantity,
    balance,
    reserved,
    unit: data.unit,
    decimals: data.decimals,
    purpose: purposeOf(event),
    reference: 'reference' in data ? data.reference : null,
    reason: metadata.reason ?? null,
    unit_cost: unitCost?.amount ?? null,
    currency: unitCost?.currency ?? null,
    document_id: documentOf(event),
    reverses: event.type === 'MovementReversed' ? event.data.movementId : null,
    actor: metadata.actor,
    command_id: metadata.commandId,
    correlation_id: metadata.correlationId,
    effective_at: instantOf(metadata.effectiveAt),
    recorded_at: instantOf(metadata.recordedAt),
  };
}

function purposeOf(event: LedgerEvent): string | null {
  const { data } = event;
  if (event.type === 'StockReturned') return 'RETURN';
  if ('purpose' in data) return data.purpose;
  if ('kind' in data) return data.kind;
  if ('cause' in data) return data.cause;
  return 'error' in data ? data.error : null;
}

function documentOf({ data }: LedgerEvent): string | null {
  if ('reservationId' in data) return data.reservationId;
  if ('transferId' in data) return data.transferId;
  return 'countId' in data ? data.countId : null;
}
