import { flawOf, linkOf, previousLinkOf } from './record';
import type { Tables, Tail } from './tables';

export interface LogRow {
  readonly position: number;
  readonly row: Buffer;
}

/** Records with from <= position < to, at most `limit` and about a megabyte of them. */
export interface LogRange {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly backwards: boolean;
}

export type Damaged = (place: string, flaw: string) => never;

/** A reader that does not read on holds as much. */
export const PAGE_BYTES = 256 << 10;

/** Checked reads in the order of the log. */
export function checkedLog({ log }: Tables, damaged: Damaged) {
  const row = (position: number): Buffer | undefined => {
    const found = log.get(position);
    const flaw = found && flawOf(found, position);
    return flaw === undefined ? found : damaged(`position ${position}`, flaw);
  };

  /** The nearest row, if it is sound; a damaged one is found by who reads it. */
  const neighbour = (start: number, reverse: boolean): LogRow | 'none' | 'damaged' => {
    const range = reverse ? { start, end: -1, reverse } : { start };
    for (const { key, value } of log.getRange({ ...range, limit: 1, snapshot: false })) {
      return flawOf(value, key) ? 'damaged' : { position: key, row: value };
    }
    return 'none';
  };
  const requireLinked = (link: number | undefined, next: number, position: number): void => {
    if (link === undefined || link === next) return;
    damaged(`position ${position}`, 'records before it are missing or of another log');
  };
  const requireChain = (ascending: readonly LogRow[], range: LogRange, tail: Tail): void => {
    const below = neighbour((ascending[0]?.position ?? range.from) - 1, true);
    let link = below === 'none' ? 0 : below === 'damaged' ? undefined : linkOf(below.row);
    for (const { position, row: found } of ascending) {
      requireLinked(link, previousLinkOf(found), position);
      link = linkOf(found);
    }
    const above = range.to >= tail.position ? 'none' : neighbour(range.to, false);
    if (above === 'none') requireLinked(link, tail.link, tail.position);
    else if (above !== 'damaged') requireLinked(link, previousLinkOf(above.row), above.position);
  };

  const readLog = (range: LogRange, tail: Tail): LogRow[] => {
    const { from, to, limit, backwards } = range;
    const found: LogRow[] = [];
    let bytes = 0;
    // `to` is no record when reading backwards: the upper end of a range that LMDB walks down is included.
    const keys = backwards
      ? { start: to - 1, end: from - 1, reverse: true, limit }
      : { start: from, end: to, limit };
    for (const { key, value } of log.getRange({ ...keys, snapshot: false })) {
      const flaw = flawOf(value, key);
      if (flaw) damaged(`position ${key}`, flaw);
      found.push({ position: key, row: value });
      bytes += value.length;
      if (bytes >= PAGE_BYTES) break;
    }
    // A page that is full ends below `to`.
    const isFull = !backwards && (found.length >= limit || bytes >= PAGE_BYTES);
    const end = found.at(-1);
    const covered = isFull && end ? { ...range, to: end.position + 1 } : range;
    requireChain(backwards ? [...found].reverse() : found, covered, tail);
    return found;
  };
  return { row, readLog };
}
