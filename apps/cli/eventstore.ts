import { Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { startEventNode } from '../../libs/embedded/eventstore';
import { createLogger, onShutdown, readConfig } from '../../libs/runtime';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly data: string;
}

/** Runs the embedded event node alone, for tools that bring their own client. */
export function eventstoreCommand(): Command {
  return new Command('eventstore')
    .description('run the embedded event node alone')
    .option('--port <port>', 'port to listen on, 0 for a free one', portNumber, 2113)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--data <folder>', 'folder for the events', './data/eventstore')
    .action(run);
}

async function run({ port, host, data }: Options): Promise<void> {
  const logger = createLogger('eventstore', readConfig().logLevel);
  const node = await startEventNode({ dataFolder: resolve(data), host, port, logger });
  onShutdown(async (reason) => {
    logger.info({ reason }, 'stopping');
    await node.stop();
  });
  console.log(`event store ready at ${node.url}`);
  process.send?.({ ready: { url: node.url, port: node.port } });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535');
}
