import { Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import {
  openHostility,
  startEventNode,
  verifyFolder,
  type Findings,
} from '../../libs/embedded/eventstore';
import { createLogger, onShutdown, readConfig } from '../../libs/runtime';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly hostile?: number;
}

/** Runs the embedded event node alone, for tools that bring their own client. */
export function eventstoreCommand(): Command {
  return new Command('eventstore')
    .description('run the embedded event node alone')
    .option('--port <port>', 'port to listen on, 0 for a free one', portNumber, 2113)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--data <folder>', 'folder for the events', './data/eventstore')
    .option(
      '--hostile <seed>',
      'for tests only: misbehave as a real server may, by this seed',
      seed,
    )
    .action(run)
    .addCommand(verifyCommand());
}

function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'read all that a stopped node has stored and name what is damaged; exits with 1 then',
    )
    .argument('<folder>', 'the folder with the events')
    .action(verify);
}

const TELL_EVERY_MS = 1_000;

async function verify(folder: string): Promise<void> {
  const begunMs = Date.now();
  let toldMs = begunMs;
  const findings = await verifyFolder(resolve(folder), (what, done, whole) => {
    if (Date.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = Date.now();
    console.error(`${what}: ${Math.floor((100 * done) / Math.max(whole, 1))} %`);
  });
  for (const damage of findings.damages) console.error(`damaged: ${damage}`);
  const unnamed = findings.damageCount - findings.damages.length;
  if (unnamed > 0) console.error(`and ${unnamed} more`);
  console.log(summary(resolve(folder), findings, Date.now() - begunMs));
  if (findings.damageCount > 0) process.exitCode = 1;
}

function summary(folder: string, findings: Findings, ms: number): string {
  const { events, streams, lastPosition, damageCount } = findings;
  const counts = `${events} events, ${streams} streams, last position ${lastPosition ?? 'none'}, ${ms} ms`;
  return damageCount === 0
    ? `sound: ${counts}`
    : `damaged in ${damageCount} places: ${counts}. Restore ${folder} from a copy.`;
}

async function run({ port, host, data, hostile }: Options): Promise<void> {
  const logger = createLogger('eventstore', readConfig().logLevel);
  if (hostile !== undefined) {
    logger.warn({ seed: hostile }, 'hostile: this node fails on purpose, for tests only');
  }
  const node = await startEventNode({
    dataFolder: resolve(data),
    host,
    port,
    logger,
    ...(hostile !== undefined && { hostility: openHostility(hostile) }),
  });
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

function seed(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('a seed is a whole number, such as 1');
}
