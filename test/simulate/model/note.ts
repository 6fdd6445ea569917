import type { StockEvent } from '../../../libs/domain';
import { effect, type Book, type Line, type Pledge, type Slip } from './book';

/** Writes into the book what has happened; `at` is when it happened in the world. */
export function note(book: Book, event: StockEvent, at: string): void {
  switch (event.type) {
    case 'StockReceived.v2':
      return said(come(book, event, at), event.data);
    case 'StockReturned': {
      const slip = come(book, event, at);
      if (event.data.disposition === 'QUARANTINE') slip.held += event.data.quantity;
      return said(slip, event.data);
    }
    case 'StockArrived': {
      const slip = come(book, event, event.data.receivedAt);
      if (event.data.onHold) slip.held += event.data.quantity;
      return said(slip, event.data);
    }
    case 'StockIssued.v2': {
      const { reservationId, lotCode, quantity, fromHold } = event.data;
      come(book, event, at).held -= fromHold;
      if (reservationId !== null)
        pledge(book, reservationId, 0, [{ code: lotCode, units: quantity }], []);
      return;
    }
    case 'StockAdjusted.v2':
      come(book, event, at).held -= event.data.fromHold;
      return;
    case 'StockHeld':
      slipOf(book, event.data.lotCode).held += event.data.quantity;
      return;
    case 'HoldLifted':
      slipOf(book, event.data.lotCode).held -= event.data.quantity;
      return;
    case 'LotStatusApplied':
      return said(slipOf(book, event.data.lotCode), event.data);
    case 'StockCounted':
      book.sheets.delete(event.data.countId);
      given(book, 'C', event.data.countId);
      come(book, event, at).held -= event.data.fromHold;
      return;
    case 'CountSubmitted':
      book.sheets.set(event.data.countId, event.data);
      return given(book, 'C', event.data.countId);
    case 'CountRejected':
      return void book.sheets.delete(event.data.countId);
    case 'MovementReversed':
      come(book, event, at).held -= event.data.fromHold;
      return void book.reversed.add(event.data.movementId);
    case 'StockDispatched':
    case 'TransferReceived':
    case 'TransferWrittenOff':
    case 'TransferCancelled':
      return notedOfTransfer(book, event, at);
    default:
      return notedOfReservation(book, event);
  }
}

function slipOf(book: Book, code: string | null): Slip {
  let slip = book.slips.get(code);
  if (!slip) {
    slip = {
      code,
      count: 0,
      held: 0,
      since: '',
      expires: null,
      status: 'APPROVED',
      revision: null,
    };
    book.slips.set(code, slip);
  }
  return slip;
}

/** Goods come (or go). A slip remembers the earliest arrival since it was last empty. */
function come(
  book: Book,
  event: StockEvent & { readonly data: { readonly lotCode: string | null } },
  at: string,
): Slip {
  const slip = slipOf(book, event.data.lotCode);
  const change = effect(event);
  if (slip.count === 0) slip.since = at;
  else if (change > 0 && at < slip.since) slip.since = at;
  slip.count += change;
  if (slip.count === 0) slip.since = '';
  return slip;
}

/** What is said of the lot itself. */
function said(
  slip: Slip,
  word: Pick<
    Extract<StockEvent, { readonly type: 'StockReceived.v2' }>['data'],
    'expiresOn' | 'qcStatus' | 'lotRevision'
  >,
): void {
  slip.expires = word.expiresOn;
  slip.status = word.qcStatus;
  if (word.lotRevision !== null && word.lotRevision > (slip.revision ?? -1))
    slip.revision = word.lotRevision;
}

function given(book: Book, letter: 'R' | 'T' | 'C', id: string): void {
  const number = Number(id.slice(id.lastIndexOf(letter) + 1));
  if (number > book.made[letter]) book.made = { ...book.made, [letter]: number };
}

function notedOfTransfer(
  book: Book,
  event: Extract<
    StockEvent,
    {
      readonly type:
        'StockDispatched' | 'TransferReceived' | 'TransferWrittenOff' | 'TransferCancelled';
    }
  >,
  at: string,
): void {
  const { transferId, lotCode, quantity, to } = event.data;
  const voyage = book.voyages.get(transferId) ?? { to, left: at, lines: [] };
  book.voyages.set(transferId, voyage);
  if (event.type === 'StockDispatched') {
    come(book, event, at);
    given(book, 'T', transferId);
    const { receivedAt, expiresOn, qcStatus, lotRevision } = event.data;
    const cargo = { code: lotCode, units: quantity, since: receivedAt, expires: expiresOn };
    voyage.lines = [...voyage.lines, { ...cargo, status: qcStatus, revision: lotRevision }];
    return;
  }
  if (event.type === 'TransferCancelled') come(book, event, event.data.receivedAt);
  voyage.lines = voyage.lines
    .map((line) => (line.code === lotCode ? { ...line, units: line.units - quantity } : line))
    .filter(({ units }) => units !== 0);
  if (voyage.lines.length === 0) book.voyages.delete(transferId);
}

function notedOfReservation(
  book: Book,
  event: Exclude<
    Extract<StockEvent, { readonly data: { readonly reservationId: string } }>,
    { readonly type: 'StockIssued.v2' }
  >,
): void {
  const id = event.data.reservationId;
  switch (event.type) {
    case 'StockReserved': {
      const { allocations, short, strategy, hard, expiresAt } = event.data;
      given(book, 'R', id);
      book.pledges.set(id, {
        number: book.made.R,
        lines: allocations.map(asLine),
        short,
        strategy,
        named: hard,
        until: expiresAt,
      });
      return;
    }
    case 'ReservationReleased':
    case 'ReservationExpired':
      return pledge(book, id, -event.data.short, event.data.allocations.map(asLine), []);
    case 'AllocationsMoved': {
      const { from, to, short } = event.data;
      return pledge(book, id, short, from.map(asLine), to.map(asLine));
    }
    case 'ReservationExtended': {
      const known = book.pledges.get(id);
      if (known) known.until = event.data.expiresAt;
    }
  }
}

const asLine = ({
  lotCode,
  quantity,
}: {
  readonly lotCode: string | null;
  readonly quantity: number;
}): Line => ({ code: lotCode, units: quantity });

/** A reservation with less of some lots and more of others. Of which nothing remains, that is struck out. */
function pledge(
  book: Book,
  id: string,
  shorter: number,
  less: readonly Line[],
  more: readonly Line[],
): void {
  const known: Pledge | undefined = book.pledges.get(id);
  if (!known) throw new Error(`the book has no reservation ${id}`);
  const left = new Map(known.lines.map(({ code, units }) => [code, units]));
  for (const { code, units } of less) {
    left.set(code, (left.get(code) ?? 0) - units);
    if (left.get(code) === 0) left.delete(code);
  }
  for (const { code, units } of more) left.set(code, (left.get(code) ?? 0) + units);
  known.lines = [...left].map(([code, units]) => ({ code, units }));
  known.short += shorter;
  if (known.lines.length === 0 && known.short === 0) book.pledges.delete(id);
}
