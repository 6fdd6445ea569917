import { newHead, type Head } from './heads';
import { emptyRow, eventRow, idOf, linkOf, TOMBSTONE_REVISION, type EventToStore } from './record';
import type { Commit, IndexRow, LogRow, Store, Tail } from './store';

/** An event that has just been committed, for those who follow the log live. */
export interface LiveEvent extends LogRow {
  readonly stream: string;
  readonly revision: number;
}

export type EventContent = Pick<EventToStore, 'id' | 'type' | 'isJson' | 'data' | 'metadata'>;

/**
 * What a number of appends will write together in one transaction. A later append of the group sees what an earlier one
 * is about to write; nobody else does before the commit.
 */
export interface Group {
  readonly store: Store;
  readonly nowMs: number;
  readonly events: readonly LiveEvent[];
  head(stream: string): Head | undefined;
  setHead(stream: string, head: Head): void;
  /** The head to start a new stream with. */
  createHead(): Head;
  /** Adds an event; answers its position. */
  add(stream: string, head: Head, revision: number, event: EventContent): number;
  /** Adds a record that is no event; answers its position. */
  addEmpty(): number;
  idAt(head: Head, revision: number): string | undefined;
  positionAt(head: Head, revision: number): number | undefined;
  /** Takes the oldest event that a stream still has out of the log. */
  removeOldest(stream: string, head: Head, position: number): void;
  /** Undefined when there is nothing to write. */
  commit(): Commit | undefined;
}

export function openGroup(store: Store, clockMs: number): Group {
  const rows: LogRow[] = [];
  const index: IndexRow[] = [];
  const removed: IndexRow[] = [];
  const events: LiveEvent[] = [];
  const heads = new Map<string, Head>();
  const added = new Map<string, LogRow>();
  let { position, link, nextStream, createdMs }: Tail = store.tail();
  // Ages are found by bisection, so creation times must not run backwards when the clock does.
  createdMs = Math.max(createdMs, clockMs);

  const put = (row: Buffer): LogRow => {
    const entry = { position, row };
    rows.push(entry);
    link = linkOf(row);
    position += row.length;
    return entry;
  };
  const eventAt = (head: Head, revision: number): LogRow | undefined =>
    added.get(`${head.number}/${revision}`) ?? store.event(head.number, revision);

  return {
    store,
    nowMs: createdMs,
    events,
    head: (stream) => heads.get(stream) ?? store.head(stream),
    setHead: (stream, head) => void heads.set(stream, head),
    createHead() {
      nextStream += 1;
      return newHead(nextStream - 1);
    },
    add(stream, head, revision, event) {
      const name = Buffer.from(stream);
      const entry = put(
        eventRow(
          { stream: name, streamNumber: head.number, revision, position, createdMs, ...event },
          link,
        ),
      );
      events.push({ stream, revision, ...entry });
      if (revision !== TOMBSTONE_REVISION) {
        index.push({ stream: head.number, revision, position: entry.position });
        added.set(`${head.number}/${revision}`, entry);
      }
      return entry.position;
    },
    addEmpty: () => put(emptyRow(createdMs, position, link)).position,
    idAt(head, revision) {
      const found = eventAt(head, revision);
      return found && idOf(found.row);
    },
    positionAt: (head, revision) => eventAt(head, revision)?.position,
    removeOldest(stream, head, position) {
      removed.push({ stream: head.number, revision: head.first, position });
      heads.set(stream, { ...head, first: head.first + 1 });
    },
    commit: () =>
      rows.length + removed.length === 0
        ? undefined
        : { rows, index, removed, heads, tail: { position, link, nextStream, createdMs } },
  };
}
