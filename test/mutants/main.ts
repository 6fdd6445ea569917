import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rotOf } from '../support/planting';
import { BY_SPECS_ALONE, EQUIVALENT, MUTANTS } from './list';
import type { Mutant } from './mutant';
import { foundBySimulation } from './simulating';
import { failingSpecs } from './specs';

const ROOT = join(__dirname, '../../..');
const LANES = 2;
/** Of all planted bugs at least so many must be caught. */
const DEMANDED = 0.9;

const HELP = `npm run mutants [-- OPTIONS WORDS]
  Plants bugs in the rules of stock one by one, all or those with all WORDS in their name or file, and runs a short
  simulation with each, and the specs of stock with those that it has not caught.
  --both    run the specs with every bug, for a table of what catches what (long)
  --sample  every eleventh bug that a simulation sees, by simulation alone`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      both: { type: 'boolean' },
      sample: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(HELP);
  const chosen = MUTANTS.filter(
    ({ name, file }, at) =>
      (!values.sample || (at % 11 === 0 && !BY_SPECS_ALONE.has(name) && !EQUIVALENT.has(name))) &&
      positionals.every((word) => `${name} ${file}`.includes(word)),
  );
  if (chosen.length === 0)
    throw new Error(`No planted bug has '${positionals.join(' ')}' in its name or file.`);
  const rotten = MUTANTS.map((mutant) => rotOf(ROOT, mutant)).filter((why) => why !== undefined);
  if (rotten.length > 0) throw new Error(rotten.join('\n'));
  const sound = await foundBySimulation('');
  if (sound) throw new Error(`without a planted bug: ${sound}`);
  const started = Date.now();
  const simulated = await simulateWith(chosen);
  const left = chosen.filter(({ name }) => values.both || !simulated.get(name));
  const failing = values.sample ? new Map<string, string[]>() : await failingSpecs(ROOT, left);
  const survivors = chosen.filter(({ name }) => !simulated.get(name) && !failing.get(name)?.length);
  for (const { name } of left) {
    const tests = failing.get(name) ?? [];
    if (tests.length > 0)
      console.log(`specs       ${name}\n              ${tests.length} fail: ${tests[0]}`);
  }
  for (const { name, file } of survivors) console.log(`SURVIVED    ${name} (${file})`);
  const bySimulation = [...simulated.values()].filter((what) => what !== undefined).length;
  const bySpecs = left.filter(({ name }) => failing.get(name)?.length).length;
  console.log(
    `${chosen.length} planted bugs: ${chosen.length - survivors.length} caught, ${survivors.length} survived; ` +
      `the simulation caught ${bySimulation} of ${chosen.length}, the specs ${bySpecs} of ${left.length} tried; ` +
      `${Math.round((Date.now() - started) / 1000)} s`,
  );
  process.exitCode = survivors.length <= chosen.length * (1 - DEMANDED) ? 0 : 1;
}

/** By name: what the simulation says. */
async function simulateWith(
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const found = new Map<string, string | undefined>();
  const waiting = [...mutants];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const what = await foundBySimulation(next.name);
      found.set(next.name, what);
      if (what) console.log(`simulation  ${next.name}\n              ${what.slice(0, 160)}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return found;
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
