import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Runs a script of this folder in a process of its own and answers the JSON line that it prints. */
export async function measure<T>(script: string, args: readonly (string | number)[]): Promise<T> {
  const child = spawn(process.execPath, [join(__dirname, `${script}.js`), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const line = output.trim().split('\n').at(-1);
  if (code !== 0 || !line) throw new Error(`bench/${script} ended with ${code} and no figures`);
  return JSON.parse(line) as T;
}

/** How much was done, and in which time. */
export interface Rate {
  readonly count: number;
  readonly seconds: number;
}

/** Per second. */
export const rateOf = ({ count, seconds }: Rate): number => count / seconds;

/** A process that serves until it is ended. */
export interface ServingProcess {
  readonly url: string;
  readonly pid: number;
  /** From its creation until it said that it is ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** Starts a script under `dist` that sends `{ ready: { url } }` to its parent. */
export async function serve(script: string, args: readonly string[]): Promise<ServingProcess> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(__dirname, '..', `${script}.js`), ...args], {
    env: { ...process.env, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const url = await Promise.race([
    exit.then(() => undefined),
    once(child, 'message').then(([message]) => (message as { ready: { url: string } }).ready.url),
  ]);
  if (url === undefined || child.pid === undefined) throw new Error(`${script} did not start`);
  const readyMs = performance.now() - started;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exit;
  };
  return { url, pid: child.pid, readyMs, stop };
}
