// `node scripts/run.mjs <command> ...`: builds what is not built, then runs the command of `inv` in this process.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await build();
// What the environment says wins over the file.
if (existsSync('.env')) process.loadEnvFile('.env');
process.argv = [process.execPath, join(root, 'bin/inv.mjs'), ...process.argv.slice(2)];
await import(join(root, 'dist/apps/cli/main.js'));
