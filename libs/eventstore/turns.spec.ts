import { Turns } from './turns';

interface Gap {
  readonly at: number;
  readonly pause: number;
}

/** A process that writes again as soon as it may, every turn taking 4 ms. */
function writing(turns: Turns, from: number, until: number, random = () => 0.5): readonly Gap[] {
  const gaps: Gap[] = [];
  for (let now = from; now < until; now += 4) {
    const pause = turns.pauseMs(now, random());
    if (pause > 0) gaps.push({ at: now, pause });
    now += pause;
    turns.wrote(now, now + 4);
  }
  return gaps;
}

const pausesOf = (gaps: readonly Gap[]): readonly number[] => gaps.map(({ pause }) => pause);

/** Milliseconds from each gap to the next. */
const between = (gaps: readonly Gap[]): readonly number[] =>
  gaps.slice(1).map(({ at }, index) => at - gaps[index]!.at);

/** Numbers between 0 and 1, spread evenly and the same in every run. */
function evenly(seed: number): () => number {
  let last = seed;
  return () => (last = (last + 0.618_034) % 1);
}

describe('turns on a stream', () => {
  it('are taken without a pause by one who writes now and then', () => {
    const turns = new Turns();
    for (let now = 0; now < 5_000; now += 20) {
      expect(turns.pauseMs(now, 0.5)).toBe(0);
      turns.wrote(now, now + 4);
    }
  });

  it('are given away ever more seldom, and for longer, by one who writes all the time and meets nobody', () => {
    const gaps = writing(new Turns(), 1_000, 12_000);
    expect(gaps[0]!.at).toBe(1_252);
    expect(between(gaps)).toEqual([500, 1_000, 2_000, 2_000, 2_000, 2_000]);
    expect(pausesOf(gaps)).toEqual([8, 12, 16, 20, 20, 20, 20]);
  });

  it('are given away as often as at first after another was met', () => {
    const turns = new Turns();
    writing(turns, 1_000, 12_000);
    turns.lost(12_000);
    const last = writing(turns, 12_000, 17_000).at(-1)!;
    const alone = writing(turns, 17_000, 17_800);
    expect(between([last, ...alone])).toEqual([252, 500]);
    expect(pausesOf(alone)).toEqual([8, 12]);
  });

  it('are given away after each one while others write as well, and no longer', () => {
    const turns = new Turns();
    turns.lost(1_000);
    turns.wrote(1_000, 1_004);
    expect(turns.isShared(5_999)).toBe(true);
    expect(turns.isShared(6_000)).toBe(false);
    const shared = writing(turns, 1_004, 5_990);
    expect(shared.length).toBeGreaterThan(400);
    expect(new Set(pausesOf(shared))).toEqual(new Set([8]));
    expect(writing(turns, 6_001, 7_001).length).toBeLessThan(4);
  });

  it.each([0.1, 0.3, 0.5, 0.7, 0.9])(
    'are found within 5 s by one who needs half again as long as a turn (%s)',
    (seed) => {
      const [turns, random] = [new Turns(), evenly(seed)];
      writing(turns, 1_000, 12_000, random);
      const gaps = writing(turns, 12_000, 17_000, random);
      // It reads for 6 ms and writes for 6 ms; what it has read must stay the head from half to half.
      const isHead = (read: number): boolean =>
        gaps.some(({ at, pause }) => read >= at && read + 6 < at + pause + 4);
      let now = 12_000;
      for (let lost = 1; now < 17_000 && !isHead(now + 3); lost += 1) {
        now += 12 + random() * Math.min(2 ** lost, 64);
      }
      expect(now).toBeLessThan(17_000);
    },
  );

  it.each([
    [0, 4],
    [1, 12],
  ])(
    'leave at least one turn of the longest of late to the others (%s: %s ms)',
    (random, pause) => {
      const turns = new Turns();
      turns.lost(0);
      turns.wrote(0, 4);
      expect(turns.pauseMs(5, random)).toBe(pause);
    },
  );

  it('never make anyone wait for long', () => {
    const turns = new Turns();
    turns.lost(0);
    turns.wrote(0, 3_000);
    expect(turns.pauseMs(3_001, 1)).toBe(100);
  });
});
