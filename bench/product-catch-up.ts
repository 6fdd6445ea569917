import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { streams } from '../libs/domain';
import { NODE_FLAGS } from '../libs/embedded/supervisor';
import type { System } from '../test/support/system';
import { measure, rateOf, type Rate } from './measure';

const categories = Object.keys(streams).map((category) => `${category}-`);

/** The whole log of a running system, read once by the bare client and once by a projector into an empty database. */
export async function measureCatchUp(system: System): Promise<{ raw: number; projector: number }> {
  const raw = await measure<Rate & { last: string }>('raw-client', [
    'catch-up',
    system.eventstoreUrl,
    ...categories,
  ]);
  const admin = new Client({ connectionString: system.databaseUrl });
  await admin.connect();
  await admin.query('create database catch_up');
  await admin.end();
  const url = new URL(system.databaseUrl);
  url.pathname = '/catch_up';
  const seconds = await projectInto(system, url.href, BigInt(raw.last));
  return { raw: rateOf(raw), projector: raw.count / seconds };
}

/** Seconds from the first batch to the last event of the log, in every table. */
async function projectInto(system: System, databaseUrl: string, head: bigint): Promise<number> {
  const projector = spawn(
    process.execPath,
    [...NODE_FLAGS, join(resolve(__dirname, '..'), 'apps/projector/main.js')],
    {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        EVENTSTORE_URL: system.eventstoreUrl,
        PROJECTOR_PORT: '0',
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const database = new Client({ connectionString: databaseUrl });
  try {
    await database.connect();
    let started = 0;
    for (;;) {
      const reached = await database
        .query<{ at: string }>(
          'select coalesce(min(commit_position), 0) as at from control.checkpoints',
        )
        .then((result) => BigInt(result.rows[0]!.at))
        .catch(() => 0n);
      if (reached === 0n) started = performance.now();
      if (reached >= head) return (performance.now() - started) / 1000;
      await wait(10);
    }
  } finally {
    await database.end();
    projector.kill('SIGTERM');
  }
}
