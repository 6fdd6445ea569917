import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { chown, lstat, unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type Postgres, startPostgres } from '../../../libs/embedded/postgres';
import { installedPlatform } from '../../../libs/embedded/postgres/server';
import { createLogger } from '../../../libs/runtime';

const root = join(__dirname, '../../..');
const owner = join(root, 'dist/libs/embedded/postgres/main.js');
const asRoot = process.getuid?.() === 0;
const whenRoot = asRoot ? describe : describe.skip;
const run = promisify(execFile);
const logger = createLogger('test', 'silent');
const NOBODY = { uid: 65534, gid: 65534 };

let base: string;
let data: string;
/** A data folder with a fresh cluster, so that not every test has to make one. */
let template: string;
const running: Postgres[] = [];
const owners: ChildProcess[] = [];

beforeAll(async () => {
  await run(process.execPath, [join(root, 'scripts/build.mjs')]);
  template = await mkdtemp(join(tmpdir(), 'pg-template-'));
  await chmod(template, 0o755);
  base = template;
  data = join(template, 'data');
  await stop(await start());
});

afterAll(() => rm(template, { recursive: true, force: true }));

const useTemplate = (): Promise<unknown> => run('cp', ['-a', join(template, 'data'), base]);

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'pg-'));
  await chmod(base, 0o755);
  data = join(base, 'data');
});

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop('immediate');
  for (const child of owners.splice(0)) await end(child, 'SIGTERM');
  await rm(base, { recursive: true, force: true });
});

async function start(more: { platformFolder?: string } = {}): Promise<Postgres> {
  const sharedHomes = join(base, 'shared');
  const port = await freePort();
  const postgres = await startPostgres({ dataFolder: data, logger, port, sharedHomes, ...more });
  running.push(postgres);
  return postgres;
}

async function stop(postgres: Postgres): Promise<void> {
  await postgres.stop();
  running.splice(running.indexOf(postgres), 1);
}

