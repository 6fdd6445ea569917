// `npm run check`: the inner loop. Format, lint and types, and beside them the unit and architecture tests.
import { format, lintChanged, roomy, run, seconds, types } from './checks.mjs';

const started = Date.now();
const jest = ['jest', '--selectProjects', 'unit', 'architecture', '--maxWorkers=3'];
const results = await Promise.all([
  run('lint', lintChanged),
  run('types', types),
  run('format', format),
  run('unit and architecture tests', jest, { node: roomy }),
]);
const ok = results.every(Boolean);
console.log(`check: ${ok ? 'ok' : 'FAILED'} in ${seconds(started)}`);
process.exitCode = ok ? 0 : 1;
