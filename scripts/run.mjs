// `node scripts/run.mjs <command> ...`: builds what is not built, then runs the command of `inv` in this process.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await build();
process.argv = [process.execPath, join(root, 'bin/inv.mjs'), ...process.argv.slice(2)];
await import(join(root, 'dist/apps/cli/main.js'));
