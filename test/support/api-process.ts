import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root, type System } from './system';

/** Another api on the event store and PostgreSQL of a running system, as it was built by whoever started that. */
export interface ApiProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startApi(
  system: Pick<System, 'eventstoreUrl' | 'databaseUrl'>,
): Promise<ApiProcess> {
  const child = spawn(process.execPath, [join(root, 'dist/apps/api/main.js')], {
    env: {
      ...process.env,
      EVENTSTORE_URL: system.eventstoreUrl,
      DATABASE_URL: system.databaseUrl,
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const ready = once(child, 'message') as Promise<[{ ready: { url: string } }]>;
  const first = await Promise.race([ready, exit.then(() => undefined)]);
  if (!first) throw new Error('the api did not start');
  return {
    url: first[0].ready.url,
    async stop() {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
