import type { Test, TestResult } from '@jest/test-result';
import type { Reporter } from '@jest/reporters';
import { runCLI } from 'jest';
import { join } from 'node:path';
import type { Mutant } from './mutant';

const SPECS = 'libs/domain/{stock/*,lot,policies}.spec.ts';
const LANES = 2;

/** By the name of the planted bug: the tests that fail with it. All that was found in this process. */
const failed = new Map<string, string[]>();

/** The specs of stock and lots, once with each of the planted bugs. Each is a project of its own within one run of jest. */
export async function failingSpecs(
  root: string,
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (mutants.length === 0) return failed;
  const projects = mutants.map((mutant) => ({
    displayName: mutant.name,
    // One cache of compiled files for all.
    id: 'mutants',
    rootDir: root,
    roots: [join(root, 'libs/domain')],
    testMatch: [join(root, SPECS)],
    transform: {
      '^.+\\.ts$': [join(__dirname, '../defects/transformer.js'), { planting: mutant }],
    },
    testEnvironment: 'node',
  }));
  const config = { rootDir: root, projects, reporters: [__filename] };
  const argv = { _: [], $0: 'mutants', config: JSON.stringify(config) };
  await runCLI({ ...argv, maxWorkers: LANES, silent: true }, [root]);
  return failed;
}

/** Jest makes the reporter itself and hands nothing of it back. */
export default class FailingTests implements Pick<Reporter, 'onTestResult'> {
  onTestResult(test: Test, result: TestResult): void {
    const { displayName } = test.context.config;
    const names = result.testResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => fullName);
    if (result.testExecError) names.push(result.testExecError.message.split('\n')[0] ?? '');
    const name = displayName?.name ?? '';
    failed.set(name, [...(failed.get(name) ?? []), ...names]);
  }

  getLastError(): undefined {
    return undefined;
  }
}
