import { currentTypeOf, type InventoryEvent, tableOf, type View } from '../projections';
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

/** One view with the table that it fills and its place in the log. */
export interface Projection {
  /** Of the table, and of the checkpoint. */
  readonly name: string;
  readonly view: View;
  readonly statements: Statements;
  readonly cache: RowCache;
  /** Which table of that name it is: a rebuilt one has the next number, so that nobody goes on with the memory of the old. */
  generation: number;
  /** Positions of events that an operator decided to leave out. */
  skips: ReadonlySet<bigint>;
  checkpoint: Checkpoint;
  stopped: Stop | undefined;
}

export const projectionOf = (
  view: View,
  cachedRows: number,
  table = tableOf(view),
): Projection => ({
  name: table,
  view,
  statements: statementsOf(view, table),
  cache: new RowCache(cachedRows, view.columns),
  generation: 0,
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
      const { commit, prepare } = entry.position;
      if (isBeyond(commit, prepare, reached)) reached = { commit, prepare, event: reached.event };
      continue;
    }
    const { id, position } = entry.kind === 'event' ? entry.event : entry;
    if (!isBeyond(position, position, reached)) continue;
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

/** A checkpoint may lie before an event of the same commit position: both parts of a position count. */
const isBeyond = (commit: bigint, prepare: bigint, reached: Position): boolean =>
  commit > reached.commit || (commit === reached.commit && prepare > reached.prepare);

/** Where an entry stands in the log. */
export function commitOf(entry: LogEntry): bigint | undefined {
  switch (entry.kind) {
    case 'event':
      return entry.event.position;
    case 'undecodable':
      return entry.position;
    case 'checkpoint':
      return entry.position.commit;
    case 'caughtUp':
      return undefined;
  }
}

/** The share up to an event that the view could not take. */
export function shareBefore(
  projection: Projection,
  entries: readonly LogEntry[],
  failed: InventoryEvent,
  reason: string,
): Share {
  const before = entries.filter((entry) => (commitOf(entry) ?? failed.position) < failed.position);
  const stop = { position: failed.position, eventId: failed.id, reason };
  return { ...shareOf(projection, before), stop };
}

/** Only what is known can be none of a view's business; an unknown type might mean anything. */
function isIgnored(view: View, type: string): boolean {
  const current = currentTypeOf(type);
  return current !== undefined && !Object.hasOwn(view.handles, current);
}
