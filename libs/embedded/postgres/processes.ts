import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sha256 } from '../../runtime/ids';
import type { Logger } from '../../runtime/log';

/** Stands in the title of every process of one cluster, so that orphans can be told from other people's PostgreSQL. */
export const clusterName = (cluster: string): string => `lotstream-${sha256(cluster).slice(0, 12)}`;

/**
 * Ends what an earlier run left of this cluster. After a kill -9 of its parent the postmaster lives on; after a kill -9
 * of the postmaster a busy backend may live on and hold the shared memory, and a new server refuses to start.
 */
export async function endLeftovers(cluster: string, logger: Logger): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const postmaster = await postmasterOf(cluster);
  let left = await processesOf(cluster);
  if (left.length > 0) logger.warn({ pids: left }, 'ending the PostgreSQL of an earlier run');
  if (postmaster && left.includes(postmaster)) {
    signal([postmaster], 'SIGINT');
    left = await gone(cluster, FAST_MS);
  }
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    if (left.length === 0) break;
    signal(left, name);
    left = await gone(cluster, HARD_MS);
  }
  // The file names a process that is no postmaster of ours: the number may be another program's by now, which
  // PostgreSQL would take for a running server.
  if (postmaster && left.length === 0) await rm(pidFile, { force: true });
}

const FAST_MS = 30_000;
const HARD_MS = 5_000;
const POLL_MS = 20;

/** The postmaster that the cluster's lock file names, running or not. */
async function postmasterOf(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number(text.split('\n')[0]) || undefined;
}

/** True once the server of this process id says that it takes connections (8th line of its lock file). */
export async function isReady(cluster: string, pid: number): Promise<boolean> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // Already gone.
    }
  }
}

async function gone(cluster: string, withinMs: number): Promise<readonly number[]> {
  const until = Date.now() + withinMs;
  for (;;) {
    const left = await processesOf(cluster);
    if (left.length === 0 || Date.now() > until) return left;
    await pause(POLL_MS);
  }
}

/** By command line only: in a container even root may not look at another user's /proc/<pid>/exe or cwd. */
async function processesOf(cluster: string): Promise<readonly number[]> {
  const title = `postgres: ${clusterName(cluster)}: `;
  const isOurs = (words: readonly string[]): boolean =>
    words.join(' ').startsWith(title) ||
    (/(^|\/)postgres$/.test(words[0] ?? '') && words[1] === '-D' && words[2] === cluster);
  const all = process.platform === 'linux' ? await linuxProcesses() : await psProcesses();
  return all.filter(({ words }) => isOurs(words)).map(({ pid }) => pid);
}

interface Listed {
  readonly pid: number;
  readonly words: readonly string[];
}

async function linuxProcesses(): Promise<readonly Listed[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), words: line.split('\0') };
    }),
  );
}

async function psProcesses(): Promise<readonly Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,args=']);
  return stdout.split('\n').map((line) => {
    const [, pid = '', args = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    const [, program = args, folder] = /^(.*?postgres) -D (.*)$/.exec(args) ?? [];
    return { pid: Number(pid), words: folder === undefined ? [args] : [program, '-D', folder] };
  });
}
