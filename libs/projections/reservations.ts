import { cellOf, instantOf } from './amounts';
import { flag, instant, orNull, small, text, uuid, whole, type RowOf } from './columns';
import { table, type EventOf } from './view';

/** Reservations with what has become of them, and the lots that they lie in. */

const changes = {
  'StockIssued.v2': true,
  ReservationReleased: true,
  ReservationExpired: true,
  AllocationsMoved: true,
} as const;
/** Events after which something else is set aside. */
type ChangeType = keyof typeof changes;

const columns = {
  reservation_id: text,
  sku: text,
  location: text,
  /** ACTIVE, PARTIAL (issued in part), COMPLETED, RELEASED or EXPIRED. */
  status: text,
  /** What was asked for = allocated + issued + released + expired + short. */
  quantity: whole,
  allocated: whole,
  issued: whole,
  released: whole,
  expired: whole,
  short: whole,
  unit: text,
  decimals: small,
  strategy: text,
  hard: flag,
  batch_id: orNull(text),
  reference: orNull(text),
  expires_at: orNull(instant),
  reserved_at: instant,
  ended_at: orNull(instant),
  actor: text,
  command_id: uuid,
  /** Of the event that made it: the order in which reservations were made. */
  made_position: whole,
  revision: whole,
  position: whole,
} as const;
type ReservationRow = RowOf<typeof columns>;

const OPEN = "status IN ('ACTIVE', 'PARTIAL')";

export const reservations = table<
  ReservationRow,
  'StockReserved' | 'ReservationExtended' | ChangeType
>({
  name: 'reservations',
  version: 1,
  columns,
  key: ['reservation_id'],
  indexes: [
    { columns: ['made_position'] },
    { columns: ['sku', 'location', 'made_position'] },
    { columns: ['location', 'made_position'] },
    { columns: ['batch_id', 'made_position'], where: 'batch_id IS NOT NULL' },
    { columns: ['reference', 'made_position'], where: 'reference IS NOT NULL' },
    { name: 'due', columns: ['expires_at'], where: `expires_at IS NOT NULL AND ${OPEN}` },
    { name: 'open', columns: ['made_position'], where: OPEN },
    { name: 'short', columns: ['made_position'], where: 'short > 0' },
  ],
  handles: { StockReserved: true, ReservationExtended: true, ...changes },
  keysOf: ({ data: { reservationId } }) => (reservationId === null ? [] : [[reservationId]]),
  fold(row, event) {
    if (event.type === 'StockReserved') return made(event);
    return row && { ...row, ...changed(row, event), ...touched(event) };
  },
});

function made(event: EventOf<'StockReserved'>): ReservationRow {
  const { data, metadata } = event;
  return {
    reservation_id: data.reservationId,
    sku: data.sku,
    location: data.location,
    status: 'ACTIVE',
    quantity: data.quantity,
    allocated: sumOf(data.allocations),
    issued: 0,
    released: 0,
    expired: 0,
    short: data.short,
    unit: data.unit,
    decimals: data.decimals,
    strategy: data.strategy,
    hard: data.hard,
    batch_id: data.batchId,
    reference: data.reference,
    expires_at: data.expiresAt === null ? null : instantOf(data.expiresAt),
    reserved_at: instantOf(metadata.effectiveAt),
    ended_at: null,
    actor: metadata.actor,
    command_id: metadata.commandId,
    made_position: cellOf(event.position),
    ...touched(event),
  };
}

const touched = (
  event: EventOf<'StockReserved' | 'ReservationExtended' | ChangeType>,
): Pick<ReservationRow, 'revision' | 'position'> => ({
  revision: event.revision,
  position: cellOf(event.position),
});

