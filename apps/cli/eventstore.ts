import { Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import {
  DEFAULT_LIMITS,
  LIMIT_OPTIONS,
  openHostility,
  startEventNode,
  verifyFolder,
  type Findings,
  type Limits,
} from '../../libs/embedded/eventstore';
import { createLogger, onShutdown } from '../../libs/runtime';
import { readConfig } from '../../libs/runtime/config';
import { scavengeCommand } from './eventstore-scavenge';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly socket?: string;
  readonly data: string;
  readonly healthPort?: number;
  readonly hostile?: number;
  readonly [limit: string]: unknown;
}

const LIMIT_TEXTS: Readonly<Record<keyof Limits, string>> = {
  messageBytes: 'largest message of a call',
  appendBytes: 'most data that one append may bring',
  calls: 'calls at a time',
  subscriptions: 'subscriptions at a time',
  inFlightBytes: 'most that half-sent appends may hold together',
  waitingAppends: 'appends that may wait to be written',
};

/** Runs the embedded event node alone, for tools that bring their own client. */
export function eventstoreCommand(): Command {
  const command = new Command('eventstore')
    .description('run the embedded event node alone')
    .option('--port <port>', 'port to listen on, 0 for a free one', portNumber, 2113)
    .option(
      '--host <host>',
      'address to listen on; there is no encryption and no password, so keep it on this machine',
      '127.0.0.1',
    )
    .addOption(
      new Option(
        '--socket <path>',
        'listen on a unix socket instead, for gRPC tools; connection strings (esdb://) cannot name one',
      ).conflicts(['port', 'host']),
    )
    .option('--data <folder>', 'folder for the events', './data/eventstore')
    .option('--health-port <port>', 'tell at /health over HTTP how the node is', portNumber);
  for (const [limit, text] of Object.entries(LIMIT_TEXTS)) {
    const key = limit as keyof Limits;
    command.option(`${LIMIT_OPTIONS[key]} <n>`, text, wholeNumber, DEFAULT_LIMITS[key]);
  }
  command.option(
    '--hostile <seed>',
    'for tests only: misbehave as a real server may, by this seed',
    seed,
  );
  return command.action(run).addCommand(verifyCommand()).addCommand(scavengeCommand());
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

async function run(options: Options): Promise<void> {
  const { port, host, socket, data, healthPort, hostile } = options;
  const logger = createLogger('eventstore', readConfig().logLevel);
  if (hostile !== undefined) {
    logger.warn({ seed: hostile }, 'hostile: this node fails on purpose, for tests only');
  }
  const node = await startEventNode({
    ...(socket === undefined ? { host, port } : { socket: resolve(socket) }),
    dataFolder: resolve(data),
    healthPort,
    limits: limitsIn(options),
    logger,
    ...(hostile !== undefined && { hostility: openHostility(hostile) }),
  });
  onShutdown(async (reason) => {
    logger.info({ reason }, 'stopping');
    exitAtSecondSignal();
    await node.stop();
  });
  console.log(`event store ready at ${node.url}`);
  if (node.healthUrl) console.log(`its health is told at ${node.healthUrl}`);
  const { url, healthUrl } = node;
  process.send?.({ ready: { url, port: node.port, ...(healthUrl && { healthUrl }) } });
}

/** npm passes a Ctrl-C on although the terminal has sent it already; such an echo is no second wish. */
const ECHO_MS = 500;

function exitAtSecondSignal(): void {
  const firstAt = Date.now();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (Date.now() - firstAt > ECHO_MS) process.exit(1);
    });
  }
}

/** `--max-append-bytes` is `maxAppendBytes` among the options. */
function limitsIn(options: Options): Limits {
  const camelCase = (flag: string): string =>
    flag.slice(2).replace(/-./g, (dashed) => dashed.slice(1).toUpperCase());
  const entries = Object.entries(LIMIT_OPTIONS).map(([limit, flag]): [string, unknown] => [
    limit,
    options[camelCase(flag)],
  ]);
  return Object.fromEntries(entries) as Record<keyof Limits, number>;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('it takes a whole number above 0');
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
