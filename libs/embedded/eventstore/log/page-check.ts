import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import * as lmdb from 'lmdb';
import { decodeTree, newestMeta, TREE_BYTES, type Meta, type Tree } from './file-check';

/** Which pages are looked at: all of them, or so many of each table from its end, where the log is newest. */
export type Extent = 'all' | { readonly newest: number };

/** A page that is not what LMDB writes. */
export class PageError extends Error {
  override readonly name = 'PageError';
}

/*
 * LMDB trusts its pages: one that is damaged can make it read beyond the file and end the process. So the pages are
 * looked at here first, with plain reads. A page:
 *   0 its number   8 transaction   18 flags   20 lower   22 upper   24 offsets of its nodes, counted from here
 *   (of an overflow page: 20 number of pages)
 * A node: 0 size of the data, or on a branch the page below   4 flags   6 size of the key   8 key, then data
 */
const HEADER = 24;
const NODE = 8;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
const BIG_DATA = 1;
const SUB_TREE = 2;
const LONGEST_KEY = 1978;
const OVERFLOW_BYTES = 24;
const YIELD_EVERY = 1_000;

const FREE = 'free pages';
const TABLES = 'tables';

interface Place {
  readonly table: string;
  readonly page: number;
  readonly depth: number;
  /** Keys on the page are >= low and < high. */
  readonly low: Buffer | undefined;
  readonly high: Buffer | undefined;
}

interface Counts {
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
}

/**
 * Walks the trees of a file that nobody writes to. Yields how many pages it has seen of how many; throws `PageError`
 * at the first that is damaged.
 */
export function* checkPages(file: string, extent: Extent): Generator<[number, number]> {
  const handle = openSync(file, 'r');
  try {
    const meta = newestMeta(handle);
    const seen = new Uint8Array(Math.ceil((meta.lastPage + 1) / 8));
    const walk = { handle, meta, extent, seen, seenPages: 2 };
    const tables = new Map<string, Tree>([[FREE, meta.free]]);
    yield* walkTree(walk, TABLES, meta.main, (name, tree) => tables.set(name, tree));
    for (const [name, tree] of tables) yield* walkTree(walk, name, tree);
  } finally {
    closeSync(handle);
  }
}

/** The look that a start can afford, however large the file is; throws as `checkPages` does. */
export function checkPagesAtStart(file: string): void {
  if (!existsSync(file) || statSync(file).size === 0) return;
  const steps = checkPages(file, { newest: PAGES_AT_START });
  while (!steps.next().done);
}

const PAGES_AT_START = 2_000;

interface Walk {
  readonly handle: number;
  readonly meta: Meta;
  readonly extent: Extent;
  readonly seen: Uint8Array;
  seenPages: number;
}

function* walkTree(
  walk: Walk,
  table: string,
  tree: Tree,
  onTree?: (name: string, tree: Tree) => void,
): Generator<[number, number]> {
  const counts: Counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
  // What is damaged in the list of free pages would be written over what is in use, so it is always looked at.
  const isWhole = walk.extent === 'all' || table === FREE || table === TABLES;
  let left = walk.extent === 'all' || isWhole ? Infinity : walk.extent.newest;
  const waiting: Place[] = [];
  if (tree.root !== undefined) {
    waiting.push({ table, page: tree.root, depth: 1, low: undefined, high: undefined });
  }
  for (let place = waiting.pop(); place && left > 0; place = waiting.pop(), left -= 1) {
    const bytes = readPage(walk, place);
    const isLeaf = place.depth === tree.depth;
    const nodes = nodesOf(place, bytes, isLeaf ? LEAF : BRANCH);
    if (isLeaf) checkLeaf(walk, place, bytes, nodes, counts, onTree);
    else {
      counts.branchPages += 1;
      // The last one is looked at first.
      waiting.push(...placesBelow(place, bytes, nodes));
    }
    if (walk.seenPages % YIELD_EVERY === 0) yield [walk.seenPages, walk.meta.lastPage + 1];
  }
  if (left <= 0) return;
  const isAsSaid =
    counts.branchPages === tree.branchPages &&
    counts.leafPages === tree.leafPages &&
    counts.overflowPages === tree.overflowPages &&
    counts.entries === tree.entries;
  if (!isAsSaid) {
    throw new PageError(`the table "${table}" has not as many pages or entries as it says`);
  }
}

