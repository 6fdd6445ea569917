// The checks that read the sources only, for `npm run check` and `npm test`.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const bin = (name) => join(root, 'node_modules/.bin', name);

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
