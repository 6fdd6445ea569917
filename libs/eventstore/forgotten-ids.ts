/** 2^20 bits: with 100,000 ids one new id in a hundred is taken for an old one. */
const BITS = 1 << 20;

/**
 * Ids that a stream has let go, as a Bloom filter: what it does not know is certainly new and need not be looked up. The
 * ids are name-based UUIDs, hashes already, so their digits serve as the hash functions.
 */
export class ForgottenIds {
  private readonly words = new Uint32Array(BITS / 32);

  add(id: string): void {
    for (const bit of bitsOf(id)) this.words[bit >>> 5]! |= 1 << (bit & 31);
  }

  mayHave(id: string): boolean {
    return bitsOf(id).every((bit) => (this.words[bit >>> 5]! & (1 << (bit & 31))) !== 0);
  }
}

/** Five digits each, from where a UUID has neither dash nor version nor variant. */
const bitsOf = (id: string): number[] =>
  [id.slice(0, 5), id.slice(24, 29), id.slice(29, 34), id.slice(20, 23) + id.slice(34, 36)].map(
    (digits) => parseInt(digits, 16),
  );
