import { crc32 } from 'node:zlib';
import { NO_RULES, type StreamRules } from './stream-rules';

/** What has to be known of a stream to append to it and to read it. */
export interface Head extends StreamRules {
  /** Stands for the name in the index. */
  readonly number: number;
  /** Revisions below have been removed for good. */
  readonly first: number;
  /** Last revision, -1 without events. */
  readonly last: number;
  readonly tombstoned: boolean;
  readonly hasMetadata: boolean;
}

export const newHead = (number: number): Head => ({
  ...NO_RULES,
  number,
  first: 0,
  last: -1,
  tombstoned: false,
  hasMetadata: false,
});

const LENGTH = 53;
const TOMBSTONED = 1;
const HAS_METADATA = 2;
const DELETED = 4;

/** The checksum covers the key as well, so that a head is not taken for that of another stream. */
export function encodeHead(key: string, head: Head): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH);
  bytes.writeDoubleLE(head.number, 4);
  bytes.writeDoubleLE(head.last, 12);
  bytes.writeDoubleLE(head.truncateBefore, 20);
  bytes.writeDoubleLE(head.maxCount, 28);
  bytes.writeDoubleLE(head.maxAgeMs, 36);
  bytes.writeDoubleLE(head.first, 44);
  bytes[52] =
    (head.tombstoned ? TOMBSTONED : 0) |
    (head.hasMetadata ? HAS_METADATA : 0) |
    (head.deleted ? DELETED : 0);
  bytes.writeUInt32LE(checksum(key, bytes), 0);
  return bytes;
}

/** Undefined when the bytes are not what was stored under the key. */
export function decodeHead(key: string, bytes: Buffer): Head | undefined {
  if (bytes.length !== LENGTH || bytes.readUInt32LE(0) !== checksum(key, bytes)) return undefined;
  const flags = bytes[52]!;
  return {
    number: bytes.readDoubleLE(4),
    last: bytes.readDoubleLE(12),
    truncateBefore: bytes.readDoubleLE(20),
    maxCount: bytes.readDoubleLE(28),
    maxAgeMs: bytes.readDoubleLE(36),
    first: bytes.readDoubleLE(44),
    tombstoned: (flags & TOMBSTONED) !== 0,
    hasMetadata: (flags & HAS_METADATA) !== 0,
    deleted: (flags & DELETED) !== 0,
  };
}

/** What a name leads to, with a checksum over both. */
export function encodeNumber(key: string, number: number): Buffer {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeDoubleLE(number, 4);
  bytes.writeUInt32LE(checksum(key, bytes), 0);
  return bytes;
}

/** Undefined when the bytes are not what was stored under the key. */
export function decodeNumber(key: string, bytes: Buffer): number | undefined {
  if (bytes.length !== 12 || bytes.readUInt32LE(0) !== checksum(key, bytes)) return undefined;
  return bytes.readDoubleLE(4);
}

const checksum = (key: string, bytes: Buffer): number => crc32(bytes.subarray(4), crc32(key));

export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const metastreamOf = (stream: string): string => `$$${stream}`;
export const ownerOf = (metastream: string): string => metastream.slice(2);
