import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { open, type Database, type RootDatabase } from 'lmdb';

/** The tables of the file, as LMDB hands them out. */
export interface Tables {
  readonly env: RootDatabase<Buffer, string>;
  /** Position -> row. */
  readonly log: Database<Buffer, number>;
  /**
   * Stream number and revision -> position; behind its last revision stands the stream's head, so that an append to one of
   * many streams changes one page for both.
   */
  readonly index: Database<Buffer, [number, number]>;
  /** Stream name -> stream number. */
  readonly names: Database<Buffer, string>;
  readonly state: Database<Buffer, string>;
}

/** Where the log stands; stored with every commit. */
export interface Tail {
  /** Where the next record goes; every record is below. */
  readonly position: number;
  /** The link of the newest record. */
  readonly link: number;
  readonly nextStream: number;
  readonly createdMs: number;
}

const FORMAT = 'lotstream events 3';
const TAIL_KEY = 'tail';
const FORMAT_KEY = 'format';
const TAIL_LENGTH = 32;
const LOCK_FILE_BYTES = 16_384;
/** LMDB limits keys to 1978 bytes; a longer name is stored under its digest. */
const LONGEST_NAME_KEY = 400;

/** The pages of the file must have been looked at: LMDB trusts them. */
export function openTables(file: string, readOnly = false): Tables {
  if (!readOnly) reserve(`${file}-lock`);
  const env: RootDatabase<Buffer, string> = open({
    path: file,
    noSubdir: true,
    maxDbs: 4,
    encoding: 'binary',
    readOnly,
    // By default a write counts as done before it is synced; ours must be on disk before it is answered.
    overlappingSync: false,
  });
  try {
    const log = env.openDB<Buffer, number>({ name: 'log', encoding: 'binary' });
    const index = env.openDB<Buffer, [number, number]>({ name: 'index', encoding: 'binary' });
    const names = env.openDB<Buffer, string>({ name: 'names', encoding: 'binary' });
    const state = env.openDB<Buffer, string>({ name: 'state', encoding: 'binary' });
    return { env, log, index, names, state };
  } catch (error) {
    void env.close();
    throw error;
  }
}

/** LMDB maps its lock file and touches it blindly: on a full disk a hole in it would end the process. */
function reserve(lockFile: string): void {
  const handle = openSync(lockFile, 'a');
  try {
    const missing = LOCK_FILE_BYTES - fstatSync(handle).size;
    if (missing > 0) writeSync(handle, Buffer.alloc(missing));
  } finally {
    closeSync(handle);
  }
}

/** Undefined for a new file. Throws when what is there is damaged or of another format. */
export function readTail({ state }: Tables): Tail | undefined {
  const bytes = state.get(TAIL_KEY);
  if (!bytes) return undefined;
  if (state.get(FORMAT_KEY)?.toString() !== FORMAT) {
    throw new Error(
      'another version of Lotstream has written it, in a format that this one does not read',
    );
  }
  if (bytes.length !== TAIL_LENGTH || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) {
    throw new Error('the note of where its log ends is damaged');
  }
  return {
    link: bytes.readUInt32LE(4),
    position: bytes.readDoubleLE(8),
    nextStream: bytes.readDoubleLE(16),
    createdMs: bytes.readDoubleLE(24),
  };
}

/** Within a transaction. */
export function writeTail({ state }: Tables, tail: Tail): void {
  const bytes = Buffer.allocUnsafe(TAIL_LENGTH);
  bytes.writeUInt32LE(tail.link, 4);
  bytes.writeDoubleLE(tail.position, 8);
  bytes.writeDoubleLE(tail.nextStream, 16);
  bytes.writeDoubleLE(tail.createdMs, 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  state.putSync(TAIL_KEY, bytes);
}

/** Within the transaction that begins a file. */
export function writeFormat({ state }: Tables): void {
  state.putSync(FORMAT_KEY, Buffer.from(FORMAT));
}

/** LMDB keeps count of what each of its tables holds. */
export function sizeOf({ index, names }: Tables): { events: number; streams: number } {
  const entries = (table: { getStats(): object }): number =>
    (table.getStats() as { readonly entryCount: number }).entryCount;
  const streams = entries(names);
  return { events: entries(index) - streams, streams };
}

/** Where a stream's head stands in the index: behind every revision. */
export const HEAD_SLOT = Number.MAX_SAFE_INTEGER;
export const headKey = (stream: number): [number, number] => [stream, HEAD_SLOT];

export const nameKey = (stream: string): string =>
  stream.length <= LONGEST_NAME_KEY
    ? `=${stream}`
    : `#${createHash('sha256').update(stream).digest('hex')}`;

export function encodePosition(position: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(position, 0);
  return bytes;
}

/** NaN, which is no position, for what cannot be one. */
export const decodePosition = (bytes: Buffer): number =>
  bytes.length === 8 ? bytes.readDoubleLE(0) : NaN;
