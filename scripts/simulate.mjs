// `npm run simulate`: builds what is not built, then compares the rules of stock with a reference model.
import { build } from './build.mjs';

await build();
await import('../dist/test/simulate/main.js');
