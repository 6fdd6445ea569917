import { fstatSync, readSync } from 'node:fs';

/** Offsets within the two pages that LMDB begins with; it trusts them blindly, so we look first. */
const META = { magic: 0x18, free: 0x30, main: 0x60, lastPage: 0x90, transaction: 0x98 };
const META_BYTES = 0xa0;
const MAGIC = 0xbeefc0de;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;
const NO_PAGE = 2n ** 64n - 1n;

/** What a table's own record says of it. */
export interface Tree {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** Undefined when it is empty. */
  readonly root: number | undefined;
}

/** The newest state of a file. */
export interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
  /** Pages that may be used again. */
  readonly free: Tree;
  /** The table of the tables. */
  readonly main: Tree;
}

export const TREE_BYTES = 48;

export function decodeTree(bytes: Buffer, at: number): Tree {
  const number = (offset: number): number => Number(bytes.readBigUInt64LE(at + offset));
  const root = bytes.readBigUInt64LE(at + 40);
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: number(8),
    leafPages: number(16),
    overflowPages: number(24),
    entries: number(32),
    root: root === NO_PAGE ? undefined : Number(root),
  };
}

/** Throws when a file is no LMDB file or shorter than it says; opening such a file would end the process. */
export function newestMeta(handle: number): Meta {
  const { size } = fstatSync(handle);
  const first = readMeta(handle, 0);
  const second = readMeta(handle, first?.pageSize ?? 4096);
  if (!first || !second || first.pageSize !== second.pageSize) {
    throw new Error('its first pages are damaged');
  }
  // Commits are numbered and take turns on the two pages.
  const newest = first.transaction > second.transaction ? first : second;
  const older = newest === first ? second : first;
  const turn = newest === first ? 0 : 1;
  const isNew = newest.transaction === 0 && older.transaction === 0;
  if (!isNew && (newest.transaction !== older.transaction + 1 || newest.transaction % 2 !== turn)) {
    throw new Error(
      'its first pages are damaged: the numbers of its last two commits do not match',
    );
  }
  const needed = (newest.lastPage + 1) * newest.pageSize;
  if (size < needed) throw new Error(`it has ${size} of ${needed} bytes`);
  return newest;
}

function readMeta(handle: number, offset: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(handle, bytes, 0, META_BYTES, offset) < META_BYTES) return undefined;
  const pageSize = bytes.readUInt32LE(META.free);
  const isPageSize =
    pageSize >= SMALLEST_PAGE && pageSize <= LARGEST_PAGE && (pageSize & (pageSize - 1)) === 0;
  if (bytes.readUInt32LE(META.magic) !== MAGIC || !isPageSize) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.readBigUInt64LE(META.lastPage)),
    transaction: Number(bytes.readBigUInt64LE(META.transaction)),
    free: decodeTree(bytes, META.free),
    main: decodeTree(bytes, META.main),
  };
}
