import { add, cellOf, earlier, instantOf, later } from './amounts';
import { date, instant, json, orNull, small, sum, text, whole, type RowOf } from './columns';
import { table, type EventOf } from './view';

const columns = {
  sku: text,
  lot_code: text,
  expires_on: orNull(date),
  qc_status: text,
  supplier_lot: orNull(text),
  manufactured_on: orNull(date),
  parent_lots: json,
  /** Every place that may hold some of it, as the lot's own stream knows them. */
  locations: json,
  /** Over all places and all time. */
  received: sum,
  first_received_at: instant,
  last_received_at: instant,
  unit: text,
  decimals: small,
  /** Of the lot's stream; null while nobody but the receipts tells of it. */
  lot_revision: orNull(whole),
  position: whole,
} as const;
type LotRow = RowOf<typeof columns>;

const handles = {
  'StockReceived.v2': true,
  StockReturned: true,
  LotRegistered: true,
  LotNotedAt: true,
  LotDescribed: true,
  LotApproved: true,
  LotRejected: true,
  LotQuarantined: true,
  LotRecalled: true,
  LotExpiryCorrected: true,
} as const;
type Receipt = EventOf<'StockReceived.v2' | 'StockReturned'>;
type LotEvent = EventOf<Exclude<keyof typeof handles, 'StockReceived.v2' | 'StockReturned'>>;
type Registered = EventOf<'LotRegistered'>;
type Described = EventOf<'LotDescribed'>;

/** A lot wherever it is: its status and expiry as its own stream tells them, its receipts as stock streams do. */
export const lots = table<LotRow, keyof typeof handles>({
  name: 'lots',
  version: 2,
  columns,
  key: ['sku', 'lot_code'],
  indexes: [
    { columns: ['lot_code', 'sku'] },
    {
      name: 'expiry',
      columns: ["coalesce(expires_on, 'infinity'::date)", 'sku', 'lot_code'],
    },
  ],
  handles,
  keysOf: ({ data: { sku, lotCode } }) => (lotCode === null ? [] : [[sku, lotCode]]),
  fold: (row, event) =>
    event.type === 'StockReceived.v2' || event.type === 'StockReturned'
      ? received(row, event)
      : told(row ?? unseen(event), event),
});

/** Until the stream of the lot has begun: where receipts differ, the earlier expiry and the stricter status stand. */
function received(row: LotRow | undefined, event: Receipt): LotRow {
  const { sku, lotCode, unit, decimals, quantity, qcStatus, expiresOn } = event.data;
  const at = instantOf(event.metadata.effectiveAt);
  const isTold = row !== undefined && row.lot_revision !== null;
  return {
    sku,
    lot_code: lotCode ?? '',
    expires_on: isTold ? row.expires_on : earlierDate(row?.expires_on ?? null, expiresOn),
    qc_status: isTold || row?.qc_status === 'QUARANTINE' ? row.qc_status : qcStatus,
    supplier_lot: row?.supplier_lot ?? null,
    manufactured_on: row?.manufactured_on ?? null,
    parent_lots: row?.parent_lots ?? [],
    locations: row?.locations ?? [],
    received: add(row?.received ?? 0, quantity),
    first_received_at: earlier(at, row?.first_received_at ?? at),
    last_received_at: later(at, row?.last_received_at ?? at),
    unit,
    decimals,
    lot_revision: row?.lot_revision ?? null,
    position: cellOf(event.position),
  };
}

/** The lot by its own stream. */
const told = (row: LotRow, event: LotEvent): LotRow => ({
  ...row,
  ...('qcStatus' in event.data ? standing(row, event.data) : {}),
  ...('parentLots' in event.data ? origin(row, event.data) : {}),
  lot_revision: event.revision,
  position: cellOf(event.position),
});

function standing(row: LotRow, data: Exclude<LotEvent, Described>['data']): Partial<LotRow> {
  const { qcStatus, expiresOn } = data;
  const known = row.locations as readonly string[];
  const locations = 'locations' in data ? data.locations : [...new Set([...known, data.location])];
  return { qc_status: qcStatus, expires_on: expiresOn, locations };
}

const origin = (row: LotRow, data: (Described | Registered)['data']): Partial<LotRow> => ({
  supplier_lot: row.supplier_lot ?? data.supplierLot,
  manufactured_on: row.manufactured_on ?? data.manufacturedOn,
  parent_lots: [...(row.parent_lots as readonly string[]), ...data.parentLots],
});

/** A lot is received before it is registered; were it not, its table would still tell of it. */
function unseen({ data, metadata, position }: LotEvent): LotRow {
  const at = instantOf(metadata.effectiveAt);
  return {
    sku: data.sku,
    lot_code: data.lotCode,
    expires_on: null,
    qc_status: '',
    supplier_lot: null,
    manufactured_on: null,
    parent_lots: [],
    locations: [],
    received: 0,
    first_received_at: at,
    last_received_at: at,
    unit: '',
    decimals: 0,
    lot_revision: null,
    position: cellOf(position),
  };
}

function earlierDate(a: string | null, b: string | null): string | null {
  if (a === null) return b;
  return b === null ? a : earlier(a, b);
}
