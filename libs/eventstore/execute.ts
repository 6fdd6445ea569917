import { setTimeout as wait } from 'node:timers/promises';
import type { Command, DomainEvent, RecordedEvent, StreamDefinition } from '../domain';
import type { Logger } from '../runtime';
import { DecidedIndex } from './decided-index';
import type { Folded } from './folded';
import { FoldedCache } from './folded-cache';
import { LogPort, type AppendAndRead } from './log-port';
import { RecentCommands } from './recent-commands';
import type { AnyRequest } from './round';
import type { SnapshotStore } from './snapshot-store';
import { formOf, type Snapshotted } from './snapshot-form';
import { Snapshots } from './snapshots';
import { StreamWorker, type Shared } from './stream-worker';
import type { CommandRequest, DecidedCommands, Outcome } from './types';

export interface Executor {
  /** Decides one command on its stream and appends what it gives. Rejects only for programmer errors. */
  execute<State, C extends Command, E extends DomainEvent, Facts, Code extends string>(
    request: CommandRequest<State, C, E, Facts, Code>,
  ): Promise<Outcome<E, Code>>;
  /** The state of a stream as it stands in the log now. Rejects with StoreUnavailableError. */
  stateOf<State, C extends Command, E extends DomainEvent, Facts, Code extends string>(
    definition: StreamDefinition<State, C, E, Facts, Code>,
    stream: string,
  ): Promise<{ readonly state: State; readonly revision: number }>;
  /** Events of a stream from a revision on, at most so many. Rejects with StoreUnavailableError. */
  eventsOf(stream: string, from: number, limit: number): Promise<readonly RecordedEvent[]>;
  /** Learns the command ids of the audit log, so that hardly any has to be looked up; ends with the signal. */
  followDecided(signal: AbortSignal): Promise<void>;
}

export interface ExecutorOptions {
  readonly store: { readonly client: AppendAndRead };
  /** Absent or failing: a command's own stream is searched, and no other. */
  readonly decided?: DecidedCommands;
  /** Absent or failing: streams are read whole. */
  readonly snapshots?: SnapshotStore;
  /** Whole stream definitions, whatever their states: of such streams those that were busy last are folded at the start. */
  readonly definitions?: readonly Pick<Snapshotted, 'category' | 'events' | 'upcasts'>[];
  readonly logger: Logger;
  /** ISO-8601 UTC; the clock that `recordedAt` is read from. */
  readonly now?: () => string;
}

/** Streams that are folded when a process begins, one after the other, ... */
const MAX_AHEAD = 64;
const LONGEST_AHEAD_MS = 1_000;
/** ... with rests in between, so that most of the time is left to the first commands. */
const AHEAD_REST_FACTOR = 3;

export function createExecutor(options: ExecutorOptions): Executor {
  const { logger } = options;
  const decided = new DecidedIndex(options.decided, logger);
  const cache = new FoldedCache();
  const peek = (stream: string): Folded<unknown> | undefined => cache.peek(stream);
  const snapshots = options.snapshots && new Snapshots({ store: options.snapshots, logger, peek });
  const shared: Shared = {
    log: new LogPort(options.store.client, logger, snapshots),
    cache,
    snapshots,
    recent: new RecentCommands(),
    decided,
    logger,
    now: options.now ?? (() => new Date().toISOString()),
  };
  const workers = new Map<string, StreamWorker>();

  function workerOf(stream: string): StreamWorker {
    let worker = workers.get(stream);
    if (!worker) {
      worker = new StreamWorker(stream, shared, () => workers.delete(stream));
      workers.set(stream, worker);
    }
    return worker;
  }

  /** What was written last is likely to be written next: its first command need not wait until it is folded. */
  async function foldAhead(definitions: readonly Snapshotted[]): Promise<void> {
    const kept = (await snapshots?.kept) ?? [];
    for (const { stream, form } of kept.slice(0, MAX_AHEAD)) {
      const definition = definitions.find((each) => formOf(each) === form);
      if (!definition) continue;
      const began = performance.now();
      await workerOf(stream).look(definition as never);
      const took = performance.now() - began;
      // It was no snapshot that was loaded, but a long stream that was read.
      if (took > LONGEST_AHEAD_MS) break;
      await wait(took * AHEAD_REST_FACTOR, undefined, { ref: false });
    }
  }
  foldAhead((options.definitions ?? []) as readonly Snapshotted[]).catch((error: unknown) =>
    logger.debug({ err: error }, 'no more streams are folded ahead'),
  );

  return {
    execute: <State, C extends Command, E extends DomainEvent, Facts, Code extends string>(
      request: CommandRequest<State, C, E, Facts, Code>,
    ) =>
      // One queue serves every kind of stream; the request's own definition decides it.
      workerOf(request.stream).submit(request as unknown as AnyRequest) as Promise<
        Outcome<E, Code>
      >,
    stateOf: async (definition, stream) => {
      const { state, revision } = await workerOf(stream).look(definition as never);
      return { state: state as never, revision };
    },
    async eventsOf(stream, from, limit) {
      const events: RecordedEvent[] = [];
      for await (const event of shared.log.read(stream, from, limit)) events.push(event);
      return events;
    },
    followDecided: (signal) => decided.follow(signal),
  };
}
