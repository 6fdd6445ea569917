import { NO_RULES, type StreamRules } from './stream-rules';

/** What has to be known of a stream to append to it and to read it. */
export interface Head extends StreamRules {
  /** Stands for the name in the index. */
  readonly number: number;
  /** Last revision, -1 without events. */
  readonly last: number;
  readonly tombstoned: boolean;
  readonly hasMetadata: boolean;
}

export const newHead = (number: number): Head => ({
  ...NO_RULES,
  number,
  last: -1,
  tombstoned: false,
  hasMetadata: false,
});

const LENGTH = 41;
const TOMBSTONED = 1;
const HAS_METADATA = 2;
const DELETED = 4;

export function encodeHead(head: Head): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH);
  bytes.writeDoubleLE(head.number, 0);
  bytes.writeDoubleLE(head.last, 8);
  bytes.writeDoubleLE(head.truncateBefore, 16);
  bytes.writeDoubleLE(head.maxCount, 24);
  bytes.writeDoubleLE(head.maxAgeMs, 32);
  bytes[40] =
    (head.tombstoned ? TOMBSTONED : 0) |
    (head.hasMetadata ? HAS_METADATA : 0) |
    (head.deleted ? DELETED : 0);
  return bytes;
}

export function decodeHead(bytes: Buffer): Head {
  const flags = bytes[40]!;
  return {
    number: bytes.readDoubleLE(0),
    last: bytes.readDoubleLE(8),
    truncateBefore: bytes.readDoubleLE(16),
    maxCount: bytes.readDoubleLE(24),
    maxAgeMs: bytes.readDoubleLE(32),
    tombstoned: (flags & TOMBSTONED) !== 0,
    hasMetadata: (flags & HAS_METADATA) !== 0,
    deleted: (flags & DELETED) !== 0,
  };
}

export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const metastreamOf = (stream: string): string => `$$${stream}`;
export const ownerOf = (metastream: string): string => metastream.slice(2);
