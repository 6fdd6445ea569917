import { sha256 } from '../runtime';
import { addTo, hashOfId, mayBeIn } from './bloom';

/** 2^20 bits for 40,000 ids: one new id in 100,000 is taken for one of them, one in 4,000 for one of a million. */
const BITS = 1 << 20;
const IDS_PER_PART = 40_000;
const PROBES = 10;

interface Part {
  /** Undefined: known by name, not loaded yet. */
  words: Uint32Array | undefined;
  /** Digest of its content; undefined until it is asked for. */
  name: string | undefined;
  saved: boolean;
}

/** A part that will not change any more, as text. */
export interface SealedPart {
  /** SHA-256 of the text. */
  readonly name: string;
  readonly text: string;
}

/**
 * Ids that a stream has let go, as Bloom filters: what they do not know is certainly new and need not be looked up. A
 * filter that is full is sealed and another begun, so that a snapshot carries
 * the last one alone and names the others.
 */
export class ForgottenIds {
  private readonly sealed: Part[];

  constructor(
    private words: Uint32Array = new Uint32Array(BITS / 32),
    private count = 0,
    sealed: readonly string[] = [],
  ) {
    if (words.length !== BITS / 32) throw new Error(`${words.length} words are no filter`);
    this.sealed = sealed.map((name) => ({ name, words: undefined, saved: true }));
  }

  /** How many filters there are. */
  get size(): number {
    return this.sealed.length + 1;
  }

  add(id: string): void {
    if (this.count === IDS_PER_PART) {
      this.sealed.push({ words: this.words, name: undefined, saved: false });
      this.words = new Uint32Array(BITS / 32);
      this.count = 0;
    }
    this.count += 1;
    addTo(this.words, PROBES, hashOfId(id));
  }

  /** True as well while a filter that could tell is not loaded. */
  mayHave(id: string): boolean {
    const hash = hashOfId(id);
    return (
      mayBeIn(this.words, PROBES, hash) ||
      this.sealed.some(({ words }) => words === undefined || mayBeIn(words, PROBES, hash))
    );
  }

  /** Names of the sealed filters that are not loaded. */
  missing(): readonly string[] {
    return this.sealed.flatMap(({ words, name }) => (words ? [] : [name!]));
  }

  /** Brings a filter that was missing. Throws when the text is not what the name says. */
  attach({ name, text }: SealedPart): void {
    if (sha256(text) !== name) throw new Error(`the filter ${name} is damaged`);
    for (const part of this.sealed) if (part.name === name) part.words = wordsOf(text);
  }

  /** The last filter, how many ids it holds, and the names of all before it. */
  pack(): { readonly words: Uint32Array; readonly count: number; readonly sealed: string[] } {
    return { words: this.words, count: this.count, sealed: this.sealed.map(nameOf) };
  }

  /** Sealed filters that nobody has said are saved. */
  unsaved(): readonly SealedPart[] {
    return this.sealed.flatMap((part) =>
      part.saved || !part.words ? [] : [{ name: nameOf(part), text: textOf(part.words) }],
    );
  }

  areSaved(parts: readonly SealedPart[]): void {
    const names = new Set(parts.map(({ name }) => name));
    for (const part of this.sealed) if (part.name && names.has(part.name)) part.saved = true;
  }
}

const nameOf = (part: Part): string => (part.name ??= sha256(textOf(part.words!)));
const textOf = ({ buffer, byteOffset, byteLength }: Uint32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

function wordsOf(text: string): Uint32Array {
  // A copy at an address that words may begin at.
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return new Uint32Array(bytes.buffer);
}
