import { DamageError } from './damage';
import { decodeHead, type Head } from './heads';
import {
  flawOf,
  linkOf,
  previousLinkOf,
  revisionOf,
  streamNumberOf,
  TOMBSTONE_REVISION,
} from './record';
import { decodePosition, nameKey, type Tables, type Tail } from './tables';

export interface LogRow {
  readonly position: number;
  readonly row: Buffer;
}

/** A part of the log, from <= position < to, or of a stream, first to last; fetched a page at a time. */
export interface LogRange {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly backwards: boolean;
}

const PAGE_BYTES = 1 << 20;

/**
 * Reads of the file that hand out only what is proven to be what was written: every row has its checksum, position,
 * stream and revision compared, and rows that follow one another must be linked. All throw `DamageError` otherwise.
 */
export interface CheckedReads {
  row(position: number): Buffer | undefined;
  /** The event of a revision; undefined when the index has none. */
  event(stream: number, revision: number): LogRow | undefined;
  head(stream: string): Head | undefined;
  readLog(range: LogRange, tail: Tail): LogRow[];
  /** Every revision asked for must be there. */
  readStream(stream: number, first: number, last: number, limit: number): LogRow[];
}

export function openCheckedReads(file: string, { log, index, heads }: Tables): CheckedReads {
  const damaged = (place: string, flaw: string): never => {
    throw new DamageError(file, place, flaw);
  };
  /** The engine itself stumbles over pages that are damaged. */
  const guarded = <T>(place: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof DamageError) throw error;
      return damaged(place, `the storage engine cannot read it (${String(error)})`);
    }
  };

  const row = (position: number): Buffer | undefined => {
    const found = log.get(position);
    const flaw = found && flawOf(found, position);
    return flaw === undefined ? found : damaged(`position ${position}`, flaw);
  };
  const indexed = (stream: number, revision: number, position: number): LogRow => {
    const place = `revision ${revision} of stream number ${stream}, position ${position}`;
    const found = Number.isFinite(position) ? row(position) : undefined;
    if (!found) return damaged(place, 'the index names a position without a record');
    if (streamNumberOf(found) !== stream || revisionOf(found) !== revision) {
      return damaged(place, 'the index names the record of another event');
    }
    return { position, row: found };
  };

  /** The nearest row below a position, if it is sound; a damaged one is found by who reads it. */
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
    // A page that is full ends below `to`: what follows is linked to it when the next page is read.
    const isFull = !backwards && (found.length >= limit || bytes >= PAGE_BYTES);
    const end = found.at(-1);
    const covered = isFull && end ? { ...range, to: end.position + 1 } : range;
    requireChain(backwards ? [...found].reverse() : found, covered, tail);
    return found;
  };

  const readStream = (stream: number, first: number, last: number, limit: number): LogRow[] => {
    const found: LogRow[] = [];
    let bytes = 0;
    const backwards = first > last;
    const step = backwards ? -1 : 1;
    const range = { start: [stream, first], end: [stream, last + step] };
    const options = { ...range, reverse: backwards, limit, snapshot: false };
    for (const { key, value } of index.getRange(options)) {
      const revision = first + step * found.length;
      if (key[0] !== stream || key[1] !== revision) missing(stream, revision);
      const entry = indexed(stream, revision, decodePosition(value));
      found.push(entry);
      bytes += entry.row.length;
      if (bytes >= PAGE_BYTES) return found;
    }
    const wanted = Math.min(limit, Math.abs(last - first) + 1);
    if (found.length < wanted) missing(stream, first + step * found.length);
    return found;
  };
  const missing = (stream: number, revision: number): never =>
    damaged(`revision ${revision} of stream number ${stream}`, 'the index has no entry for it');

  const head = (stream: string): Head | undefined => {
    const key = nameKey(stream);
    const bytes = heads.get(key);
    if (bytes) return decodeHead(key, bytes) ?? damaged(`stream ${stream}`, 'its head is damaged');
    // A key that is damaged hides its stream, but it still lies next to where the stream is looked for.
    for (const reverse of [false, true]) {
      for (const near of heads.getRange({ start: key, reverse, limit: 1, snapshot: false })) {
        if (!decodeHead(near.key, near.value))
          damaged(`stream ${stream}`, 'a head near it is damaged');
      }
    }
    return undefined;
  };

  return {
    row: (position) => guarded(`position ${position}`, () => row(position)),
    event: (stream, revision) =>
      guarded(`revision ${revision} of stream number ${stream}`, () => {
        // A tombstone has no place in the index.
        const bytes = revision === TOMBSTONE_REVISION ? undefined : index.get([stream, revision]);
        return bytes && indexed(stream, revision, decodePosition(bytes));
      }),
    head: (stream) => guarded(`stream ${stream}`, () => head(stream)),
    readLog: (range, tail) =>
      guarded(`position ${range.from} to ${range.to}`, () => readLog(range, tail)),
    readStream: (stream, first, last, limit) =>
      guarded(`revision ${first} to ${last} of stream number ${stream}`, () =>
        readStream(stream, first, last, limit),
      ),
  };
}
