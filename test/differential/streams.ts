import {
  isMetadataStream,
  metadataStreamOf,
  ownerOf,
  type Proposal,
  type Rules,
} from './operations';

export const TOMBSTONE_REVISION = '9223372036854775807';

/** One place in the sequence's own part of the log. What only the node can choose is learned when it is first seen. */
export interface LogRecord {
  readonly number: number;
  /** Undefined: an append without events left it; it has a position but is no event. */
  readonly event: StoredEvent | undefined;
  position?: bigint;
}

export interface StoredEvent extends Omit<Proposal, 'label'> {
  /** Undefined: the node wrote the event itself. */
  readonly label: string | undefined;
  readonly stream: string;
  readonly revision: string;
  id?: string;
  /** Milliseconds since 1970. */
  createdMs?: number;
}

/** What is stored, and what of it readers are shown. */
export interface Streams {
  readonly log: readonly LogRecord[];
  /** All events of a stream, hidden ones too, by revision. */
  eventsOf(stream: string): readonly LogRecord[];
  /** -1 without events. */
  lastRevision(stream: string): number;
  rulesOf(stream: string): Rules;
  isSoftDeleted(stream: string): boolean;
  /** Metadata alone counts. */
  exists(stream: string): boolean;
  /** A tombstone ends the stream and the one with its metadata. */
  isTombstoned(stream: string): boolean;
  isFound(stream: string): boolean;
  lowestVisible(stream: string): number;
  /** The events of a stream that are not hidden. */
  visible(stream: string): readonly LogRecord[];
  addEmpty(): LogRecord;
  add(stream: string, event: Omit<StoredEvent, 'stream' | 'revision'>): LogRecord;
  addTombstone(stream: string): LogRecord;
}

export function createStreams(): Streams {
  const log: LogRecord[] = [];
  const streams = new Map<string, LogRecord[]>();
  const tombstones = new Set<string>();
  const put = (event: StoredEvent | undefined): LogRecord => {
    const record = { number: log.length, event };
    log.push(record);
    return record;
  };

  const all: Streams = {
    log,
    eventsOf: (stream) => streams.get(stream) ?? [],
    lastRevision: (stream) => all.eventsOf(stream).length - 1,
    rulesOf: (stream) => all.eventsOf(metadataStreamOf(stream)).at(-1)?.event?.rules ?? {},
    isSoftDeleted: (stream) => all.rulesOf(stream).softDeleted === true,
    exists: (stream) =>
      all.lastRevision(stream) >= 0 || all.lastRevision(metadataStreamOf(stream)) >= 0,
    isTombstoned: (stream) =>
      tombstones.has(stream) || (isMetadataStream(stream) && tombstones.has(ownerOf(stream))),
    isFound: (stream) => all.lastRevision(stream) >= 0 && !all.isSoftDeleted(stream),
    lowestVisible(stream) {
      const last = all.lastRevision(stream);
      if (isMetadataStream(stream)) return last;
      const { truncateBefore = 0, maxCount = Infinity } = all.rulesOf(stream);
      return Math.max(0, truncateBefore, last - maxCount + 1);
    },
    visible: (stream) =>
      all.isFound(stream) && !all.isTombstoned(stream)
        ? all.eventsOf(stream).slice(all.lowestVisible(stream))
        : [],
    addEmpty: () => put(undefined),
    add(stream, event) {
      const revision = String(all.lastRevision(stream) + 1);
      const record = put({ ...event, stream, revision });
      const events = streams.get(stream);
      if (events) events.push(record);
      else streams.set(stream, [record]);
      return record;
    },
    addTombstone(stream) {
      tombstones.add(stream);
      const event = { label: undefined, type: '$streamDeleted', isJson: false, data: '' };
      return put({ ...event, metadata: '', stream, revision: TOMBSTONE_REVISION });
    },
  };
  return all;
}
