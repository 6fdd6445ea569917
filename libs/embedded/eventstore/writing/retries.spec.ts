import { openRetries } from './retries';

describe('given a bounded memory of event ids', () => {
  test('when more come, then the newest are known and the oldest forgotten', () => {
    const retries = openRetries(100);
    const ids = Array.from({ length: 1000 }, (_, i) => String(i));
    for (const [revision, id] of ids.entries()) retries.remember(id, 1, revision);
    const known = ids.map((id) => retries.revisionOf(id, 1));
    expect(known.slice(-50)).toEqual(Array.from({ length: 50 }, (_, i) => 950 + i));
    expect(known.slice(0, 900)).toEqual(new Array(900).fill(undefined));
  });

  test('when an id comes again in another stream, then it counts for the first', () => {
    const retries = openRetries(100);
    retries.remember('a', 1, 5);
    retries.remember('a', 2, 6);
    expect(retries.revisionOf('a', 1)).toBe(5);
    expect(retries.revisionOf('a', 2)).toBeUndefined();
  });

  test('when an id comes again in its stream, then it stays where it was first', () => {
    const retries = openRetries(100);
    retries.remember('a', 1, 5);
    retries.remember('a', 1, 9);
    expect(retries.revisionOf('a', 1)).toBe(5);
  });
});
