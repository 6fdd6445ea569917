import { type Part, type PartPlan, runPart, type ReadyInfo } from './part';
import { rotate } from './part-log';
import type { Plan } from './plan';
import { ServeProblem } from './problem';
import { removeRunFile, type RunEntry, writeRunFile } from './run-file';

export interface Supervisor {
  /** Settles with the address of the api once every part is ready for the first time. */
  readonly ready: Promise<string>;
  /** Settles when a part is given up. Rejects with a ServeProblem, after everything was stopped. */
  readonly failed: Promise<never>;
  /** Api and projector first, then the stores. False when something had to be killed. */
  stop(): Promise<boolean>;
  /** At once; the next start repairs what that leaves. */
  kill(): void;
}

/** Starts every part at once and keeps them running. */
export function supervise(
  plan: Plan,
  dataFolder: string,
  print: (line: string) => void,
): Supervisor {
  const board = openBoard(plan, dataFolder);
  let fail: (problem: ServeProblem) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  // Nobody may be waiting yet, or any more.
  failed.catch(() => undefined);
  let becomeReady: (url: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => (becomeReady = resolve));
  let greeted = false;
  const greetOnce = (): void => {
    if (greeted || !board.allReady()) return;
    greeted = true;
    for (const line of greeting(plan.url)) print(line);
    becomeReady(plan.url);
  };

  for (const { title, url } of plan.external) print(`${name(title)} elsewhere        ${hide(url)}`);
  const parts = plan.parts.map((part) =>
    runPart(part, {
      spawned: (pid) => board.record(part, { pid, state: 'starting' }),
      ready: (info, seconds, again) => {
        board.record(part, { ...info, state: 'ready' });
        print(readyLine(part, info, seconds, again));
        if (info.note !== undefined && !again) print(`${name('')} ${info.note}`);
        greetOnce();
      },
      slow: (seconds) =>
        print(`${name(part.title)} still starting after ${seconds.toFixed(0)} s, see ${part.log}`),
      crashed: (how, reason, inSeconds) => {
        board.record(part, { state: 'stopped' });
        print(
          `${name(part.title)} stopped unexpectedly (${how})${reason ? `: ${reason}` : ''}; ` +
            `starting it again in ${inSeconds} s`,
        );
      },
      gaveUp: (reason) =>
        fail(
          new ServeProblem(`${part.title} does not start: ${reason || 'no reason given'}
the log is ${part.log}`),
        ),
    }),
  );
  const rotation = setInterval(() => {
    for (const { log } of plan.parts) whileRoom(() => rotate(log));
  }, ROTATION_CHECK_MS).unref();

  return {
    ready,
    failed,
    async stop() {
      clearInterval(rotation);
      const edge = await stopAll(parts.filter(({ plan }) => plan.role === 'edge'));
      const stores = await stopAll(parts.filter(({ plan }) => plan.role === 'store'));
      removeRunFile(dataFolder);
      return edge && stores;
    },
    kill: () => parts.forEach((part) => part.kill()),
  };
}

interface Board {
  record(part: PartPlan, change: Partial<RunEntry>): void;
  allReady(): boolean;
}

/** The state of every part, kept in run.json too. Throws only when the very first writing fails. */
function openBoard(plan: Plan, dataFolder: string): Board {
  const startedAt = new Date().toISOString();
  const entries = new Map<string, RunEntry>(
    plan.parts.map(({ name, script, log }) => [name, { state: 'starting', script, log }]),
  );
  const save = (): void => {
    const parts = Object.fromEntries(entries);
    writeRunFile(dataFolder, { supervisor: process.pid, startedAt, url: plan.url, parts });
  };
  save();
  return {
    record({ name, script, log }, change) {
      entries.set(name, {
        ...(entries.get(name) ?? { state: 'starting', script, log }),
        ...change,
      });
      whileRoom(save);
    },
    allReady: () => [...entries.values()].every(({ state }) => state === 'ready'),
  };
}

/** A full disk must not take down what still runs; run.json is then behind the truth. */
function whileRoom(write: () => void): void {
  try {
    write();
  } catch {
    // The parts themselves say what they cannot write.
  }
}

const ROTATION_CHECK_MS = 60_000;

const stopAll = async (parts: readonly Part[]): Promise<boolean> =>
  (await Promise.all(parts.map((part) => part.stop()))).every((clean) => clean);

const name = (title: string): string => title.padEnd(12);

const readyLine = (part: PartPlan, info: ReadyInfo, seconds: number, again: boolean): string =>
  `${name(part.title)} ready ${again ? 'again ' : ''}in ${seconds.toFixed(1)} s   ${hide(info.url ?? '')}`.trimEnd();

/** Passwords have no business on a screen. */
const hide = (url: string): string => url.replace(/(\/\/[^:/@]*):[^@/]*@/, '$1@');

const greeting = (url: string): readonly string[] => [
  '',
  `${name('api')} ${url}/api/v1`,
  `${name('docs')} ${url}/docs`,
  `${name('health')} ${url}/health/ready`,
  '',
  'Ctrl-C stops everything',
];
