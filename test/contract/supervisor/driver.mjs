// `inv serve` with stand-ins for the parts, except those that REAL names; WHEN_READY tells what to do then.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const load = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const { serve } = load(`${dist}libs/embedded/supervisor/index.js`);
const { readConfig } = load(`${dist}libs/runtime/config.js`);
const script = fileURLToPath(new URL('stand-in.mjs', import.meta.url));
const standIn = (name) => ({ script, args: [name] });
const real = (process.env.REAL ?? '').split(',');

try {
  process.exitCode = await serve({
    config: readConfig(),
    scripts: {
      eventstore: standIn('eventstore'),
      postgresql: real.includes('postgresql')
        ? { script: `${dist}libs/embedded/postgres/main.js` }
        : standIn('postgresql'),
      api: standIn('api'),
      projector: standIn('projector'),
    },
    print: (line) => console.log(line),
    whenReady: async (url) => {
      const { WHEN_READY: wish = 'stay' } = process.env;
      if (wish === 'fail') throw new Error(`nothing to be done at ${url}`);
      return wish;
    },
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
process.exit();
