import { createHash } from 'node:crypto';
import { open, type Database, type RootDatabase } from 'lmdb';
import { checkFile } from './file-check';
import { decodeHead, encodeHead, type Head } from './heads';
import { createdMsOf, crcOf, emptyRow, isIntact } from './record';

export interface LogRow {
  readonly position: number;
  readonly row: Buffer;
}

/** Where the log stands; stored with every commit. */
export interface Tail {
  /** Where the next record goes; every record is below. */
  readonly position: number;
  readonly crc: number;
  readonly nextStream: number;
  readonly createdMs: number;
}

/** Everything that one transaction writes. */
export interface Commit {
  readonly rows: readonly LogRow[];
  readonly index: readonly IndexRow[];
  readonly heads: ReadonlyMap<string, Head>;
  readonly tail: Tail;
}

export interface IndexRow {
  readonly stream: number;
  readonly revision: number;
  readonly position: number;
}

export interface Store {
  readonly tail: () => Tail;
  /** Writes all or nothing; returns when it is on disk, throws when that cannot be known. */
  commit(commit: Commit): void;
  readonly head: (stream: string) => Head | undefined;
  row(position: number): Buffer | undefined;
  positionOf(stream: number, revision: number): number | undefined;
  /** Records with from <= position < to, at most `limit` and about a megabyte of them, read backwards if asked. */
  readLog(from: number, to: number, limit: number, backwards?: boolean): LogRow[];
  /** Records of revisions first to last, both included, under the same limits; first > last reads backwards. */
  readStream(stream: number, first: number, last: number, limit: number): LogRow[];
  close(): Promise<void>;
}

const PAGE_BYTES = 1 << 20;
const CACHED_HEADS = 20_000;
const TAIL_KEY = 'tail';
/** LMDB limits keys to 1978 bytes; a longer name is stored under its digest. */
const LONGEST_NAME_KEY = 400;

export function openStore(file: string): Store {
  checkFile(file);
  const env: RootDatabase<Buffer, string> = open({
    path: file,
    noSubdir: true,
    maxDbs: 4,
    encoding: 'binary',
    // By default a write counts as done before it is synced; ours must be on disk before it is answered.
    overlappingSync: false,
  });
  const log = env.openDB<Buffer, number>({ name: 'log', encoding: 'binary' });
  const index = env.openDB<Buffer, [number, number]>({ name: 'index', encoding: 'binary' });
  const headRows = env.openDB<Buffer, string>({ name: 'heads', encoding: 'binary' });
  const state = env.openDB<Buffer, string>({ name: 'state', encoding: 'binary' });
  const heads = new Map<string, Head>();
  let tail = decodeTail(state.get(TAIL_KEY)) ?? begin(env, log, state);
  requireIntactEnd(log, tail);

  return {
    tail: () => tail,
    commit(commit) {
      env.transactionSync(() => {
        for (const { position, row } of commit.rows) log.putSync(position, row);
        for (const { stream, revision, position } of commit.index) {
          index.putSync([stream, revision], encodePosition(position));
        }
        for (const [name, head] of commit.heads) headRows.putSync(nameKey(name), encodeHead(head));
        state.putSync(TAIL_KEY, encodeTail(commit.tail));
      });
      tail = commit.tail;
      for (const [name, head] of commit.heads) remember(heads, name, head);
    },
    head(stream) {
      const known = heads.get(stream);
      if (known) return known;
      const bytes = headRows.get(nameKey(stream));
      return bytes && remember(heads, stream, decodeHead(bytes));
    },
    row: (position) => log.get(position),
    positionOf: (stream, revision) => decodePosition(index.get([stream, revision])),
    readLog: (from, to, limit, backwards = false) => readLog(log, from, to, limit, backwards),
    readStream: (stream, first, last, limit) => readStream(log, index, stream, first, last, limit),
    close: () => env.close(),
  };
}

