// `npm run defects`: plants defects in the event node one by one and demands that its tests catch each.
import { build } from './build.mjs';

await build();
await import('../dist/test/defects/main.js');
