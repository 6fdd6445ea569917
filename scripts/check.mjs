// `npm run check`: the inner loop. Format, lint and types, and beside them the unit and architecture tests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bin, format, lintChanged, root, types } from './checks.mjs';

const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/** Answers whether all is well; what a check says is shown when it ends, so that two do not mix. */
async function run(name, [tool, ...args]) {
  const started = Date.now();
  const child = spawn(bin(tool), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => said.push(text));
  }
  const [code] = await once(child, 'close');
  console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'} in ${seconds(started)}`);
  if (code !== 0) process.stdout.write(said.join(''));
  return code === 0;
}

const started = Date.now();
const jest = ['jest', '--selectProjects', 'unit', 'architecture', '--maxWorkers=2'];
const results = await Promise.all([
  run('lint', lintChanged),
  run('types', types),
  run('format', format),
  run('unit and architecture tests', jest),
]);
const ok = results.every(Boolean);
console.log(`check: ${ok ? 'ok' : 'FAILED'} in ${seconds(started)}`);
process.exitCode = ok ? 0 : 1;
