import { openGroup, type Group } from './group';
import type { LiveFeed } from './live-feed';
import type { Outcome } from './outcomes';
import type { Store } from './store';

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

const GROUP_BYTES = 4 << 20;
const GROUP_REQUESTS = 1024;
const GATHER_TURNS = 8;
const WAITING_BYTES = 16 << 20;

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
  let waiting: WriteRequest[] = [];
  let waitingBytes = 0;
  let running: Promise<void> | undefined;
  let poison: Error | undefined;
  let blocked: (() => void)[] = [];

  const take = (): WriteRequest[] => {
    let count = 0;
    let bytes = 0;
    while (count < waiting.length && count < GROUP_REQUESTS && bytes < GROUP_BYTES) {
      bytes += waiting[count]!.bytes;
      count += 1;
    }
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingBytes -= bytes;
    return taken;
  };

  const writeGroup = async (requests: readonly WriteRequest[]): Promise<void> => {
    const nowMs = Date.now();
    const group = openGroup(store, nowMs);
    const outcomes = requests.map((request): Outcome =>
      nowMs > request.deadlineMs ? { kind: 'timeout' } : request.decide(group),
    );
    const commit = group.commit();
    if (commit) store.commit(commit);
    requests.forEach((request, i) => request.done(outcomes[i]!));
    feed.publish(group.events);
  };

  /** A sync costs as much for one append as for many: while turn after turn brings more of them, it is worth waiting. */
  const gather = async (): Promise<void> => {
    for (let turn = 0; turn < GATHER_TURNS; turn += 1) {
      const before = waiting.length;
      await new Promise((resolve) => setImmediate(resolve));
      if (waiting.length === before || waiting.length >= GROUP_REQUESTS) return;
    }
  };

  const run = async (): Promise<void> => {
    await gather();
    while (waiting.length > 0 && !poison) {
      const requests = take();
      try {
        await writeGroup(requests);
      } catch (error) {
        poison = error instanceof Error ? error : new Error(String(error));
        for (const request of [...requests, ...waiting]) request.failed(poison);
        waiting = [];
        waitingBytes = 0;
        onPoisoned(poison);
      }
      release();
      await gather();
    }
    running = undefined;
  };

  const release = (): void => {
    if (waitingBytes >= WAITING_BYTES) return;
    const free = blocked;
    blocked = [];
    for (const go of free) go();
  };

  return {
    submit(request) {
      if (poison) return request.failed(poison);
      waiting.push(request);
      waitingBytes += request.bytes;
      running ??= run();
    },
    isFull: () => waitingBytes >= WAITING_BYTES,
    whenFree: (go) => void blocked.push(go),
    idle: async () => {
      while (running) await running;
    },
  };
}
