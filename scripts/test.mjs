// `npm test`: format, lint, types, then every kind of test; ends with `N passed, N failed`.
// Words behind it go to jest: `npm test -- stock` runs the tests whose path has "stock", without the static checks.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { format, lint, roomy, run, types } from './checks.mjs';

const chosen = process.argv.slice(2);
/** What they expect of time or memory is of a machine that does nothing else. */
const ALONE = [
  'test/contract/event-node/batch-calls.spec.ts',
  'test/contract/event-node/hostile.spec.ts',
  'test/contract/event-node/limits.spec.ts',
  'test/contract/event-node/limits-slow-readers.spec.ts',
  'test/contract/event-node/operations.spec.ts',
  'test/contract/event-node/scavenge-online.spec.ts',
  'test/contract/event-node/slow-readers.spec.ts',
  'test/e2e/fuzz.spec.ts',
  'test/e2e/hostile-http.spec.ts',
  'test/e2e/lists-streaming.spec.ts',
  'test/e2e/readme.spec.ts',
];
const total = { passed: 0, failed: 0, skipped: 0 };

async function jest(name, args, node = []) {
  const folder = mkdtempSync(join(tmpdir(), 'lotstream-test-'));
  const report = join(folder, 'report.json');
  try {
    const told = ['--json', `--outputFile=${report}`, '--silent=false'];
    const ok = await run(name, ['jest', ...args, ...told, ...chosen], { shown: true, node });
    const result = JSON.parse(readFileSync(report, 'utf8'));
    total.passed += result.numPassedTests;
    total.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    total.skipped += result.numPendingTests + result.numTodoTests;
    // A run that fails without a failing test (a crash, a leak) is a failure all the same.
    if (!ok && result.numFailedTests + result.numRuntimeErrorTestSuites === 0) total.failed += 1;
  } catch (error) {
    console.error(`${name} left no report: ${error.message}`);
    total.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(`build: ${await build()} files compiled`);
if (chosen.length === 0) {
  const checks = [run('lint', lint), run('types', types), run('format', format)];
  for (const ok of await Promise.all(checks)) total[ok ? 'passed' : 'failed'] += 1;
}
const select = (...projects) => ['--selectProjects', ...projects, '--passWithNoTests'];
await jest(
  'unit and architecture tests, and the simulation',
  [...select('unit', 'architecture', 'simulation'), '--maxWorkers=2'],
  roomy,
);
// Real processes: two suites at a time, since most wait for one of their own as often as they compute.
const real = select('contract', 'e2e');
if (chosen.length > 0) await jest('contract and end-to-end tests', [...real, '--runInBand']);
else {
  const others = ALONE.map((path) => `--testPathIgnorePatterns=${path}`);
  await jest('contract and end-to-end tests', [...real, '--maxWorkers=3', ...others]);
  await jest('tests of time and memory, one at a time', [...real, '--runInBand', ...ALONE]);
}

console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`,
);
process.exitCode = total.failed === 0 ? 0 : 1;
