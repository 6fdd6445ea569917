import { setTimeout as wait } from 'node:timers/promises';
import type { EventStore } from '../../libs/eventstore';
import type { Applier } from '../../libs/postgres';
import type { Amount, EntryBuffer } from './entry-buffer';
import { aborted, follow } from './follow';
import type { Metrics } from './metrics';
import type { SharedLog } from './shared-log';

export const LARGEST_BATCH: Amount = { entries: 4_096, bytes: 8 * 1024 * 1024 };
/** Live, batches begin at least so far apart, so that a busy log does not cost a transaction for every event, ... */
const PACE_MS = 10;
/** ... and the machine is not busier with them than this part of the time, up to the longest pace: commands go first; ... */
const BUSY_PART = 1 / 2;
const LONGEST_PACE_MS = 40;
/** Behind the log whole batches are waited for, so long at most: the more events, the more of them change the same row. */
const GATHER_MS = 250;
/** ... with so many entries at hand the next begins at once. */
const WORTH_A_BATCH = 512;
const STANDBY_MS = 1_000;

/** What is read and not in the tables yet. */
export interface Backlog {
  waiting: number;
  /** When the oldest such event was recorded, ISO-8601 UTC. */
  oldestWaiting: string | undefined;
}

/** Keeps the tables that readers see up to date; ends when another projector has moved the checkpoints, or with the signal. */
export async function followLive(
  store: EventStore,
  applier: Applier,
  options: {
    readonly metrics: Metrics;
    readonly backlog: Backlog;
    readonly shared: SharedLog;
    readonly signal: AbortSignal;
  },
): Promise<'fenced' | undefined> {
  const { signal, backlog, shared } = options;
  if (applier.projections.every(({ stopped }) => stopped)) {
    await aborted(signal);
    return undefined;
  }
  try {
    return await follow(store, applier, signal, async (buffer) => {
      shared.begin(applier.from);
      let behind = true;
      while (!signal.aborted) {
        if (behind) await buffer.gatherBehind(LARGEST_BATCH.entries, GATHER_MS);
        behind &&= buffer.size >= WORTH_A_BATCH;
        if ((await applyNext(buffer, applier, options)) === 'fenced') return 'fenced';
      }
      return undefined;
    });
  } finally {
    shared.end();
    backlog.waiting = 0;
    backlog.oldestWaiting = undefined;
  }
}

async function applyNext(
  buffer: EntryBuffer,
  applier: Applier,
  {
    metrics,
    backlog,
    shared,
  }: { readonly metrics: Metrics; readonly backlog: Backlog; readonly shared: SharedLog },
): Promise<'applied' | 'fenced'> {
  const batch = await buffer.take(LARGEST_BATCH);
  shared.tell(batch);
  const events = batch.filter(({ kind }) => kind === 'event');
  const [first] = events;
  backlog.oldestWaiting = first?.kind === 'event' ? first.event.metadata.recordedAt : undefined;
  backlog.waiting = events.length + buffer.size;
  const began = performance.now();
  const applied = await applier.apply(batch);
  const took = performance.now() - began;
  if (applied === 'applied' && events.length > 0) {
    metrics.eventsApplied.inc(events.length);
    metrics.batchSeconds.observe(took / 1_000);
  }
  const next = buffer.oldest;
  backlog.oldestWaiting = next?.kind === 'event' ? next.event.metadata.recordedAt : undefined;
  backlog.waiting = buffer.size;
  const pace = Math.min(Math.max(PACE_MS, took / BUSY_PART), LONGEST_PACE_MS);
  if (applied === 'applied') await buffer.gather(WORTH_A_BATCH, pace - took);
  return applied;
}

/** Brings tables that are far behind the others near to them, by a reader of its own, so that nobody waits for them. */
export function catchUp(
  store: EventStore,
  applier: Applier,
  options: { readonly aim: () => bigint; readonly signal: AbortSignal },
): Promise<'near' | 'fenced' | undefined> {
  const { signal, aim } = options;
  return follow(store, applier, signal, async (buffer) => {
    while (!signal.aborted) {
      const going = applier.projections.filter(({ stopped }) => !stopped);
      if (going.every(({ checkpoint }) => checkpoint.commit >= aim())) return 'near';
      await buffer.gatherBehind(LARGEST_BATCH.entries, GATHER_MS);
      if ((await applier.apply(await buffer.take(LARGEST_BATCH))) === 'fenced') return 'fenced';
    }
    return undefined;
  });
}

/** Until nobody has moved the checkpoints for a while. */
export async function standBy(applier: Applier, signal: AbortSignal): Promise<void> {
  for (let before = ''; !signal.aborted;) {
    await applier.reload();
    const now = applier.projections.map(({ checkpoint }) => checkpoint.commit).join();
    if (now === before) return;
    before = now;
    await wait(STANDBY_MS, undefined, { signal }).catch(() => undefined);
  }
}
