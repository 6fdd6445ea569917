/** A stream that another process was seen to write is taken for shared as long as this. */
const SHARED_MS = 5_000;
/** Whoever has written without a gap for so long makes one: it cannot know who waits. */
const HELD_MS = 250;
/** The time doubles with each gap that nobody took, so often at most: then it is 2 s. */
const MOST_DOUBLINGS = 3;
/** The longest of the last turns counts: a turn of the others, who have more to read, takes longer than one's own. */
const DECAY = 0.9;
const LONGEST_PAUSE_MS = 100;

/**
 * Turns on one stream between processes that know nothing of each other. Whoever has just written would be first again, since
 * it knows the head while the others have to read it: one would have all turns and the others none. So on a shared stream
 * everyone leaves a gap that is longer than a turn takes, and begins by reading what came in it. Times by `performance.now()`.
 */
export class Turns {
  private sharedUntil = 0;
  private turnMs = 0;
  private wroteAt = -Infinity;
  private gapAt = 0;
  /** Gaps that nobody took since another was met last, up to MOST_DOUBLINGS. */
  private untaken = 0;

  /** True while others write as well: what is cached is old by now. */
  isShared(now: number): boolean {
    return this.sharedUntil > now;
  }

  /** Another process was first. */
  lost(now: number): void {
    this.sharedUntil = now + SHARED_MS;
    this.untaken = 0;
  }

  /** A turn of ours has ended. */
  wrote(began: number, now: number): void {
    this.turnMs = Math.max(now - began, DECAY * this.turnMs);
    this.wroteAt = now;
  }

  /** Milliseconds to leave to others before the next turn; 0 where they had them already. */
  pauseMs(now: number, random: number): number {
    if (now - this.wroteAt > 3 * this.turnMs) {
      this.gapAt = now;
      return 0;
    }
    if (this.isShared(now)) return this.gap(now, random);
    if (now - this.gapAt < HELD_MS * 2 ** this.untaken) return 0;
    // The rarer a gap, the longer: who needs more than a turn would miss one of a few before its deadline.
    const pause = this.gap(now, random);
    this.untaken = Math.min(this.untaken + 1, MOST_DOUBLINGS);
    return pause;
  }

  private gap(now: number, random: number): number {
    this.gapAt = now;
    return Math.min((1 + this.untaken + 2 * random) * this.turnMs, LONGEST_PAUSE_MS);
  }
}
