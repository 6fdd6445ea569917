import { Turns } from './turns';

/** A process that writes again as soon as it may, every turn taking 4 ms. */
function writing(turns: Turns, from: number, until: number): { pauses: number[]; end: number } {
  const pauses: number[] = [];
  let now = from;
  while (now < until) {
    const pause = turns.pauseMs(now, 0.5);
    if (pause > 0) pauses.push(pause);
    turns.wrote(now + pause, now + pause + 4);
    now += pause + 4;
  }
  return { pauses, end: now };
}

describe('turns on a stream', () => {
  it('are taken without a pause by one who writes now and then', () => {
    const turns = new Turns();
    for (let now = 0; now < 5_000; now += 20) {
      expect(turns.pauseMs(now, 0.5)).toBe(0);
      turns.wrote(now, now + 4);
    }
  });

  it('are given away four times a second by one who writes all the time', () => {
    const { pauses } = writing(new Turns(), 1_000, 11_000);
    expect(pauses.length).toBeGreaterThan(35);
    expect(pauses.length).toBeLessThan(42);
    expect(new Set(pauses)).toEqual(new Set([8]));
  });

  it('are given away after each one while others write as well, and no longer', () => {
    const turns = new Turns();
    turns.lost(1_000);
    turns.wrote(1_000, 1_004);
    expect(turns.isShared(5_999)).toBe(true);
    expect(turns.isShared(6_000)).toBe(false);
    const { pauses, end } = writing(turns, 1_004, 5_900);
    expect(pauses.length).toBeGreaterThan(400);
    const later = writing(turns, Math.max(end, 6_001), 7_001);
    expect(later.pauses.length).toBeLessThan(6);
  });

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
