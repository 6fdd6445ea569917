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
import { createStreams, TOMBSTONE_REVISION, type LogRecord, type Streams } from './streams';

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
export interface Model extends Omit<Streams, 'add' | 'addEmpty' | 'addTombstone'> {
  /** The revision of an event, where its id is remembered for retries with `any`. */
  revisionRemembered(label: string, stream: string): number | undefined;
  append(append: Pick<Append, 'stream' | 'expected' | 'events'>): Appended | Refusal;
  remove(removal: Pick<Removal, 'op' | 'stream' | 'expected'>): Appended | Refusal;
  write(write: Write): Appended | Refusal;
  /** A restart: the ids known for retries with `any` are lost. */
  forgetRetries(): void;
}

const SOFT_DELETE = `{"$tb":${TOMBSTONE_REVISION}}`;

interface Use {
  readonly stream: string;
  readonly revision: number;
}

export function createModel(): Model {
  const streams = createStreams();
  const firstUses = new Map<string, Use>();
  const revisionRemembered = (label: string, stream: string): number | undefined => {
    const use = firstUses.get(label);
    return use?.stream === stream ? use.revision : undefined;
  };
  const model: Model = {
    ...streams,
    revisionRemembered,
    append({ stream, expected, events }) {
      const isMetadata = isMetadataStream(stream);
      if (streams.isTombstoned(stream) && !isMetadata) return deleted(stream);
      const verdict =
        typeof expected === 'number' || expected === 'no_stream'
          ? judgeExact(streams, stream, expected, events)
          : judgeLoose(streams, stream, expected, () =>
              events.map(({ label }) => revisionRemembered(label, stream)),
            );
      const isWrong = verdict !== 'write' && 'refused' in verdict;
      // The metadata stream of a tombstoned stream answers a wrong revision as such.
      if (!isWrong && streams.isTombstoned(stream)) return deleted(stream);
      return verdict === 'write' ? writeAll(streams, firstUses, stream, events) : verdict;
    },
    remove({ op, stream, expected }) {
      const refusal = refuseRemoval(streams, op, stream, expected);
      if (refusal) return refusal;
      const record =
        op === 'tombstone'
          ? streams.addTombstone(stream)
          : addMetadata(streams, stream, SOFT_DELETE, { softDeleted: true });
      return { revision: streams.lastRevision(stream), record };
    },
    write: (write) => (write.op === 'append' ? model.append(write) : model.remove(write)),
    forgetRetries: () => firstUses.clear(),
  };
  return model;
}

const deleted = (stream: string): Refusal => ({ refused: 'deleted', stream });

function wrong(streams: Streams, stream: string, expected: Expected): Refusal {
  const last = streams.lastRevision(stream);
  return { refused: 'wrong version', stream, expected, actual: last < 0 ? 'no_stream' : last };
}

/** A retry is told where its last event lies, unless that is hidden by now. */
function known(streams: Streams, stream: string, revision: number): Appended {
  const isHidden = !streams.isFound(stream) || revision < streams.lowestVisible(stream);
  return { revision, record: isHidden ? undefined : streams.eventsOf(stream)[revision] };
}

function judgeExact(
  streams: Streams,
  stream: string,
  expected: Expected,
  events: readonly Proposal[],
): Appended | Refusal | 'write' {
  const last = streams.lastRevision(stream);
  const after = typeof expected === 'number' ? expected : -1;
  if (after === last) return 'write';
  const stored = streams.eventsOf(stream).slice(after + 1, after + 1 + events.length);
  const isRetry =
    events.length > 0 &&
    stored.length === events.length &&
    stored.every(({ event }, i) => event?.label !== undefined && event.label === events[i]?.label);
  if (isRetry && after < last) return known(streams, stream, after + events.length);
  const isUndelete = expected === 'no_stream' && streams.isSoftDeleted(stream);
  return isUndelete ? 'write' : wrong(streams, stream, expected);
}

function judgeLoose(
  streams: Streams,
  stream: string,
  expected: Expected,
  remembered: () => readonly (number | undefined)[],
): Appended | Refusal | 'write' {
  if (expected === 'stream_exists') {
    if (streams.isSoftDeleted(stream)) return deleted(stream);
    if (!streams.exists(stream)) return wrong(streams, stream, expected);
  }
  const revisions = remembered();
  const last = revisions.at(-1);
  if (revisions[0] === undefined) return 'write';
  if (last === undefined || revisions.includes(undefined)) return wrong(streams, stream, expected);
  return known(streams, stream, last);
}

function addMetadata(streams: Streams, stream: string, data: string, rules: Rules): LogRecord {
  const event = { label: undefined, type: '$metadata', isJson: true, data, metadata: '', rules };
  return streams.add(metadataStreamOf(stream), event);
}

function writeAll(
  streams: Streams,
  firstUses: Map<string, Use>,
  stream: string,
  events: readonly Proposal[],
): Appended {
  const wasDeleted = streams.isSoftDeleted(stream);
  const owner = ownerOf(stream);
  const ownerWasDeleted = isMetadataStream(stream) && streams.isSoftDeleted(owner);
  const next = streams.lastRevision(stream) + 1;
  let record = events.length === 0 ? streams.addEmpty() : undefined;
  for (const [i, event] of events.entries()) {
    record = streams.add(stream, event);
    const use = { stream, revision: next + i };
    if (!firstUses.has(event.label)) firstUses.set(event.label, use);
  }
  const newest = events.at(-1);
  // Writing to a soft-deleted stream, or its metadata, brings it back without what it held before.
  if (wasDeleted) addMetadata(streams, stream, `{"$tb":${next}}`, { truncateBefore: next });
  if (ownerWasDeleted && newest) {
    const truncateBefore = streams.lastRevision(owner) + 1;
    const said = JSON.parse(newest.data) as Record<string, unknown>;
    const data = JSON.stringify({ ...said, $tb: truncateBefore });
    addMetadata(streams, owner, data, { ...newest.rules, truncateBefore });
  }
  const last = next + events.length - 1;
  return { revision: last < 0 ? 'no_stream' : last, record };
}

function refuseRemoval(
  streams: Streams,
  op: Removal['op'],
  stream: string,
  expected: Expected,
): Refusal | undefined {
  if (streams.isTombstoned(stream)) return deleted(stream);
  const isSoftDeleted = streams.isSoftDeleted(stream);
  if (expected === 'stream_exists' && isSoftDeleted) return deleted(stream);
  const last = streams.lastRevision(stream);
  const exists = streams.exists(stream);
  const isRight =
    expected === 'any' ||
    (expected === 'stream_exists' && exists) ||
    (expected === 'no_stream' && (last < 0 || isSoftDeleted)) ||
    expected === last;
  const isNothing = op === 'delete' && !exists;
  return isRight && !isNothing ? undefined : wrong(streams, stream, expected);
}
