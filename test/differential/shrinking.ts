import type { Operation } from './operations';
import type { Difference } from './sequence';

export interface Shrunk {
  readonly operations: readonly Operation[];
  readonly difference: Difference;
}

/** Some differences show only after a wait or a restart, so that a try takes seconds. */
const LONGEST_MS = 30_000;

/** Leaves out operations as long as a difference remains: halves first, single ones at last. */
export async function shrink(
  found: Shrunk,
  tryOut: (operations: readonly Operation[]) => Promise<Difference | undefined>,
): Promise<Shrunk> {
  // What comes after the difference has no part in it.
  let best = { ...found, operations: found.operations.slice(0, found.difference.at + 1) };
  const stopAt = Date.now() + LONGEST_MS;
  for (let size = best.operations.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = best.operations.length - size; at >= 0 && Date.now() < stopAt; at -= size) {
      const operations = best.operations.filter((_, i) => i < at || i >= at + size);
      if (operations.length === 0) continue;
      const difference = await tryOut(operations);
      if (difference) best = { operations: operations.slice(0, difference.at + 1), difference };
    }
  }
  return best;
}
