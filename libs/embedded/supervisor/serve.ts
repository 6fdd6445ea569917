import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, type FolderLock, lockFolder } from '../../runtime';
import { makeDataFolder } from '../postgres';
import { makePlan, type Scripts } from './plan';
import { diskFull, explainFolder, ServeProblem } from './problem';
import { endLeftovers } from './run-file';
import { supervise, type Supervisor } from './supervisor';

export interface ServeOptions {
  readonly config: Config;
  readonly scripts: Scripts;
  readonly print: (line: string) => void;
  /** What to do with the system once every part is ready; a rejection stops it as well. */
  readonly whenReady?: (url: string) => Promise<'stop' | 'stay'>;
}

/**
 * Runs the whole system until a signal or `whenReady` ends it, and answers the exit code. Rejects with an Error whose message says
 * what to do; nothing is left running then.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { config, print, whenReady } = options;
  const stopSignal = listenForSignals();
  const lock = await openFolder(config.dataFolder);
  try {
    await endLeftovers(config.dataFolder);
    const plan = await makePlan(config, options.scripts);
    const supervisor = supervise(plan, config.dataFolder, print);
    stopSignal.killWith(() => supervisor.kill());
    const enough = whenReady && supervisor.ready.then(whenReady).then(unlessStaying);
    const wishes = [stopSignal.received, ...(enough ? [enough] : [])];
    return await untilStopped(supervisor, Promise.race(wishes), print);
  } catch (error) {
    throw explainFolder(config.dataFolder, error);
  } finally {
    await lock.release();
  }
}

const unlessStaying = (wish: 'stop' | 'stay'): unknown =>
  wish === 'stop' ? wish : new Promise<never>(() => undefined);

async function untilStopped(
  supervisor: Supervisor,
  wished: Promise<unknown>,
  print: (line: string) => void,
): Promise<number> {
  try {
    await Promise.race([wished, supervisor.failed]);
  } catch (problem) {
    await supervisor.stop();
    throw problem;
  }
  print('stopping; Ctrl-C again kills at once');
  const clean = await supervisor.stop();
  print(clean ? 'stopped' : 'stopped, though a part had to be killed');
  return clean ? 0 : 1;
}

/** Less than PostgreSQL needs for its next piece of log. */
const LEAST_FREE_BYTES = 16 * 1024 * 1024;

async function openFolder(dataFolder: string): Promise<FolderLock> {
  try {
    await makeDataFolder(dataFolder);
    // As root, others may pass through the data folder to reach PostgreSQL's; these two are nobody else's business.
    for (const name of ['logs', 'eventstore']) {
      await mkdir(join(dataFolder, name), { recursive: true, mode: 0o700 });
    }
    const { bavail, bsize } = await statfs(dataFolder);
    if (bavail * bsize < LEAST_FREE_BYTES) throw diskFull(dataFolder);
    return await lockFolder(dataFolder);
  } catch (error) {
    const explained = explainFolder(dataFolder, error);
    if (explained === error && !(error instanceof ServeProblem) && isHeld(error)) {
      throw new ServeProblem(`${error.message}: LOTSTREAM_DATA=./data2 PORT=3001 npm start`);
    }
    throw explained;
  }
}

const isHeld = (error: unknown): error is Error =>
  error instanceof Error && error.message.includes(' is in use by ');

/** npm passes a Ctrl-C on although the terminal sent it already; such an echo is no second wish. */
const ECHO_MS = 500;

interface StopSignal {
  readonly received: Promise<NodeJS.Signals>;
  killWith(kill: () => void): void;
}

function listenForSignals(): StopSignal {
  let killAll: () => void = () => undefined;
  let firstAt = 0;
  const received = new Promise<NodeJS.Signals>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (firstAt === 0) firstAt = Date.now();
      else if (Date.now() - firstAt > ECHO_MS) {
        killAll();
        process.exit(130);
      }
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  return { received, killWith: (kill) => (killAll = kill) };
}
