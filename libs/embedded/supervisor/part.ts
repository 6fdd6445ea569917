import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lastError, openLog, rotate, sizeOf } from './part-log';

/** One process of the system and how to run it. */
export interface PartPlan {
  readonly name: string;
  /** What the terminal calls it. */
  readonly title: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
  /** Stores stop last: the others write to them until their end. */
  readonly role: 'store' | 'edge';
}

/** What a part says about itself once it works; the rest is passed on as it is. */
export interface ReadyInfo {
  readonly url?: string;
  readonly note?: string;
  readonly [key: string]: unknown;
}

export interface PartEvents {
  spawned(pid: number): void;
  ready(info: ReadyInfo, seconds: number, again: boolean): void;
  slow(seconds: number): void;
  crashed(how: string, reason: string, againInSeconds: number): void;
  gaveUp(reason: string): void;
}

export interface Part {
  readonly plan: PartPlan;
  /** Ends the part for good; false when it had to be killed. */
  stop(): Promise<boolean>;
  /** Ends it at once, without waiting. */
  kill(): void;
}

const PATIENCE = {
  /** Failures in a row to become ready, after which nobody need hope any more. */
  failures: 3,
  readyMs: 180_000,
  slowMs: 10_000,
  firstBackOffMs: 100,
  maxBackOffMs: 10_000,
  /** A part that ran this long starts anew with the shortest back-off. */
  soundMs: 10_000,
  stopMs: { edge: 15_000, store: 70_000 },
};

interface Life {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  /** Undefined when it ended, or took too long, before it was ready. */
  readonly ready: Promise<ReadyInfo | undefined>;
  /** What it said itself before it failed. */
  readonly failure: { message?: string; retry?: boolean };
  readonly logFrom: number;
}

/** Runs a part until it is stopped, again after every crash. */
export function runPart(plan: PartPlan, events: PartEvents): Part {
  let life: Life | undefined;
  let stopping = false;
  const stopped = new AbortController();
  const keepAlive = async (): Promise<void> => {
    let failures = 0;
    let backOff = PATIENCE.firstBackOffMs;
    for (let again = false; !stopping; again = true) {
      const startedAt = Date.now();
      life = startLife(plan, events);
      const info = await life.ready;
      if (info) {
        failures = 0;
        events.ready(info, (Date.now() - startedAt) / 1000, again);
        await life.exited;
        if (Date.now() - startedAt > PATIENCE.soundMs) backOff = PATIENCE.firstBackOffMs;
      } else failures++;
      await life.exited;
      if (stopping) return;
      const reason = life.failure.message ?? (await lastError(plan.log, life.logFrom));
      if (life.failure.retry === false || failures >= PATIENCE.failures) {
        return events.gaveUp(reason);
      }
      events.crashed(howItEnded(life.child), reason, backOff / 1000);
      await pause(backOff, undefined, { signal: stopped.signal }).catch(() => undefined);
      backOff = Math.min(backOff * 2, PATIENCE.maxBackOffMs);
    }
  };
  const ended = keepAlive();
  return {
    plan,
    async stop() {
      stopping = true;
      stopped.abort();
      const child = life?.child;
      child?.kill('SIGTERM');
      const hurry = setTimeout(() => child?.kill('SIGKILL'), PATIENCE.stopMs[plan.role]);
      await ended;
      clearTimeout(hurry);
      return child?.signalCode !== 'SIGKILL';
    },
    kill() {
      stopping = true;
      // The owner of PostgreSQL must take it along, so it gets a signal that it can still act on.
      life?.child.kill(plan.role === 'store' ? 'SIGQUIT' : 'SIGKILL');
    },
  };
}

/** Requests live briefly: with room for them in the young generation most never have to be copied. MiB. */
export const NODE_FLAGS = ['--max-semi-space-size=32'];

function startLife(plan: PartPlan, events: PartEvents): Life {
  rotate(plan.log);
  const logFrom = sizeOf(plan.log);
  const log = openLog(plan.log);
  const leash = join(__dirname, 'leash.js');
  // A session of its own: the terminal's Ctrl-C shall reach the supervisor alone, which stops the parts in order.
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, '--require', leash, plan.script, ...plan.args],
    {
      env: plan.env,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    },
  );
  closeSync(log);
  const failure: Life['failure'] = {};
  const exited = once(child, 'exit').then(
    () => undefined,
    // Not even spawned: no memory, no process slots.
    (error: Error) => void (failure.message = error.message),
  );
  if (child.pid !== undefined) events.spawned(child.pid);
  const ready = new Promise<ReadyInfo | undefined>((resolve) => {
    child.on('message', (message: { ready?: ReadyInfo; failed?: Life['failure'] }) => {
      if (message.failed) Object.assign(failure, message.failed);
      if (message.ready) resolve(message.ready);
    });
    const startedAt = Date.now();
    const slow = setInterval(
      () => events.slow((Date.now() - startedAt) / 1000),
      PATIENCE.slowMs,
    ).unref();
    const late = setTimeout(() => {
      failure.message = `not ready after ${PATIENCE.readyMs / 1000} s`;
      child.kill('SIGKILL');
    }, PATIENCE.readyMs);
    const settle = (): void => {
      clearInterval(slow);
      clearTimeout(late);
      resolve(undefined);
    };
    child.on('message', (message: { ready?: ReadyInfo }) => message.ready && settle());
    void exited.then(settle);
  });
  return { child, exited, ready, failure, logFrom };
}

const howItEnded = (child: ChildProcess): string =>
  child.signalCode ? `killed by ${child.signalCode}` : `exit code ${child.exitCode ?? '?'}`;
