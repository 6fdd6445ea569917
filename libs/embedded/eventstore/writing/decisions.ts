import { randomUUID } from 'node:crypto';
import type { Group } from '../log/group';
import { isMetastream, metastreamOf, ownerOf, type Head } from '../log/heads';
import type { Outcome } from './outcomes';
import type { Expected, ProposedEvent } from './proposals';
import { TOMBSTONE_REVISION } from '../log/record';
import type { Retries } from './retries';
import { NO_RULES, rulesOf, SOFT_DELETE, undeleted } from '../log/stream-rules';
import { firstVisible, isTombstoned } from '../log/visibility';

const NOTHING = Buffer.alloc(0);
const METADATA_TYPE = Buffer.from('$metadata');
const TOMBSTONE_TYPE = Buffer.from('$streamDeleted');

/** An event that has passed the checks of the call. */
export type CheckedEvent = ProposedEvent & { readonly type: Buffer };

/** Decides one append against what is stored and what its group is about to write, and adds it to the group. */
export function decideAppend(
  group: Group,
  retries: Retries,
  stream: string,
  expected: Expected,
  events: readonly CheckedEvent[],
): Outcome {
  const head = group.head(stream);
  if (head?.tombstoned) return { kind: 'stream-deleted', stream };
  const verdict = isExact(expected)
    ? judgeExact(group, head, expected, events)
    : judgeLoose(retries, head, expected, events);
  // The metadata stream of a tombstoned stream still answers a wrong revision as such.
  if (verdict.kind !== 'wrong' && isTombstoned((name) => group.head(name), stream, head)) {
    return { kind: 'stream-deleted', stream };
  }
  switch (verdict.kind) {
    case 'write':
      return write(group, retries, stream, head ?? group.createHead(), events);
    case 'known':
      return { kind: 'success', ...storedAt(group, stream, head!, verdict.revision) };
    case 'wrong':
      return wrong(expected, head);
    case 'deleted':
      return { kind: 'stream-deleted', stream };
  }
}

type Verdict =
  | { readonly kind: 'write' | 'wrong' | 'deleted' }
  /** The events are there already, the last one at this revision. */
  | { readonly kind: 'known'; readonly revision: number };

const WRITE: Verdict = { kind: 'write' };
const WRONG: Verdict = { kind: 'wrong' };

const isExact = (expected: Expected): boolean =>
  expected.kind === 'no_stream' || expected.kind === 'revision';

const revisionOf = (expected: Expected): number =>
  expected.kind === 'revision' ? expected.revision : -1;

const lastOf = (head: Head | undefined): number => head?.last ?? -1;

const wrong = (expected: Expected, head: Head | undefined): Outcome => ({
  kind: 'wrong-expected-version',
  expected,
  actual: lastOf(head),
});

/** A revision that is past is no conflict when these very events follow it. */
function judgeExact(
  group: Group,
  head: Head | undefined,
  expected: Expected,
  events: readonly CheckedEvent[],
): Verdict {
  const revision = revisionOf(expected);
  const last = lastOf(head);
  if (revision === last) return WRITE;
  if (head && revision < last && events.length > 0) {
    const reaches = revision + events.length;
    const known =
      reaches <= last && events.every((e, i) => group.idAt(head, revision + 1 + i) === e.id);
    if (known) return { kind: 'known', revision: reaches };
  }
  return head?.deleted && expected.kind === 'no_stream' ? WRITE : WRONG;
}

function judgeLoose(
  retries: Retries,
  head: Head | undefined,
  expected: Expected,
  events: readonly CheckedEvent[],
): Verdict {
  if (expected.kind === 'stream_exists') {
    if (head?.deleted) return { kind: 'deleted' };
    if (!head || (head.last < 0 && !head.hasMetadata)) return WRONG;
  }
  if (!head) return WRITE;
  const revisions = events.map((event) => retries.revisionOf(event.id, head.number));
  if (revisions[0] === undefined) return WRITE;
  const last = revisions.at(-1);
  return last === undefined || revisions.includes(undefined)
    ? WRONG
    : { kind: 'known', revision: last };
}

