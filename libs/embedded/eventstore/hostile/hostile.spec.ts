import { chancesFrom, type Chances } from './chances';
import { PEACEFUL, type Deed } from './profile';

const even = { ...PEACEFUL, cutRead: 0.5, gap: 0.5 };
const decide = (chances: Chances, deed: Deed, times = 64): boolean[] =>
  Array.from({ length: times }, () => chances.happens(deed));

describe('given a seed, when decisions are taken', () => {
  test('twice, then they are the same', () => {
    expect(decide(chancesFrom(7, even), 'cutRead')).toEqual(
      decide(chancesFrom(7, even), 'cutRead'),
    );
  });

  test('from another seed, then they are others', () => {
    expect(decide(chancesFrom(7, even), 'cutRead')).not.toEqual(
      decide(chancesFrom(8, even), 'cutRead'),
    );
  });

  test('about another deed, then they are others', () => {
    const chances = chancesFrom(7, even);
    expect(decide(chances, 'cutRead')).not.toEqual(decide(chances, 'gap'));
  });

  test('with much drawn for other deeds in between, then they are the same', () => {
    const chances = chancesFrom(7, { ...even, slowReader: 1 });
    const disturbed = Array.from({ length: 64 }, () => {
      chances.happens('gap');
      chances.between('cutRead', 0, 9);
      return chances.happens('cutRead');
    });
    expect(disturbed).toEqual(decide(chancesFrom(7, even), 'cutRead'));
  });

  test('with a rate of 0 and of 1, then never and always, and counted', () => {
    const chances = chancesFrom(7, { ...PEACEFUL, gap: 1 });
    expect(decide(chances, 'gap')).not.toContain(false);
    expect(decide(chances, 'cutRead')).not.toContain(true);
    expect([...chances.deeds]).toEqual([['gap', 64]]);
  });

  test('about how much, then both ends of the range occur and nothing beyond', () => {
    const chances = chancesFrom(7, even);
    const drawn = Array.from({ length: 200 }, () => chances.between('gap', 3, 5));
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5]));
  });
});