function damaged({ table, page, low, high }: Place, flaw: string): never {
  const from = low ? ` from ${textOf(low)}` : '';
  const to = high ? ` below ${textOf(high)}` : '';
  throw new PageError(`page ${page} of the table "${table}"${from}${to}: ${flaw}`);
}

const { bufferToKeyValue } = lmdb as unknown as {
  // Exported, but not in the package's types.
  readonly bufferToKeyValue: (key: Buffer) => unknown;
};

/** A key as it was put in: a position, stream number and revision, or a name. */
function textOf(key: Buffer): string {
  try {
    return JSON.stringify(bufferToKeyValue(key));
  } catch {
    return key.toString('hex');
  }
}

/** Reads a page and takes note of it. */
function readPage(walk: Walk, place: Place): Buffer {
  const { handle, meta } = walk;
  const { page } = place;
  claim(walk, place, page);
  const bytes = Buffer.allocUnsafe(meta.pageSize);
  readSync(handle, bytes, 0, meta.pageSize, page * meta.pageSize);
  if (Number(bytes.readBigUInt64LE(0)) !== page) damaged(place, 'it holds another page');
  if (Number(bytes.readBigUInt64LE(8)) > meta.transaction) {
    damaged(place, 'it belongs to a later transaction than the last one');
  }
  return bytes;
}

function claim(walk: Walk, place: Place, page: number): void {
  const { meta, seen } = walk;
  if (!(page >= 2 && page <= meta.lastPage))
    damaged(place, `it leads to page ${page}, which is none`);
  const bit = 1 << (page & 7);
  if (seen[page >> 3]! & bit) damaged(place, `page ${page} is used twice`);
  seen[page >> 3]! |= bit;
  walk.seenPages += 1;
}

interface Node {
  readonly at: number;
  readonly key: Buffer;
}

/** Checks the form of a page and the order of its keys. */
function nodesOf(place: Place, bytes: Buffer, kind: number): Node[] {
  const room = bytes.length - HEADER;
  const lower = bytes.readUInt16LE(20);
  const upper = bytes.readUInt16LE(22);
  const isForm =
    bytes.readUInt16LE(18) === kind &&
    lower % 2 === 0 &&
    lower >= 2 &&
    lower <= upper &&
    upper <= room;
  if (!isForm) damaged(place, 'its header makes no sense');
  const nodes: Node[] = [];
  for (let slot = 0; slot < lower; slot += 2) {
    const offset = bytes.readUInt16LE(HEADER + slot);
    if (offset < upper || offset + NODE > room)
      damaged(place, `its entry ${slot / 2} lies outside it`);
    const at = HEADER + offset;
    const keyLength = bytes.readUInt16LE(at + 6);
    if (keyLength > LONGEST_KEY || offset + NODE + keyLength > room) {
      damaged(place, `the key of its entry ${slot / 2} is too long`);
    }
    nodes.push({ at, key: keyOf(place, bytes.subarray(at + NODE, at + NODE + keyLength)) });
  }
  requireOrder(place, nodes, kind);
  return nodes;
}

/** The free pages are listed by transaction, a number in the order of the machine. */
const keyOf = ({ table }: Place, key: Buffer): Buffer =>
  table === FREE ? Buffer.from(key).reverse() : key;

function requireOrder(place: Place, nodes: readonly Node[], kind: number): void {
  // The first key of a branch stands for everything below the second.
  const first = kind === BRANCH ? 1 : 0;
  for (let i = first; i < nodes.length; i += 1) {
    const { key } = nodes[i]!;
    const before = i > first ? nodes[i - 1]!.key : undefined;
    const isInOrder =
      (!before || before.compare(key) < 0) &&
      (!place.low || place.low.compare(key) <= 0) &&
      (!place.high || place.high.compare(key) > 0);
    if (!isInOrder) damaged(place, `the key of its entry ${i} is out of order`);
  }
}

