import { KnownIds } from './known-ids';

/** Spread like hashes, and the same in every run. */
function idsFrom(seed: number, count: number): { bytes: Buffer; texts: string[] } {
  const words = new Uint32Array(count * 4);
  let state = seed;
  for (let at = 0; at < words.length; at += 1) {
    state = (state + 0x6d2b79f5) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    words[at] = mixed ^ (mixed >>> 13);
  }
  const bytes = Buffer.from(words.buffer);
  const hex = bytes.toString('hex');
  const texts = Array.from({ length: count }, (_, id) =>
    hex.slice(id * 32, id * 32 + 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  );
  return { bytes, texts };
}

describe('ids that the audit log has', () => {
  it.each([
    ['few', 1_000],
    ['more than the first filter holds', 600_000],
  ])('%s: all are known, and few others', (_, count) => {
    const known = new KnownIds();
    const old = idsFrom(1, count);
    for (let at = 0; at < old.bytes.length; at += 320_000) {
      known.addAll(old.bytes.subarray(at, at + 320_000));
    }
    expect(old.texts.filter((id) => !known.mayHave(id))).toEqual([]);
    const mistaken = idsFrom(2_000_000_000, 20_000).texts.filter((id) => known.mayHave(id));
    expect(mistaken.length).toBeLessThan(600);
  });

  it('nothing is known at first', () => {
    const known = new KnownIds();
    expect(idsFrom(1, 1_000).texts.filter((id) => known.mayHave(id))).toEqual([]);
  });
});
