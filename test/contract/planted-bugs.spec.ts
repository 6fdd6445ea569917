import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { BY_SPECS_ALONE, EQUIVALENT, MUTANTS } from '../mutants/list';
import { rotOf } from '../support/planting';

const ROOT = resolve(__dirname, '../..');
/** Some 15 s on an idle machine with two cores. */
const LIMIT_MS = 900_000;

test('every planted bug has a place in the rules of today, and a name of its own', () => {
  expect(MUTANTS.map((mutant) => rotOf(ROOT, mutant)).filter((why) => why)).toEqual([]);
  const names = MUTANTS.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  expect(names.length).toBeGreaterThan(60);
  expect([...BY_SPECS_ALONE, ...EQUIVALENT].filter((name) => !names.includes(name))).toEqual([]);
});

test(
  'a sample of them: a short simulation catches each, and finds nothing without one',
  async () => {
    const args = ['scripts/mutants.mjs', '--sample'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    expect(stdout).toMatch(/^(\d+) planted bugs: \1 caught, 0 survived/m);
  },
  LIMIT_MS,
);
