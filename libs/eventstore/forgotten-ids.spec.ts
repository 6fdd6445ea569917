import { uuidV5 } from '../runtime';
import { ForgottenIds } from './forgotten-ids';

const idOf = (n: number): string => uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', String(n));
const ids = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => idOf(from + i));

describe('ids that a stream has let go', () => {
  it('are all known again', () => {
    const forgotten = new ForgottenIds();
    const old = ids(0, 20_000);
    for (const id of old) forgotten.add(id);
    expect(old.filter((id) => !forgotten.mayHave(id))).toEqual([]);
  });

  it('are rarely mistaken for new ones', () => {
    const forgotten = new ForgottenIds();
    for (const id of ids(0, 100_000)) forgotten.add(id);
    const mistaken = ids(1_000_000, 10_000).filter((id) => forgotten.mayHave(id));
    expect(mistaken.length).toBeLessThan(400);
  });
});