function placesBelow(place: Place, bytes: Buffer, nodes: readonly Node[]): Place[] {
  return nodes.map(({ at, key }, i) => ({
    table: place.table,
    page: bytes.readUInt32LE(at) + bytes.readUInt16LE(at + 4) * 2 ** 32,
    depth: place.depth + 1,
    low: i === 0 ? place.low : key,
    high: nodes[i + 1]?.key ?? place.high,
  }));
}

function checkLeaf(
  walk: Walk,
  place: Place,
  bytes: Buffer,
  nodes: readonly Node[],
  counts: Counts,
  onTree: ((name: string, tree: Tree) => void) | undefined,
): void {
  counts.leafPages += 1;
  counts.entries += nodes.length;
  nodes.forEach(({ at, key }, i) => {
    const size = bytes.readUInt32LE(at);
    const flags = bytes.readUInt16LE(at + 4);
    const data = at + NODE + key.length;
    const isBig = flags === BIG_DATA;
    const known = place.table === TABLES ? SUB_TREE : isBig ? BIG_DATA : 0;
    if (flags !== known) damaged(place, `its entry ${i} is of an unknown kind`);
    if (data + (isBig ? OVERFLOW_BYTES : size) > bytes.length) {
      damaged(place, `its entry ${i} is longer than the page`);
    }
    const content = isBig
      ? overflowOf(walk, place, bytes.subarray(data, data + OVERFLOW_BYTES), size, counts)
      : bytes.subarray(data, data + size);
    if (place.table === FREE) claimFree(walk, place, content);
    if (place.table === TABLES) {
      if (size !== TREE_BYTES) damaged(place, `its entry ${i} is no table`);
      onTree?.(key.toString('latin1'), decodeTree(content, 0));
    }
  });
}

/** What does not fit a page lies on pages of its own; answers it for the table of free pages alone. */
function overflowOf(
  walk: Walk,
  place: Place,
  reference: Buffer,
  size: number,
  counts: Counts,
): Buffer {
  const { handle, meta } = walk;
  const first = Number(reference.readBigUInt64LE(0));
  const count = Math.ceil((HEADER + size) / meta.pageSize);
  if (Number(reference.readBigUInt64LE(16)) !== count)
    damaged(place, 'the size of a large entry is wrong');
  for (let page = first; page < first + count; page += 1) claim(walk, place, page);
  const bytes = Buffer.alloc(place.table === FREE ? HEADER + size : HEADER);
  readSync(handle, bytes, 0, bytes.length, first * meta.pageSize);
  const isHeader =
    Number(bytes.readBigUInt64LE(0)) === first &&
    bytes.readUInt16LE(18) === OVERFLOW &&
    bytes.readUInt32LE(20) === count;
  if (!isHeader) damaged(place, `page ${first}, which it leads to, makes no sense`);
  counts.overflowPages += count;
  return bytes.subarray(HEADER);
}

/** A list: its length, then page numbers, 0 for an unused place, or a negative count before the first of a run. */
function claimFree(walk: Walk, place: Place, list: Buffer): void {
  const length = Number(list.readBigUInt64LE(0));
  if ((length + 1) * 8 > list.length)
    damaged(place, 'a list of free pages is longer than its entry');
  for (let i = 1; i <= length; i += 1) {
    let first = Number(list.readBigInt64LE(i * 8));
    if (first === 0) continue;
    let count = 1;
    if (first < 0 && i < length) {
      count = -first;
      i += 1;
      first = Number(list.readBigInt64LE(i * 8));
    }
    if (count > walk.meta.lastPage) damaged(place, 'a list of free pages makes no sense');
    for (let page = first; page < first + count; page += 1) claim(walk, place, page);
  }
}
