import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The built event node in a process of its own, on a folder of its own. */
export interface NodeProcess {
  readonly url: string;
  /** kill -9, then the same folder and port again. */
  killAndRestart(): Promise<void>;
  /** kill -9, then an empty folder on the same port. */
  startAfresh(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const COMMAND = join(__dirname, '../../apps/cli/main.js');

export async function startNodeProcess(): Promise<NodeProcess> {
  let folder = await newFolder();
  let { child, url } = await spawnNode(folder, 0);
  const port = Number(/:(\d+)/.exec(url)?.[1]);
  // Whoever ends this process does not mean to leave a node behind.
  const abandon = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  const kill = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await gone;
  };
  const wipe = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const start = async (): Promise<void> => {
    ({ child, url } = await spawnNode(folder, port));
  };
  return {
    url,
    async killAndRestart() {
      await kill();
      await start();
    },
    async startAfresh() {
      await kill();
      await wipe();
      folder = await newFolder();
      await start();
    },
    async stop() {
      process.off('exit', abandon);
      await kill();
      await wipe();
    },
  };
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'differential-'));

async function spawnNode(
  folder: string,
  port: number,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const options = ['eventstore', '--port', String(port), '--data', folder];
  const child = spawn(process.execPath, [COMMAND, ...options], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: { readonly ready: { readonly url: string } }) =>
      resolve(message.ready.url),
    );
    child.once('close', (code) =>
      reject(new Error(`the node ended with ${code} before it was ready: ${stderr}`)),
    );
  });
  return { child, url };
}
