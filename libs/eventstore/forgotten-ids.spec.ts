import { idsFrom } from '../../test/support/spread-ids';
import { sha256, uuidV5 } from '../runtime';
import { ForgottenIds } from './forgotten-ids';

const idOf = (n: number): string => uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', String(n));
const ids = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => idOf(from + i));

describe('ids that a stream has let go', () => {
  it('are all known again', () => {
    const forgotten = new ForgottenIds();
    const old = idsFrom(1, 20_000).texts;
    for (const id of old) forgotten.add(id);
    expect(old.filter((id) => !forgotten.mayHave(id))).toEqual([]);
  });

  it('are rarely mistaken for new ones', () => {
    const forgotten = new ForgottenIds();
    for (const id of idsFrom(1, 100_000).texts) forgotten.add(id);
    const others = idsFrom(2_000_000_000, 10_000).texts;
    const mistaken = others.filter((id) => forgotten.mayHave(id));
    expect(mistaken.length).toBeLessThan(400);
  });

  it('lie in snapshots in a form that does not change', () => {
    const forgotten = new ForgottenIds();
    for (const id of ids(0, 40_500)) forgotten.add(id);
    const { words, count, sealed } = forgotten.pack();
    const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    expect([count, sha256(bytes.toString('base64')), ...sealed]).toEqual([
      500,
      '15f16bb5a4ffa0eddecba42d6d3af93dfad0f87c853a048f979f1451755d6158',
      'c0758019a6f33d6ac9d87c13d0f3b2abd43a572f8afe19bd34ed4549275efcf1',
    ]);
  });
});
