import { lotsOf, openOf, type StockState } from '../../libs/domain';
import { dueReservations, wasReversed } from '../../libs/domain/stock/state';
import { promised, total, type Book } from './model/book';

/** Equal in every part, whatever the order of fields. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => key in right && isSame(left[key], right[key]));
}

/** How the folded state differs from the book; undefined when it does not. */
export function difference(state: StockState, book: Book, now: string): string | undefined {
  if (state.onHand !== total(book)) return `on hand: ${state.onHand}, the book says ${total(book)}`;
  return (
    lotsDifference(state, book) ??
    reservationsDifference(state, book, now) ??
    documentsDifference(state, book)
  );
}

function lotsDifference(state: StockState, book: Book): string | undefined {
  const lots = lotsOf(state.lots);
  if (lots.length !== book.slips.size)
    return `${lots.length} lots, the book has ${book.slips.size}`;
  let at = 0;
  for (const slip of book.slips.values()) {
    const lot = lots[at];
    const noted = {
      lotCode: slip.code,
      onHand: slip.count,
      reserved: promised(book, slip.code),
      held: slip.held,
      receivedAt: slip.since,
      expiresOn: slip.expires,
      qcStatus: slip.status,
      lotRevision: slip.revision,
      place: at,
    };
    if (!isSame(lot, noted)) return `lot ${show(lot)}, the book says ${show(noted)}`;
    at += 1;
  }
  return undefined;
}

function reservationsDifference(state: StockState, book: Book, now: string): string | undefined {
  if (state.reservations.made !== book.made.R)
    return `${state.reservations.made} reservations made, the book says ${book.made.R}`;
  if ((state.reservations.open?.size ?? 0) !== book.pledges.size)
    return `${state.reservations.open?.size} reservations open, the book says ${book.pledges.size}`;
  for (const pledge of book.pledges.values()) {
    const open = openOf(state.reservations, pledge.number);
    const noted = {
      ordinal: pledge.number,
      allocations: pledge.lines.map(({ code, units }) => ({ lotCode: code, quantity: units })),
      short: pledge.short,
      strategy: pledge.strategy,
      hard: pledge.named,
      expiresAt: pledge.until,
    };
    if (!isSame(open, noted)) return `reservation ${show(open)}, the book says ${show(noted)}`;
  }
  const isOver = ({ until }: { readonly until: string | null }) => until !== null && until <= now;
  const due = dueReservations(state, now, 1_000).length;
  const noted = [...book.pledges.values()].filter(isOver).length;
  return due === noted ? undefined : `${due} reservations due, the book says ${noted}`;
}

function documentsDifference(state: StockState, book: Book): string | undefined {
  const { transfers, counts } = state;
  const made = [transfers.made, counts.made, transfers.open?.size ?? 0, counts.open?.size ?? 0];
  const noted = [book.made.T, book.made.C, book.voyages.size, book.sheets.size];
  if (!isSame(made, noted)) return `transfers and counts ${show(made)}, the book: ${show(noted)}`;
  for (const [id, { to, left, lines }] of book.voyages) {
    const ordinal = numberOf(id);
    const open = openOf(transfers, ordinal);
    const expected = {
      ordinal,
      to,
      dispatchedAt: left,
      lines: lines.map((line) => ({
        lotCode: line.code,
        outstanding: line.units,
        receivedAt: line.since,
        expiresOn: line.expires,
        qcStatus: line.status,
        lotRevision: line.revision,
      })),
    };
    if (!isSame(open, expected)) return `transfer ${show(open)}, the book: ${show(expected)}`;
  }
  for (const [id, sheet] of book.sheets) {
    const open = openOf(counts, numberOf(id));
    const expected = { ...sheet, ordinal: numberOf(id) };
    if (!isSame(open, expected)) return `count ${show(open)}, the book says ${show(expected)}`;
  }
  const lost = [...book.reversed].find((id) => !wasReversed(state, id));
  if (lost !== undefined) return `${lost} was reversed, the state has forgotten it`;
  const reversed = state.reversed?.size ?? 0;
  return reversed === book.reversed.size ? undefined : `${reversed} movements reversed`;
}

const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf('.') + 2));
export const show = (value: unknown): string => JSON.stringify(value);
