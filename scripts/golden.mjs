// `npm run golden`: writes test/golden/<Type>.json for every event type that has none yet, and
// test/golden-states/<category>-<version>.json for every version of a state that has none.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await build();
const { writeGoldens } = (await import(join(root, 'dist/test/support/golden.js'))).default;
const { writeGoldenStates } = (await import(join(root, 'dist/test/support/golden-states.js')))
  .default;
const written = [
  ...(await writeGoldens(join(root, 'test/golden'))),
  ...writeGoldenStates(join(root, 'test/golden-states')),
];
console.log(written.length === 0 ? 'golden: nothing new' : `golden: wrote ${written.join(', ')}`);
