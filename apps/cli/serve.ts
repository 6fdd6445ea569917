import { Command } from 'commander';
import { join } from 'node:path';
import { type Scripts, serve } from '../../libs/embedded/supervisor';
import { readConfig } from '../../libs/runtime/config';

interface Options {
  readonly host?: string;
  readonly port?: string;
}

/** The programs of the parts. */
export const SCRIPTS: Scripts = {
  eventstore: { script: join(__dirname, 'main.js'), args: ['eventstore'] },
  postgresql: { script: join(__dirname, '../../libs/embedded/postgres/main.js') },
  api: { script: join(__dirname, '../api/main.js') },
  projector: { script: join(__dirname, '../projector/main.js') },
};

export function serveCommand(): Command {
  return new Command('serve')
    .description('start every part of Lotstream on this machine')
    .option('--host <address>', 'address the api listens on (default: HOST or 127.0.0.1)')
    .option('--port <number>', 'port of the api (default: PORT or 3000)')
    .action(run);
}

async function run({ host, port }: Options): Promise<void> {
  const { HOST, PORT } = process.env;
  const config = readConfig({ ...process.env, HOST: host ?? HOST, PORT: port ?? PORT });
  // A terminal that went away must not bring the system down with it.
  process.stdout.on('error', () => undefined);
  const code = await serve({
    config,
    scripts: SCRIPTS,
    print: (line) => console.log(line),
  });
  process.exit(code);
}
