import { around } from './around';
import { documents } from './documents';
import { goods } from './goods';
import type { Mutant } from './mutant';
import { promises } from './promises';

/** Every planted bug that the specs of stock and lots and the simulation are to catch. */
export const MUTANTS: readonly Mutant[] = [...goods, ...promises, ...documents, ...around];
