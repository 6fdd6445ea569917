import { statSync } from 'node:fs';
import { RecentMap } from '../../../runtime';
import type { LogRow } from './checked-log';
import { openCheckedReads, type CheckedReads, type HeadRow } from './checked-reads';
import { DamageError } from './damage';
import { encodeHead, encodeNumber, type Head } from './heads';
import { checkPagesAtStart } from './page-check';
import {
  createdMsOf,
  emptyRow,
  gapCountOf,
  gapRow,
  holdsEvent,
  isGap,
  linkOf,
  previousLinkOf,
  revisionOf,
  streamBytesOf,
  streamNumberOf,
  TOMBSTONE_REVISION,
} from './record';
import {
  encodePosition,
  headKey,
  nameKey,
  openTables,
  readTail,
  sizeOf,
  writeFormat,
  writeTail,
  type Tables,
  type Tail,
} from './tables';

export type { LogRow } from './checked-log';
export type { HeadRow } from './checked-reads';
export type { Tail } from './tables';

/** Everything that one transaction writes. */
export interface Commit {
  readonly rows: readonly LogRow[];
  readonly index: readonly IndexRow[];
  /** Events taken out for good; `heads` says in `first` what is no longer there. */
  readonly removed: readonly IndexRow[];
  readonly heads: ReadonlyMap<string, Head>;
  readonly tail: Tail;
}

export interface IndexRow {
  readonly stream: number;
  readonly revision: number;
  readonly position: number;
}

/** What is read is proven to be what was written; `DamageError` otherwise. */
export interface Store {
  readonly tail: () => Tail;
  /** Writes all or nothing; returns when it is on disk, throws when that cannot be known. */
  commit(commit: Commit): void;
  readonly head: (stream: string) => Head | undefined;
  /** Streams in the order of their names' keys, those after `key`. */
  heads(key: string | undefined, limit: number): HeadRow[];
  size(): StoreSize;
  row(position: number): Buffer | undefined;
  /** The event of a revision; undefined when there is none. */
  event(stream: number, revision: number): LogRow | undefined;
  /** Records with from <= position < to, at most `limit` and about a quarter of a megabyte of them, read backwards if asked. */
  readLog(from: number, to: number, limit: number, backwards?: boolean): LogRow[];
  /** Records of revisions first to last, both included, under the same limits; first > last reads backwards. */
  readStream(stream: number, first: number, last: number, limit: number): LogRow[];
  /** Closes the file and opens it again, to find what a failed commit has left; throws when that fails. */
  reopen(): void;
  /** Makes sure that what is found after a failed commit lasts; throws when the file cannot be written. */
  settle(): void;
  close(): Promise<void>;
}

export interface StoreSize {
  /** Tombstones are not counted. */
  readonly events: number;
  readonly streams: number;
  /** Of the file; what a scavenge frees is used again, not given back to the system. */
  readonly bytes: number;
}

const CACHED_HEADS = 20_000;
/** So many of the newest records are looked at before a file is served. */
const CHECKED_AT_START = 100;

/** `onDamage` hears of each damage that a read meets. */
export function openStore(file: string, onDamage: (error: DamageError) => void = () => {}): Store {
  let { tables, reads, tail } = openSound(file);
  const heads = new RecentMap<string, Head>(CACHED_HEADS);

  const reported = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof DamageError) onDamage(error);
      throw error;
    }
  };
  const write = (put: () => void): void => {
    try {
      tables.env.transactionSync(put);
    } catch (error) {
      if (isPageError(error)) reported(() => damagedPage(file, error));
      throw error;
    }
  };
  const putHeads = (changed: ReadonlyMap<string, Head>): void => {
    for (const [name, head] of changed) {
      const key = nameKey(name);
      tables.index.putSync(headKey(head.number), encodeHead(key, head));
      if (head.number >= tail.nextStream) tables.names.putSync(key, encodeNumber(key, head.number));
    }
  };

  return {
    tail: () => tail,
    commit(commit) {
      write(() => {
        for (const { position, row } of commit.rows) tables.log.putSync(position, row);
        for (const { stream, revision, position } of commit.index) {
          tables.index.putSync([stream, revision], encodePosition(position));
        }
        for (const event of commit.removed) takeOut(tables, reads, event);
        putHeads(commit.heads);
        writeTail(tables, commit.tail);
      });
      tail = commit.tail;
      for (const [name, head] of commit.heads) heads.set(name, head);
    },
    head(stream) {
      const known = heads.get(stream);
      if (known) return known;
      const head = reported(() => reads.head(stream));
      if (head) heads.set(stream, head);
      return head;
    },
    heads: (key, limit) => reported(() => reads.heads(key, limit)),
    size: () => ({ ...sizeOf(tables), bytes: statSync(file).size }),
    row: (position) => reported(() => reads.row(position)),
    event: (stream, revision) => reported(() => reads.event(stream, revision)),
    readLog: (from, to, limit, backwards = false) =>
      reported(() => reads.readLog({ from, to, limit, backwards }, tail)),
    readStream: (stream, first, last, limit) =>
      reported(() => reads.readStream(stream, first, last, limit)),
    reopen() {
      // Nothing is under way in the file, so that it is closed when this returns.
      void tables.env.close();
      heads.clear();
      ({ tables, reads, tail } = openSound(file));
    },
    settle() {
      write(() => writeTail(tables, tail));
    },
    close: () => tables.env.close(),
  };
}

