import type { QcStatus, StockEvent } from '../../../libs/domain';

/*
 * The stock of one SKU at one place as a careful clerk would keep it on paper: a slip for each lot, and lists of what is
 * promised, on its way and being counted. Nothing here is shared with libs/domain but the names of things.
 */

/** One lot, or (code null) the pool of stock without a code. */
export interface Slip {
  readonly code: string | null;
  count: number;
  held: number;
  /** When the first of what is here now arrived; '' while nothing is. */
  since: string;
  expires: string | null;
  status: QcStatus;
  revision: number | null;
}

export interface Line {
  readonly code: string | null;
  readonly units: number;
}

/** A reservation. What is reserved of a lot is the sum over these, and stands nowhere else. */
export interface Pledge {
  readonly number: number;
  lines: readonly Line[];
  short: number;
  readonly strategy: 'FIFO' | 'FEFO' | 'LIFO';
  /** The lots were named. */
  readonly named: boolean;
  until: string | null;
}

export interface Cargo extends Line {
  readonly since: string;
  readonly expires: string | null;
  readonly status: QcStatus;
  readonly revision: number | null;
}

/** A transfer out of here. */
export interface Voyage {
  readonly to: string;
  /** When it went. */
  readonly left: string;
  lines: readonly Cargo[];
}

export type Sheet = Extract<StockEvent, { readonly type: 'CountSubmitted' }>['data'];

/** What stands at one revision of the stream. */
export interface Entry {
  readonly id: string;
  readonly event: StockEvent;
}

export interface Book {
  readonly sku: string;
  readonly location: string;
  /** In the order in which the lots became known. */
  readonly slips: Map<string | null, Slip>;
  readonly pledges: Map<string, Pledge>;
  readonly voyages: Map<string, Voyage>;
  readonly sheets: Map<string, Sheet>;
  readonly reversed: Set<string>;
  made: { readonly R: number; readonly T: number; readonly C: number };
  /** All that ever happened. */
  readonly diary: Entry[];
}

export const newBook = (sku: string, location: string): Book => ({
  sku,
  location,
  slips: new Map(),
  pledges: new Map(),
  voyages: new Map(),
  sheets: new Map(),
  reversed: new Set(),
  made: { R: 0, T: 0, C: 0 },
  diary: [],
});

/** To try something out on. The diary goes on in the original alone. */
export const copyOf = (book: Book): Book => ({
  ...book,
  slips: new Map([...book.slips].map(([code, slip]) => [code, { ...slip }])),
  pledges: new Map([...book.pledges].map(([id, pledge]) => [id, { ...pledge }])),
  voyages: new Map([...book.voyages].map(([id, voyage]) => [id, { ...voyage }])),
  sheets: new Map(book.sheets),
  reversed: new Set(book.reversed),
});

export const nextId = ({ sku, location, made }: Book, letter: 'R' | 'T' | 'C'): string =>
  `${sku}@${location}.${letter}${made[letter] + 1}`;

/** Whether an id was ever given here. */
export const wasMade = ({ sku, location, made }: Book, letter: 'R' | 'T' | 'C', id: string) => {
  const number = Number(id.slice(`${sku}@${location}.${letter}`.length));
  return id === `${sku}@${location}.${letter}${number}` && number >= 1 && number <= made[letter];
};

export const sum = (numbers: Iterable<number>): number => {
  let all = 0;
  for (const number of numbers) all += number;
  return all;
};

export const unitsIn = (lines: readonly Line[]): number => sum(lines.map(({ units }) => units));

export const total = (book: Book): number => {
  let all = 0;
  for (const { count } of book.slips.values()) all += count;
  return all;
};

export function promised(book: Book, code: string | null): number {
  let all = 0;
  for (const { lines } of book.pledges.values())
    for (const line of lines) if (line.code === code) all += line.units;
  return all;
}

/** Neither promised nor on hold. */
export const loose = (book: Book, slip: Slip): number =>
  slip.count - slip.held - promised(book, slip.code);

/** What was in a lot after a revision; undefined for a revision that is not there. */
export function countAfter(book: Book, code: string | null, revision: number): number | undefined {
  if (revision < 0 || revision >= book.diary.length) return undefined;
  let count = 0;
  for (let at = 0; at <= revision; at += 1) {
    const { event } = book.diary[at]!;
    if ('lotCode' in event.data && event.data.lotCode === code) count += effect(event);
  }
  return count;
}

/** What an event does to what is here. */
export function effect({ type, data }: StockEvent): number {
  const inward = ['StockReceived.v2', 'StockReturned', 'StockArrived', 'TransferCancelled'];
  const outward = ['StockIssued.v2', 'StockDispatched'];
  const signed = ['StockAdjusted.v2', 'MovementReversed'];
  if (type === 'StockCounted') return (data as { variance: number }).variance;
  const { quantity } = data as { quantity: number };
  if (inward.includes(type) || signed.includes(type)) return quantity;
  return outward.includes(type) ? -quantity : 0;
}
