import { cellOf, earlier, instantOf, later } from './amounts';
import { date, instant, orNull, small, text, whole, type RowOf } from './columns';
import {
  isMovement,
  lotsOfEvent,
  NOTHING,
  quantityEvents,
  summed,
  sums,
  type QuantityEvent,
  type QuantityType,
  type Sums,
} from './movements';
import { table, type EventOf } from './view';

const levelColumns = {
  sku: text,
  location: text,
  /** '' is the pool of stock without a lot code. */
  lot_code: text,
  ...sums,
  unit: text,
  decimals: small,
  qc_status: text,
  expires_on: orNull(date),
  /** When the stock that is here now began to arrive; decides FIFO. */
  received_at: instant,
  last_movement_at: instant,
  revision: whole,
  position: whole,
} as const;

type LevelRow = RowOf<typeof levelColumns>;

/** Stock of one lot of an item at one place; says of each lot what the stock stream decides upon. */
export const stockLevels = table<LevelRow, QuantityType | 'LotStatusApplied'>({
  name: 'stock_levels',
  version: 3,
  columns: levelColumns,
  key: ['sku', 'location', 'lot_code'],
  // None on what every movement changes: rows are updated in place only while their indexed columns stay.
  indexes: [
    { columns: ['location', 'sku', 'lot_code'] },
    { columns: ['lot_code', 'sku'], where: "lot_code <> ''" },
    {
      name: 'expiry',
      columns: ["coalesce(expires_on, 'infinity'::date)", 'sku', 'location', 'lot_code'],
    },
  ],
  handles: { ...quantityEvents, LotStatusApplied: true },
  keysOf(event) {
    const { sku, location } = event.data;
    if (event.type === 'LotStatusApplied') return [[sku, location, event.data.lotCode]];
    return lotsOfEvent(event).map((lot) => [sku, location, lot]);
  },
  fold(row, event, [, , lot]) {
    if (event.type === 'LotStatusApplied') return statusApplied(row ?? expected(event), event);
    const { sku, location, unit, decimals } = event.data;
    const after = summed(row, event, String(lot));
    const status = statusOf(event);
    return {
      sku,
      location,
      lot_code: String(lot),
      ...after,
      unit,
      decimals,
      qc_status: status ? status.qcStatus : (row?.qc_status ?? 'APPROVED'),
      expires_on: status ? status.expiresOn : (row?.expires_on ?? null),
      ...timesAfter(row && hasMoved(row) ? row : undefined, after, event),
      revision: event.revision,
      position: cellOf(event.position),
    };
  },
});

type StatusEvent = EventOf<'LotStatusApplied'>;

/** The status came before any goods; what is counted or found there has it too. */
function expected({ data, metadata, revision, position }: StatusEvent): LevelRow {
  const { sku, location, lotCode, unit, decimals, qcStatus, expiresOn } = data;
  const at = instantOf(metadata.effectiveAt);
  return {
    sku,
    location,
    lot_code: lotCode,
    ...NOTHING,
    unit,
    decimals,
    qc_status: qcStatus,
    expires_on: expiresOn,
    received_at: at,
    last_movement_at: at,
    revision,
    position: cellOf(position),
  };
}

const hasMoved = ({ received, issued, adjusted, transferred_in, transferred_out }: Sums): boolean =>
  [received, issued, adjusted, transferred_in, transferred_out].some((sum) => sum !== 0);

const statusApplied = (row: LevelRow, event: StatusEvent): LevelRow => ({
  ...row,
  qc_status: event.data.qcStatus,
  expires_on: event.data.expiresOn,
  revision: event.revision,
  position: cellOf(event.position),
});

const statusOf = (
  event: QuantityEvent,
): { readonly qcStatus: string; readonly expiresOn: string | null } | undefined =>
  event.type === 'StockReceived.v2' ||
  event.type === 'StockReturned' ||
  event.type === 'StockArrived'
    ? event.data
    : undefined;

function timesAfter(
  row: LevelRow | undefined,
  after: Sums,
  event: QuantityEvent,
): Pick<LevelRow, 'received_at' | 'last_movement_at'> {
  const at = instantOf(event.metadata.effectiveAt);
  const arrived =
    event.type === 'StockArrived' || event.type === 'TransferCancelled'
      ? instantOf(event.data.receivedAt)
      : at;
  const before = row?.received_at ?? arrived;
  const began = Number(row?.on_hand ?? 0) === 0 ? arrived : before;
  return {
    received_at: after.on_hand > (row?.on_hand ?? 0) ? earlier(arrived, began) : before,
    last_movement_at: lastMovement(row, event),
  };
}

/** A promise moves nothing. */
function lastMovement(
  row: { readonly last_movement_at: string } | undefined,
  event: QuantityEvent,
): string {
  const at = instantOf(event.metadata.effectiveAt);
  if (!row) return at;
  return isMovement(event) ? later(at, row.last_movement_at) : row.last_movement_at;
}

const placeColumns = {
  sku: text,
  location: text,
  ...sums,
  unit: text,
  decimals: small,
  last_movement_at: instant,
  revision: whole,
  position: whole,
} as const;

/** Stock of an item at one place, over its lots. */
export const stockByLocation = table<RowOf<typeof placeColumns>, QuantityType>({
  name: 'stock_by_location',
  version: 2,
  columns: placeColumns,
  key: ['sku', 'location'],
  indexes: [{ columns: ['location', 'sku'] }],
  handles: quantityEvents,
  keysOf: ({ data }) => [[data.sku, data.location]],
  fold(row, event) {
    const { sku, location, unit, decimals } = event.data;
    return {
      sku,
      location,
      ...summed(row, event),
      unit,
      decimals,
      last_movement_at: lastMovement(row, event),
      revision: event.revision,
      position: cellOf(event.position),
    };
  },
});

const itemColumns = {
  sku: text,
  ...sums,
  unit: text,
  decimals: small,
  last_movement_at: instant,
  position: whole,
} as const;

/** Stock of an item over all places. */
export const stockByItem = table<RowOf<typeof itemColumns>, QuantityType>({
  name: 'stock_by_item',
  version: 2,
  columns: itemColumns,
  key: ['sku'],
  indexes: [],
  handles: quantityEvents,
  keysOf: ({ data }) => [[data.sku]],
  fold(row, event) {
    const { sku, unit, decimals } = event.data;
    return {
      sku,
      ...summed(row, event),
      unit,
      decimals,
      last_movement_at: lastMovement(row, event),
      position: cellOf(event.position),
    };
  },
});
