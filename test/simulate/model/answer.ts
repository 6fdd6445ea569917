import type { KnownItem, StockEvent, StockFacts } from '../../../libs/domain';
import { promised, type Book } from './book';
import { choose, isUsable } from './choosing';
import { copyOf, nextId, unitsIn, type Line, type Pledge, type Slip } from './book';
import { note } from './note';

/** What the model says to a command: a code, or what will be written. */
export type Answer = string | readonly StockEvent[];

/** Everything a decision looks at. */
export interface Desk {
  readonly book: Book;
  readonly facts: StockFacts;
  readonly item: Pick<KnownItem, 'unit' | 'decimals'>;
}
export type Known = Desk & { readonly item: KnownItem };

export const head = ({ book, item }: Desk) => ({
  sku: book.sku,
  location: book.location,
  unit: item.unit,
  decimals: item.decimals,
});

export const asAllocations = (lines: readonly Line[]) =>
  lines.map(({ code, units }) => ({ lotCode: code, quantity: units }));

type Moved = Extract<StockEvent, { readonly type: 'AllocationsMoved' }>;

/** Some of what a reservation holds leaves its lots: for others, unless its lots were named; the rest is short. */
export function moveAway(
  desk: Desk,
  id: string,
  { named, strategy }: Pledge,
  from: readonly Line[],
  cause: Moved['data']['cause'],
): Moved {
  const wanted = unitsIn(from);
  const leaving = from.map(({ code }) => code);
  const day = desk.facts.localDate;
  const to = named ? [] : choose(desk.book, strategy, day, wanted, leaving);
  return {
    type: 'AllocationsMoved',
    data: {
      ...head(desk),
      reservationId: id,
      from: asAllocations(from),
      to: asAllocations(to),
      short: wanted - unitsIn(to),
      cause,
    },
  };
}

/** A lot may not be used any more: every reservation leaves it, the oldest first. */
export function clear(desk: Desk, slip: Slip, cause: Moved['data']['cause']): Moved[] {
  const trial = copyOf(desk.book);
  const moves: Moved[] = [];
  for (const [id, pledge] of [...trial.pledges]) {
    const from = pledge.lines.filter(({ code }) => code === slip.code);
    if (from.length === 0) continue;
    const move = moveAway({ ...desk, book: trial }, id, pledge, from, cause);
    note(trial, move, '');
    moves.push(move);
  }
  return moves;
}

/** What is written, and what follows from it where it takes a lot out of use that is promised. */
export function withLotCleared(
  desk: Desk,
  event: StockEvent & { readonly data: { readonly lotCode: string | null } },
): readonly StockEvent[] {
  const { lotCode } = event.data;
  const before = desk.book.slips.get(lotCode);
  if (!before || promised(desk.book, lotCode) === 0) return [event];
  const trial = copyOf(desk.book);
  note(trial, event, '');
  const slip = trial.slips.get(lotCode)!;
  if (isUsable(slip, desk.facts.localDate)) return [event];
  const cause = slip.status === 'APPROVED' ? 'LOT_EXPIRED' : 'LOT_NOT_APPROVED';
  return [event, ...clear({ ...desk, book: trial }, slip, cause)];
}

export { nextId };
