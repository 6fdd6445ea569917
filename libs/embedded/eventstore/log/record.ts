import { crc32 } from 'node:zlib';
import { field, int64Field, numberField, varintLength, writeVarint } from './wire';

/** The revision of a tombstone, 2^63-1, does not fit a number exactly; inside the node this stands for it. */
export const TOMBSTONE_REVISION = -2;

export interface EventToStore {
  /** Lower-case text form. */
  readonly id: string;
  readonly stream: Buffer;
  /** Stands for the name in the index. */
  readonly streamNumber: number;
  readonly revision: number;
  readonly type: Buffer;
  readonly isJson: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
  readonly position: number;
  readonly createdMs: number;
}

/*
 * A row of the log: a header of our own, then the event as the protobuf bytes of the `ReadResp` that delivers it, so
 * that reading copies bytes and encodes nothing.
 *
 *   0 crc32 of all that follows   4 kind   5 isLink   8 created (ms)   16 revision
 *   24 start and 28 end of the RecordedEvent   32 start of the stream name   36 its length
 *   40 start of the type   44 its length   48 length of the data, which ends the RecordedEvent
 *   52 link of the row before   56 position   64 stream number
 *   72 of a gap only: link of the last row that it replaces   76 how many it replaces
 */
const HEADER = 72;
const GAP_LENGTH = 84;
const KIND = 4;
const IS_LINK = 5;
const PREVIOUS = 52;
const POSITION = 56;
const STREAM_NUMBER = 64;
const NO_EVENT = 0;
const EVENT = 1;
const GAP = 2;
const LINK_TYPE = Buffer.from('$>');
const CREATED_DIGITS = 17;
const CONTENT_TYPE = {
  json: mapEntry('content-type', 'application/json'),
  bytes: mapEntry('content-type', 'application/octet-stream'),
};
const CREATED_HEAD = mapEntry('created', '0'.repeat(CREATED_DIGITS)).subarray(0, -CREATED_DIGITS);
const TYPE_KEY = Buffer.concat([Buffer.from([0x0a, 4]), Buffer.from('type')]);
const ID_FIELD = 40;
const MAX_INT64 = Buffer.from('ffffffffffffffff7f', 'hex');

/** A record that holds a place in the log but is no event: what an append without events leaves behind. */
export function emptyRow(createdMs: number, position: number, previousLink: number): Buffer {
  const row = Buffer.alloc(HEADER);
  row[KIND] = NO_EVENT;
  row.writeDoubleLE(createdMs, 8);
  return seal(row, position, previousLink);
}

/** Stands where rows have been removed, so that the chain still shows what else is missing. */
export function gapRow(
  position: number,
  previousLink: number,
  { lastLink, count }: { readonly lastLink: number; readonly count: number },
): Buffer {
  const row = Buffer.alloc(GAP_LENGTH);
  row[KIND] = GAP;
  row.writeUInt32LE(lastLink, 72);
  row.writeDoubleLE(count, 76);
  return seal(row, position, previousLink);
}

function seal(row: Buffer, position: number, previousLink: number): Buffer {
  row.writeUInt32LE(previousLink, PREVIOUS);
  row.writeDoubleLE(position, POSITION);
  row.writeUInt32LE(crc32(row.subarray(KIND)), 0);
  return row;
}

/** Sizes of the nested messages of a row, from the outside in. */
function sizesOf(event: EventToStore) {
  const name = event.stream.length;
  const identifier = 1 + varintLength(name) + name;
  const typeEntry = TYPE_KEY.length + 1 + varintLength(event.type.length) + event.type.length;
  const contentType = event.isJson ? CONTENT_TYPE.json : CONTENT_TYPE.bytes;
  const positionLength = varintLength(event.position);
  const recorded =
    ID_FIELD +
    (1 + varintLength(identifier) + identifier) +
    (1 +
      (event.revision === TOMBSTONE_REVISION ? MAX_INT64.length : varintLength(event.revision))) +
    2 * (1 + positionLength) +
    (1 + varintLength(typeEntry) + typeEntry) +
    contentType.length +
    CREATED_HEAD.length +
    CREATED_DIGITS +
    optionalBytes(event.metadata) +
    optionalBytes(event.data);
  const readEvent = 1 + varintLength(recorded) + recorded + 1 + positionLength;
  const row = HEADER + 1 + varintLength(readEvent) + readEvent;
  return { identifier, typeEntry, contentType, recorded, readEvent, row };
}

const optionalBytes = (bytes: Buffer): number =>
  bytes.length === 0 ? 0 : 1 + varintLength(bytes.length) + bytes.length;

