import { execFile } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface RunEntry {
  readonly pid?: number;
  readonly script: string;
  readonly log: string;
  readonly state: 'starting' | 'ready' | 'stopped';
  readonly url?: string;
  readonly [key: string]: unknown;
}

/** What runs, for people and scripts; it holds a password, so it is private. */
export interface RunFile {
  readonly supervisor: number;
  readonly startedAt: string;
  readonly url: string;
  readonly parts: Readonly<Record<string, RunEntry>>;
}

const pathOf = (dataFolder: string): string => join(dataFolder, 'run.json');

/** Whole or not at all, for those who read it meanwhile. */
export function writeRunFile(dataFolder: string, run: RunFile): void {
  const draft = `${pathOf(dataFolder)}.new`;
  writeFileSync(draft, `${JSON.stringify(run, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, pathOf(dataFolder));
}

/** Of the system that runs on this folder, or was killed on it; undefined where there is none. */
export function readRunFile(dataFolder: string): Partial<RunFile> | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(dataFolder), 'utf8')) as Partial<RunFile>;
  } catch {
    return undefined;
  }
}

export const removeRunFile = (dataFolder: string): void =>
  rmSync(pathOf(dataFolder), { force: true });

const LEAVE_MS = 3_000;
const POLL_MS = 20;

/**
 * After a kill -9 of the supervisor its parts end by themselves, but a quick next start may meet them still. Waits for
 * them, and ends those that hang; the caller holds the folder's lock, so nobody needs them any more.
 */
export async function endLeftovers(dataFolder: string): Promise<void> {
  const parts = previousParts(dataFolder);
  const until = Date.now() + LEAVE_MS;
  for (const { pid, script } of parts) {
    if (pid === undefined || !isAlive(pid) || !(await runs(pid, script))) continue;
    while (isAlive(pid) && Date.now() < until) await pause(POLL_MS);
    if (!isAlive(pid)) continue;
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await pause(POLL_MS);
  }
}

const previousParts = (dataFolder: string): readonly RunEntry[] =>
  Object.values(readRunFile(dataFolder)?.parts ?? {});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Dead, but its new parent has not taken notice; in containers without an init nobody ever does. */
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The number may belong to another program by now. */
async function runs(pid: number, script: string): Promise<boolean> {
  try {
    const args =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        : (await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)])).stdout;
    return args.includes(script);
  } catch {
    return false;
  }
}
