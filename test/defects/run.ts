import { dirname, join } from 'node:path';
import type { Config } from '@jest/types';
import { runCLI } from 'jest';
import { rotOf } from '../support/planting';
import { HANGS, plantingOf, type Defect } from './defect';
import type { Selection } from './environment';
import type { Finding } from './findings';
import { found, tell } from './reporter';
import { SHARED } from './shared-packages';

/** Two defects side by side: one for each core that continuous integration has. */
const LANES = 2;
const TIMEOUT_MS = 30_000;
/** For a check that waits in vain when its defect is there; without it the check must be quicker too. */
const HANG_MS = 3_000;

/**
 * Plants each defect in turn and runs the one test that is to catch it; runs all these tests without a defect as well.
 * Each is a project of its own within one run of jest: starting jest costs more than most of the tests.
 */
export async function findSurvivors(
  root: string,
  defects: readonly Defect[],
): Promise<readonly Finding[]> {
  const rotten = new Set<Defect>();
  for (const defect of defects) {
    const why = rotOf(root, plantingOf(defect));
    if (why === undefined) continue;
    rotten.add(defect);
    tell({ name: defect.name, outcome: 'BROKEN', why, ms: 0 });
  }
  const plantable = defects.filter((defect) => !rotten.has(defect));
  await runCLI(argumentsFor(root, [...runsWithout(defects), ...plantable.map(runWith)]), [root]);
  const told = new Set(found.map(({ name }) => name));
  for (const { name } of plantable) {
    if (!told.has(name)) tell({ name, outcome: 'BROKEN', why: 'its check was not run', ms: 0 });
  }
  return found;
}

/** One test file, run once. */
interface Run {
  readonly name: string;
  readonly spec: string;
  readonly selection: Selection;
}

function runWith(defect: Defect): Run {
  const { spec, test, failure } = defect.caughtBy;
  const timeoutMs = failure === HANGS ? HANG_MS : TIMEOUT_MS;
  return { name: defect.name, spec, selection: { tests: [test], timeoutMs, defect } };
}

function runsWithout(defects: readonly Defect[]): Run[] {
  const specs = new Map<string, Set<string>>();
  for (const { caughtBy } of defects) {
    specs.set(caughtBy.spec, (specs.get(caughtBy.spec) ?? new Set()).add(caughtBy.test));
  }
  return [...specs].map(([spec, tests]) => ({
    name: `no defect: ${spec}`,
    spec,
    selection: { tests: [...tests], timeoutMs: TIMEOUT_MS },
  }));
}

function argumentsFor(root: string, runs: readonly Run[]): Config.Argv {
  const projects = runs.map((run) => projectOf(root, run));
  const config = { rootDir: root, projects, reporters: [join(__dirname, 'reporter.js')] };
  return {
    _: [],
    $0: 'defects',
    config: JSON.stringify(config),
    maxWorkers: LANES,
    silent: true,
  };
}

const projectOf = (root: string, { name, spec, selection }: Run) => ({
  displayName: name,
  // One cache of compiled files for all.
  id: 'defects',
  rootDir: root,
  roots: [dirname(join(root, spec))],
  testMatch: [join(root, spec)],
  transform: {
    [`\\.ts$|/node_modules/${SHARED}`]: [
      join(__dirname, 'transformer.js'),
      selection.defect ? { planting: plantingOf(selection.defect) } : {},
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!${SHARED})`],
  testEnvironment: join(__dirname, 'environment.js'),
  testEnvironmentOptions: selection,
});
