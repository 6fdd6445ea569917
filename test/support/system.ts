import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** The project's folder, from its sources as from dist/. */
const root = ((folder: string) => {
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})(__dirname);

interface RunFile {
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

  static async start(folder = mkdtempSync(join(tmpdir(), 'lotstream-bench-'))): Promise<System> {
    const env = { ...process.env, PORT: '0', LOTSTREAM_DATA: folder, LOG_LEVEL: 'warn' };
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
      const parts = Object.values(run?.parts ?? {});
      if (run && parts.length === 4 && parts.every(({ state }) => state === 'ready')) {
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

  async stop(keepFolder = false): Promise<void> {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    if (!keepFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}

function readRun(folder: string): RunFile | undefined {
  const path = join(folder, 'run.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunFile) : undefined;
}
