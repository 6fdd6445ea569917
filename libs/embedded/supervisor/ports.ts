import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { ServeProblem } from './problem';

const LOOPBACK = '127.0.0.1';

/**
 * A port below the range that systems take for outgoing connections: a part that crashed must find its port free when
 * it comes back, and a connection of another part could otherwise have picked it in between.
 */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < 500; tries++) {
    const port = randomInt(20_000, 32_000);
    if (!taken.has(port) && (await tryPort(LOOPBACK, port)) === undefined) return port;
  }
  throw new ServeProblem('found no free port between 20000 and 32000 on 127.0.0.1');
}

/** Fails with what to do when the api could not listen there. */
export async function checkPort(host: string, port: number): Promise<void> {
  const code = await tryPort(host, port);
  if (code === undefined) return;
  const other = port < 65_000 ? port + 1 : port - 1;
  if (code === 'EADDRINUSE') {
    throw new ServeProblem(
      `port ${port} on ${host} is taken by another program; stop that one, or choose another port: ` +
        `PORT=${other} npm start`,
    );
  }
  if (code === 'EACCES') {
    throw new ServeProblem(
      `this user may not listen on port ${port}; choose one above 1023: PORT=3000`,
    );
  }
  throw new ServeProblem(
    `cannot listen on HOST ${host} (${code}); use 127.0.0.1 for this machine only, 0.0.0.0 for all networks`,
  );
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
