import {
  isMetadataStream,
  metadataStreamOf,
  ownerOf,
  type Append,
  type Expected,
  type Proposal,
  type Removal,
  type Rules,
  type Write,
} from './operations';

export const TOMBSTONE_REVISION = '9223372036854775807';
const SOFT_DELETE = `{"$tb":${TOMBSTONE_REVISION}}`;

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

export type Refusal =
  | {
      readonly refused: 'wrong version';
      readonly stream: string;
      readonly expected: Expected;
      readonly actual: number | 'no_stream';
    }
  | { readonly refused: 'deleted'; readonly stream: string };

export interface Appended {
  readonly revision: number | 'no_stream';
  /** Where the last event lies; undefined when that is hidden by now. */
  readonly record: LogRecord | undefined;
}

/** The state of one sequence as the protocol describes it: plain lists, nothing shared with the node. */
export interface Model {
  readonly log: readonly LogRecord[];
  /** All events of a stream, hidden ones too, by revision. */
  eventsOf(stream: string): readonly LogRecord[];
  rulesOf(stream: string): Rules;
  isTombstoned(stream: string): boolean;
  isFound(stream: string): boolean;
  /** The events of a stream that are not hidden. */
  visible(stream: string): readonly LogRecord[];
  lastRevision(stream: string): number;
  revisionRemembered(label: string, stream: string): number | undefined;
  append(append: Pick<Append, 'stream' | 'expected' | 'events'>): Appended | Refusal;
  remove(removal: Pick<Removal, 'op' | 'stream' | 'expected'>): Appended | Refusal;
  write(write: Write): Appended | Refusal;
  /** A restart: the ids known for retries with `any` are lost. */
  forgetRetries(): void;
}

