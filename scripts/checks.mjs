// The checks that read the sources only, for `npm run check` and `npm test`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules/.bin', name);

const cache = (name) => [
  '--cache',
  '--cache-strategy',
  'content',
  '--cache-location',
  `dist/.cache/${name}`,
];

/** What is known of a file by its contents alone stays known; tsc does the same by tsconfig.json. */
export const format = ['prettier', '--check', '.', ...cache('prettier')];
export const types = ['tsc', '--noEmit'];
export const lint = ['eslint', '.', '--max-warnings', '0'];
/** Looks at changed files only, though rules that know types may find something new in a file that uses them. */
export const lintChanged = [...lint, ...cache('eslint')];

export const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/** Unit tests leave much behind that dies young: with more room for it the collector comes less often. */
export const roomy = ['--max-semi-space-size=64'];

/**
 * Answers whether all is well. What is said is shown at the end, so that two do not mix, and only of a failure; or at once.
 * `node` are options of Node itself, which jest hands on to its workers.
 */
export async function run(name, [tool, ...args], { shown = false, node = [] } = {}) {
  const started = Date.now();
  if (shown) console.log(`\n> ${name}`);
  const stdio = shown ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, [...node, bin(tool), ...args], { cwd: root, stdio });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => said.push(text));
  }
  const [code] = await once(child, 'close');
  console.log(
    `${shown ? '> ' : ''}${name}: ${code === 0 ? 'ok' : 'FAILED'} in ${seconds(started)}`,
  );
  if (code !== 0) process.stdout.write(said.join(''));
  return code === 0;
}
