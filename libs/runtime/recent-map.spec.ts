import fc from 'fast-check';
import { RecentMap } from './recent-map';

const filled = (count: number, limit: number): RecentMap<number, string> => {
  const map = new RecentMap<number, string>(limit);
  for (let key = 0; key < count; key += 1) map.set(key, `v${key}`);
  return map;
};
const kept = (map: RecentMap<number, string>, upTo: number): number[] =>
  Array.from({ length: upTo }, (_, key) => key).filter((key) => map.has(key));

describe('a map of what was set last', () => {
  it('keeps at least half of its limit and at most all of it, the newest', () => {
    for (let count = 1; count <= 50; count += 1) {
      const keys = kept(filled(count, 10), count);
      expect(keys.length).toBeGreaterThanOrEqual(Math.min(count, 5));
      expect(keys.length).toBeLessThanOrEqual(10);
      expect(keys).toEqual(Array.from(keys, (_, i) => count - keys.length + i));
    }
  });

  it('keeps longer what is set again', () => {
    const map = filled(5, 10);
    map.set(0, 'again');
    for (let key = 5; key < 9; key += 1) map.set(key, 'later');
    expect([map.get(0), map.has(1)]).toEqual(['again', false]);
  });

  it('counts by weight', () => {
    const map = new RecentMap<string, number>(100, (weight) => weight);
    map.set('heavy', 60);
    map.set('light', 1);
    expect([map.has('heavy'), map.has('light')]).toEqual([true, true]);
    map.set('heavier', 70);
    expect([map.has('heavy'), map.has('light'), map.has('heavier')]).toEqual([false, true, true]);
  });

  it('never tells what was deleted, cleared or replaced', () => {
    const step = fc.tuple(fc.nat(6), fc.constantFrom('set', 'delete', 'clear'), fc.nat(3));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new RecentMap<number, number>(8, (value) => value);
        const model = new Map<number, number>();
        for (const [key, what, value] of steps) {
          if (what === 'clear') map.clear();
          else if (what === 'delete') map.delete(key);
          else map.set(key, value);
          if (what === 'clear') model.clear();
          else if (what === 'delete') model.delete(key);
          else model.set(key, value);
          for (let k = 0; k <= 6; k += 1) expect([undefined, model.get(k)]).toContain(map.get(k));
          if (what === 'set') expect(map.get(key)).toBe(value);
        }
      }),
    );
  });
});
