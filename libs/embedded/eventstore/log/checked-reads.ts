import { checkedLog, PAGE_BYTES, type Damaged, type LogRange, type LogRow } from './checked-log';
import { DamageError } from './damage';
import { decodeHead, decodeNumber, type Head } from './heads';
import { revisionOf, streamNumberOf, TOMBSTONE_REVISION } from './record';
import { decodePosition, headKey, nameKey, type Tables, type Tail } from './tables';

export interface HeadRow {
  readonly key: string;
  /** Undefined when the name is too long to be a key. */
  readonly name: string | undefined;
  readonly head: Head;
}

/**
 * Reads of the file that hand out only what is proven to be what was written: every row has its checksum, position,
 * stream and revision compared, and rows that follow one another must be linked. All throw `DamageError` otherwise.
 */
export interface CheckedReads {
  row(position: number): Buffer | undefined;
  /** The event of a revision; undefined when the index has none. */
  event(stream: number, revision: number): LogRow | undefined;
  /** Where the index says that an event lies, unchecked. */
  position(stream: number, revision: number): number | undefined;
  head(stream: string): Head | undefined;
  heads(after: string | undefined, limit: number): HeadRow[];
  /** The head of the stream that an entry of `names` leads to. */
  headBehind(key: string, value: Buffer): Head;
  readLog(range: LogRange, tail: Tail): LogRow[];
  /** Every revision asked for must be there. */
  readStream(stream: number, first: number, last: number, limit: number): LogRow[];
}

export function openCheckedReads(file: string, tables: Tables): CheckedReads {
  const damaged: Damaged = (place, flaw) => {
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
  const { row, readLog } = checkedLog(tables, damaged);
  const streams = checkedStreams(tables, row, damaged);
  return {
    row: (position) => guarded(`position ${position}`, () => row(position)),
    event: (stream, revision) =>
      guarded(placeOf(stream, revision), () => streams.event(stream, revision)),
    position(stream, revision) {
      const bytes = tables.index.get([stream, revision]);
      return bytes && decodePosition(bytes);
    },
    head: (stream) => guarded(`stream ${stream}`, () => headOf(tables, stream, damaged)),
    heads: (after, limit) =>
      guarded('the streams', () => headsAfter(tables, after, limit, damaged)),
    headBehind: (key, value) =>
      guarded(streamPlace(key), () => headBehind(tables, key, value, damaged)),
    readLog: (range, tail) =>
      guarded(`position ${range.from} to ${range.to}`, () => readLog(range, tail)),
    readStream: (stream, first, last, limit) =>
      guarded(placeOf(stream, first), () => streams.readStream(stream, first, last, limit)),
  };
}

const placeOf = (stream: number, revision: number): string =>
  `revision ${revision} of stream number ${stream}`;

function checkedStreams(
  { index }: Tables,
  row: (position: number) => Buffer | undefined,
  damaged: Damaged,
) {
  const indexed = (stream: number, revision: number, position: number): LogRow => {
    const place = `${placeOf(stream, revision)}, position ${position}`;
    const found = Number.isFinite(position) ? row(position) : undefined;
    if (!found) return damaged(place, 'the index names a position without a record');
    if (streamNumberOf(found) !== stream || revisionOf(found) !== revision) {
      return damaged(place, 'the index names the record of another event');
    }
    return { position, row: found };
  };
  const missing = (stream: number, revision: number): never =>
    damaged(placeOf(stream, revision), 'the index has no entry for it');

  return {
    event(stream: number, revision: number): LogRow | undefined {
      // A tombstone has no place in the index.
      const bytes = revision === TOMBSTONE_REVISION ? undefined : index.get([stream, revision]);
      return bytes && indexed(stream, revision, decodePosition(bytes));
    },
    readStream(stream: number, first: number, last: number, limit: number): LogRow[] {
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
    },
  };
}

function headOf(tables: Tables, stream: string, damaged: Damaged): Head | undefined {
  const { names } = tables;
  const key = nameKey(stream);
  const bytes = names.get(key);
  if (bytes) return headBehind(tables, key, bytes, damaged);
  // A key that is damaged hides its stream, but it still lies next to where the stream is looked for.
  for (const reverse of [false, true]) {
    for (const near of names.getRange({ start: key, reverse, limit: 1, snapshot: false })) {
      const isSound = decodeNumber(near.key, near.value) !== undefined;
      if (!isSound) damaged(`stream ${stream}`, 'a name near it is damaged');
    }
  }
  return undefined;
}

/** The head of the stream that a name leads to. */
function headBehind({ index }: Tables, key: string, value: Buffer, damaged: Damaged): Head {
  const place = streamPlace(key);
  const number = decodeNumber(key, value);
  if (number === undefined) return damaged(place, 'its name is damaged');
  const bytes = index.get(headKey(number));
  if (!bytes) return damaged(place, 'it has no head');
  const head = decodeHead(key, bytes);
  return head?.number === number ? head : damaged(place, 'its head is damaged');
}

/** Undefined where the key is a digest. */
const nameOf = (key: string): string | undefined =>
  key.startsWith('=') ? key.slice(1) : undefined;

export function streamPlace(key: string): string {
  const name = nameOf(key);
  return name === undefined ? `stream with the digest ${key.slice(1)}` : `stream ${name}`;
}

function headsAfter(
  tables: Tables,
  after: string | undefined,
  limit: number,
  damaged: Damaged,
): HeadRow[] {
  const range = after === undefined ? {} : { start: after, exclusiveStart: true };
  const found: HeadRow[] = [];
  for (const { key, value } of tables.names.getRange({ ...range, limit, snapshot: false })) {
    found.push({ key, name: nameOf(key), head: headBehind(tables, key, value, damaged) });
  }
  return found;
}
