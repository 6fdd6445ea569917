import { parseDocumentId } from '../names';
import type { StockEvent, StockEventOf } from './events';
import { lotOf, withLot } from './lots';
import {
  openOf,
  withDocument,
  withReservation,
  withReversed,
  type Allocation,
  type Reservation,
  type StockState,
  type TransferLine,
} from './state';
import type { QcStatus, StockLot } from './stock-lot';

/** The effect of a movement on what is on hand; 0 for every other event. */
export function effectOf(event: StockEvent): number {
  switch (event.type) {
    case 'StockReceived.v2':
    case 'StockReturned':
    case 'StockArrived':
    case 'TransferCancelled':
    case 'StockAdjusted.v2':
    case 'MovementReversed':
      return event.data.quantity;
    case 'StockIssued.v2':
    case 'StockDispatched':
      return -event.data.quantity;
    case 'StockCounted':
      return event.data.variance;
    default:
      return 0;
  }
}

export function evolve(
  state: StockState,
  event: StockEvent,
  { effectiveAt }: { readonly effectiveAt: string },
): StockState {
  switch (event.type) {
    case 'StockReceived.v2':
      return moved(state, event, { at: effectiveAt, lot: event.data });
    case 'StockReturned': {
      const held = event.data.disposition === 'QUARANTINE' ? event.data.quantity : 0;
      return moved(state, event, { at: effectiveAt, lot: event.data, held });
    }
    case 'StockArrived': {
      const { receivedAt, onHold, quantity } = event.data;
      return moved(state, event, { at: receivedAt, lot: event.data, held: onHold ? quantity : 0 });
    }
    case 'StockAdjusted.v2':
      return moved(state, event, { at: effectiveAt, held: -event.data.fromHold });
    case 'StockIssued.v2': {
      const { reservationId, fromHold, quantity } = event.data;
      if (reservationId === null) return moved(state, event, { at: '', held: -fromHold });
      const after = moved(state, event, { at: '', reserved: -quantity });
      return reservationChanged(after, reservationId, (reservation) => ({
        ...reservation,
        allocations: without(reservation.allocations, [event.data]),
      }));
    }
    case 'StockHeld':
      return moved(state, event, { at: '', held: event.data.quantity });
    case 'HoldLifted':
      return moved(state, event, { at: '', held: -event.data.quantity });
    case 'StockDispatched':
      return dispatched(moved(state, event, { at: '' }), event.data, effectiveAt);
    case 'TransferReceived':
    case 'TransferWrittenOff':
      return lessOutstanding(state, event.data);
    case 'TransferCancelled':
      return moved(lessOutstanding(state, event.data), event, { at: event.data.receivedAt });
    case 'MovementReversed': {
      const after = moved(state, event, { at: effectiveAt, held: -event.data.fromHold });
      return withReversed(after, event.data.movementId);
    }
    case 'LotStatusApplied':
      return moved(state, event, { at: '', lot: event.data });
    case 'CountSubmitted':
    case 'CountRejected':
    case 'StockCounted':
      return counted(state, event, effectiveAt);
    default:
      return reserved(state, event);
  }
}

interface Change {
  /** When stock that comes began to be here. */
  readonly at: string;
  readonly reserved?: number;
  readonly held?: number;
  /** What the event says of the lot itself. */
  readonly lot?: {
    readonly expiresOn: string | null;
    readonly qcStatus: QcStatus;
    readonly lotRevision: number | null;
  };
}

function moved(
  state: StockState,
  event: StockEvent & { readonly data: { readonly lotCode: string | null } },
  { at, reserved = 0, held = 0, lot }: Change,
): StockState {
  const { lotCode } = event.data;
  const change = effectOf(event);
  const known = lotOf(state.lots, lotCode ?? '');
  const onHand = (known?.onHand ?? 0) + change;
  const after: StockLot = {
    lotCode,
    onHand,
    reserved: (known?.reserved ?? 0) + reserved,
    held: (known?.held ?? 0) + held,
    receivedAt: onHand === 0 ? '' : beganAt(known, change, at),
    expiresOn: lot ? lot.expiresOn : (known?.expiresOn ?? null),
    qcStatus: lot ? lot.qcStatus : (known?.qcStatus ?? 'APPROVED'),
    lotRevision: newest(known?.lotRevision ?? null, lot?.lotRevision ?? null),
    place: known?.place ?? state.lots.count,
  };
  return { ...state, onHand: state.onHand + change, lots: withLot(state.lots, known, after) };
}

/** The earliest arrival counts; what came before the lot was last empty does not. */
function beganAt(known: StockLot | undefined, change: number, at: string): string {
  if (!known || known.onHand === 0) return at;
  return change > 0 && at < known.receivedAt ? at : known.receivedAt;
}

const newest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

