import { add, cellOf, earlier, instantOf, later } from './amounts';
import { date, instant, orNull, small, sum, text, whole, type RowOf } from './columns';
import { table } from './view';

const columns = {
  sku: text,
  lot_code: text,
  expires_on: orNull(date),
  qc_status: text,
  /** Over all places and all time. */
  received: sum,
  first_received_at: instant,
  last_received_at: instant,
  unit: text,
  decimals: small,
  position: whole,
} as const;

/** A lot wherever it is. Where its receipts differ, the earlier expiry and the stricter status stand. */
export const lots = table<RowOf<typeof columns>, 'StockReceived.v2'>({
  name: 'lots',
  version: 1,
  columns,
  key: ['sku', 'lot_code'],
  indexes: [
    { columns: ['lot_code', 'sku'] },
    {
      name: 'expiry',
      columns: ["coalesce(expires_on, 'infinity'::date)", 'sku', 'lot_code'],
    },
  ],
  handles: { 'StockReceived.v2': true },
  keysOf: ({ data: { sku, lotCode } }) => (lotCode === null ? [] : [[sku, lotCode]]),
  fold(row, event) {
    const { sku, lotCode, unit, decimals, quantity, qcStatus, expiresOn } = event.data;
    const at = instantOf(event.metadata.effectiveAt);
    return {
      sku,
      lot_code: lotCode ?? '',
      expires_on: earlierDate(row?.expires_on ?? null, expiresOn),
      qc_status: row?.qc_status === 'QUARANTINE' ? row.qc_status : qcStatus,
      received: add(row?.received ?? 0, quantity),
      first_received_at: earlier(at, row?.first_received_at ?? at),
      last_received_at: later(at, row?.last_received_at ?? at),
      unit,
      decimals,
      position: cellOf(event.position),
    };
  },
});

function earlierDate(a: string | null, b: string | null): string | null {
  if (a === null) return b;
  return b === null ? a : earlier(a, b);
}
