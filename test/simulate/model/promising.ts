import type { StockCommand, StockEvent } from '../../../libs/domain';
import { asAllocations, head, moveAway, type Answer, type Desk, type Known } from './answer';
import { copyOf, loose, nextId, unitsIn, wasMade, type Line, type Pledge } from './book';
import { choose, isUsable, whyShort } from './choosing';
import { closed } from './moving';
import { note } from './note';
import { MOST, unitsOf, type Units } from './quantity';

/** Reservations. */

type Of<T extends StockCommand['type']> = Extract<StockCommand, { readonly type: T }>['data'];
type Entered = Extract<Units, { readonly units: number }>;

/** A quantity, or the sum of the lots that are named; where both are said they must agree. */
export function askedFor({ item }: Known, data: Of<'ReserveStock'>): Units {
  const said = data.quantity === undefined ? undefined : unitsOf(data.quantity, data.unit, item);
  if (said?.no !== undefined) return said;
  if (!data.lots) return said ?? { no: 'QUANTITY_INVALID' };
  let units = 0;
  for (const { quantity } of data.lots) {
    const each = unitsOf(quantity, data.unit, item);
    if (each.no !== undefined) return each;
    if (each.units <= 0) return { no: 'QUANTITY_INVALID' };
    units += each.units;
  }
  if (units > MOST) return { no: 'QUANTITY_TOO_LARGE' };
  if (said && said.units !== units) return { no: 'QUANTITY_INVALID' };
  return { units, entered: said?.entered ?? null };
}

/** What is asked of each lot that is named. */
function namedLines({ item }: Known, data: Of<'ReserveStock'>): Line[] {
  const asked = new Map<string, number>();
  for (const { lotCode, quantity } of data.lots ?? []) {
    const each = unitsOf(quantity, data.unit, item);
    if (each.no === undefined) asked.set(lotCode, (asked.get(lotCode) ?? 0) + each.units);
  }
  return [...asked].map(([code, units]) => ({ code, units }));
}

export function reserve(
  desk: Known,
  data: Of<'ReserveStock'>,
  { units, entered }: Entered,
): Answer {
  const { book, facts, item } = desk;
  const no = closed(desk);
  if (no) return no;
  const until = data.expiresAt ?? null;
  if (until !== null && until <= facts.now) return 'EXPIRES_AT_PASSED';
  const strategy = data.strategy ?? item.allocationPolicy;
  const day = facts.localDate;
  let lines: Line[] = [];
  if (data.lots) {
    const asked = namedLines(desk, data);
    if (asked.some(({ code }) => !book.slips.has(code))) return 'LOT_NOT_FOUND';
    const missing: string[] = [];
    for (const { code, units: wanted } of asked) {
      const slip = book.slips.get(code)!;
      const free = isUsable(slip, day) ? loose(book, slip) : 0;
      if (free < wanted) missing.push(whyShort(book, [slip], day, wanted, slip));
      if (free > 0) lines.push({ code, units: Math.min(free, wanted) });
    }
    const isEnough = data.partial === true && lines.length > 0;
    if (missing.length > 0 && !isEnough) return missing[0]!;
  } else {
    lines = choose(book, strategy, day, units);
    if (lines.length === 0 || (unitsIn(lines) < units && data.partial !== true))
      return whyShort(book, [...book.slips.values()], day, units);
  }
  return [
    {
      type: 'StockReserved',
      data: {
        ...head(desk),
        reservationId: nextId(book, 'R'),
        quantity: units,
        entered,
        allocations: asAllocations(lines),
        short: units - unitsIn(lines),
        strategy,
        hard: data.lots !== undefined,
        batchId: data.batchId ?? null,
        reference: data.reference ?? null,
        expiresAt: until,
      },
    },
  ];
}

