import { uuidV5 } from '../runtime';
import { KnownIds } from './known-ids';

const idOf = (n: number): string => uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', String(n));
const ids = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => idOf(from + i));
const bytesOf = (list: readonly string[]): Uint8Array =>
  Buffer.from(list.join('').replaceAll('-', ''), 'hex');

describe('ids that the audit log has', () => {
  it.each([
    ['few', 1_000],
    ['many times what the first filter holds', 600_000],
  ])('%s: all are known, and few others', (_, count) => {
    const known = new KnownIds();
    const old = ids(0, count);
    for (let from = 0; from < count; from += 20_000) {
      known.addAll(bytesOf(old.slice(from, from + 20_000)));
    }
    expect(old.filter((id) => !known.mayHave(id))).toEqual([]);
    const mistaken = ids(10_000_000, 20_000).filter((id) => known.mayHave(id));
    expect(mistaken.length).toBeLessThan(600);
  });

  it('nothing is known at first', () => {
    expect(ids(0, 1_000).filter((id) => new KnownIds().mayHave(id))).toEqual([]);
  });
});
