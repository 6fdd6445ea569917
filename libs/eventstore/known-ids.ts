import { addTo, type Hash, hashOf, hashOfId, mayBeIn } from './bloom';

const FIRST_BITS = 1 << 22;
const MOST_BITS = 1 << 28;
/** Four probes and so many bits each: about one new id in a hundred is taken for a known one. */
const BITS_PER_ID = 11;
const PROBES = 4;
/** 96 MiB in all; beyond that every id is taken for a known one, which is looked up and costs time only. */
const MOST_BITS_IN_ALL = 3 * MOST_BITS;

interface Filter {
  readonly words: Uint32Array;
  free: number;
}

const newFilter = (bits: number): Filter => ({
  words: new Uint32Array(bits / 32),
  free: Math.floor(bits / BITS_PER_ID),
});

/** A Bloom filter that grows, 1.4 bytes an id. */
export class KnownIds {
  private readonly filters = [newFilter(FIRST_BITS)];
  private bits = FIRST_BITS;
  private isFull = false;

  /** 16 bytes each, one after the other. */
  addAll(ids: Uint8Array): void {
    const view = new DataView(ids.buffer, ids.byteOffset, ids.byteLength);
    for (let at = 0; at + 16 <= ids.byteLength; at += 16) {
      this.add(hashOf(view.getUint32(at), view.getUint32(at + 12)));
    }
  }

  mayHave(id: string): boolean {
    if (this.isFull) return true;
    const hash = hashOfId(id);
    for (const { words } of this.filters) if (mayBeIn(words, PROBES, hash)) return true;
    return false;
  }

  private add(hash: Hash): void {
    const newest = this.roomy();
    if (!newest || mayBeIn(newest.words, PROBES, hash)) return;
    newest.free -= 1;
    addTo(newest.words, PROBES, hash);
  }

  private roomy(): Filter | undefined {
    const newest = this.filters.at(-1)!;
    if (newest.free > 0) return newest;
    const bits = Math.min(64 * newest.words.length, MOST_BITS);
    this.isFull ||= this.bits + bits > MOST_BITS_IN_ALL;
    if (this.isFull) return undefined;
    this.bits += bits;
    const added = newFilter(bits);
    this.filters.push(added);
    return added;
  }
}
