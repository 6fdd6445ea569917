import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import {
  EventStoreDBClient,
  StreamDeletedError,
  WrongExpectedVersionError,
  jsonEvent,
  type AllStreamResolvedEvent,
  type AppendResult,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { startEventNode, type RunningEventNode } from '../../../libs/embedded/eventstore';
import { createLogger } from '../../../libs/runtime';

const ROOT = resolve(__dirname, '../../..');

/** One node and the one client that a process may have. */
export interface NodeUnderTest {
  readonly client: EventStoreDBClient;
  /** A connection of its own for the stubs that the client ships. */
  readonly streams: StreamsClient;
  readonly node: RunningEventNode;
  readonly folder: string;
  close(): Promise<void>;
}

export const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'event-node-'));

/** A node without a client, its folder left to the system's cleaning of temporary files. */
export async function startNodeOnly(folder?: string): Promise<RunningEventNode> {
  const dataFolder = folder ?? (await newFolder());
  const logger = createLogger('test', 'silent');
  return startEventNode({ dataFolder, host: '127.0.0.1', port: 0, logger });
}

export const openStreams = ({ port }: RunningEventNode): StreamsClient =>
  new StreamsClient(`127.0.0.1:${port}`, credentials.createInsecure());

export async function startNodeUnderTest(): Promise<NodeUnderTest> {
  const folder = await newFolder();
  const node = await startNodeOnly(folder);
  const client = EventStoreDBClient.connectionString(node.url);
  const streams = openStreams(node);
  return {
    client,
    streams,
    node,
    folder,
    async close() {
      streams.close();
      await client.dispose();
      await node.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let made = 0;

/** A stream name that no other test uses. */
export const newStream = (): string => `stock-${(made += 1)}`;

export const received = (quantity: number) =>
  jsonEvent({ type: 'StockReceived', data: { quantity } });

/** Credentials for the call make the client use the unary append; without TLS they are not sent. */
export const unary = { credentials: { username: 'unused', password: 'unused' } };

/** The two ways in which the client appends. */
export const clientPaths = [
  ['batch', {}],
  ['unary', unary],
] as const;

/** How an append ended, in few words. */
export const ending = (append: Promise<AppendResult>): Promise<string> =>
  append.then(
    ({ nextExpectedRevision }) => `at revision ${nextExpectedRevision}`,
    (error: unknown) => {
      if (error instanceof StreamDeletedError) return 'stream deleted';
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      return `conflict, it is at ${error.actualVersion}`;
    },
  );

export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const event of events) found.push(event);
  return found;
}

/** Takes the first events of a subscription and leaves it. */
export async function take<T extends ResolvedEvent | AllStreamResolvedEvent>(
  subscription: AsyncIterable<T> & { unsubscribe(): Promise<void> },
  count: number,
): Promise<T[]> {
  const found: T[] = [];
  for await (const event of subscription) {
    found.push(event);
    if (found.length === count) break;
  }
  await subscription.unsubscribe();
  return found;
}

/** What was recorded of an event, short enough for an expectation. */
export const brief = ({ event }: ResolvedEvent | AllStreamResolvedEvent): string =>
  event ? `${event.streamId}/${event.revision} ${event.type}` : 'nothing';

/** Resolves when the condition holds; the test's own time limit ends the wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

export interface NodeProcess {
  readonly url: string;
  /** Where its health is told, if it was asked to. */
  readonly healthUrl?: string;
  readonly pid: number;
  /** Ends it with a signal; resolves with its exit code when it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const children = new Set<ChildProcess>();

/** Ends the processes that a failed test has left; for `afterEach`. */
export async function endLeftNodes(): Promise<void> {
  const left = [...children];
  const exits = left.map(exitOf);
  for (const child of left) child.kill('SIGKILL');
  await Promise.all(exits);
}

export interface FailedStart {
  readonly code: number | null;
  readonly stderr: string;
}

/** The built command in a process of its own, run by another program (such as a tracer) if asked. */
export async function spawnNode(
  folder: string,
  port = 0,
  {
    dist = join(ROOT, 'dist'),
    runBy = [] as readonly string[],
    more = [] as readonly string[],
  } = {},
): Promise<{ readonly ready: NodeProcess } | { readonly failed: FailedStart }> {
  await build();
  const args = [join(dist, 'apps/cli/main.js'), 'eventstore'];
  const at = more.includes('--socket') ? [] : ['--port', String(port)];
  const options = [...at, '--data', folder, ...more];
  const [program = '', ...rest] = [...runBy, process.execPath, ...args, ...options];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  let stderr = '';
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  const exit = exitOf(child);
  const ready = await Promise.race([
    exit.then(() => undefined),
    new Promise<Pick<NodeProcess, 'url' | 'healthUrl'>>((resolve) => {
      child.once('message', (message: { readonly ready: NodeProcess }) => resolve(message.ready));
    }),
  ]);
  if (ready === undefined) return { failed: { code: await exit, stderr } };
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exit;
  };
  const { url, healthUrl } = ready;
  return { ready: { url, ...(healthUrl && { healthUrl }), pid: child.pid ?? 0, end } };
}

/** The port in a node's address. */
export const portOf = (url: string): number => Number(/:(\d+)/.exec(url)?.[1]);

/** As `spawnNode`, for those who count on it. */
export async function spawnReadyNode(
  folder: string,
  port = 0,
  options: Parameters<typeof spawnNode>[2] = {},
): Promise<NodeProcess> {
  const outcome = await spawnNode(folder, port, options);
  if ('ready' in outcome) return outcome.ready;
  throw new Error(`the node did not start: ${outcome.failed.stderr}`);
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', (code) => resolve(code)));

/** `scripts/build.mjs` compiles what is older than its source. */
export function build(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'ignore' });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('the build failed'))));
  });
}
