// `npm run fuzz`: builds what is not built, then sends requests made from the api's own document.
import { build } from './build.mjs';

await build();
await import('../dist/test/fuzz/main.js');