export function createModel(): Model {
  const log: LogRecord[] = [];
  const streams = new Map<string, LogRecord[]>();
  const tombstones = new Set<string>();
  const firstUses = new Map<string, { readonly stream: string; readonly revision: number }>();

  const eventsOf = (stream: string): readonly LogRecord[] => streams.get(stream) ?? [];
  const lastRevision = (stream: string): number => eventsOf(stream).length - 1;
  const rulesOf = (stream: string): Rules =>
    eventsOf(metadataStreamOf(stream)).at(-1)?.event?.rules ?? {};
  const isDeleted = (stream: string): boolean => rulesOf(stream).softDeleted === true;
  const hasMetadata = (stream: string): boolean => eventsOf(metadataStreamOf(stream)).length > 0;
  const isTombstoned = (stream: string): boolean =>
    tombstones.has(stream) || (isMetadataStream(stream) && tombstones.has(ownerOf(stream)));
  const isFound = (stream: string): boolean => lastRevision(stream) >= 0 && !isDeleted(stream);
  const lowestVisible = (stream: string): number => {
    const last = lastRevision(stream);
    if (isMetadataStream(stream)) return last;
    const { truncateBefore = 0, maxCount = Infinity } = rulesOf(stream);
    return Math.max(0, truncateBefore, last - maxCount + 1);
  };
  const visible = (stream: string): readonly LogRecord[] =>
    isFound(stream) && !isTombstoned(stream) ? eventsOf(stream).slice(lowestVisible(stream)) : [];

  const put = (event: StoredEvent | undefined): LogRecord => {
    const record = { number: log.length, event };
    log.push(record);
    return record;
  };
  const store = (stream: string, proposal: Omit<StoredEvent, 'stream' | 'revision'>): LogRecord => {
    const revision = lastRevision(stream) + 1;
    const record = put({ ...proposal, stream, revision: String(revision) });
    streams.set(stream, [...eventsOf(stream), record]);
    const { label } = proposal;
    if (label !== undefined && !firstUses.has(label)) firstUses.set(label, { stream, revision });
    return record;
  };
  const storeMetadata = (stream: string, data: string, rules: Rules): LogRecord =>
    store(metadataStreamOf(stream), {
      label: undefined,
      type: '$metadata',
      isJson: true,
      data,
      metadata: '',
      rules,
    });

  const wrong = (stream: string, expected: Expected): Refusal => {
    const last = lastRevision(stream);
    return { refused: 'wrong version', stream, expected, actual: last < 0 ? 'no_stream' : last };
  };
  const deleted = (stream: string): Refusal => ({ refused: 'deleted', stream });
  const known = (stream: string, revision: number): Appended => {
    const isHidden = !isFound(stream) || revision < lowestVisible(stream);
    return { revision, record: isHidden ? undefined : eventsOf(stream)[revision] };
  };
  const revisionRemembered = (label: string, stream: string): number | undefined => {
    const use = firstUses.get(label);
    return use?.stream === stream ? use.revision : undefined;
  };

  const writeAll = (stream: string, events: readonly Proposal[]): Appended => {
    const wasDeleted = isDeleted(stream);
    const owner = ownerOf(stream);
    const ownerWasDeleted = isMetadataStream(stream) && isDeleted(owner);
    const next = lastRevision(stream) + 1;
    let record = events.length === 0 ? put(undefined) : undefined;
    for (const event of events) record = store(stream, event);
    const newest = events.at(-1);
    if (wasDeleted) storeMetadata(stream, `{"$tb":${next}}`, { truncateBefore: next });
    if (ownerWasDeleted && newest && newest.rules?.softDeleted !== true) {
      const truncateBefore = lastRevision(owner) + 1;
      const said = JSON.parse(newest.data) as Record<string, unknown>;
      const data = JSON.stringify({ ...said, $tb: truncateBefore });
      storeMetadata(owner, data, { ...newest.rules, truncateBefore });
    }
    const last = next + events.length - 1;
    return { revision: last < 0 ? 'no_stream' : last, record };
  };

  const appendExactly = (
    stream: string,
    expected: Expected,
    events: readonly Proposal[],
  ): Appended | Refusal | 'write' => {
    const last = lastRevision(stream);
    const after = typeof expected === 'number' ? expected : -1;
    if (after === last) return 'write';
    const stored = eventsOf(stream).slice(after + 1, after + 1 + events.length);
    const isRetry =
      events.length > 0 &&
      stored.length === events.length &&
      stored.every(
        ({ event }, i) => event?.label !== undefined && event.label === events[i]?.label,
      );
    if (isRetry && after < last) return known(stream, after + events.length);
    return expected === 'no_stream' && isDeleted(stream) ? 'write' : wrong(stream, expected);
  };

  const appendLoosely = (
    stream: string,
    expected: Expected,
    events: readonly Proposal[],
  ): Appended | Refusal | 'write' => {
    if (expected === 'stream_exists') {
      if (isDeleted(stream)) return deleted(stream);
      if (lastRevision(stream) < 0 && !hasMetadata(stream)) return wrong(stream, expected);
    }
    const revisions = events.map(({ label }) => revisionRemembered(label, stream));
    if (revisions.length === 0 || revisions[0] === undefined) return 'write';
    const last = revisions.at(-1);
    if (last === undefined || revisions.includes(undefined)) return wrong(stream, expected);
    return known(stream, last);
  };

  const model: Model = {
    log,
    eventsOf,
    rulesOf,
    isTombstoned,
    isFound,
    visible,
    lastRevision,
    revisionRemembered,
    append({ stream, expected, events }) {
      if (tombstones.has(stream)) return deleted(stream);
      const judge = typeof expected === 'number' || expected === 'no_stream';
      const verdict = (judge ? appendExactly : appendLoosely)(stream, expected, events);
      const isWrong = verdict !== 'write' && 'refused' in verdict;
      // The metadata stream of a tombstoned stream answers a wrong revision as such.
      if (!isWrong && isTombstoned(stream)) return deleted(stream);
      return verdict === 'write' ? writeAll(stream, events) : verdict;
    },
    remove({ op, stream, expected }) {
      if (isTombstoned(stream)) return deleted(stream);
      const last = lastRevision(stream);
      const exists = last >= 0 || hasMetadata(stream);
      if (expected === 'stream_exists' && isDeleted(stream)) return deleted(stream);
      const isRight =
        expected === 'any' ||
        (expected === 'stream_exists' && exists) ||
        (expected === 'no_stream' && (last < 0 || isDeleted(stream))) ||
        expected === last;
      if (!isRight || (op === 'delete' && !exists)) return wrong(stream, expected);
      if (op === 'delete') {
        const record = storeMetadata(stream, SOFT_DELETE, { softDeleted: true });
        return { revision: last, record };
      }
      tombstones.add(stream);
      const event = { label: undefined, type: '$streamDeleted', isJson: false, data: '' };
      const record = put({ ...event, metadata: '', stream, revision: TOMBSTONE_REVISION });
      return { revision: last, record };
    },
    write: (write) => (write.op === 'append' ? model.append(write) : model.remove(write)),
    forgetRetries: () => firstUses.clear(),
  };
  return model;
}
