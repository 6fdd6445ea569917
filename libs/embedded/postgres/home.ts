import { chmod, chown, cp, mkdir, readdir, readFile, realpath, rename } from 'node:fs/promises';
import { lchown, lstat, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../runtime/ids';
import { PostgresProblem } from './problem';
import { makeFolder, type RunAs, run, unprivilegedUser, weAreRoot } from './user';

/** Where a data folder's PostgreSQL lives and as whom it runs. */
export interface Home {
  readonly folder: string;
  readonly cluster: string;
  readonly runAs: RunAs;
  /** Something the person at the terminal should know. */
  readonly note?: string;
}

/** Homes outside the data folder, for the root user only. */
const SHARED_HOMES = '/var/lib/lotstream';

/**
 * `<data>/postgres`, unless we are root and the user PostgreSQL runs as cannot reach it there; then a folder below
 * `shared`. The file `location` in the data folder remembers which, so that the next start finds the same data even
 * when permissions have changed in the meantime.
 */
export async function openHome(dataFolder: string, shared = SHARED_HOMES): Promise<Home> {
  const inside = join(dataFolder, 'postgres');
  await makeFolder(dataFolder);
  await makeFolder(inside);
  if (!weAreRoot()) return ordinaryHome(inside);
  const pointer = join(inside, 'location');
  const remembered = await readFile(pointer, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  const owner = await realpath(dataFolder);
  if (remembered && (await adopt(remembered, owner))) return sharedHome(remembered, inside);
  const settled = await stat(join(inside, 'cluster')).catch(() => undefined);
  const runAs =
    settled && settled.uid !== 0
      ? { uid: settled.uid, gid: settled.gid }
      : await unprivilegedUser();
  if (await canReach(inside, runAs)) {
    if (settled?.uid === 0) await giveTo(join(inside, 'cluster'), runAs);
    return { folder: inside, cluster: join(inside, 'cluster'), runAs };
  }
  const folder = join(shared, sha256(owner).slice(0, 16));
  await makeShared(shared, folder, owner);
  if (settled) await moveInto(join(inside, 'cluster'), folder, runAs);
  await writeFile(pointer, `${folder}\n`);
  return sharedHome(folder, inside);
}

async function ordinaryHome(inside: string): Promise<Home> {
  const cluster = join(inside, 'cluster');
  const elsewhere = await stat(join(inside, 'location')).catch(() => undefined);
  const found = await stat(cluster).catch(() => undefined);
  if (elsewhere || (found && found.uid !== process.getuid?.())) {
    throw new PostgresProblem(
      `the PostgreSQL data of ${inside} belongs to another user (it was started with sudo before?); ` +
        `start as that user, or remove ${inside}: it is rebuilt from the event log`,
      false,
    );
  }
  return { folder: inside, cluster, runAs: undefined };
}

async function sharedHome(folder: string, inside: string): Promise<Home> {
  const cluster = join(folder, 'cluster');
  const found = await stat(cluster).catch(() => undefined);
  const runAs =
    found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : await unprivilegedUser();
  const note = `PostgreSQL keeps its data in ${folder}: it cannot run as root and no other user may enter ${inside}`;
  return { folder, cluster, runAs, note };
}

/**
 * The remembered folder is ours when it names this data folder, or one that is gone (it was moved here). A copy of a
 * data folder remembers the original's folder too: two servers on one cluster would destroy it, so the copy gets its own.
 */
async function adopt(folder: string, owner: string): Promise<boolean> {
  const named = await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => undefined);
  if (named === undefined) return false;
  if (named.trim() === owner) return true;
  const original = join(named.trim(), 'postgres', 'location');
  const stillThere = await readFile(original, 'utf8').catch(() => '');
  if (stillThere.trim() === folder) return false;
  await writeFile(join(folder, OWNER_FILE), `${owner}\n`);
  return true;
}

const OWNER_FILE = 'data-folder';

async function makeShared(shared: string, folder: string, owner: string): Promise<void> {
  // Left by a data folder of the same name that was deleted: its views would be ahead of the new, empty event log.
  const leftover = await stat(join(folder, OWNER_FILE)).catch(() => undefined);
  if (leftover) {
    await rm(`${folder}.old`, { recursive: true, force: true });
    await rename(folder, `${folder}.old`);
  }
  for (const dir of [shared, folder]) {
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o711);
  }
  await writeFile(join(folder, OWNER_FILE), `${owner}\n`);
}

/** Asked of the system itself, as that user: modes alone do not show access lists and the like. */
async function canReach(dir: string, runAs: RunAs): Promise<boolean> {
  const { code } = await run('/bin/sh', ['-c', 'cd "$0"', dir], { runAs, cwd: '/' });
  return code === 0;
}

async function moveInto(cluster: string, folder: string, runAs: NonNullable<RunAs>): Promise<void> {
  const target = join(folder, 'cluster');
  await rename(cluster, target).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    await cp(cluster, `${target}.new`, { recursive: true, verbatimSymlinks: true });
    await rename(`${target}.new`, target);
    await rm(cluster, { recursive: true });
  });
  await giveTo(target, runAs);
}

async function giveTo(path: string, runAs: NonNullable<RunAs>): Promise<void> {
  if ((await lstat(path)).isSymbolicLink()) return lchown(path, runAs.uid, runAs.gid);
  await chown(path, runAs.uid, runAs.gid);
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    await lchown(join(entry.parentPath, entry.name), runAs.uid, runAs.gid);
  }
}