/** A new log starts with a record that is no event, so that every event lies above position 0. */
function begin(
  env: RootDatabase<Buffer, string>,
  log: Database<Buffer, number>,
  state: Database<Buffer, string>,
): Tail {
  const row = emptyRow(Date.now(), 0);
  const tail = {
    position: row.length,
    crc: crcOf(row),
    nextStream: 1,
    createdMs: createdMsOf(row),
  };
  env.transactionSync(() => {
    log.putSync(0, row);
    state.putSync(TAIL_KEY, encodeTail(tail));
  });
  return tail;
}

/** The newest record must be what the last commit says; the whole chain is too long to look at on every start. */
function requireIntactEnd(log: Database<Buffer, number>, tail: Tail): void {
  const [newest, before] = readLog(log, 0, Infinity, 2, true);
  const isIntactEnd =
    newest !== undefined &&
    newest.position + newest.row.length === tail.position &&
    isIntact(newest.row, before ? crcOf(before.row) : 0) &&
    crcOf(newest.row) === tail.crc;
  if (!isIntactEnd) throw new Error('its newest record is damaged');
}

function readLog(
  log: Database<Buffer, number>,
  from: number,
  to: number,
  limit: number,
  backwards: boolean,
): LogRow[] {
  const found: LogRow[] = [];
  let bytes = 0;
  // `to` is no record when reading backwards: the upper end of a range that LMDB walks down is included.
  const range = backwards
    ? { start: to - 1, end: from - 1, reverse: true, limit }
    : { start: from, end: to, limit };
  for (const { key, value } of log.getRange({ ...range, snapshot: false })) {
    found.push({ position: key, row: value });
    bytes += value.length;
    if (bytes >= PAGE_BYTES) break;
  }
  return found;
}

function readStream(
  log: Database<Buffer, number>,
  index: Database<Buffer, [number, number]>,
  stream: number,
  first: number,
  last: number,
  limit: number,
): LogRow[] {
  const found: LogRow[] = [];
  let bytes = 0;
  const backwards = first > last;
  const range = { start: [stream, first], end: [stream, last + (backwards ? -1 : 1)] };
  const options = { ...range, reverse: backwards, limit, snapshot: false };
  for (const { value } of index.getRange(options)) {
    const position = value.readDoubleLE(0);
    const row = log.get(position);
    if (!row) throw new Error(`the log has no record at ${position}, which the index names`);
    found.push({ position, row });
    bytes += row.length;
    if (bytes >= PAGE_BYTES) break;
  }
  return found;
}

function remember(heads: Map<string, Head>, name: string, head: Head): Head {
  heads.delete(name);
  heads.set(name, head);
  if (heads.size > CACHED_HEADS) {
    const [oldest] = heads.keys();
    if (oldest !== undefined) heads.delete(oldest);
  }
  return head;
}

const nameKey = (stream: string): string =>
  stream.length <= LONGEST_NAME_KEY
    ? `=${stream}`
    : `#${createHash('sha256').update(stream).digest('hex')}`;

function encodePosition(position: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(position, 0);
  return bytes;
}

const decodePosition = (bytes: Buffer | undefined): number | undefined => bytes?.readDoubleLE(0);

function encodeTail(tail: Tail): Buffer {
  const bytes = Buffer.allocUnsafe(28);
  bytes.writeDoubleLE(tail.position, 0);
  bytes.writeDoubleLE(tail.nextStream, 8);
  bytes.writeDoubleLE(tail.createdMs, 16);
  bytes.writeUInt32LE(tail.crc, 24);
  return bytes;
}

function decodeTail(bytes: Buffer | undefined): Tail | undefined {
  return (
    bytes && {
      position: bytes.readDoubleLE(0),
      nextStream: bytes.readDoubleLE(8),
      createdMs: bytes.readDoubleLE(16),
      crc: bytes.readUInt32LE(24),
    }
  );
}
