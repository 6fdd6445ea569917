import { cellOf, earlier, instantOf, later } from './amounts';
import { date, instant, orNull, small, text, whole, type RowOf } from './columns';
import { movements, summed, sums, type MovementType } from './movements';
import { table } from './view';

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

/** Stock of one lot of an item at one place; says of each lot what the stock stream decides upon. */
export const stockLevels = table<RowOf<typeof levelColumns>, MovementType>({
  name: 'stock_levels',
  version: 1,
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
  handles: movements,
  keysOf: ({ data }) => [[data.sku, data.location, data.lotCode ?? '']],
  fold(row, event) {
    const { sku, location, lotCode, unit, decimals } = event.data;
    const after = summed(row, event);
    const at = instantOf(event.metadata.effectiveAt);
    const before = row?.received_at ?? at;
    const began = Number(row?.on_hand ?? 0) === 0 ? at : before;
    const arrival = event.type === 'StockReceived' ? event.data : undefined;
    return {
      sku,
      location,
      lot_code: lotCode ?? '',
      ...after,
      unit,
      decimals,
      qc_status: arrival ? arrival.qcStatus : (row?.qc_status ?? 'APPROVED'),
      expires_on: arrival ? arrival.expiresOn : (row?.expires_on ?? null),
      received_at: after.on_hand > (row?.on_hand ?? 0) ? earlier(at, began) : before,
      last_movement_at: later(at, row?.last_movement_at ?? at),
      revision: event.revision,
      position: cellOf(event.position),
    };
  },
});

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
export const stockByLocation = table<RowOf<typeof placeColumns>, MovementType>({
  name: 'stock_by_location',
  version: 1,
  columns: placeColumns,
  key: ['sku', 'location'],
  indexes: [{ columns: ['location', 'sku'] }],
  handles: movements,
  keysOf: ({ data }) => [[data.sku, data.location]],
  fold(row, event) {
    const { sku, location, unit, decimals } = event.data;
    const at = instantOf(event.metadata.effectiveAt);
    return {
      sku,
      location,
      ...summed(row, event),
      unit,
      decimals,
      last_movement_at: later(at, row?.last_movement_at ?? at),
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
export const stockByItem = table<RowOf<typeof itemColumns>, MovementType>({
  name: 'stock_by_item',
  version: 1,
  columns: itemColumns,
  key: ['sku'],
  indexes: [],
  handles: movements,
  keysOf: ({ data }) => [[data.sku]],
  fold(row, event) {
    const { sku, unit, decimals } = event.data;
    const at = instantOf(event.metadata.effectiveAt);
    return {
      sku,
      ...summed(row, event),
      unit,
      decimals,
      last_movement_at: later(at, row?.last_movement_at ?? at),
      position: cellOf(event.position),
    };
  },
});
