import { idsFrom } from '../../test/support/spread-ids';
import { KnownIds } from './known-ids';

describe('ids that the audit log has', () => {
  it.each([
    ['few', 1_000],
    ['more than the first filter holds', 400_000],
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
