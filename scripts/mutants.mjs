// `npm run mutants`: plants bugs in the rules of stock one by one and demands that specs and simulation catch them.
import { build } from './build.mjs';

await build();
await import('../dist/test/mutants/main.js');
