import { join } from 'node:path';
import { plantOnLoad } from '../support/plant-on-load';
import { MUTANTS } from './list';

/*
 * One process for one planted bug (or for none, without a name): the simulation over the rules with it. Prints what it
 * found, or nothing.
 */
async function main([name, runs]: readonly string[]): Promise<void> {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (!mutant && name !== '') throw new Error(`there is no planted bug '${name}'`);
  if (mutant) plantOnLoad(join(__dirname, '../../..'), mutant);
  // From here on: the rules are loaded with the bug.
  const { simulate } = await import('../simulate/simulate');
  const { failure } = await simulate({ runs: Number(runs), seed: 1, kernelEvery: Infinity });
  if (failure) console.log(`seed ${failure.seed}, ${failure.what.split('\n')[0]}`);
}

void main(process.argv.slice(2));
