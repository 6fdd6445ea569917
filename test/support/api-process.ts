import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root, type System } from './system';

/** One more api on the stores of a running system, in a process of its own and with nobody who starts it again. */
export class ApiProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Resolves when it answers. `settings` are environment variables that differ from the system's. */
  static async start(
    system: Pick<System, 'eventstoreUrl' | 'databaseUrl'>,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ApiProcess> {
    const child = spawn(process.execPath, [join(root, 'dist/apps/api/main.js')], {
      env: {
        ...process.env,
        EVENTSTORE_URL: system.eventstoreUrl,
        DATABASE_URL: system.databaseUrl,
        PORT: '0',
        LOG_LEVEL: 'error',
        ...settings,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ready = once(child, 'message').then(([message]) => message as { ready: { url: string } });
    const said = await Promise.race([ready, once(child, 'exit').then(() => undefined)]);
    if (!said) throw new Error('the second api did not start');
    return new ApiProcess(child, said.ready.url);
  }

  /** As a power cut would end it. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}
