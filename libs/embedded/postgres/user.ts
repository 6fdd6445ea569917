import { spawn } from 'node:child_process';
import { chmod, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PostgresProblem } from './problem';

/** The account PostgreSQL runs as when we are root; undefined = our own. */
export type RunAs = { readonly uid: number; readonly gid: number } | undefined;

export const weAreRoot = (): boolean => process.getuid?.() === 0;

/** PostgreSQL refuses to run as root; these accounts exist on practically every system. */
export async function unprivilegedUser(): Promise<NonNullable<RunAs>> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find(([name]) => name === wanted) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new PostgresProblem(
    'PostgreSQL cannot run as root and there is no user "postgres" or "nobody" to run it as; ' +
      'start Lotstream as an ordinary user',
    false,
  );
}

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a short program to its end as that user; a program that cannot be run at all has the code null. */
export function run(
  file: string,
  args: readonly string[],
  options: { readonly runAs: RunAs; readonly cwd: string; readonly input?: string },
): Promise<Outcome> {
  return new Promise((resolve) => {
    let output = '';
    // The folder may be unreachable for that user, which fails the spawn itself.
    const child = spawn(file, args, {
      ...options.runAs,
      cwd: options.cwd,
      env: cleanEnvironment(),
    });
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-100_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** PG* and LC_* of the user's shell must not reach the server; a fixed zone also spares initdb a slow search. */
export const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});

/**
 * Writes a private file that the server's user can read. As root we write into a folder of a lesser user, so an
 * existing file, which might be a link to anywhere, is replaced and never followed.
 */
export async function writeOwned(path: string, text: string, runAs: RunAs): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (runAs) await file.chown(runAs.uid, runAs.gid);
  } finally {
    await file.close();
  }
}

/**
 * For root, other users may pass through (the server's user has to) but not look around. Node's own recursive mkdir
 * never returns on file systems that refuse new folders with ENOENT, such as /proc.
 */
export async function makeFolder(dir: string): Promise<void> {
  const make = (): Promise<void> => mkdir(dir, { mode: 0o700 });
  try {
    await make().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' || dirname(dir) === dir) throw error;
      await makeFolder(dirname(dir));
      await make();
    });
  } catch (error) {
    // Also EROFS, EACCES or EISDIR for folders that exist, depending on the system.
    if (await isFolder(dir)) return;
    throw error;
  }
  if (weAreRoot()) await chmod(dir, 0o711);
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
