/** Ids as bytes, one after the other, and as texts: spread like hashes, the same in every run, and cheap in great numbers. */
export function idsFrom(seed: number, count: number): { bytes: Buffer; texts: string[] } {
  const words = new Uint32Array(count * 4);
  let state = seed;
  for (let at = 0; at < words.length; at += 1) {
    state = (state + 0x6d2b79f5) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    words[at] = mixed ^ (mixed >>> 13);
  }
  const bytes = Buffer.from(words.buffer);
  const hex = bytes.toString('hex');
  const ENDS = [8, 12, 16, 20, 32];
  const texts = Array.from({ length: count }, (_, id) =>
    ENDS.map((end, part) => hex.slice(id * 32 + (ENDS[part - 1] ?? 0), id * 32 + end)).join('-'),
  );
  return { bytes, texts };
}