export function eventRow(event: EventToStore, previousLink: number): Buffer {
  const sizes = sizesOf(event);
  const row = Buffer.allocUnsafe(sizes.row);
  let at = writeTag(row, HEADER, 0x0a, sizes.readEvent);
  at = writeTag(row, at, 0x0a, sizes.recorded);
  const recordedStart = at;
  at = writeTag(row, at, 0x0a, ID_FIELD - 2);
  at = writeTag(row, at, 0x12, 36);
  at += row.write(event.id, at, 36, 'latin1');
  at = writeTag(row, at, 0x12, sizes.identifier);
  at = writeTag(row, at, 0x1a, event.stream.length);
  const nameStart = at;
  at += event.stream.copy(row, at);
  at = writeRevision(row, at, event.revision);
  at = writeTag(row, at, 0x20, event.position);
  at = writeTag(row, at, 0x28, event.position);
  at = writeTag(row, at, 0x32, sizes.typeEntry);
  at += TYPE_KEY.copy(row, at);
  at = writeTag(row, at, 0x12, event.type.length);
  const typeStart = at;
  at += event.type.copy(row, at);
  at += sizes.contentType.copy(row, at);
  at += CREATED_HEAD.copy(row, at);
  // Ticks of 100 ns: the clock's milliseconds and four zeros.
  at += row.write(`${event.createdMs}0000`, at, CREATED_DIGITS, 'latin1');
  at = writeOptionalBytes(row, at, 0x3a, event.metadata);
  at = writeOptionalBytes(row, at, 0x42, event.data);
  row.writeUInt32LE(recordedStart, 24);
  row.writeUInt32LE(at, 28);
  writeTag(row, at, 0x18, event.position);
  row.writeUInt32LE(nameStart, 32);
  row.writeUInt32LE(event.stream.length, 36);
  row.writeUInt32LE(typeStart, 40);
  row.writeUInt32LE(event.type.length, 44);
  row.writeUInt32LE(event.data.length, 48);
  row[KIND] = EVENT;
  row[IS_LINK] = event.type.equals(LINK_TYPE) ? 1 : 0;
  row.writeUInt16LE(0, 6);
  row.writeDoubleLE(event.createdMs, 8);
  row.writeDoubleLE(event.revision, 16);
  row.writeDoubleLE(event.streamNumber, STREAM_NUMBER);
  return seal(row, event.position, previousLink);
}

function writeTag(row: Buffer, at: number, tag: number, value: number): number {
  row[at] = tag;
  return writeVarint(row, at + 1, value);
}

function writeRevision(row: Buffer, at: number, revision: number): number {
  if (revision !== TOMBSTONE_REVISION) return writeTag(row, at, 0x18, revision);
  row[at] = 0x18;
  return at + 1 + MAX_INT64.copy(row, at + 1);
}

function writeOptionalBytes(row: Buffer, at: number, tag: number, bytes: Buffer): number {
  if (bytes.length === 0) return at;
  const start = writeTag(row, at, tag, bytes.length);
  return start + bytes.copy(row, start);
}

export const holdsEvent = (row: Buffer): boolean => row[KIND] === EVENT;
export const isGap = (row: Buffer): boolean => row[KIND] === GAP;
export const isLink = (row: Buffer): boolean => row[IS_LINK] === 1;
/** What the next row names as the one before it. */
export const linkOf = (row: Buffer): number => row.readUInt32LE(row[KIND] === GAP ? 72 : 0);
export const previousLinkOf = (row: Buffer): number => row.readUInt32LE(PREVIOUS);
/** How many removed rows a gap stands for. */
export const gapCountOf = (row: Buffer): number => row.readDoubleLE(76);
export const streamNumberOf = (row: Buffer): number => row.readDoubleLE(STREAM_NUMBER);
export const createdMsOf = (row: Buffer): number => row.readDoubleLE(8);
export const revisionOf = (row: Buffer): number => row.readDoubleLE(16);
export const idOf = (row: Buffer): string => {
  const start = row.readUInt32LE(24) + 4;
  return row.toString('latin1', start, start + 36);
};
export const streamBytesOf = (row: Buffer): Buffer => {
  const start = row.readUInt32LE(32);
  return row.subarray(start, start + row.readUInt32LE(36));
};
export const typeBytesOf = (row: Buffer): Buffer => {
  const start = row.readUInt32LE(40);
  return row.subarray(start, start + row.readUInt32LE(44));
};
export const dataOf = (row: Buffer): Buffer => {
  const end = row.readUInt32LE(28);
  return row.subarray(end - row.readUInt32LE(48), end);
};

/** What is wrong with a row that was found at a position, if anything. */
export function flawOf(row: Buffer, position: number): string | undefined {
  if (row.length < HEADER) return `it has ${row.length} bytes, fewer than any record`;
  if (crc32(row.subarray(KIND)) !== row.readUInt32LE(0)) return 'its checksum does not match';
  const own = row.readDoubleLE(POSITION);
  return own === position ? undefined : `it belongs to position ${own}`;
}

/** The `ReadResp` as it is sent, without a copy. */
export const messageOf = (row: Buffer): Buffer => row.subarray(HEADER);

/** The `ReadResp` of a reader who asked for structured ids or followed a link; `target` is null when it leads nowhere. */
export function resolvedMessage(
  row: Buffer,
  position: number,
  target: Buffer | null | undefined,
  structuredIds: boolean,
): Buffer {
  const own = recorded(row, structuredIds);
  const sides =
    target === undefined
      ? [field(1, own)]
      : [...(target ? [field(1, recorded(target, structuredIds))] : []), field(2, own)];
  return field(1, Buffer.concat([...sides, numberField(3, position)]));
}

function recorded(row: Buffer, structuredIds: boolean): Buffer {
  const bytes = row.subarray(row.readUInt32LE(24), row.readUInt32LE(28));
  if (!structuredIds) return bytes;
  const id = Buffer.from(idOf(row).replaceAll('-', ''), 'hex');
  const structured = Buffer.concat([
    int64Field(1, id.readBigInt64BE(0)),
    int64Field(2, id.readBigInt64BE(8)),
  ]);
  return Buffer.concat([field(1, field(1, structured)), bytes.subarray(ID_FIELD)]);
}

function mapEntry(key: string, value: string): Buffer {
  return field(6, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]));
}
