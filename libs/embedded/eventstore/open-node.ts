import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder, type FolderLock, type Logger } from '../../runtime';
import { openCondition, type Condition, type State } from './log/condition';
import { DamageError } from './log/damage';
import { NO_HOSTILITY, type Hostility } from './hostile/hostile';
import { DEFAULT_LIMITS, type Limits } from './limits/limits';
import { countWaiting, openTraffic } from './limits/traffic';
import { openLiveFeed } from './log/live-feed';
import type { EventNode } from './node';
import { openStore, type Store } from './log/store';
import { openWriter } from './log/writer';

export const EVENTS_FILE = 'events.mdb';

/** The file of a folder that holds events; throws where there is none. */
export function eventsFileIn(folder: string): string {
  const file = join(folder, EVENTS_FILE);
  if (existsSync(file)) return file;
  throw new Error(
    `There is no event store in ${folder}: it has no ${EVENTS_FILE}. Name the folder of a node's --data.`,
  );
}

export interface NodeOptions {
  readonly dataFolder: string;
  readonly logger: Logger;
  readonly limits?: Partial<Limits>;
  /** Called when a write has failed and the file cannot be opened any more; by default the process exits with 1. */
  readonly onLost?: (error: Error) => void;
  /** For tests only: misbehaves as a real server may. */
  readonly hostility?: Hostility;
}

export interface OpenNode {
  readonly node: EventNode;
  readonly close: () => Promise<void>;
}

const SLOW_COMMIT_MS = 500;

/** Opens the folder's log for this process alone, without listening anywhere. */
export async function openNode(options: NodeOptions): Promise<OpenNode> {
  const { dataFolder, logger, hostility = NO_HOSTILITY } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const lock = await lockFolder(dataFolder);
  const file = join(dataFolder, EVENTS_FILE);
  const condition = openCondition((state) => report(logger, state));
  const store = tellSlowCommits(await openOrExplain(file, condition, lock), logger);
  const traffic = openTraffic(limits);
  const feed = hostility.feed(openLiveFeed());
  const retries = hostility.retries();
  const inner = openWriter({
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
  const writer = countWaiting(hostility.writer(inner), traffic);
  return {
    node: {
      store,
      writer,
      feed,
      logger,
      limits,
      traffic,
      retries,
      condition,
      openCalls: new Set(),
    },
    async close() {
      await writer.idle();
      writer.close();
      await store.close();
      await lock.release();
    },
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

/** A disk that is slow now and then shows first in what an append has to wait for. */
function tellSlowCommits(store: Store, logger: Logger): Store {
  return {
    ...store,
    commit(commit) {
      const startedAt = performance.now();
      store.commit(commit);
      const ms = Math.round(performance.now() - startedAt);
      if (ms >= SLOW_COMMIT_MS) logger.warn({ ms, records: commit.rows.length }, 'a slow commit');
    },
  };
}

/** Leaves the log line and the refusals a moment to get out. */
function exitSoon(): void {
  setTimeout(() => process.exit(1), 200);
}
