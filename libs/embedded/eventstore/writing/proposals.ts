import { LENGTH_DELIMITED, VARINT, bytesOf, eachField, readSpan, readVarint } from '../log/wire';
import { cursorOver, type Cursor } from '../log/wire';

/** An event as the client proposes it. */
export interface ProposedEvent {
  /** Lower-case text form; empty when it is absent or makes no sense. */
  readonly id: string;
  readonly type: Buffer | undefined;
  readonly contentType: string | undefined;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export type Expected =
  | { readonly kind: 'any' | 'no_stream' | 'stream_exists' }
  | { readonly kind: 'revision'; readonly revision: number };

/** The stream that an append, delete or tombstone is for and the revision it expects. */
export interface Target {
  readonly stream: Buffer;
  readonly expected: Expected;
  /** Only a batch append says one. */
  readonly deadlineMs: number;
}

export interface BatchChunk {
  /** The `UUID` message as it came: it goes back unchanged. */
  readonly correlation: Buffer;
  readonly target: Target | undefined;
  readonly events: readonly ProposedEvent[];
  readonly isFinal: boolean;
}

export interface AppendPart {
  readonly target: Target | undefined;
  readonly event: ProposedEvent | undefined;
}

const EMPTY = Buffer.alloc(0);
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NO_ID = '00000000-0000-0000-0000-000000000000';

export function decodeBatchChunk(bytes: Buffer): BatchChunk {
  let correlation: Buffer = EMPTY;
  let target: Target | undefined;
  let isFinal = false;
  const events: ProposedEvent[] = [];
  eachField(cursorOver(bytes), (field, wireType, cursor) => {
    if (field === 1) correlation = bytesOf(readSpan(cursor));
    else if (field === 2) target = decodeTarget(readSpan(cursor));
    else if (field === 3) events.push(decodeProposed(readSpan(cursor)));
    else if (field === 4 && wireType === VARINT) isFinal = readVarint(cursor) !== 0;
    else return false;
    return true;
  });
  return { correlation, target, events, isFinal };
}

export function decodeAppendPart(bytes: Buffer): AppendPart {
  let target: Target | undefined;
  let event: ProposedEvent | undefined;
  eachField(cursorOver(bytes), (field, _wireType, cursor) => {
    if (field === 1) target = decodeTarget(readSpan(cursor));
    else if (field === 2) event = decodeProposed(readSpan(cursor));
    else return false;
    return true;
  });
  return { target, event };
}

/** `DeleteReq` and `TombstoneReq` have the same shape; one without options names no stream. */
export function decodeDelete(bytes: Buffer): Target {
  return (
    decodeAppendPart(bytes).target ?? {
      stream: EMPTY,
      expected: { kind: 'any' },
      deadlineMs: Infinity,
    }
  );
}

/** The options of appends, batch appends, deletes and tombstones number their fields alike. */
function decodeTarget(options: Cursor): Target {
  let stream: Buffer = EMPTY;
  let expected: Expected = { kind: 'any' };
  let deadlineMs = Infinity;
  eachField(options, (field, wireType, cursor) => {
    if (field === 1) stream = decodeStreamIdentifier(readSpan(cursor));
    else if (field === 2 && wireType === VARINT) {
      const revision = Math.min(readVarint(cursor), Number.MAX_SAFE_INTEGER);
      expected = { kind: 'revision', revision };
    } else if (wireType !== LENGTH_DELIMITED) return false;
    else if (field === 6) deadlineMs = decodeTimestamp(readSpan(cursor));
    else {
      readSpan(cursor);
      if (field === 3) expected = { kind: 'no_stream' };
      else if (field === 4) expected = { kind: 'any' };
      else if (field === 5) expected = { kind: 'stream_exists' };
    }
    return true;
  });
  return { stream, expected, deadlineMs };
}

function decodeStreamIdentifier(span: Cursor): Buffer {
  let name: Buffer = EMPTY;
  eachField(span, (field, wireType, cursor) => {
    if (field !== 3 || wireType !== LENGTH_DELIMITED) return false;
    name = bytesOf(readSpan(cursor));
    return true;
  });
  return name;
}

function decodeTimestamp(span: Cursor): number {
  let seconds = 0;
  let nanos = 0;
  eachField(span, (field, wireType, cursor) => {
    if (wireType !== VARINT) return false;
    const value = readVarint(cursor);
    if (field === 1) seconds = value;
    else if (field === 2) nanos = value;
    return true;
  });
  return seconds * 1000 + Math.floor(nanos / 1e6);
}

function decodeProposed(span: Cursor): ProposedEvent {
  let id = '';
  let type: Buffer | undefined;
  let contentType: string | undefined;
  let data: Buffer = EMPTY;
  let metadata: Buffer = EMPTY;
  eachField(span, (field, wireType, cursor) => {
    if (wireType !== LENGTH_DELIMITED) return false;
    const value = readSpan(cursor);
    if (field === 1) id = decodeUuid(value);
    else if (field === 2) {
      const { key, text } = decodeMapEntry(value);
      if (key === 'type') type = text;
      else if (key === 'content-type') contentType = text.toString('latin1');
    } else if (field === 3) metadata = bytesOf(value);
    else if (field === 4) data = bytesOf(value);
    return true;
  });
  return { id, type, contentType, data, metadata };
}

function decodeMapEntry(span: Cursor): { key: string; text: Buffer } {
  let key = '';
  let text: Buffer = EMPTY;
  eachField(span, (field, wireType, cursor) => {
    if (wireType !== LENGTH_DELIMITED) return false;
    const value = readSpan(cursor);
    if (field === 1) key = value.bytes.toString('latin1', value.at, value.end);
    else if (field === 2) text = bytesOf(value);
    return true;
  });
  return { key, text };
}

/** The text form of either form of a `UUID`; empty when it is none. */
function decodeUuid(span: Cursor): string {
  let id = '';
  eachField(span, (field, wireType, cursor) => {
    if (wireType !== LENGTH_DELIMITED) return false;
    const value = readSpan(cursor);
    if (field === 2) id = value.bytes.toString('latin1', value.at, value.end).toLowerCase();
    else if (field === 1) id = decodeStructured(value);
    return true;
  });
  return UUID_TEXT.test(id) && id !== NO_ID ? id : '';
}

function decodeStructured(span: Cursor): string {
  const halves = [0n, 0n, 0n];
  eachField(span, (field, wireType, cursor) => {
    if (wireType !== VARINT || field > 2) return false;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = cursor.bytes[cursor.at] ?? 0;
      cursor.at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    halves[field] = BigInt.asUintN(64, value);
    return true;
  });
  const [, most = 0n, least = 0n] = halves;
  const hex = most.toString(16).padStart(16, '0') + least.toString(16).padStart(16, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
