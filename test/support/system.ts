import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryFolder } from './terminal';

/** The project's folder, from its sources as from dist/. */
export const root = ((folder: string) => {
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})(__dirname);

interface RunFile {
  readonly supervisor: number;
  readonly url: string;
  readonly parts: Readonly<
    Record<string, { readonly state: string; readonly url?: string; readonly pid?: number }>
  >;
}

/** The whole product on an empty folder, as `npm start` runs it. */
export class System {
  private constructor(
    private readonly child: ChildProcess,
    readonly folder: string,
    readonly url: string,
    readonly eventstoreUrl: string,
    readonly databaseUrl: string,
    readonly projectorUrl: string,
    readonly readyMs: number,
  ) {}

  static async start(
    folder = temporaryFolder('lotstream-system-'),
    settings: Readonly<Record<string, string>> = {},
  ): Promise<System> {
    const env = {
      ...process.env,
      PORT: '0',
      LOTSTREAM_DATA: folder,
      LOG_LEVEL: 'warn',
      ...settings,
    };
    delete (env as NodeJS.ProcessEnv).EVENTSTORE_URL;
    delete (env as NodeJS.ProcessEnv).DATABASE_URL;
    const started = performance.now();
    const child = spawn(process.execPath, [join(root, 'bin/inv.mjs'), 'serve'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    for (;;) {
      if (child.exitCode !== null) throw new Error('the system did not start');
      const run = readRun(folder);
      // After a kill -9 the file still tells of the run before.
      if (run && run.supervisor === child.pid && isReady(run)) {
        // The api takes commands before it has found PostgreSQL; tests ask for reports too.
        while (!(await answersAll(run.url))) await wait(20);
        const { eventstore, postgresql, projector } = run.parts;
        const readyMs = performance.now() - started;
        return new System(
          child,
          folder,
          run.url,
          eventstore!.url!,
          postgresql!.url!,
          projector!.url!,
          readyMs,
        );
      }
      await wait(20);
    }
  }

  /** Ends one part as a power cut would; the supervisor is to bring it back. */
  async kill(part: string): Promise<void> {
    const pid = readRun(this.folder)?.parts[part]?.pid;
    if (!pid) throw new Error(`${part} is not running`);
    process.kill(pid, 'SIGKILL');
    while (readRun(this.folder)?.parts[part]?.pid === pid) await wait(5);
  }

  /** Process ids by part. */
  pids(): Record<string, number | undefined> {
    const parts = Object.entries(readRun(this.folder)?.parts ?? {});
    return Object.fromEntries(parts.map(([name, { pid }]) => [name, pid]));
  }

  /** What a part has logged. */
  logOf(part: string): string {
    return readFileSync(join(this.folder, 'logs', `${part}.log`), 'utf8');
  }

  /** Waits until every part says that it is ready. */
  async ready(): Promise<void> {
    while (!isReady(readRun(this.folder))) await wait(10);
  }

  /** Ends the supervisor and every part at once. */
  async killAll(): Promise<void> {
    const parts = Object.values(readRun(this.folder)?.parts ?? {});
    const pids = [this.child.pid, ...parts.map(({ pid }) => pid)].filter(
      (pid) => pid !== undefined,
    );
    const gone = once(this.child, 'exit');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await gone;
  }

  async stop(keepFolder = false): Promise<void> {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    if (!keepFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What it answers may still be that its tables do not belong to its log. */
async function answersAll(url: string): Promise<boolean> {
  const health = await (await fetch(`${url}/health/ready`)).json();
  const { eventStore, readModels } = health as { eventStore: string; readModels: string };
  return eventStore !== 'unavailable' && readModels !== 'unavailable';
}

function isReady(run: RunFile | undefined): boolean {
  const parts = Object.values(run?.parts ?? {});
  return parts.length === 4 && parts.every(({ state }) => state === 'ready');
}

function readRun(folder: string): RunFile | undefined {
  const path = join(folder, 'run.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunFile) : undefined;
}
