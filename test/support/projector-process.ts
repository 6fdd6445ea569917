import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './system';

/** A projector as a process of its own; the build must be fresh. */
export class ProjectorProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** `node` are options of the runtime. */
  static async start(
    eventstoreUrl: string,
    databaseUrl: string,
    ...node: readonly string[]
  ): Promise<ProjectorProcess> {
    const child = spawn(process.execPath, [...node, join(root, 'dist/apps/projector/main.js')], {
      env: {
        ...process.env,
        ...{ EVENTSTORE_URL: eventstoreUrl, DATABASE_URL: databaseUrl },
        ...{ PROJECTOR_PORT: '0', LOG_LEVEL: 'error' },
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const url = await Promise.race([
      once(child, 'exit').then(() => undefined),
      once(child, 'message').then(([message]) => (message as { ready: { url: string } }).ready.url),
    ]);
    if (url === undefined) throw new Error('the projector did not start');
    return new ProjectorProcess(child, url);
  }

  async state(): Promise<string> {
    const answer = await fetch(`${this.url}/health/ready`);
    return ((await answer.json()) as { state: string }).state;
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** Most memory that it has had in RAM so far. MiB. */
  peakMib(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
