import { newHead, type Head } from './heads';
import { crcOf, emptyRow, eventRow, idOf, TOMBSTONE_REVISION, type EventToStore } from './record';
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
  /** Undefined when there is nothing to write. */
  commit(): Commit | undefined;
}

export function openGroup(store: Store, clockMs: number): Group {
  const rows: LogRow[] = [];
  const index: IndexRow[] = [];
  const events: LiveEvent[] = [];
  const heads = new Map<string, Head>();
  const added = new Map<string, LogRow>();
  let { position, crc, nextStream, createdMs }: Tail = store.tail();
  // Ages are found by bisection, so creation times must not run backwards when the clock does.
  createdMs = Math.max(createdMs, clockMs);

  const put = (row: Buffer): LogRow => {
    const entry = { position, row };
    rows.push(entry);
    crc = crcOf(row);
    position += row.length;
    return entry;
  };
  const addedAt = (head: Head, revision: number): LogRow | undefined =>
    added.get(`${head.number}/${revision}`);
  const positionAt = (head: Head, revision: number): number | undefined =>
    addedAt(head, revision)?.position ?? store.positionOf(head.number, revision);

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
      const entry = put(eventRow({ stream: name, revision, position, createdMs, ...event }, crc));
      events.push({ stream, revision, ...entry });
      if (revision !== TOMBSTONE_REVISION) {
        index.push({ stream: head.number, revision, position: entry.position });
        added.set(`${head.number}/${revision}`, entry);
      }
      return entry.position;
    },
    addEmpty: () => put(emptyRow(createdMs, crc)).position,
    idAt(head, revision) {
      const own = addedAt(head, revision)?.row;
      if (own) return idOf(own);
      const at = store.positionOf(head.number, revision);
      const row = at === undefined ? undefined : store.row(at);
      return row && idOf(row);
    },
    positionAt,
    commit: () =>
      rows.length === 0
        ? undefined
        : { rows, index, heads, tail: { position, crc, nextStream, createdMs } },
  };
}