/** The process that owns PostgreSQL, as the supervisor starts it. */
async function startOwner(user: object = {}): Promise<{ child: ChildProcess; server: number }> {
  const args = ['--data', data, '--port', String(await freePort()), '--log-level', 'silent'];
  const child = spawn(process.execPath, [owner, ...args], {
    ...user,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  owners.push(child);
  const [message] = (await once(child, 'message')) as [{ ready: { server: number; url: string } }];
  expect(await query(message.ready.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  return { child, server: message.ready.server };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // An orphan that ended stays listed until its new parent takes notice, which in a container may be never.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await pause(10);
}

describe('the embedded PostgreSQL', () => {
  beforeEach(useTemplate);

  it('is a real server with safe settings, open to its own password only', async () => {
    const { url } = await start();
    const [row] = await query(
      url,
      `SELECT current_database() AS db, upper('ß-é') AS upper, current_setting('fsync') AS fsync,
        current_setting('synchronous_commit') AS commit, current_setting('server_encoding') AS encoding`,
    );
    expect(row).toEqual({
      db: 'lotstream',
      upper: 'ß-É',
      fsync: 'on',
      commit: 'on',
      encoding: 'UTF8',
    });
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(data, 'postgres/password'))).mode & 0o777).toBe(0o600);
  });

  it('keeps its data and its password over a restart', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await stop(first);
    const second = await start();
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
  });

  it('takes a new password when the file is lost', async () => {
    const first = await start();
    await stop(first);
    await unlink(join(data, 'postgres/password'));
    const second = await start();
    expect(await query(second.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(new URL(second.url).password).not.toBe(new URL(first.url).password);
  });

  it('starts after a kill -9 that left a busy backend with the shared memory', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    const busy = new Client({ connectionString: first.url });
    busy.on('error', () => undefined);
    await busy.connect();
    const loop = busy.query('DO $$ BEGIN LOOP END LOOP; END $$').catch(() => undefined);
    const active = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'`;
    while (((await query(first.url, active)) as [{ n: number }])[0].n === 0) await pause(10);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    running.length = 0;
    const second = await start();
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await loop;
  });

  it('starts although its lock file names the number of another living process', async () => {
    const first = await start();
    await stop(first);
    const stale = [process.pid, first.cluster, 0, 5432, '', '127.0.0.1', '', 'ready'].join('\n');
    await writeFile(join(first.cluster, 'postmaster.pid'), stale);
    const second = await start();
    expect(await query(second.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('ends with the process that owns it', async () => {
    const { child, server } = await startOwner();
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
    await untilGone(server);
  });

  it('is replaced when a kill -9 of its owner left it running', async () => {
    const { child, server } = await startOwner();
    await end(child, 'SIGKILL');
    expect(isAlive(server)).toBe(true);
    const next = await start();
    expect(isAlive(server)).toBe(false);
    expect(await query(next.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('works when npm ran no install scripts and the links of the libraries are missing', async () => {
    await rm(data, { recursive: true });
    const platformFolder = join(base, 'platform');
    await cp(installedPlatform(), platformFolder, {
      recursive: true,
      filter: async (path) => !(path.includes('.so') && (await lstat(path)).isSymbolicLink()),
    });
    const { url } = await start({ platformFolder });
    expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('says what to do about the data of another major version', async () => {
    const first = await start();
    await stop(first);
    await writeFile(join(first.cluster, 'PG_VERSION'), '13\n');
    await expect(start()).rejects.toMatchObject({
      message: expect.stringMatching(/written by PostgreSQL 13.*: mv .*cluster /) as string,
      retry: false,
    });
  });

  it.each(['PG_VERSION', 'global/pg_control', 'postgresql.conf', 'pg_wal'])(
    'says what to do when %s is missing',
    async (name) => {
      const first = await start();
      await stop(first);
      await rm(join(first.cluster, name), { recursive: true });
      await expect(start()).rejects.toMatchObject({
        message: expect.stringMatching(/damaged: .*: mv .*cluster /) as string,
        retry: false,
      });
    },
  );
});

whenRoot('the embedded PostgreSQL, as root', () => {
  it('keeps its data where its user can reach it when the data folder is private', async () => {
    const hidden = join(base, 'private');
    await mkdir(hidden, { mode: 0o700 });
    data = join(hidden, 'data');
    const first = await start();
    expect(first.note).toContain(`keeps its data in ${join(base, 'shared')}`);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await stop(first);
    // Reachable from now on; the data is found where it is all the same.
    await chmod(hidden, 0o755);
    const second = await start();
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('takes its data along when the data folder becomes private', async () => {
    await useTemplate();
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await stop(first);
    await chmod(data, 0o700);
    const second = await start();
    expect(second.note).toContain('keeps its data in');
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('never lets a copy of a data folder use the cluster of the original', async () => {
    await mkdir(data, { mode: 0o700 });
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    const original = data;
    data = join(base, 'copy');
    await cp(original, data, { recursive: true, filter: (path) => !path.includes('.lock') });
    await chmod(data, 0o700);
    const copy = await start();
    expect(copy.cluster).not.toBe(first.cluster);
    expect(isAlive(first.pid)).toBe(true);
  });

  it('starts anew when a deleted data folder left a cluster behind', async () => {
    await mkdir(data, { mode: 0o700 });
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await stop(first);
    await rm(data, { recursive: true });
    await mkdir(data, { mode: 0o700 });
    const second = await start();
    await expect(query(second.url, 'SELECT n FROM kept')).rejects.toThrow('does not exist');
  });

  it('uses a copy of its programs when its user cannot reach the checkout', async () => {
    const hidden = join(base, 'checkout');
    await mkdir(hidden, { mode: 0o700 });
    const platformFolder = join(hidden, 'platform');
    await cp(installedPlatform(), platformFolder, { recursive: true, verbatimSymlinks: true });
    const { url } = await start({ platformFolder });
    expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('runs as an ordinary user too', async () => {
    const reachable = await run(process.execPath, ['--check', owner], NOBODY).then(
      () => true,
      () => false,
    );
    if (!reachable) return;
    await chown(base, NOBODY.uid, NOBODY.gid);
    const { child, server } = await startOwner(NOBODY);
    const status = await readFile(`/proc/${server}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+65534/m);
    await end(child, 'SIGTERM');
    expect(isAlive(server)).toBe(false);
  });
});
