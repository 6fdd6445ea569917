// `npm run differential`: builds what is not built, then compares the event node with the model of its protocol.
import { build } from './build.mjs';

await build();
await import('../dist/test/differential/main.js');
