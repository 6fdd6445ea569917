// `npm run bench`: builds what is not built, then measures.
import { build } from './build.mjs';

await build();
await import('../dist/bench/main.js');
