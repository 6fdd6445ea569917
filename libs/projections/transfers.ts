import { transferStatusAfter } from '../domain';
import { add, cellOf, instantOf } from './amounts';
import { instant, json, orNull, small, sum, text, whole, type RowOf, type Sum } from './columns';
import { table, type EventOf } from './view';

/** Stock on its way between two locations. It has left the one and is on its way until the other has it. */

const types = {
  StockDispatched: true,
  TransferReceived: true,
  TransferWrittenOff: true,
  TransferCancelled: true,
  StockArrived: true,
} as const;
type TransferType = keyof typeof types;
type TransferEvent = EventOf<TransferType>;

/** One lot of a transfer. */
export interface TransferLine {
  /** null = the pool. */
  readonly lotCode: string | null;
  readonly quantity: number;
  /** By where it was sent from, ... */
  readonly received: number;
  /** ... and what of it the destination has: the same but for the moment between the two. */
  readonly arrived: number;
  readonly writtenOff: number;
  readonly cancelled: number;
}

const columns = {
  transfer_id: text,
  sku: text,
  from_location: text,
  to_location: text,
  status: text,
  quantity: whole,
  received: whole,
  arrived: whole,
  written_off: whole,
  cancelled: whole,
  /** Neither received nor written off nor cancelled. */
  outstanding: whole,
  /** Left the one place, not yet at the other. */
  in_transit: whole,
  lines: json,
  unit: text,
  decimals: small,
  reference: orNull(text),
  /** Of the dispatch. */
  reason: orNull(text),
  actor: text,
  dispatched_at: instant,
  /** When nothing was outstanding any more. */
  ended_at: orNull(instant),
  /** Of the stream that it was sent from. */
  revision: whole,
  position: whole,
} as const;
type TransferRow = RowOf<typeof columns>;

/** What an event adds to the line of its lot. */
function lineAfter(line: TransferLine, { type, data }: TransferEvent): TransferLine {
  const { quantity } = data;
  switch (type) {
    case 'StockDispatched':
      return { ...line, quantity: line.quantity + quantity };
    case 'TransferReceived':
      return { ...line, received: line.received + quantity };
    case 'TransferWrittenOff':
      return { ...line, writtenOff: line.writtenOff + quantity };
    case 'TransferCancelled':
      return { ...line, cancelled: line.cancelled + quantity };
    case 'StockArrived':
      return { ...line, arrived: line.arrived + quantity };
  }
}

function linesAfter(lines: readonly TransferLine[], event: TransferEvent): TransferLine[] {
  const { lotCode } = event.data;
  const isKnown = lines.some((line) => line.lotCode === lotCode);
  const none = { lotCode, quantity: 0, received: 0, arrived: 0, writtenOff: 0, cancelled: 0 };
  return (isKnown ? lines : [...lines, none]).map((line) =>
    line.lotCode === lotCode ? lineAfter(line, event) : line,
  );
}

/** One row for each transfer, with its lots. */
export const transfers = table<TransferRow, TransferType>({
  name: 'transfers',
  version: 1,
  columns,
  key: ['transfer_id'],
  indexes: [
    { columns: ['sku', 'transfer_id'] },
    { columns: ['from_location', 'transfer_id'] },
    { columns: ['to_location', 'transfer_id'] },
    { columns: ['dispatched_at', 'transfer_id'] },
    { columns: ['status', 'dispatched_at', 'transfer_id'] },
  ],
  handles: types,
  keysOf: ({ data }) => [[data.transferId]],
  fold(known, event) {
    const row = known ?? begun(event);
    // What arrives out of a transfer that this log does not hold is stock, and no transfer of ours.
    if (!row) return undefined;
    const lines = linesAfter(row.lines as readonly TransferLine[], event);
    const total = (field: Exclude<keyof TransferLine, 'lotCode'>): number =>
      lines.reduce((all, line) => all + line[field], 0);
    const [quantity, received, arrived] = [total('quantity'), total('received'), total('arrived')];
    const [written_off, cancelled] = [total('writtenOff'), total('cancelled')];
    const outstanding = quantity - received - written_off - cancelled;
    const isHere = event.type !== 'StockArrived';
    return {
      ...row,
      // The destination's arrival tells nothing that its source has not said.
      status: isHere ? transferStatusAfter(event) : row.status,
      quantity,
      received,
      arrived,
      written_off,
      cancelled,
      outstanding,
      in_transit: quantity - arrived - written_off - cancelled,
      lines,
      ended_at: outstanding === 0 ? (row.ended_at ?? instantOf(event.metadata.effectiveAt)) : null,
      revision: isHere ? event.revision : row.revision,
      position: cellOf(event.position),
    };
  },
});

function begun(event: TransferEvent): TransferRow | undefined {
  if (event.type !== 'StockDispatched') return undefined;
  const { data, metadata } = event;
  return {
    transfer_id: data.transferId,
    sku: data.sku,
    from_location: data.location,
    to_location: data.to,
    status: 'DISPATCHED',
    quantity: 0,
    received: 0,
    arrived: 0,
    written_off: 0,
    cancelled: 0,
    outstanding: 0,
    in_transit: 0,
    lines: [],
    unit: data.unit,
    decimals: data.decimals,
    reference: data.reference,
    reason: metadata.reason ?? null,
    actor: metadata.actor,
    dispatched_at: instantOf(metadata.effectiveAt),
    ended_at: null,
    revision: event.revision,
    position: cellOf(event.position),
  };
}

const transitColumns = {
  sku: text,
  from_location: text,
  to_location: text,
  /** '' is the pool of stock without a lot code. */
  lot_code: text,
  quantity: sum,
  unit: text,
  decimals: small,
  /** There has been something on this way ever since. */
  since: instant,
  position: whole,
} as const;

type TransitType = Exclude<TransferType, 'TransferReceived'>;

/**
 * What has left one place and is not yet at another, per lot and way. It ends with the destination's own event, so that no
 * moment shows goods twice or nowhere.
 */
export const inTransit = table<RowOf<typeof transitColumns>, TransitType>({
  name: 'in_transit',
  version: 1,
  columns: transitColumns,
  key: ['sku', 'from_location', 'to_location', 'lot_code'],
  indexes: [
    { columns: ['to_location', 'sku', 'from_location', 'lot_code'] },
    { columns: ['from_location', 'sku', 'to_location', 'lot_code'] },
  ],
  handles: {
    StockDispatched: true,
    TransferWrittenOff: true,
    TransferCancelled: true,
    StockArrived: true,
  },
  keysOf: (event) => [wayOf(event)],
  fold(row, event) {
    const { lotCode, unit, decimals, quantity: units } = event.data;
    const [sku, from_location, to_location] = wayOf(event);
    const isOut = event.type === 'StockDispatched';
    const quantity: Sum = add(row?.quantity ?? 0, isOut ? units : -units);
    if (quantity === 0) return undefined;
    return {
      sku,
      from_location,
      to_location,
      lot_code: lotCode ?? '',
      quantity,
      unit,
      decimals,
      since: row?.since ?? instantOf(event.metadata.effectiveAt),
      position: cellOf(event.position),
    };
  },
});

function wayOf({ type, data }: EventOf<TransitType>): [string, string, string, string] {
  const [from, to] =
    type === 'StockArrived' ? [data.from, data.location] : [data.location, data.to];
  return [data.sku, from, to, data.lotCode ?? ''];
}