/** A reservation whose time is over has ended, whether or not anybody has written so. */
function openPledge({ book, facts }: Desk, id: string): Pledge | string {
  if (!wasMade(book, 'R', id)) return 'RESERVATION_NOT_FOUND';
  const pledge = book.pledges.get(id);
  return pledge && (pledge.until === null || pledge.until > facts.now)
    ? pledge
    : 'INSUFFICIENT_RESERVED_STOCK';
}

/** The first of some lines, so many units of them. */
function firstOf(lines: readonly Line[], units: number): Line[] {
  const first: Line[] = [];
  let open = units;
  for (const line of lines) {
    if (open <= 0) break;
    first.push({ code: line.code, units: Math.min(open, line.units) });
    open -= line.units;
  }
  return first;
}

export function issueReserved(
  desk: Known,
  data: Of<'IssueReserved'>,
  wanted: Entered | undefined,
): Answer {
  const { book, facts } = desk;
  const id = data.reservationId;
  const pledge = openPledge(desk, id);
  if (typeof pledge === 'string') return pledge;
  const bad = pledge.lines.filter(({ code }) => !isUsable(book.slips.get(code)!, facts.localDate));
  const isApproved = bad.every(({ code }) => book.slips.get(code)!.status === 'APPROVED');
  const cause = isApproved ? 'LOT_EXPIRED' : 'LOT_NOT_APPROVED';
  const moves = bad.length > 0 ? [moveAway(desk, id, pledge, bad, cause)] : [];
  const trial = copyOf(book);
  for (const move of moves) note(trial, move, '');
  const lines = trial.pledges.get(id)!.lines;
  const units = wanted?.units ?? unitsIn(lines);
  if (units === 0 || units > unitsIn(lines)) return 'INSUFFICIENT_RESERVED_STOCK';
  const issued = firstOf(lines, units).map((line): StockEvent => ({
    type: 'StockIssued.v2',
    data: {
      ...head(desk),
      lotCode: line.code,
      reference: data.reference ?? null,
      quantity: line.units,
      entered: wanted?.entered ?? null,
      purpose: data.purpose ?? 'OTHER',
      reservationId: id,
      fromHold: 0,
    },
  }));
  return [...moves, ...issued];
}

/** What is short is given up first, then the lots in their order. */
export function release(
  desk: Known,
  data: Of<'ReleaseReservation'>,
  wanted: Entered | undefined,
): Answer {
  const pledge = openPledge(desk, data.reservationId);
  if (typeof pledge === 'string') return pledge;
  const all = unitsIn(pledge.lines) + pledge.short;
  const units = wanted?.units ?? all;
  if (units > all) return 'INSUFFICIENT_RESERVED_STOCK';
  const short = Math.min(units, pledge.short);
  return [
    {
      type: 'ReservationReleased',
      data: {
        ...head(desk),
        reservationId: data.reservationId,
        allocations: asAllocations(firstOf(pledge.lines, units - short)),
        short,
      },
    },
  ];
}

export function extend(desk: Known, data: Of<'ExtendReservation'>): Answer {
  const { reservationId, expiresAt } = data;
  const pledge = openPledge(desk, reservationId);
  if (typeof pledge === 'string') return pledge;
  if (expiresAt !== null && expiresAt <= desk.facts.now) return 'EXPIRES_AT_PASSED';
  if (expiresAt === pledge.until) return [];
  const { sku, location } = desk.book;
  return [{ type: 'ReservationExtended', data: { reservationId, sku, location, expiresAt } }];
}

/** Those whose time is over, the first to be so first. */
export function due(desk: Desk): StockEvent[] {
  const { book, facts } = desk;
  const over = [...book.pledges].filter(([, { until }]) => until !== null && until <= facts.now);
  over.sort(([, a], [, b]) =>
    a.until === b.until ? a.number - b.number : a.until! < b.until! ? -1 : 1,
  );
  return over.map(([id, { lines, short, until }]) => ({
    type: 'ReservationExpired',
    data: {
      ...head(desk),
      reservationId: id,
      allocations: asAllocations(lines),
      short,
      expiresAt: until!,
    },
  }));
}
