import type { Condition } from './condition';
import { DamageError } from './damage';
import { openGroup, type Group } from './group';
import type { LiveFeed } from './live-feed';
import type { Outcome } from '../writing/outcomes';
import { hasRoom, reasonOf, reopen } from './recovery';
import type { Store } from './store';
import { openWaitingLine } from './waiting-line';

export interface WriteRequest {
  /** Rough size, to bound what waits. */
  readonly bytes: number;
  /** Not begun any more after this time. */
  readonly deadlineMs: number;
  decide(group: Group): Outcome;
  /** Called once: when everything is on disk, or with an error when it cannot be known what is. */
  done(outcome: Outcome): void;
  failed(error: Error): void;
}

export interface Writer {
  submit(request: WriteRequest): void;
  /** True while so much waits that callers should stop reading; `whenFree` then tells them to go on. */
  isFull(): boolean;
  whenFree(go: () => void): void;
  /** Resolves when all that was submitted is answered. */
  idle(): Promise<void>;
  /** Ends the attempts to recover; to be called before the store is closed. */
  close(): void;
}

export interface WriterParts {
  readonly store: Store;
  /** The store's file. */
  readonly file: string;
  readonly feed: LiveFeed;
  readonly condition: Condition;
  /** Called when a group has not been written: what was remembered of its decisions is void. */
  onFailed(error: Error): void;
  /** Called when the file cannot be opened any more after a failed write. */
  onLost(error: Error): void;
}

const LIMITS = { groupItems: 1024, groupBytes: 4 << 20, fullBytes: 16 << 20 };
const GATHER_TURNS = 8;
const RECOVERY_EVERY_MS = 250;

/**
 * Group commit: what arrives while a transaction is being written waits and goes into the next one together, so that
 * many appends share one sync. What a failed write or sync has left on disk is known only after the file has been
 * opened anew, so until then everything is refused; the failed sync itself is never tried again.
 */
export function openWriter(parts: WriterParts): Writer {
  const { store, feed, condition } = parts;
  const waiting = openWaitingLine<WriteRequest>(LIMITS);
  let running: Promise<void> | undefined;
  let recovering: NodeJS.Timeout | undefined;

  const refusal = (): Error | undefined => {
    const state = condition.now();
    return state.kind === 'writing' ? undefined : new Error(state.reason);
  };

  const refuse = (error: Error, requests: readonly WriteRequest[]): void => {
    parts.onFailed(error);
    if (error instanceof DamageError) condition.become({ kind: 'damaged', reason: error.message });
    else {
      condition.become({ kind: 'read-only', reason: reasonOf(error, parts.file) });
      recovering ??= setInterval(recover, RECOVERY_EVERY_MS).unref();
    }
    for (const request of requests) request.failed(refusal() ?? error);
  };

  const recover = (): void => {
    if (!hasRoom(parts.file)) return;
    try {
      feed.publish(reopen(store));
    } catch (error) {
      clearInterval(recovering);
      return parts.onLost(asError(error));
    }
    try {
      store.settle();
    } catch (error) {
      return condition.become({ kind: 'read-only', reason: reasonOf(asError(error), parts.file) });
    }
    clearInterval(recovering);
    recovering = undefined;
    condition.become({ kind: 'writing' });
  };

  const run = async (): Promise<void> => {
    await gather(waiting);
    while (waiting.length() > 0) {
      const requests = waiting.takeGroup();
      const written = writeGroup(store, requests);
      if (written instanceof Error) refuse(written, [...requests, ...waiting.takeAll()]);
      else {
        requests.forEach((request, i) => request.done(written.outcomes[i]!));
        feed.publish(written.group.events);
      }
      await gather(waiting);
    }
    running = undefined;
  };

  return {
    submit(request) {
      const refused = refusal();
      if (refused) return request.failed(refused);
      waiting.join(request);
      running ??= run();
    },
    isFull: () => waiting.isFull(),
    whenFree: (go) => waiting.whenFree(go),
    async idle() {
      while (running) await running;
    },
    close: () => clearInterval(recovering),
  };
}

/** A sync costs as much for one append as for many: while turn after turn brings more, it is worth waiting. */
async function gather(waiting: { readonly length: () => number }): Promise<void> {
  for (let turn = 0; turn < GATHER_TURNS; turn += 1) {
    const before = waiting.length();
    await new Promise((resolve) => setImmediate(resolve));
    if (waiting.length() === before || before >= LIMITS.groupItems) return;
  }
}

/** Answers why when nothing of the group counts as written. */
function writeGroup(
  store: Store,
  requests: readonly WriteRequest[],
): Error | { readonly group: Group; readonly outcomes: readonly Outcome[] } {
  const nowMs = Date.now();
  try {
    const group = openGroup(store, nowMs);
    const outcomes = requests.map((request): Outcome =>
      nowMs > request.deadlineMs ? { kind: 'timeout' } : request.decide(group),
    );
    const commit = group.commit();
    if (commit) store.commit(commit);
    return { group, outcomes };
  } catch (error) {
    return asError(error);
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
