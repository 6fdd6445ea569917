import { type InventoryEvent, tableOf, type View } from '../projections';
import { RowCache } from './row-cache';
import { type Statements, statementsOf } from './statements';

export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** One thing that the log says, in log order. */
export type LogEntry =
  | { readonly kind: 'event'; readonly event: InventoryEvent }
  | {
      readonly kind: 'undecodable';
      readonly position: bigint;
      readonly id: string;
      readonly stream: string;
      readonly type: string;
      readonly problem: string;
    }
  | { readonly kind: 'checkpoint'; readonly position: Position }
  | { readonly kind: 'caughtUp' };

/** How far a projection is: the last event it was given, and where a filter checkpoint has led beyond it. */
export interface Checkpoint extends Position {
  readonly event: { readonly id: string; readonly position: bigint } | undefined;
}

export const START: Checkpoint = { commit: -1n, prepare: -1n, event: undefined };

/** Why a projection does not go on. */
export interface Stop {
  readonly position: bigint;
  readonly eventId: string;
  readonly reason: string;
}

/** One view with its place in the log. */
export interface Projection {
  readonly name: string;
  readonly view: View;
  readonly statements: Statements;
  readonly cache: RowCache;
  /** Positions of events that an operator decided to leave out. */
  skips: ReadonlySet<bigint>;
  checkpoint: Checkpoint;
  stopped: Stop | undefined;
}

export const projectionOf = (view: View, cachedRows: number): Projection => ({
  name: tableOf(view),
  view,
  statements: statementsOf(view),
  cache: new RowCache(cachedRows),
  skips: new Set(),
  checkpoint: START,
  stopped: undefined,
});

/** What a batch of entries holds for one projection. */
export interface Share {
  readonly events: readonly InventoryEvent[];
  readonly reached: Checkpoint;
  readonly stop: Stop | undefined;
}

/** Everything after the projection's checkpoint, up to what it cannot handle. What it has seen before is left out. */
export function shareOf(projection: Projection, entries: readonly LogEntry[]): Share {
  const events: InventoryEvent[] = [];
  let reached = projection.checkpoint;
  for (const entry of entries) {
    if (entry.kind === 'caughtUp') continue;
    if (entry.kind === 'checkpoint') {
      if (entry.position.commit > reached.commit) reached = { ...reached, ...entry.position };
      continue;
    }
    const { id, position } = entry.kind === 'event' ? entry.event : entry;
    if (position <= reached.commit) continue;
    const skipped = projection.skips.has(position);
    if (entry.kind === 'undecodable' && !skipped && !isIgnored(projection.view, entry.type)) {
      const stop = { position, eventId: id, reason: `${entry.type}: ${entry.problem}` };
      return { events, reached, stop };
    }
    if (entry.kind === 'event' && !skipped) events.push(entry.event);
    reached = { commit: position, prepare: position, event: { id, position } };
  }
  return { events, reached, stop: undefined };
}

/** The share up to an event that the view could not take. */
export function shareBefore(
  projection: Projection,
  entries: readonly LogEntry[],
  failed: InventoryEvent,
  reason: string,
): Share {
  const before = entries.filter((entry) => {
    switch (entry.kind) {
      case 'event':
        return entry.event.position < failed.position;
      case 'undecodable':
        return entry.position < failed.position;
      case 'checkpoint':
        return entry.position.commit < failed.position;
      case 'caughtUp':
        return false;
    }
  });
  const stop = { position: failed.position, eventId: failed.id, reason };
  return { ...shareOf(projection, before), stop };
}

/** Only a type that the view knows can be none of its business; an unknown one might mean anything. */
const isIgnored = (view: View, type: string): boolean =>
  (view.events as Readonly<Record<string, boolean>>)[type] === false;
