import { openConnection, type Connection } from './connection';
import { generate, restarts } from './generate';
import { startNodeProcess, type NodeProcess } from './node-process';
import type { Operation } from './operations';
import { meetingOf, type RestartNode } from './restarts';
import { runOperations, type Difference } from './sequence';
import { shrink } from './shrinking';

export interface Campaign {
  /** A running node; without it one is started, restarted and stopped. Nobody restarts a node that was given. */
  readonly url?: string;
  readonly sequences: number;
  /** The seed of the first sequence; the next one has the next number. */
  readonly seed: number;
  /** Sequences side by side. */
  readonly lanes?: number;
  readonly onProgress?: (done: Progress) => void;
  /** Called before each operation. */
  readonly onOperation?: (operation: Operation, index: number) => void;
}

export interface Progress {
  readonly sequences: number;
  readonly operations: number;
}

export interface Failure {
  readonly seed: number;
  readonly operations: readonly Operation[];
  readonly difference: Difference;
  /** The operations that are enough to show it, and what they show. */
  readonly shrunk: { readonly operations: readonly Operation[]; readonly difference: Difference };
}

export interface Report extends Progress {
  readonly elapsedMs: number;
  /** The difference that was found first; nothing is run after it. */
  readonly failure: Failure | undefined;
}

/** So many sequences share a log before the next ones begin with an empty one: searching others' events costs time. */
const SEQUENCES_PER_LOG = 240;
const LANES = 16;

/** Runs sequences of operations against a node and the model until one shows a difference. */
export async function runSequences(campaign: Campaign): Promise<Report> {
  const startedAt = Date.now();
  const { url, sequences, seed, onProgress } = campaign;
  const node = url === undefined ? await startNodeProcess() : undefined;
  const connection = openConnection(url ?? node?.url ?? '');
  let done: Progress = { sequences: 0, operations: 0 };
  let failure: Failure | undefined;
  try {
    for (let from = 0; from < sequences && !failure; from += SEQUENCES_PER_LOG) {
      if (node && from > 0) {
        await node.startAfresh();
        await connection.reconnect();
      }
      const count = Math.min(SEQUENCES_PER_LOG, sequences - from);
      const seeds = Array.from({ length: count }, (_, i) => seed + from + i);
      failure = await runOnOneLog(connection, node, seeds, campaign, (operations) => {
        done = { sequences: done.sequences + 1, operations: done.operations + operations };
      });
      onProgress?.(done);
    }
  } finally {
    await connection.close();
    await node?.stop();
  }
  return { ...done, elapsedMs: Date.now() - startedAt, failure };
}

interface Found {
  readonly seed: number;
  readonly operations: readonly Operation[];
  readonly difference: Difference;
}

async function runOnOneLog(
  connection: Connection,
  node: NodeProcess | undefined,
  seeds: readonly number[],
  { lanes = LANES, onOperation }: Campaign,
  onDone: (operations: number) => void,
): Promise<Failure | undefined> {
  const restart = node && restartOf(node, connection);
  const hooks = { restart, ...(onOperation ? { onOperation } : {}) };
  let found: Found | undefined;
  const runOne = async (seed: number, own: typeof hooks): Promise<void> => {
    const operations = generate(seed);
    const difference = await runOperations(connection, operations, own);
    if (difference) found ??= { seed, operations, difference };
    else onDone(operations.length);
  };

  const waiting = seeds.filter((seed) => !node || !restarts(seed)).reverse();
  const lane = async (): Promise<void> => {
    for (let seed = waiting.pop(); seed !== undefined && !found; seed = waiting.pop()) {
      await runOne(seed, hooks);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));

  const restarting = found || !restart ? [] : seeds.filter(restarts);
  if (restarting.length > 0 && restart) {
    const meeting = meetingOf(restarting.length, restart);
    await Promise.all(
      restarting.map((seed) => {
        const { arrive, leave } = meeting.seat();
        return runOne(seed, { ...hooks, restart: arrive }).finally(leave);
      }),
    );
  }
  if (!found) return undefined;
  const alone = (operations: readonly Operation[]): Promise<Difference | undefined> =>
    runOperations(connection, operations, { restart });
  return { ...found, shrunk: await shrink(found, alone) };
}

const restartOf =
  (node: NodeProcess, connection: Connection): RestartNode =>
  async (launch) => {
    await launch();
    await node.killAndRestart();
    await connection.reconnect();
  };
