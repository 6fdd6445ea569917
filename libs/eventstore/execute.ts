import type { Command, DomainEvent, RecordedEvent, StreamDefinition } from '../domain';
import type { Logger } from '../runtime';
import { DecidedIndex } from './decided-index';
import type { Folded } from './folded';
import { FoldedCache } from './folded-cache';
import { LogPort, type AppendAndRead } from './log-port';
import { RecentCommands } from './recent-commands';
import type { AnyRequest } from './round';
import type { SnapshotStore } from './snapshot-store';
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
  readonly logger: Logger;
  /** ISO-8601 UTC; the clock that `recordedAt` is read from. */
  readonly now?: () => string;
}

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
