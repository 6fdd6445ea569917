const FIRST_BITS = 1 << 22;
const MOST_BITS = 1 << 28;
/** Four probes and so many bits each: about one new id in a hundred is taken for a known one. */
const BITS_PER_ID = 11;
const PROBES = 4;
/** 96 MiB in all; beyond that every id is taken for a known one, which is looked up and costs time only. */
const MOST_BITS_IN_ALL = 3 * MOST_BITS;

interface Filter {
  readonly words: Uint32Array;
  readonly mask: number;
  free: number;
}

const newFilter = (bits: number): Filter => ({
  words: new Uint32Array(bits / 32),
  mask: bits - 1,
  free: Math.floor(bits / BITS_PER_ID),
});

/**
 * A set of ids that never denies one it was given and seldom claims one it was not: a Bloom filter that grows, 1.4 bytes
 * an id. The ids are name-based UUIDs, hashes already, so their first and last 32 bits serve as the hash functions.
 */
export class KnownIds {
  private readonly filters = [newFilter(FIRST_BITS)];
  private bits = FIRST_BITS;
  private isFull = false;

  /** 16 bytes each, one after the other. */
  addAll(ids: Uint8Array): void {
    const view = new DataView(ids.buffer, ids.byteOffset, ids.byteLength);
    for (let at = 0; at + 16 <= ids.byteLength; at += 16) {
      this.add(view.getUint32(at), view.getUint32(at + 12));
    }
  }

  mayHave(id: string): boolean {
    if (this.isFull) return true;
    const first = parseInt(id.slice(0, 8), 16);
    const second = parseInt(id.slice(28), 16);
    for (const filter of this.filters) if (has(filter, first, second)) return true;
    return false;
  }

  private add(first: number, second: number): void {
    const newest = this.roomy();
    if (!newest) return;
    if (has(newest, first, second)) return;
    newest.free -= 1;
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = bitOf(first, second, probe) & newest.mask;
      newest.words[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  private roomy(): Filter | undefined {
    const newest = this.filters.at(-1)!;
    if (newest.free > 0) return newest;
    const bits = Math.min(2 * (newest.mask + 1), MOST_BITS);
    this.isFull ||= this.bits + bits > MOST_BITS_IN_ALL;
    if (this.isFull) return undefined;
    this.bits += bits;
    const added = newFilter(bits);
    this.filters.push(added);
    return added;
  }
}

const bitOf = (first: number, second: number, probe: number): number =>
  (first + probe * second) | 0;

function has({ words, mask }: Filter, first: number, second: number): boolean {
  for (let probe = 0; probe < PROBES; probe += 1) {
    const bit = bitOf(first, second, probe) & mask;
    if ((words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}
