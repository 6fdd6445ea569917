import { randomBytes } from 'node:crypto';
import { link, mkdtemp, readdir, realpath, rm, stat, symlink, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process alone; the lock vanishes with the process, however that ends.
 *
 * The lock is a listening unix socket `.lock-<n>`: the system closes it when its process dies, so a refused connection
 * proves that the holder is gone. A newcomer that finds `.lock-<n>` dead links its own socket as `.lock-<n+1>`, which
 * succeeds for one process only. The newest lock file is never removed, not even on release: were it removed, the
 * numbers would start again and two newcomers could win with different numbers.
 */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const folder = await realpath(dir).catch((error: unknown) => fail(dir, error));
  const room = await shortPathTo(folder);
  let own: Listener | undefined;
  try {
    own = await listenIn(room.path).catch((error: unknown) => fail(folder, error));
    await take(folder, room.path, own);
    const { server, sockets } = own;
    return { release: () => close(server, sockets) };
  } catch (error) {
    if (own) await close(own.server, own.sockets);
    throw error;
  } finally {
    if (own) await unlink(join(room.path, own.name)).catch(() => undefined);
    await room.remove();
  }
}

interface Listener {
  readonly name: string;
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

const LOCK_NAME = /^\.lock-(\d+)$/;
const CANDIDATE_NAME = /^\.lock-candidate-/;
const CANDIDATE_MAX_AGE_MS = 60_000;
const PID_WAIT_MS = 1_000;

async function take(folder: string, room: string, own: Listener): Promise<void> {
  for (;;) {
    const newest = await newestLock(folder);
    if (newest > 0) {
      const holder = await holderOf(join(room, lockName(newest)));
      if (holder === 'removed') continue;
      if (holder !== 'dead') throw new Error(heldMessage(folder, holder.pid));
    }
    const linked = await link(join(folder, own.name), join(folder, lockName(newest + 1))).then(
      () => true,
      (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? false : fail(folder, error)),
    );
    if (!linked) continue;
    // Our number may have been used and cleared away while we looked at the one before it; then a newer one is there.
    if ((await newestLock(folder)) === newest + 1) return clear(folder, newest + 1);
    await unlink(join(folder, lockName(newest + 1)));
  }
}

const lockName = (n: number): string => `.lock-${n}`;

async function newestLock(folder: string): Promise<number> {
  const names = await readdir(folder);
  return Math.max(0, ...names.map((name) => Number(LOCK_NAME.exec(name)?.[1] ?? 0)));
}

/** Older lock files, and what starters killed half-way left behind. */
async function clear(folder: string, ownNumber: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const older = Number(LOCK_NAME.exec(name)?.[1] ?? ownNumber) < ownNumber;
    const abandoned =
      CANDIDATE_NAME.test(name) &&
      (await stat(path).then(
        (found) => Date.now() - found.mtimeMs > CANDIDATE_MAX_AGE_MS,
        () => false,
      ));
    if (older || abandoned) await unlink(path).catch(() => undefined);
  }
}

async function listenIn(room: string): Promise<Listener> {
  const name = `.lock-candidate-${process.pid}-${randomBytes(3).toString('hex')}`;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    socket.unref().end(`${process.pid}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Another user who tries the folder shall hear who holds it.
    server.listen({ path: join(room, name), writableAll: true, readableAll: true }, resolve);
  });
  server.unref();
  return { name, server, sockets };
}

const close = (server: Server, sockets: ReadonlySet<Socket>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });

type Holder = { readonly pid: string | undefined } | 'dead' | 'removed';

function holderOf(path: string): Promise<Holder> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(path);
    // A holder too busy to answer still holds: the connection stands before it says its pid.
    const answer = (holder: Holder): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(holder);
    };
    const timer = setTimeout(() => answer({ pid: undefined }), PID_WAIT_MS);
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    socket.on('end', () => answer({ pid: said.trim() || undefined }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') answer('dead');
      else if (error.code === 'ENOENT') answer('removed');
      else answer({ pid: said.trim() || undefined });
    });
  });
}

/** Socket paths end at about 107 bytes (103 on macOS): a long folder is reached through a link in the temporary one. */
async function shortPathTo(folder: string): Promise<{ path: string; remove(): Promise<void> }> {
  if (Buffer.byteLength(folder) <= 60) return { path: folder, remove: () => Promise.resolve() };
  const shortcuts = await mkdtemp(join(tmpdir(), 'ls-'));
  const path = join(shortcuts, 'd');
  await symlink(folder, path);
  return { path, remove: () => rm(dirname(path), { recursive: true, force: true }) };
}

const heldMessage = (folder: string, pid: string | undefined): string =>
  `the folder ${folder} is in use by ${pid ? `process ${pid}` : 'another process'}; ` +
  'stop that one first, or use another folder';

function fail(folder: string, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it is not a folder',
    EACCES: 'this user may not write in it',
    EPERM: 'its file system has no unix sockets or links; use a folder on a local disk',
    EOPNOTSUPP: 'its file system has no unix sockets; use a folder on a local disk',
    ENOTSUP: 'its file system has no unix sockets; use a folder on a local disk',
    EROFS: 'its file system is read-only',
    ENOSPC: 'the disk is full; free some space and try again',
  };
  const problem = new Error(`cannot lock the folder ${folder}: ${reasons[code ?? ''] ?? message}`);
  throw Object.assign(problem, { code, cause: error });
}
