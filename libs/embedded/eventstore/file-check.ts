import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** Offsets within the two pages that LMDB begins with; it trusts them blindly, so we look first. */
const META = { magic: 0x18, pageSize: 0x30, lastPage: 0x90, transaction: 0x98 };
const META_BYTES = 0xa0;
const MAGIC = 0xbeefc0de;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
}

/** Throws when a file is no LMDB file or shorter than it says; opening such a file would end the process. */
export function checkFile(file: string): void {
  if (!existsSync(file)) return;
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    if (size === 0) return;
    const first = readMeta(handle, 0);
    const second = readMeta(handle, first?.pageSize ?? 4096);
    if (!first || !second) throw new Error('its first pages are damaged');
    const newest = first.transaction > second.transaction ? first : second;
    const needed = (newest.lastPage + 1) * newest.pageSize;
    if (size < needed) throw new Error(`it has ${size} of ${needed} bytes`);
  } finally {
    closeSync(handle);
  }
}

function readMeta(handle: number, offset: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(handle, bytes, 0, META_BYTES, offset) < META_BYTES) return undefined;
  const pageSize = bytes.readUInt32LE(META.pageSize);
  const isPageSize =
    pageSize >= SMALLEST_PAGE && pageSize <= LARGEST_PAGE && (pageSize & (pageSize - 1)) === 0;
  if (bytes.readUInt32LE(META.magic) !== MAGIC || !isPageSize) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.readBigUInt64LE(META.lastPage)),
    transaction: Number(bytes.readBigUInt64LE(META.transaction)),
  };
}
