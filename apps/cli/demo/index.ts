import { Command } from 'commander';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serve } from '../../../libs/embedded/supervisor';
import { readConfig } from '../../../libs/runtime/config';
import { HttpClient } from '../http-client';
import { print } from '../output';
import { SCRIPTS } from '../serve';
import { play } from './player';
import { painter, type Paint } from './show';
import { STORY } from './story';

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'start on an empty temporary store, play a short story over HTTP, stay up to be tried',
    )
    .option('--exit', 'end after the story')
    .action(run);
}

/** Whatever the environment and a running system use is left alone: free ports, a folder of its own. */
async function run({ exit = false }: { readonly exit?: boolean }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lotstream-demo-'));
  // PostgreSQL does not run as root; its user must be able to pass through.
  await chmod(folder, 0o711);
  // A terminal that went away must not bring the system down with it.
  process.stdout.on('error', () => undefined);
  const paint = painter(process.stdout.isTTY && process.stdout.hasColors());
  print('Lotstream starts on an empty store.\n');
  try {
    const code = await serve({
      config: readConfig({ LOTSTREAM_DATA: folder, PORT: '0' }),
      scripts: SCRIPTS,
      print,
      whenReady: async (url) => {
        await tell(url, paint);
        if (exit) return 'stop';
        for (const line of invitation(url, paint)) print(line);
        return 'stay';
      },
    });
    await rm(folder, { recursive: true, force: true });
    process.exit(code);
  } catch (error) {
    process.stderr.write(`the data and the logs of this run stay in ${folder}\n`);
    throw error;
  }
}

const POLL_MS = 50;

async function tell(url: string, paint: Paint): Promise<void> {
  const client = new HttpClient(url);
  try {
    // The api takes commands before it has found PostgreSQL; the story asks for reports too.
    while ((await client.request('GET', '/health/ready')).status !== 200) await pause(POLL_MS);
    await play(STORY, client, print, paint);
  } finally {
    await client.close();
  }
}

const invitation = (url: string, paint: Paint): readonly string[] => [
  '',
  paint('bold', 'Now it is yours, until Ctrl-C stops it and removes its data'),
  '',
  `  every request  ${url}/docs`,
  `  the ledger     ${url}/api/v1/ledger`,
  `  the audit log  ${url}/api/v1/audit-logs`,
  `  at a terminal  npm run --silent inv -- stock level --url ${url}`,
];
