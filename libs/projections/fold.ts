import type { InventoryEvent } from '../domain';
import type { Row } from './columns';
import type { EventOf, EventType, Key, View } from './view';

/** What a batch of events makes of a view. */
export interface Folded {
  /** Of a table: the changed rows by key; undefined = the row is gone. Of a journal: the newest row of each partition. */
  readonly rows: Map<string, Row | undefined>;
  /** Of a journal: the new rows, in log order. */
  readonly added: Row[];
  /** Where the fold stopped; everything before it is in `rows` and `added`. */
  readonly failure: { readonly event: InventoryEvent; readonly reason: string } | undefined;
}

/** Parts of a key hold no control characters; PostgreSQL could not even store this one. */
export const textOfKey = (key: Key): string => (key.length === 1 ? `${key[0]}` : key.join('\0'));

/** What must be known before the events can be folded: keys of a table, partitions of a journal. */
export function keysOf(view: View, events: readonly InventoryEvent[]): Map<string, Key> {
  const keys = new Map<string, Key>();
  if (view.kind === 'journal' && view.partition.length === 0) return keys;
  for (const event of events) {
    if (!isHandled(view, event)) continue;
    const own = view.kind === 'table' ? view.keysOf(event) : [view.partitionOf(event)];
    for (const key of own) keys.set(textOfKey(key), key);
  }
  return keys;
}

/** Folds the events a view handles, in order, over the rows that are known. Stops at the first that fails. */
export function foldEvents(
  view: View,
  known: (key: string) => Row | undefined,
  events: readonly InventoryEvent[],
): Folded {
  const rows = new Map<string, Row | undefined>();
  const added: Row[] = [];
  const current = (key: string): Row | undefined => (rows.has(key) ? rows.get(key) : known(key));
  for (const event of events) {
    if (!isHandled(view, event)) continue;
    try {
      foldOne(view, event, current, rows, added);
    } catch (error) {
      return { rows, added, failure: { event, reason: String(error) } };
    }
  }
  return { rows, added, failure: undefined };
}

function foldOne(
  view: View,
  event: EventOf<EventType>,
  current: (key: string) => Row | undefined,
  rows: Map<string, Row | undefined>,
  added: Row[],
): void {
  if (view.kind === 'table') {
    // All rows of an event or none: a fold that fails on the second must not leave the first behind.
    const folded = view.keysOf(event).map((key) => {
      const name = textOfKey(key);
      return [name, view.fold(current(name), event, key)] as const;
    });
    for (const [name, row] of folded) rows.set(name, row);
  } else if (view.partition.length === 0) {
    added.push(...view.fold(undefined, event));
  } else {
    const name = textOfKey(view.partitionOf(event));
    const folded = view.fold(current(name), event);
    const newest = folded.at(-1);
    if (newest) rows.set(name, newest);
    added.push(...folded);
  }
}

const isHandled = (view: View, event: InventoryEvent): event is EventOf<EventType> =>
  view.handles[event.type] === true;
