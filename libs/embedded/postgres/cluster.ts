import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../../runtime/ids';
import type { Home } from './home';
import { explain, PostgresProblem, rebuildHint } from './problem';
import { clusterName } from './processes';
import type { Server } from './server';
import { makeFolder, run, writeOwned } from './user';

export const ROLE = 'lotstream';
export const DATABASE = 'lotstream';

/** Makes the cluster on the first start; on every start brings its settings and password up to date. */
export async function prepareCluster(
  home: Home,
  server: Server,
  password: string,
  port: number,
): Promise<void> {
  await checkVersion(home.cluster, server.major);
  if (!(await exists(home.cluster))) await makeCluster(home, server, password);
  await writeSettings(home, home.cluster, port);
  if ((await appliedPassword(home.cluster)) !== sha256(password)) {
    await singleUser(home, server, home.cluster, [passwordSql(password)]);
    await rememberPassword(home, home.cluster, password);
  }
}

/** The password of this data folder, generated once; TCP on the loopback is open to every user of the machine. */
export async function passwordOf(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'postgres', 'password');
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (/^[0-9a-f]{32,}$/.test(kept.trim())) return kept.trim();
  const password = randomBytes(24).toString('hex');
  await makeFolder(dataFolder);
  await makeFolder(dirname(path));
  // Through a file of another name: a power cut must not leave half a password.
  await writeFile(`${path}.new`, `${password}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return password;
}

/**
 * Under another name until it is complete, so that a kill half-way leaves nothing that looks like a cluster. Nothing
 * is synced while it is made; one sync of the whole ends it, before the name that the next start looks for.
 */
async function makeCluster(home: Home, server: Server, password: string): Promise<void> {
  const draft = `${home.cluster}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (home.runAs) await chown(draft, home.runAs.uid, home.runAs.gid);
  const initdb = async (...args: readonly string[]): Promise<void> => {
    const options = { runAs: home.runAs, cwd: home.folder };
    const { code, output } = await run(server.initdb, ['-D', draft, ...args], options);
    if (code !== 0) throw explain(output, home.cluster);
  };
  try {
    await initdb(...INITDB);
    const ownConf = join(draft, 'postgresql.conf');
    const conf = await readFile(ownConf, 'utf8');
    await writeOwned(ownConf, `${conf}\ninclude 'lotstream.conf'\n`, home.runAs);
    await writeSettings(home, draft, 0);
    const sql = [passwordSql(password), `CREATE DATABASE ${DATABASE}`];
    await singleUser(home, server, draft, sql);
    await rememberPassword(home, draft, password);
    await initdb('--sync-only');
    await rename(draft, home.cluster);
    await syncFolder(home.folder);
  } catch (error) {
    // A full disk must not be kept full by half a cluster.
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** The builtin locale sorts by code point and knows upper and lower case, the same on every operating system. */
const INITDB = [
  `--username=${ROLE}`,
  '--auth=reject',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
  '--no-sync',
];

const passwordSql = (password: string): string =>
  `SET password_encryption = 'scram-sha-256'; ALTER ROLE ${ROLE} PASSWORD '${password}'`;

/** Statements for a cluster that is not running; over standard input, so that no password shows in a process list. */
async function singleUser(
  home: Home,
  server: Server,
  cluster: string,
  statements: readonly string[],
): Promise<void> {
  const { code, output } = await run(
    server.postgres,
    [
      '--single',
      '-D',
      cluster,
      '-c',
      `fsync=${cluster === home.cluster ? 'on' : 'off'}`,
      'postgres',
    ],
    {
      runAs: home.runAs,
      cwd: home.folder,
      input: statements.map((statement) => `${statement};\n`).join(''),
    },
  );
  if (code !== 0 || /\b(ERROR|FATAL|PANIC):/.test(output)) throw explain(output, home.cluster);
}

async function writeSettings(home: Home, cluster: string, port: number): Promise<void> {
  await writeOwned(join(cluster, 'lotstream.conf'), settings(home.cluster, port), home.runAs);
  await writeOwned(join(cluster, 'pg_hba.conf'), HBA, home.runAs);
}

const HBA = `# Written at every start.
host all all 127.0.0.1/32 scram-sha-256
`;

/** For one machine that also runs the rest; durability stays as PostgreSQL has it (fsync, synchronous_commit on). */
const settings = (
  cluster: string,
  port: number,
): string => `# Written at every start. Your own settings: ALTER SYSTEM.
listen_addresses = '127.0.0.1'
port = ${port || 5432}
unix_socket_directories = ''
cluster_name = '${clusterName(cluster)}'
max_connections = 100
shared_buffers = 160MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 64MB
random_page_cost = 1.1
fsync = on
synchronous_commit = on
wal_level = minimal
max_wal_senders = 0
wal_compression = on
wal_buffers = 16MB
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 5min
checkpoint_completion_target = 0.9
# Whoever waits for the disk or a processor is a command: vacuum takes its time.
autovacuum_vacuum_cost_delay = 20ms
log_min_messages = warning
log_checkpoints = off
log_line_prefix = '%m [%p] '
lc_messages = 'C'
timezone = 'UTC'
log_timezone = 'UTC'
`;

async function checkVersion(cluster: string, major: number): Promise<void> {
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) {
    const names = await readdir(cluster).catch(() => []);
    if (names.length === 0) return rm(cluster, { recursive: true, force: true });
    throw new PostgresProblem(
      `the PostgreSQL data in ${cluster} is damaged: PG_VERSION is missing; ${rebuildHint(cluster)}`,
      false,
    );
  }
  if (Number(version.trim()) === major) return;
  throw new PostgresProblem(
    `the data in ${cluster} was written by PostgreSQL ${version.trim()}, this is PostgreSQL ${major}; ` +
      rebuildHint(cluster),
    false,
  );
}

const exists = (path: string): Promise<boolean> =>
  readdir(path).then(
    () => true,
    () => false,
  );

/** Which password the cluster knows: the password file may be lost or restored without the cluster. */
const PASSWORD_MARK = 'lotstream-password.sha256';

const appliedPassword = (cluster: string): Promise<string | undefined> =>
  readFile(join(cluster, PASSWORD_MARK), 'utf8').catch(() => undefined);

const rememberPassword = (home: Home, cluster: string, password: string): Promise<void> =>
  writeOwned(join(cluster, PASSWORD_MARK), sha256(password), home.runAs);

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}