/** A retry is told where its last event lies, unless that is hidden by now. */
function storedAt(group: Group, stream: string, head: Head, revision: number) {
  const hidden = revision < firstVisible(group.store, stream, head, group.nowMs);
  return { revision, position: hidden ? undefined : group.positionAt(head, revision) };
}

function write(
  group: Group,
  retries: Retries,
  stream: string,
  before: Head,
  events: readonly CheckedEvent[],
): Outcome {
  let position = events.length === 0 ? group.addEmpty() : 0;
  events.forEach((event, i) => {
    const revision = before.last + 1 + i;
    position = group.add(stream, before, revision, {
      isJson: event.contentType === 'application/json',
      ...event,
    });
    retries.remember(event.id, before.number, revision);
  });
  const last = before.last + events.length;
  if (last >= 0 || before.hasMetadata) group.setHead(stream, { ...before, last });
  const newest = events.at(-1);
  if (isMetastream(stream) && newest) obeyMetadata(group, ownerOf(stream), newest.data);
  // Writing to a soft-deleted stream brings it back without what it held before.
  else if (before.deleted) writeMetadata(group, stream, undeleted(undefined, before.last + 1));
  return { kind: 'success', revision: last, position };
}

/** Applies what has been written to `$$owner`. */
function obeyMetadata(group: Group, owner: string, data: Buffer): void {
  const before = group.head(owner);
  const after = applyRules(group, owner, data);
  if (before?.deleted && !after.deleted) {
    writeMetadata(group, owner, undeleted(data, before.last + 1));
  }
}

/** What is said about a metadata stream itself has no effect. */
function applyRules(group: Group, owner: string, data: Buffer): Head {
  const rules = isMetastream(owner) ? NO_RULES : rulesOf(data);
  const head = { ...(group.head(owner) ?? group.createHead()), ...rules, hasMetadata: true };
  group.setHead(owner, head);
  return head;
}

/** Metadata that the node itself writes; answers its position. */
function writeMetadata(group: Group, owner: string, text: string): number {
  const stream = metastreamOf(owner);
  const before = group.head(stream) ?? group.createHead();
  const data = Buffer.from(text);
  const position = group.add(stream, before, before.last + 1, {
    id: randomUUID(),
    type: METADATA_TYPE,
    isJson: true,
    data,
    metadata: NOTHING,
  });
  group.setHead(stream, { ...before, last: before.last + 1 });
  applyRules(group, owner, data);
  return position;
}

/** A soft delete: metadata that hides everything. */
export function decideDelete(group: Group, stream: string, expected: Expected): Outcome {
  const head = group.head(stream);
  const refusal = refuseRemoval(group, stream, head, expected);
  if (refusal) return refusal;
  if (lastOf(head) < 0 && !head?.hasMetadata) return wrong(expected, head);
  return {
    kind: 'success',
    revision: lastOf(head),
    position: writeMetadata(group, stream, SOFT_DELETE),
  };
}

/** A hard delete: nothing can be written to the stream again. */
export function decideTombstone(group: Group, stream: string, expected: Expected): Outcome {
  const known = group.head(stream);
  const refusal = refuseRemoval(group, stream, known, expected);
  if (refusal) return refusal;
  const head = known ?? group.createHead();
  const position = group.add(stream, head, TOMBSTONE_REVISION, {
    id: randomUUID(),
    type: TOMBSTONE_TYPE,
    isJson: false,
    data: NOTHING,
    metadata: NOTHING,
  });
  group.setHead(stream, { ...head, tombstoned: true });
  return { kind: 'success', revision: head.last, position };
}

function refuseRemoval(
  group: Group,
  stream: string,
  head: Head | undefined,
  expected: Expected,
): Outcome | undefined {
  if (isTombstoned((name) => group.head(name), stream, head)) {
    return { kind: 'stream-deleted', stream };
  }
  switch (expected.kind) {
    case 'any':
      return undefined;
    case 'stream_exists':
      if (head?.deleted) return { kind: 'stream-deleted', stream };
      return lastOf(head) >= 0 || head?.hasMetadata ? undefined : wrong(expected, head);
    case 'no_stream':
      return lastOf(head) < 0 || head?.deleted ? undefined : wrong(expected, head);
    case 'revision':
      return expected.revision === lastOf(head) ? undefined : wrong(expected, head);
  }
}
