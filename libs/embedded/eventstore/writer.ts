import { openGroup, type Group } from './group';
import type { LiveFeed } from './live-feed';
import type { Outcome } from './outcomes';
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
}

const LIMITS = { groupItems: 1024, groupBytes: 4 << 20, fullBytes: 16 << 20 };
const GATHER_TURNS = 8;

/**
 * Group commit: what arrives while a transaction is being written waits and goes into the next one together, so that
 * many appends share one sync. After a failed write nothing is written any more: what a failed sync has left on disk is
 * known only after the file has been opened anew.
 */
export function openWriter(
  store: Store,
  feed: LiveFeed,
  onPoisoned: (error: Error) => void,
): Writer {
  const waiting = openWaitingLine<WriteRequest>(LIMITS);
  let running: Promise<void> | undefined;
  let poison: Error | undefined;

  /** A sync costs as much for one append as for many: while turn after turn brings more, it is worth waiting. */
  const gather = async (): Promise<void> => {
    for (let turn = 0; turn < GATHER_TURNS; turn += 1) {
      const before = waiting.length();
      await new Promise((resolve) => setImmediate(resolve));
      if (waiting.length() === before || before >= LIMITS.groupItems) return;
    }
  };

  const run = async (): Promise<void> => {
    await gather();
    while (waiting.length() > 0) {
      const requests = waiting.takeGroup();
      try {
        writeGroup(store, feed, requests);
      } catch (error) {
        poison = error instanceof Error ? error : new Error(String(error));
        for (const request of [...requests, ...waiting.takeAll()]) request.failed(poison);
        onPoisoned(poison);
      }
      await gather();
    }
    running = undefined;
  };

  return {
    submit(request) {
      if (poison) return request.failed(poison);
      waiting.join(request);
      running ??= run();
    },
    isFull: () => waiting.isFull(),
    whenFree: (go) => waiting.whenFree(go),
    async idle() {
      while (running) await running;
    },
  };
}

function writeGroup(store: Store, feed: LiveFeed, requests: readonly WriteRequest[]): void {
  const nowMs = Date.now();
  const group = openGroup(store, nowMs);
  const outcomes = requests.map((request): Outcome =>
    nowMs > request.deadlineMs ? { kind: 'timeout' } : request.decide(group),
  );
  const commit = group.commit();
  if (commit) store.commit(commit);
  requests.forEach((request, i) => request.done(outcomes[i]!));
  feed.publish(group.events);
}
