/**
 * The core of a Bloom filter: a set of ids that never denies one it was given and seldom claims one it was not. A filter is
 * a power of two of bits in 32-bit words. The ids are name-based UUIDs, hashes already: their first and last 32 bits are two
 * independent ones, which make as many probes as are wanted (Kirsch and Mitzenmacher).
 */
export interface Hash {
  readonly first: number;
  readonly step: number;
}

/** An even step would visit some bits of a filter only. */
export const hashOf = (first: number, last: number): Hash => ({ first, step: last | 1 });

export const hashOfId = (id: string): Hash =>
  hashOf(parseInt(id.slice(0, 8), 16), parseInt(id.slice(28), 16));

export function addTo(words: Uint32Array, probes: number, { first, step }: Hash): void {
  const mask = words.length * 32 - 1;
  for (let probe = 0, bit = first | 0; probe < probes; probe += 1, bit = (bit + step) | 0) {
    words[(bit & mask) >>> 5]! |= 1 << (bit & 31);
  }
}

export function mayBeIn(words: Uint32Array, probes: number, { first, step }: Hash): boolean {
  const mask = words.length * 32 - 1;
  for (let probe = 0, bit = first | 0; probe < probes; probe += 1, bit = (bit + step) | 0) {
    if ((words[(bit & mask) >>> 5]! & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}
