// A part of the system reduced to what the supervisor sees of it: it listens, says that it is ready and stops.
// Usage: node stand-in.mjs <name> [--port n] [--data dir]; STAND_IN_<NAME> makes it misbehave.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const name = process.argv[2];
const behaviour = process.env[`STAND_IN_${name.toUpperCase()}`] ?? '';
const given = process.argv.indexOf('--port');
const ports = { api: process.env.PORT, projector: process.env.PROJECTOR_PORT };
const port = Number(given > 0 ? process.argv[given + 1] : ports[name]);
const diary = join(process.env.LOTSTREAM_DATA, 'diary');

function sayError(msg) {
  console.error(JSON.stringify({ level: 50, msg }));
}

if (behaviour === 'fail') {
  sayError('the roof is on fire');
  process.exit(1);
}
if (behaviour === 'hopeless') {
  process.send({ failed: { message: 'no roof at all', retry: false } });
  process.disconnect();
} else {
  const server = createServer((request, response) => {
    if (request.url === '/crash') {
      sayError('asked to crash');
      process.exit(3);
    }
    response.end(JSON.stringify({ pid: process.pid, database: process.env.DATABASE_URL }));
  });
  server.listen(port, '127.0.0.1', () => {
    process.send({ ready: { url: `http://127.0.0.1:${port}`, port } });
  });
  process.on('SIGTERM', () => {
    appendFileSync(diary, `${name}\n`);
    if (behaviour !== 'stubborn') process.exit(0);
  });
}
