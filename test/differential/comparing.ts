import type { Appended, Model, Refusal } from './model';
import type { LogRecord, StoredEvent } from './streams';
import { canonical, type Observed, type ObservedEvent } from './observed';
import type { WriteReply } from './appends';

/** A record as a reader should be shown it. */
export interface Shown {
  readonly record: LogRecord;
  /** Undefined: no link, or links are not followed. */
  readonly target: LogRecord | 'nothing' | undefined;
}

const LINK = /^(\d+)@(.+)$/s;

/** What a record looks like to a reader now. */
export function shownAs(model: Model, record: LogRecord, resolve: boolean): Shown {
  const { event } = record;
  if (!resolve || event?.type !== '$>') return { record, target: undefined };
  const [, revision, stream] = LINK.exec(event.data) ?? [];
  if (revision === undefined || stream === undefined) return { record, target: undefined };
  const target = model.visible(stream).find((one) => one.event?.revision === revision);
  return { record, target: target ?? 'nothing' };
}

/** The first difference between what was to be shown and what was, in words. */
export function compareEvents(
  model: Model,
  expected: readonly Shown[],
  seen: readonly Observed[],
  exact: boolean,
): string | undefined {
  for (const [i, shown] of expected.entries()) {
    const one = seen[i];
    if (!one) {
      const missing = describe(shown.record);
      return `event ${i + 1} of ${expected.length} is missing: ${missing}; there are ${seen.length}`;
    }
    const difference = compareShown(model, shown, one, exact);
    if (difference !== undefined) return `event ${i + 1} of ${expected.length}: ${difference}`;
  }
  const extra = seen[expected.length];
  return extra && `${expected.length} events were due, then comes ${describeSeen(extra)}`;
}

function compareShown(
  model: Model,
  { record, target }: Shown,
  seen: Observed,
  exact: boolean,
): string | undefined {
  if (target === undefined) {
    if (seen.link) return `${describe(record)} must not be resolved: ${describeSeen(seen)}`;
    return compareRecord(model, record, seen.event, exact);
  }
  const link = compareRecord(model, record, seen.link, exact);
  if (link !== undefined) return `link: ${link}`;
  if (target !== 'nothing') {
    const difference = compareRecord(model, target, seen.event, exact);
    return difference === undefined ? undefined : `target: ${difference}`;
  }
  return seen.event && `link ${describe(record)} leads nowhere, but there is ${line(seen.event)}`;
}

function compareRecord(
  model: Model,
  record: LogRecord,
  seen: ObservedEvent | undefined,
  exact: boolean,
): string | undefined {
  const { event } = record;
  if (!event) throw new Error('a record without an event cannot be shown');
  if (!seen) return `nothing instead of ${describe(record)}`;
  const expectedLine = line(asSeen(event, seen, exact));
  if (line(seen) !== expectedLine) return `expected ${expectedLine}, got ${line(seen)}`;
  return learnPosition(model, record, seen.position) ?? learnFacts(event, seen);
}

/** The stored event in the form in which it is observed; what only the node knows is taken over. */
function asSeen(event: StoredEvent, seen: ObservedEvent, exact: boolean): ObservedEvent {
  return {
    ...seen,
    stream: event.stream,
    revision: event.revision,
    label: event.label ?? event.id ?? seen.label,
    type: event.type,
    isJson: event.isJson,
    data: event.isJson ? canonical(event.data, exact) : event.data,
    metadata: event.metadata,
  };
}

const FIVE_MINUTES_MS = 300_000;

function learnFacts(event: StoredEvent, seen: ObservedEvent): string | undefined {
  if (event.label === undefined) event.id ??= seen.label;
  if (event.createdMs === undefined && Math.abs(Date.now() - seen.createdMs) > FIVE_MINUTES_MS) {
    return `${line(seen)} was created at ${seen.createdMs} ms, which is not now`;
  }
  event.createdMs ??= seen.createdMs;
  return event.createdMs === seen.createdMs
    ? undefined
    : `${line(seen)} was created at ${event.createdMs} before, at ${seen.createdMs} now`;
}

/** A position is handed out once, and positions ascend with the log. */
function learnPosition(model: Model, record: LogRecord, position: bigint): string | undefined {
  if (record.position === position) return undefined;
  const what = describe(record);
  if (record.position !== undefined) return `${what} is at ${record.position}, not at ${position}`;
  const isBefore = (other: LogRecord): boolean =>
    other.position !== undefined && other.number < record.number && other.position >= position;
  const isAfter = (other: LogRecord): boolean =>
    other.position !== undefined && other.number > record.number && other.position <= position;
  const other = model.log.find((one) => isBefore(one) || isAfter(one));
  if (other) return `${what} at ${position} is out of order with ${describe(other)}`;
  if (position <= 0n) return `${what} is at ${position}, which means nothing yet`;
  record.position = position;
  return undefined;
}

/** The difference between the answer to a write and what it should be. */
export function compareWrite(
  model: Model,
  expected: Appended | Refusal,
  refusal: (refused: Refusal) => string,
  reply: WriteReply,
  saysNoStream: boolean,
): string | undefined {
  if ('refused' in expected) {
    const due = refusal(expected);
    if ('refused' in reply) {
      return reply.refused === due ? undefined : `expected ${due}, got ${reply.refused}`;
    }
    return `expected ${due}, but it was accepted with revision ${reply.revision}`;
  }
  if ('refused' in reply) {
    return `expected success with revision ${expected.revision}, got ${reply.refused}`;
  }
  // The official client shows 0 for a stream without events.
  const revision = expected.revision === 'no_stream' && !saysNoStream ? 0 : expected.revision;
  if (reply.revision !== undefined && reply.revision !== String(revision)) {
    return `expected revision ${revision}, got ${reply.revision}`;
  }
  if (!expected.record) {
    return reply.position === undefined
      ? undefined
      : `expected no position, as the event is hidden, got ${reply.position}`;
  }
  if (reply.position === undefined) return `no position for ${describe(expected.record)}`;
  return learnPosition(model, expected.record, reply.position);
}

const line = (event: ObservedEvent): string =>
  [
    `${event.stream}/${event.revision}`,
    event.label,
    event.type,
    event.isJson ? 'json' : 'bytes',
    event.data,
    event.metadata && `meta=${event.metadata}`,
  ].join(' ');

const describeSeen = ({ event, link }: Observed): string =>
  [event ? line(event) : 'nothing', link ? `by link ${line(link)}` : ''].join(' ').trim();

export const describe = ({ event, position }: LogRecord): string =>
  event
    ? `${event.stream}/${event.revision} ${event.label ?? 'of the node'} ${event.type}`
    : `a record without an event${position === undefined ? '' : ` at ${position}`}`;
