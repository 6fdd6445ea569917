import { performBadAppend } from './appends';
import { compareEvents, shownAs } from './comparing';
import { checkFollowLog, checkFollowStream } from './following-checks';
import type { LogRecord } from './streams';
import { READ_FLAWS, type BadAppend, type BadRead, type Operation } from './operations';
import type { ReadLog, ReadStream } from './operations';
import { fullFilter, passes } from './read-requests';
import { performBadRead, performReadLog, performReadStream } from './reads';
import { flawRefusal, readRefusal } from './refusals';
import { placeOf, type Place, type Run } from './run-state';
import { performWrite } from './writes';

/** Does one operation on the node and on the model; answers the first difference in words. */
export function performStep(
  run: Run,
  operation: Exclude<Operation, { op: 'restart' }>,
): Promise<string | undefined> {
  switch (operation.op) {
    case 'append':
    case 'delete':
    case 'tombstone':
      return performWrite(run, operation);
    case 'bad-append':
      return checkBadAppend(run, operation);
    case 'read':
      return checkReadStream(run, operation);
    case 'read-log':
      return checkReadLog(run, operation);
    case 'follow-stream':
      return checkFollowStream(run, operation);
    case 'follow-log':
      return checkFollowLog(run, operation);
    case 'bad-read':
      return checkBadRead(run, operation);
  }
}

async function checkBadAppend(
  { connection, names }: Run,
  operation: BadAppend,
): Promise<string | undefined> {
  const due = flawRefusal(operation);
  const reply = await performBadAppend(connection, names, operation);
  if (!('refused' in reply)) return `expected ${due}, but it was accepted`;
  return reply.refused === due ? undefined : `expected ${due}, got ${reply.refused}`;
}

async function checkBadRead(
  { connection, names }: Run,
  operation: BadRead,
): Promise<string | undefined> {
  const code = await performBadRead(connection, names, operation);
  const due = READ_FLAWS[operation.flaw];
  return code === due ? undefined : `expected ${due}, got ${code}`;
}

async function checkReadStream(run: Run, read: ReadStream): Promise<string | undefined> {
  const { connection, names, model } = run;
  const { via, stream, backwards, from, count, resolve } = read;
  const reply = await performReadStream(connection, names, read);
  const refusal = model.isTombstoned(stream)
    ? readRefusal(via, stream)
    : model.isFound(stream)
      ? undefined
      : `stream-not-found stream=${stream}`;
  if (reply.refused !== refusal) {
    return `expected ${refusal ?? 'a read that ends well'}, got ${reply.refused ?? 'one'}`;
  }
  const start = from === 'start' ? 0n : from === 'end' ? BigInt(2 ** 62) : BigInt(from);
  const isWanted = ({ event }: LogRecord): boolean => {
    const revision = BigInt(event?.revision ?? -1);
    return backwards ? revision <= start : revision >= start;
  };
  const wanted = model.visible(stream).filter(isWanted);
  if (backwards) wanted.reverse();
  const shown = wanted.slice(0, count).map((record) => shownAs(model, record, resolve));
  return compareEvents(model, shown, reply.events, via === 'raw');
}

async function checkReadLog(run: Run, read: ReadLog): Promise<string | undefined> {
  const { connection, names, model } = run;
  const { via, backwards, count, resolve, filter } = read;
  const place = placeOf(run, read.from);
  if (!place) return undefined;
  const { events, refused } = await performReadLog(connection, names, read, place.at);
  if (place.isOffRecord || (read.from === 'beyond' && backwards)) {
    const got = refused?.split(' ')[0] ?? 'a read that ends well';
    return got.toUpperCase() === 'UNKNOWN' ? undefined : `expected UNKNOWN, got ${got}`;
  }
  if (refused !== undefined) return `expected a read that ends well, got ${refused}`;

  const range = ownRange(place, read).filter(
    ({ event }) => event !== undefined && (!filter || passes(filter, event)),
  );
  if (backwards) range.reverse();
  const own = events.filter(({ isOwn }) => isOwn);
  const isFull = count !== undefined && events.length === count;
  if (count !== undefined && events.length > count) return `${events.length} events, not ${count}`;
  // A read that stopped at its count may have left own events out, but none before those it has.
  const due = isFull ? range.slice(0, own.length) : range;
  const shown = due.map((record) => shownAs(model, record, resolve));
  const difference = compareEvents(model, shown, own, via === 'raw');
  if (difference !== undefined) return difference;
  const skipped = isFull ? range[own.length] : undefined;
  const lastAt = events.at(-1)?.position;
  if (skipped?.position !== undefined && lastAt !== undefined) {
    const isPassed = backwards ? skipped.position > lastAt : skipped.position < lastAt;
    if (isPassed) return `own record ${skipped.number} at ${skipped.position} was left out`;
  }
  return compareOthers(run, read, events);
}

/** The sequence's own records within a read of the log: forwards it includes its position, backwards it does not. */
const ownRange = ({ before, from, at }: Place, { backwards }: ReadLog): LogRecord[] =>
  backwards ? [...(at === 'start' ? [] : before)] : [...from];

/** Records of others come in order, too, and only those that the filter lets through. */
function compareOthers(
  { names }: Run,
  { backwards, filter }: ReadLog,
  events: Awaited<ReturnType<typeof performReadLog>>['events'],
): string | undefined {
  const full = filter && fullFilter(names, filter);
  for (const [i, { position, streamName, typeName }] of events.entries()) {
    const before = events[i - 1]?.position;
    const isInOrder = before === undefined || (backwards ? position < before : position > before);
    if (!isInOrder) return `position ${position} comes after ${before}`;
    if (full && !passes(full, { stream: streamName, type: typeName })) {
      return `an event that the filter holds back: ${typeName} of ${streamName}`;
    }
  }
  return undefined;
}
