import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../runtime/log';
import { DATABASE, passwordOf, prepareCluster, ROLE } from './cluster';
import { type Home, openHome } from './home';
import { diskFull, explain, PostgresProblem } from './problem';
import { endLeftovers, isReady } from './processes';
import { findServer, type Server } from './server';
import { cleanEnvironment } from './user';

export interface PostgresOptions {
  readonly dataFolder: string;
  readonly logger: Logger;
  /** A free port of the loopback interface. */
  readonly port: number;
  /** For tests: another platform package, another place for homes outside the data folder. */
  readonly platformFolder?: string;
  readonly sharedHomes?: string;
}

export interface Postgres {
  readonly url: string;
  readonly pid: number;
  readonly cluster: string;
  /** Where the server writes its own log. */
  readonly logFile: string;
  /** Something the person at the terminal should know, for example that the data is kept elsewhere. */
  readonly note?: string;
  /** Settles when the server is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Ends the sessions, writes everything out and waits for the end; `immediate` leaves that to the next start. */
  stop(how?: 'immediate'): Promise<void>;
}

/** The address of a data folder's PostgreSQL, known before it runs. Contains the password. */
export async function postgresUrl(dataFolder: string, port: number): Promise<string> {
  const password = await passwordOf(dataFolder);
  return `postgres://${ROLE}:${password}@127.0.0.1:${port}/${DATABASE}`;
}

/** Starts the PostgreSQL of a data folder; whoever calls holds the folder's lock. Rejects with a PostgresProblem. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  try {
    return await start({ ...options, dataFolder: resolve(options.dataFolder) });
  } catch (error) {
    if (error instanceof PostgresProblem) throw error;
    const { code, message, path } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw diskFull();
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new PostgresProblem(
        `PostgreSQL may not write in ${path ?? options.dataFolder}; ` +
          'start as the user who started it first, or set LOTSTREAM_DATA to a folder of your own',
        false,
      );
    }
    throw new PostgresProblem(`PostgreSQL did not start: ${message}`, true);
  }
}

async function start(options: PostgresOptions): Promise<Postgres> {
  const { dataFolder, logger, port } = options;
  const home = await openHome(dataFolder, options.sharedHomes);
  const [server, url] = await Promise.all([
    findServer(home, options.platformFolder),
    postgresUrl(dataFolder, port),
    endLeftovers(home.cluster, logger),
  ]);
  await prepareCluster(home, server, await passwordOf(dataFolder), port);
  const logFile = join(dataFolder, 'logs', 'postgresql-server.log');
  await mkdir(join(dataFolder, 'logs'), { recursive: true, mode: 0o700 });
  const child = await launch(home, server, logFile, logger);
  const exited = hasExited(child) ? Promise.resolve() : once(child, 'exit').then(() => undefined);
  return {
    url,
    pid: child.pid ?? 0,
    cluster: home.cluster,
    logFile,
    ...(home.note === undefined ? {} : { note: home.note }),
    exited,
    stop: (how) => stop(child, exited, how),
  };
}

const LAUNCH_TRIES = 3;

async function launch(
  home: Home,
  server: Server,
  logFile: string,
  logger: Logger,
): Promise<ChildProcess> {
  for (let tries = 1; ; tries++) {
    const from = await sizeOf(logFile);
    const child = await spawnServer(home, server, logFile);
    if (await untilReady(home, child)) return child;
    const output = await readFrom(logFile, from);
    // A backend that outlived its postmaster, or a server that another starter of this folder was just ending.
    const held = /pre-existing shared memory block|lock file "postmaster.pid" already exists/;
    if (tries === LAUNCH_TRIES || !held.test(output)) throw explain(output, home.cluster, logFile);
    await endLeftovers(home.cluster, logger);
  }
}

async function spawnServer(home: Home, server: Server, logFile: string): Promise<ChildProcess> {
  const log = await open(logFile, 'a', 0o600);
  try {
    const child = spawn(server.postgres, ['-D', home.cluster], {
      ...home.runAs,
      cwd: home.folder,
      env: cleanEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
    });
    child.on('error', () => undefined);
    return child;
  } finally {
    await log.close();
  }
}

const POLL_MS = 10;

/** False when it ended instead. A recovery after a crash may take its time, so there is no limit here. */
async function untilReady(home: Home, child: ChildProcess): Promise<boolean> {
  for (;;) {
    if (child.pid === undefined || hasExited(child)) return false;
    if (await isReady(home.cluster, child.pid)) return true;
    await pause(POLL_MS);
  }
}

const hasExited = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

const FAST_MS = 40_000;

async function stop(child: ChildProcess, exited: Promise<void>, how?: 'immediate'): Promise<void> {
  child.kill(how === 'immediate' ? 'SIGQUIT' : 'SIGINT');
  // What a shutdown did not write out in this time, the next start's recovery does.
  const hurry = setTimeout(() => child.kill('SIGQUIT'), FAST_MS);
  await exited;
  clearTimeout(hurry);
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path);
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream({ start })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
