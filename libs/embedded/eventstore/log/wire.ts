/**
 * The few pieces of the protobuf wire format that the hot paths need: decoding an append and encoding an event cost
 * several times more through the generated classes. Everything else uses those.
 */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
}

export const VARINT = 0;
export const LENGTH_DELIMITED = 2;

export const cursorOver = (bytes: Buffer, start = 0, end = bytes.length): Cursor => ({
  bytes,
  at: start,
  end,
});

/** Reads an unsigned number; what does not fit a double exactly is rounded. */
export function readVarint(cursor: Cursor): number {
  let factor = 1;
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    if (cursor.at >= cursor.end) throw new RangeError('a message ends within a number');
    const byte = cursor.bytes[cursor.at]!;
    cursor.at += 1;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 128;
  }
  throw new RangeError('a number is too long');
}

/** Reads the length of a field and steps over it; answers the field's own cursor. */
export function readSpan(cursor: Cursor): Cursor {
  const length = readVarint(cursor);
  const start = cursor.at;
  if (start + length > cursor.end) throw new RangeError('a message ends within a field');
  cursor.at = start + length;
  return cursorOver(cursor.bytes, start, start + length);
}

export const bytesOf = (span: Cursor): Buffer => span.bytes.subarray(span.at, span.end);

/** Steps over a field that nobody asked for. */
function skipField(cursor: Cursor, wireType: number): void {
  if (wireType === VARINT) readVarint(cursor);
  else if (wireType === LENGTH_DELIMITED) readSpan(cursor);
  else if (wireType === 1) cursor.at += 8;
  else if (wireType === 5) cursor.at += 4;
  else throw new RangeError(`wire type ${wireType} is unknown`);
  if (cursor.at > cursor.end) throw new RangeError('a message ends within a field');
}

/** Calls `take` for every field; it answers false for one that it has not read. */
export function eachField(
  cursor: Cursor,
  take: (field: number, wireType: number, cursor: Cursor) => boolean,
): void {
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    const wireType = tag & 7;
    if (!take(tag >>> 3, wireType, cursor)) skipField(cursor, wireType);
  }
}

export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

/** Writes an unsigned number below 2^53; answers where the next field begins. */
export function writeVarint(target: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80000000) {
    target[at] = (rest % 128) | 0x80;
    at += 1;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    target[at] = (rest & 0x7f) | 0x80;
    at += 1;
    rest >>>= 7;
  }
  target[at] = rest;
  return at + 1;
}

/** Tag, length and content of a field, for the paths that may copy. */
export function field(number: number, content: Buffer): Buffer {
  const head = Buffer.alloc(1 + varintLength(content.length));
  head[0] = (number << 3) | LENGTH_DELIMITED;
  writeVarint(head, 1, content.length);
  return Buffer.concat([head, content]);
}

/** Tag and value of a number field. */
export function numberField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(1 + varintLength(value));
  bytes[0] = number << 3;
  writeVarint(bytes, 1, value);
  return bytes;
}

/** Tag and value of a signed 64 bit field. */
export function int64Field(number: number, value: bigint): Buffer {
  const bytes = [number << 3];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