function changed(
  row: ReservationRow,
  event: EventOf<'ReservationExtended' | ChangeType>,
): Partial<ReservationRow> {
  switch (event.type) {
    case 'ReservationExtended': {
      const { expiresAt } = event.data;
      return { expires_at: expiresAt === null ? null : instantOf(expiresAt) };
    }
    case 'AllocationsMoved': {
      const { short } = event.data;
      return { allocated: row.allocated - short, short: row.short + short };
    }
    case 'StockIssued.v2': {
      const { quantity } = event.data;
      const after = { allocated: row.allocated - quantity, issued: row.issued + quantity };
      return left(after.allocated + row.short, after, 'COMPLETED', 'PARTIAL', event);
    }
    case 'ReservationReleased':
    case 'ReservationExpired': {
      const { allocations, short } = event.data;
      const freed = sumOf(allocations);
      const [allocated, missing] = [row.allocated - freed, row.short - short];
      const gone =
        event.type === 'ReservationReleased'
          ? { released: row.released + freed + short }
          : { expired: row.expired + freed + short };
      const ending = event.type === 'ReservationReleased' ? 'RELEASED' : 'EXPIRED';
      const after = { allocated, short: missing, ...gone };
      return left(allocated + missing, after, ending, row.status, event);
    }
  }
}

/** It ends with the event that leaves nothing of it. */
const left = (
  remaining: number,
  after: Partial<ReservationRow>,
  ended: string,
  open: string,
  { metadata }: EventOf<ChangeType>,
): Partial<ReservationRow> =>
  remaining === 0
    ? { ...after, status: ended, ended_at: instantOf(metadata.effectiveAt) }
    : { ...after, status: open };

const allocationColumns = {
  reservation_id: text,
  /** '' is the pool of stock without a lot code. */
  lot_code: text,
  sku: text,
  location: text,
  /** Set aside now. */
  quantity: whole,
  issued: whole,
  unit: text,
  decimals: small,
  /** In the order of these two it is issued. */
  since_position: whole,
  line: small,
  position: whole,
} as const;
type AllocationRow = RowOf<typeof allocationColumns>;

/** What a reservation has, or had issued, of a lot. */
export const allocations = table<AllocationRow, 'StockReserved' | ChangeType>({
  name: 'allocations',
  version: 1,
  columns: allocationColumns,
  key: ['reservation_id', 'lot_code'],
  indexes: [
    { columns: ['sku', 'location', 'lot_code', 'reservation_id'], where: 'quantity > 0' },
    { columns: ['lot_code', 'sku'], where: "quantity > 0 AND lot_code <> ''" },
  ],
  handles: { StockReserved: true, ...changes },
  keysOf(event) {
    const { reservationId } = event.data;
    if (reservationId === null) return [];
    const lots = linesOf(event).map(({ lotCode }) => lotCode ?? '');
    return [...new Set(lots)].map((lot) => [reservationId, lot]);
  },
  fold(row, event, [id, lot]) {
    const lines = linesOf(event);
    const own = lines.filter(({ lotCode }) => (lotCode ?? '') === lot);
    const change = sumOf(own);
    const quantity = (row?.quantity ?? 0) + change;
    const issued = (row?.issued ?? 0) - (event.type === 'StockIssued.v2' ? change : 0);
    // What was freed before any of it was issued leaves nothing to tell.
    if (quantity === 0 && issued === 0) return undefined;
    const { sku, location, unit, decimals } = event.data;
    const since =
      row && row.quantity > 0
        ? { since_position: row.since_position, line: row.line }
        : {
            since_position: cellOf(event.position),
            line: lines.findIndex((line) => line === own[0]),
          };
    return {
      reservation_id: String(id),
      lot_code: String(lot),
      sku,
      location,
      quantity,
      issued,
      unit,
      decimals,
      ...since,
      position: cellOf(event.position),
    };
  },
});

interface Line {
  readonly lotCode: string | null;
  readonly quantity: number;
}

/** By how much an event changes what is set aside, lot by lot. */
function linesOf(event: EventOf<'StockReserved' | ChangeType>): readonly Line[] {
  const away = ({ lotCode, quantity }: Line): Line => ({ lotCode, quantity: -quantity });
  switch (event.type) {
    case 'StockReserved':
      return event.data.allocations;
    case 'StockIssued.v2':
      return [away(event.data)];
    case 'AllocationsMoved':
      return [...event.data.from.map(away), ...event.data.to];
    case 'ReservationReleased':
    case 'ReservationExpired':
      return event.data.allocations.map(away);
  }
}

const sumOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);
