import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  logVerbosity,
  ServerCredentials,
  setLogVerbosity,
  status,
  type Server,
} from '@grpc/grpc-js';
import { lockFolder, type FolderLock, type Logger } from '../../runtime';
import { openCondition, type Condition, type State } from './condition';
import { DamageError } from './damage';
import { CallError } from './errors';
import { NO_HOSTILITY, type Hostility } from './hostile';
import { openLiveFeed } from './live-feed';
import type { EventNode } from './node';
import { createServer } from './services';
import { openStore, type Store } from './store';
import { openWriter } from './writer';

export { openHostility, type Hostility } from './hostile';
export { HOSTILE, PEACEFUL, type HostileProfile } from './hostile-profile';
export { verifyFolder, type Findings } from './verify';

export interface EventNodeOptions {
  readonly dataFolder: string;
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  readonly logger: Logger;
  /** Called when a write has failed and the file cannot be opened any more; by default the process exits with 1. */
  readonly onLost?: (error: Error) => void;
  /** For tests only: misbehaves as a real server may. */
  readonly hostility?: Hostility;
}

export interface RunningEventNode {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const STOP_MS = 2_000;

/** Starts a node that speaks the EventStoreDB streams protocol (a subset) and keeps its events in the data folder. */
export async function startEventNode(options: EventNodeOptions): Promise<RunningEventNode> {
  const { dataFolder, host, logger, hostility = NO_HOSTILITY } = options;
  // What the library would print is in the errors that it hands us; stderr is for our own log.
  setLogVerbosity(logVerbosity.NONE);
  await mkdir(dataFolder, { recursive: true });
  const lock = await lockFolder(dataFolder);
  const file = join(dataFolder, 'events.mdb');
  const condition = openCondition((state) => report(logger, state));
  const store = await openOrExplain(file, condition, lock);
  const feed = hostility.feed(openLiveFeed());
  const retries = hostility.retries();
  const ordinaryWriter = openWriter({
    store,
    file,
    feed,
    condition,
    onFailed(error) {
      retries.clear();
      logger.error({ err: error }, 'appends have not been written');
    },
    onLost(error) {
      logger.fatal({ err: error }, 'the file cannot be opened any more after a failed write');
      (options.onLost ?? exitSoon)(error);
    },
  });
  const node: EventNode = {
    store,
    writer: hostility.writer(ordinaryWriter),
    feed,
    logger,
    retries,
    condition,
    openCalls: new Set(),
  };
  const bound = { host, port: options.port };
  const server = createServer(node, () => bound, hostility.interceptors());
  try {
    bound.port = await listen(server, host, options.port);
  } catch (error) {
    await store.close();
    await lock.release();
    throw error;
  }
  const url = `esdb://${host}:${bound.port}?tls=false`;
  let stopping: Promise<void> | undefined;
  return {
    url,
    port: bound.port,
    stop: () => (stopping ??= stop(node, server, lock)),
  };
}

async function openOrExplain(file: string, condition: Condition, lock: FolderLock): Promise<Store> {
  try {
    return openStore(file, (error) => condition.become({ kind: 'damaged', reason: error.message }));
  } catch (error) {
    await lock.release();
    if (error instanceof DamageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${file} cannot be opened as an event store (${reason}). ` +
        'Put a backup in its place, or move it away to start with an empty store.',
      { cause: error },
    );
  }
}

function report(logger: Logger, state: State): void {
  if (state.kind === 'writing') logger.info('appends are accepted again');
  else logger.error({ condition: state.kind }, state.reason);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (!error) return resolve(bound);
      const isTaken = error.message.includes('EADDRINUSE');
      const reason = isTaken ? 'another program is using it' : error.message;
      reject(
        new Error(
          `The event store cannot listen on ${address}: ${reason}. Choose another port, or stop that program.`,
          { cause: error },
        ),
      );
    });
  });
}

/** Appends that have arrived are finished, then every open call ends and the store is closed. */
async function stop(node: EventNode, server: Server, lock: FolderLock): Promise<void> {
  await node.writer.idle();
  for (const call of [...node.openCalls]) {
    call.fail(new CallError(status.CANCELLED, 'the node is stopping'));
  }
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), STOP_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  await node.writer.idle();
  node.writer.close();
  await node.store.close();
  await lock.release();
}

/** Leaves the log line and the refusals a moment to get out. */
function exitSoon(): void {
  setTimeout(() => process.exit(1), 200);
}
