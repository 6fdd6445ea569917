import { around } from './around';
import { documents } from './documents';
import { goods } from './goods';
import type { Mutant } from './mutant';
import { promises } from './promises';

/** Every planted bug that the specs of stock and lots and the simulation are to catch. */
export const MUTANTS: readonly Mutant[] = [...goods, ...promises, ...documents, ...around];

/** Those that a short simulation does not see, and the specs do; docs/simulation.md says why of each. */
export const BY_SPECS_ALONE: ReadonlySet<string> = new Set([
  'quarantine makes a rejected lot milder',
  'the milder of two words on a lot stands',
  'an arrival that rejects a lot leaves its allocations there',
  'a reservation that is over at this very instant still holds',
  'a rejected lot is approved at once',
  'a corrected expiry changes the status',
  'a decision that names some places alone makes the lot forget the others',
  'a place that took a lot for something else is not told again',
  'a receipt that demands quality control leaves the lot approved elsewhere',
  'a lot does not learn where it is returned',
  'what a lot is travels without its revision',
]);

/** Not a bug after all, as docs/simulation.md shows: nothing can catch it. */
export const EQUIVALENT: ReadonlySet<string> = new Set(['a count brings stock below zero']);