/** MDB_PAGE_NOTFOUND and MDB_CORRUPTED. */
const PAGE_ERRORS: readonly unknown[] = [-30797, -30796];
const isPageError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && PAGE_ERRORS.includes(error.code);

function damagedPage(file: string, error: unknown): never {
  throw new DamageError(file, 'a page that an append changes', String(error));
}

interface Opened {
  readonly tables: Tables;
  readonly reads: CheckedReads;
  readonly tail: Tail;
}

/** Opens a file whose newest part is sound; the whole log is too long to look at on every start. */
function openSound(file: string): Opened {
  checkPagesAtStart(file);
  const tables = openTables(file);
  try {
    const reads = openCheckedReads(file, tables);
    const tail = readTail(tables) ?? begin(tables);
    requireSoundEnd(file, reads, tail);
    return { tables, reads, tail };
  } catch (error) {
    void tables.env.close();
    throw error;
  }
}

/** A new log starts with a record that is no event, so that every event lies above position 0. */
function begin(tables: Tables): Tail {
  const row = emptyRow(Date.now(), 0, 0);
  const tail = {
    position: row.length,
    link: linkOf(row),
    nextStream: 1,
    createdMs: createdMsOf(row),
  };
  tables.env.transactionSync(() => {
    tables.log.putSync(0, row);
    writeFormat(tables);
    writeTail(tables, tail);
  });
  return tail;
}

function requireSoundEnd(file: string, reads: CheckedReads, tail: Tail): void {
  const range = { from: 0, to: tail.position, limit: CHECKED_AT_START, backwards: true };
  for (const { position, row } of reads.readLog(range, tail)) {
    if (!holdsEvent(row)) continue;
    const stream = streamBytesOf(row).toString('utf8');
    const revision = revisionOf(row);
    const head = reads.head(stream);
    const isKnown =
      head?.number === streamNumberOf(row) &&
      (revision === TOMBSTONE_REVISION
        ? head.tombstoned
        : revision <= head.last && reads.event(head.number, revision)?.position === position);
    if (isKnown) continue;
    const flaw = `the index does not lead to revision ${revision} of ${stream}`;
    throw new DamageError(file, `position ${position}`, flaw);
  }
}

/** Within a transaction. A run of removed rows becomes one gap. */
function takeOut(tables: Tables, reads: CheckedReads, event: IndexRow): void {
  const { stream, revision, position } = event;
  const { log, index } = tables;
  const row = reads.row(position);
  if (!row) return;
  index.removeSync([stream, revision]);
  let start = position;
  let previousLink = previousLinkOf(row);
  let lastLink = linkOf(row);
  let count = 1;
  for (const { key, value } of log.getRange({ start: position - 1, reverse: true, limit: 1 })) {
    if (!isGap(value)) break;
    start = key;
    previousLink = previousLinkOf(value);
    count += gapCountOf(value);
  }
  for (const { key, value } of log.getRange({ start: position + 1, limit: 1 })) {
    if (!isGap(value)) break;
    lastLink = linkOf(value);
    count += gapCountOf(value);
    log.removeSync(key);
  }
  if (start !== position) log.removeSync(position);
  log.putSync(start, gapRow(start, previousLink, { lastLink, count }));
}
