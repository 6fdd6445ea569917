import { createHash } from 'node:crypto';
import type { Deed, HostileProfile } from './profile';

/**
 * What happens when. Every deed has a sequence of its own that only the seed decides: the n-th decision about it is the
 * same in every run, whatever else goes on and whichever other deeds are chosen.
 */
export interface Chances {
  readonly profile: HostileProfile;
  happens(deed: Deed): boolean;
  /** A whole number from `lowest` to `highest` that belongs to the deed. */
  between(deed: Deed | 'notReady', lowest: number, highest: number): number;
  /** How often each has happened. */
  readonly deeds: ReadonlyMap<Deed, number>;
}

export function chancesFrom(seed: number, profile: HostileProfile): Chances {
  const sequences = new Map<string, () => number>();
  const deeds = new Map<Deed, number>();
  // Whether and how are two sequences: how much is drawn for one deed must not move the next decision.
  const next = (name: string): number => {
    let sequence = sequences.get(name);
    if (!sequence) sequences.set(name, (sequence = sequenceOf(`${seed}/${name}`)));
    return sequence();
  };
  return {
    profile,
    deeds,
    happens(deed) {
      const strikes = next(deed) < profile[deed];
      if (strikes) deeds.set(deed, (deeds.get(deed) ?? 0) + 1);
      return strikes;
    },
    between: (deed, lowest, highest) =>
      lowest + Math.floor(next(`how ${deed}`) * (highest - lowest + 1)),
  };
}

/** Numbers from 0 to 1 (mulberry32). */
function sequenceOf(name: string): () => number {
  let state = createHash('sha256').update(name).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