function reserved(
  state: StockState,
  event: Extract<StockEvent, { readonly data: { readonly reservationId: string } }>,
): StockState {
  switch (event.type) {
    case 'StockReserved': {
      const { allocations, short, strategy, hard, expiresAt, reservationId } = event.data;
      const { ordinal } = ordinalOf('reservation', reservationId);
      const made = { ordinal, allocations, short, strategy, hard, expiresAt };
      return withReservation(setAside(state, allocations, 1), undefined, made);
    }
    case 'ReservationReleased':
    case 'ReservationExpired': {
      const { allocations, short, reservationId } = event.data;
      return reservationChanged(setAside(state, allocations, -1), reservationId, (reservation) => ({
        ...reservation,
        allocations: without(reservation.allocations, allocations),
        short: reservation.short - short,
      }));
    }
    case 'AllocationsMoved': {
      const { from, to, short, reservationId } = event.data;
      const after = setAside(setAside(state, from, -1), to, 1);
      return reservationChanged(after, reservationId, (reservation) => ({
        ...reservation,
        allocations: joined(without(reservation.allocations, from), to),
        short: reservation.short + short,
      }));
    }
    case 'ReservationExtended': {
      const { expiresAt, reservationId } = event.data;
      return reservationChanged(state, reservationId, (reservation) => ({
        ...reservation,
        expiresAt,
      }));
    }
    default:
      return state;
  }
}

/** Lots with more of them reserved (sign 1), or less (-1). */
function setAside(state: StockState, lines: readonly Allocation[], sign: 1 | -1): StockState {
  let { lots } = state;
  for (const { lotCode, quantity } of lines) {
    const known = lotOf(lots, lotCode ?? '');
    if (known)
      lots = withLot(lots, known, { ...known, reserved: known.reserved + sign * quantity });
  }
  return { ...state, lots };
}

function reservationChanged(
  state: StockState,
  id: string,
  change: (reservation: Reservation) => Reservation,
): StockState {
  const { ordinal } = ordinalOf('reservation', id);
  const before = openOf(state.reservations, ordinal);
  return before ? withReservation(state, before, change(before)) : state;
}

/** Ids in the log were made by this very rule. */
function ordinalOf(kind: 'reservation' | 'transfer' | 'count', id: string): { ordinal: number } {
  const parsed = parseDocumentId(kind, id);
  if (!parsed) throw new Error(`${id} is not the id of a ${kind}`);
  return parsed;
}

function without(
  allocations: readonly Allocation[],
  lines: readonly Allocation[],
): readonly Allocation[] {
  let left = allocations;
  for (const line of lines) {
    left = left.flatMap((allocation) => {
      if (allocation.lotCode !== line.lotCode) return [allocation];
      const quantity = allocation.quantity - line.quantity;
      return quantity > 0 ? [{ lotCode: line.lotCode, quantity }] : [];
    });
  }
  return left;
}

/** One allocation for each lot. */
function joined(
  allocations: readonly Allocation[],
  more: readonly Allocation[],
): readonly Allocation[] {
  let all = allocations;
  for (const { lotCode, quantity } of more) {
    const known = all.find((allocation) => allocation.lotCode === lotCode);
    all = known
      ? all.map((each) => (each === known ? { lotCode, quantity: each.quantity + quantity } : each))
      : [...all, { lotCode, quantity }];
  }
  return all;
}

function dispatched(
  state: StockState,
  data: StockEventOf<'StockDispatched'>['data'],
  dispatchedAt: string,
): StockState {
  const { transferId, to, lotCode, quantity, receivedAt, expiresOn, qcStatus, lotRevision } = data;
  const { ordinal } = ordinalOf('transfer', transferId);
  const line: TransferLine = {
    lotCode,
    outstanding: quantity,
    receivedAt,
    expiresOn,
    qcStatus,
    lotRevision,
  };
  const lines = [...(openOf(state.transfers, ordinal)?.lines ?? []), line];
  const transfers = withDocument(state.transfers, ordinal, {
    ordinal,
    to,
    dispatchedAt,
    lines,
  });
  return { ...state, transfers };
}

function lessOutstanding(
  state: StockState,
  data: { readonly transferId: string; readonly lotCode: string | null; readonly quantity: number },
): StockState {
  const { ordinal } = ordinalOf('transfer', data.transferId);
  const open = openOf(state.transfers, ordinal);
  const line = open?.lines.find(({ lotCode }) => lotCode === data.lotCode);
  if (!open || !line) return state;
  const outstanding = line.outstanding - data.quantity;
  const lines = open.lines.flatMap((each) =>
    each !== line ? [each] : outstanding > 0 ? [{ ...line, outstanding }] : [],
  );
  const after = lines.length > 0 ? { ...open, lines } : undefined;
  return { ...state, transfers: withDocument(state.transfers, ordinal, after) };
}

function counted(
  state: StockState,
  event:
    StockEventOf<'CountSubmitted'> | StockEventOf<'StockCounted'> | StockEventOf<'CountRejected'>,
  effectiveAt: string,
): StockState {
  const { ordinal } = ordinalOf('count', event.data.countId);
  const pending = event.type === 'CountSubmitted' ? { ...event.data, ordinal } : undefined;
  const after = { ...state, counts: withDocument(state.counts, ordinal, pending) };
  return event.type === 'StockCounted'
    ? moved(after, event, { at: effectiveAt, held: -event.data.fromHold })
    : after;
}
