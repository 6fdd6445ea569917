import { logVerbosity, setLogVerbosity, type Server } from '@grpc/grpc-js';
import { isLoopback, listenOn, urlOf, type Address } from './address';
import type { State } from './log/condition';
import { makeFolder } from './log/data-folder';
import { stopping } from './calls/errors';
import { healthOf, serveHealth, type Health, type HealthServer } from './health';
import { NO_HOSTILITY } from './hostile/hostile';
import type { EventNode } from './node';
import { openNode, type NodeOptions } from './open-node';
import { openScavenges, type Scavenges } from './scavenge/service';
import { createServer } from './calls/services';

export type { Address } from './address';
export type { Health } from './health';
export { DEFAULT_LIMITS, LIMIT_OPTIONS, type Limits } from './limits/limits';
export { openHostility, type Hostility } from './hostile/hostile';
export { HOSTILE, PEACEFUL, type HostileProfile } from './hostile/profile';
export { scavengeFolder } from './scavenge/folder';
export { scavengeNode, type ScavengeReport } from './scavenge/client';
export { verifyFolder, type Findings } from './log/verify';

export type EventNodeOptions = NodeOptions &
  Address & {
    /** Where `/health` is told over HTTP, at the host of the node or else on loopback; 0: a free port. */
    readonly healthPort?: number | undefined;
  };

export interface RunningEventNode {
  /** What a client connects to. */
  readonly url: string;
  /** 0 on a unix socket. */
  readonly port: number;
  /** Undefined without `healthPort`. */
  readonly healthUrl: string | undefined;
  readonly health: () => Health;
  /** Appends that are being written are answered; every other call ends with CANCELLED. */
  stop(): Promise<void>;
}

const STOP_MS = 2_000;
const STATUS: Readonly<Record<State['kind'], Health['status']>> = {
  writing: 'ready',
  'read-only': 'read-only',
  damaged: 'damaged',
};

/** Starts a node that speaks the EventStoreDB streams protocol (a subset) and keeps its events in the data folder. */
export async function startEventNode(options: EventNodeOptions): Promise<RunningEventNode> {
  const { dataFolder, logger } = options;
  // What the library would print is in the errors that it hands us; stderr is for our own log.
  setLogVerbosity(logVerbosity.NONE);
  logger.info({ dataFolder }, 'starting');
  await makeFolder(dataFolder);
  const { node, close } = await openNode(options);
  let address: Address = options;
  const scavenges = openScavenges(node, () => urlOf(address));
  const server = createServer(
    node,
    scavenges,
    () => address,
    (options.hostility ?? NO_HOSTILITY).interceptors(),
  );
  let stopped: Promise<void> | undefined;
  const health = (): Health =>
    healthOf(node, scavenges, {
      status: stopped ? 'stopping' : STATUS[node.condition.now().kind],
      url: urlOf(address),
    });
  let telling: HealthServer | undefined;
  try {
    const port = await listenOn(server, options);
    if ('host' in options) address = { host: options.host, port };
    telling = await tellHealth(options, health);
    reportReady(node, address, telling?.url);
    const stop = async (): Promise<void> => {
      await endCalls(node, server, scavenges);
      await telling?.close();
      await close();
      logger.info('stopped');
    };
    return {
      url: urlOf(address),
      port,
      healthUrl: telling?.url,
      health,
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    server.forceShutdown();
    await close();
    throw error;
  }
}

async function tellHealth(
  options: EventNodeOptions,
  health: () => Health,
): Promise<HealthServer | undefined> {
  if (options.healthPort === undefined) return undefined;
  const host = 'host' in options ? options.host : '127.0.0.1';
  return serveHealth(host, options.healthPort, health);
}

function reportReady({ store, logger }: EventNode, address: Address, healthUrl?: string): void {
  const { events, streams, bytes } = store.size();
  const position = store.tail().position;
  logger.info({ url: urlOf(address), healthUrl, events, streams, bytes, position }, 'ready');
  if (isLoopback(address)) return;
  logger.warn(
    { url: urlOf(address) },
    'other machines can reach this node: it has no encryption (TLS) and asks for no password, so whoever reaches the port can read, write and delete everything',
  );
}

/** No new calls; what is being written is answered, then every call ends. */
async function endCalls(node: EventNode, server: Server, scavenges: Scavenges): Promise<void> {
  await scavenges.close();
  const closed = new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), STOP_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  for (const call of [...node.openCalls]) call.fail(stopping());
  await closed;
}
