import { streams, type InventoryEvent, type RecordedEvent, type Upcast } from '../domain';
import type { Columns, Row } from './columns';

type AnyEvent = InventoryEvent extends RecordedEvent<infer E> ? E : never;
export type EventType = AnyEvent['type'];

/** Every type that is written today. */
export const eventTypes = Object.values(streams).flatMap(
  ({ events }) => Object.keys(events) as EventType[],
);

const written: ReadonlySet<string> = new Set(eventTypes);
const upcasts = new Map<string, Upcast>(
  Object.values(streams).flatMap((each) => Object.entries(each.upcasts)),
);

/** What an event of a type is read as today: itself, or what its upcasts lead to; undefined = no such type is known. */
export function currentTypeOf(type: string): EventType | undefined {
  let current = type;
  for (let step = upcasts.get(current); step; step = upcasts.get(current)) current = step.to;
  return written.has(current) ? (current as EventType) : undefined;
}

/** The recorded event of a type; of several types, a union that a switch over `type` takes apart. */
export type EventOf<T extends EventType> = T extends EventType
  ? RecordedEvent<Extract<AnyEvent, { readonly type: T }>>
  : never;

/** Values of the key columns, in their order. */
export type Key = readonly (string | number)[];

export interface Index {
  /** Columns of the table, or expressions over them; then the index needs a name. */
  readonly columns: readonly string[];
  readonly where?: string;
  readonly using?: 'btree' | 'gin';
  /** Default: the columns. */
  readonly name?: string;
}

/** The types that a view folds; every other event says nothing to it. */
type Handled<T extends EventType> = Readonly<Record<T, true>>;

interface Shape {
  /** Of the SQL view that readers see. */
  readonly name: string;
  /** Raised with every change of columns or meaning: a new version fills a table of its own. */
  readonly version: number;
  readonly columns: Columns;
  readonly key: readonly string[];
  readonly indexes: readonly Index[];
}

/** Rows that change: each event folds into the rows of its keys. */
export interface TableView<R extends object = Row, T extends EventType = EventType> extends Shape {
  readonly kind: 'table';
  readonly handles: Handled<T>;
  keysOf(event: EventOf<T>): readonly Key[];
  /** The row of one of its keys after the event; undefined = there is none (any more). */
  fold(row: R | undefined, event: EventOf<T>, key: Key): R | undefined;
}

/** Rows that are only ever added, one or more for each event; the newest of its partition is folded over. */
export interface JournalView<
  R extends object = Row,
  T extends EventType = EventType,
> extends Shape {
  readonly kind: 'journal';
  readonly handles: Handled<T>;
  /** Columns that make a partition, the key aside; empty = no row depends on another. */
  readonly partition: readonly string[];
  partitionOf(event: EventOf<T>): Key;
  /** In the order in which they follow each other; all of one partition. */
  fold(newest: R | undefined, event: EventOf<T>): readonly R[];
}

/** A view of whatever rows and events; whoever runs it asks `handles` before it hands an event over. */
export type View = Erased<TableView> | Erased<JournalView>;
type Erased<V> = Omit<V, 'handles'> & { readonly handles: Partial<Handled<EventType>> };

/** The table, and the name of the checkpoint: two versions of a view run side by side. */
export const tableOf = (view: Pick<Shape, 'name' | 'version'>): string =>
  `${view.name}_v${view.version}`;

export const table = <R extends object, T extends EventType>(
  view: Omit<TableView<R, T>, 'kind'>,
): TableView<R, T> => ({ kind: 'table', ...view });

export const journal = <R extends object, T extends EventType>(
  view: Omit<JournalView<R, T>, 'kind'>,
): JournalView<R, T> => ({ kind: 'journal', ...view });
