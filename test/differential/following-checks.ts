import { compareEvents, shownAs, type Shown } from './comparing';
import { followLog, followStream, type Following, type Item } from './following';
import { TOMBSTONE_REVISION, type LogRecord } from './streams';
import type { Filter, FollowLog, FollowStream, StreamStart, Write } from './operations';
import { fullFilter, passes, type LogPosition } from './read-requests';
import { readRefusal } from './refusals';
import { afterPlace, placeOf, type Place, type Run } from './run-state';
import { performWrite } from './writes';

/** Does writes one after the other, until one shows a difference. */
async function performWrites(run: Run, writes: readonly Write[]): Promise<string | undefined> {
  for (const write of writes) {
    const difference = await performWrite(run, write);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Subscribes to a stream, writes to it, and compares what came. */
export async function checkFollowStream(run: Run, op: FollowStream): Promise<string | undefined> {
  const { model, names, connection } = run;
  const { via, stream, from, resolve } = op;
  const following = followStream(connection, names, op);
  try {
    if (model.isTombstoned(stream) && from !== 'end') {
      await following.until(() => false);
      return compareItems(via, following, [readRefusal(via, stream)]);
    }
    const isWaiting = from !== 'end' && !model.isFound(stream);
    const first = firstAfter(from);
    const stored = from === 'end' ? [] : due(run, stream, first).map(show(run, resolve));
    await following.until(({ caughtUp, confirmed }) => (isWaiting ? confirmed : caughtUp));
    const next = from === 'end' ? 0n : max(first, BigInt(model.lastRevision(stream) + 1));
    const live: Shown[] = [];
    for (const write of op.then) {
      const before = model.log.length;
      const difference = await performWrite(run, write);
      if (difference !== undefined) return difference;
      const isDue = ({ event }: LogRecord): boolean =>
        event?.stream === stream && BigInt(event.revision) >= next;
      live.push(...model.log.slice(before).filter(isDue).map(show(run, resolve)));
    }
    const events = isWaiting ? due(run, stream, first).map(show(run, resolve)) : live;
    const isStillWaiting = isWaiting && !model.isFound(stream);
    const count = stored.length + events.length;
    const ends = live.some(({ record }) => record.event?.revision === TOMBSTONE_REVISION);
    await following.until(({ ownEvents, caughtUp }) => !ends && caughtUp && ownEvents >= count);
    const told = isStillWaiting
      ? ['confirmed']
      : isWaiting
        ? ['confirmed', ...events, 'caught up']
        : ['confirmed', ...stored, 'caught up', ...events];
    return compareItems(via, following, ends ? [...told, readRefusal(via, stream)] : told, run);
  } finally {
    await following.close();
  }
}

const show =
  ({ model }: Run, resolve: boolean) =>
  (record: LogRecord): Shown =>
    shownAs(model, record, resolve);

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
/** Subscriptions begin after their revision. */
const firstAfter = (from: StreamStart): bigint =>
  from === 'start' || from === 'end' ? 0n : BigInt(from) + 1n;
const due = ({ model }: Run, stream: string, first: bigint): readonly LogRecord[] =>
  model.visible(stream).filter(({ event }) => event && BigInt(event.revision) >= first);

/** Texts are told as they are; an error is the last thing that is told. */
function compareItems(
  via: FollowStream['via'],
  { items }: Following,
  told: readonly (string | Shown)[],
  run?: Run,
): string | undefined {
  const seen = items.flatMap((item) => (item.kind === 'event' ? [item.seen] : []));
  const shown = told.filter((one) => typeof one !== 'string');
  if (run) {
    const difference = compareEvents(run.model, shown, seen, via === 'raw');
    if (difference !== undefined) return `${difference}; ${outline(items)}`;
  }
  const kinds = items.map((item) => (item.kind === 'refused' ? item.why : item.kind));
  const due = told.map((one) => (typeof one === 'string' ? one : 'event'));
  // The client's signals are not ordered against its events.
  const arrange = (list: readonly string[]): string =>
    (via === 'raw' ? list : [...list].sort().filter((kind) => kind !== 'confirmed')).join(', ');
  return arrange(kinds) === arrange(due)
    ? undefined
    : `expected ${arrange(due)}; got ${arrange(kinds)}`;
}

const outline = (items: readonly Item[]): string =>
  `got ${items.map((item) => (item.kind === 'refused' ? item.why : item.kind)).join(', ')}`;

/** Follows the log, writes to it, and compares what came of the sequence's own events and the checkpoints. */
export async function checkFollowLog(run: Run, op: FollowLog): Promise<string | undefined> {
  const { model, names, connection } = run;
  const { via, filter, resolve } = op;
  const place = placeOf(run, op.from);
  if (!place) return performWrites(run, op.then);
  const following = followLog(connection, names, op, place.at);
  try {
    if (place.isOffRecord) {
      await following.until(() => false);
      const [only] = following.items;
      const isRefused = only?.kind === 'refused' && only.why.toLowerCase() === 'unknown';
      return isRefused ? undefined : `expected UNKNOWN, ${outline(following.items)}`;
    }
    const isDue = ({ event }: LogRecord): boolean =>
      event !== undefined && (!filter || passes(filter, event));
    const stored = afterPlace(place).filter(isDue).map(show(run, resolve));
    await following.until(({ caughtUp }) => caughtUp);
    const live: Shown[] = [];
    for (const write of op.then) {
      const before = model.log.length;
      const difference = await performWrite(run, write);
      if (difference !== undefined) return difference;
      live.push(...model.log.slice(before).filter(isDue).map(show(run, resolve)));
    }
    const all = [...stored, ...live];
    await following.until(({ caughtUp, ownEvents }) => caughtUp && ownEvents >= all.length);
    const { items } = following;
    const difference =
      compareEvents(model, all, ownSeen(items), via === 'raw') ??
      compareOrder(items, stored.length, via === 'raw') ??
      (filter && compareForeign(run, items, filter)) ??
      (via === 'raw' ? compareCheckpoints(place, filter, items) : undefined);
    if (difference !== undefined) return `${difference}; ${outline(items)}`;
    return op.resumeFrom === undefined ? undefined : await checkResume(run, op, items);
  } finally {
    await following.close();
  }
}

const ownSeen = (items: readonly Item[]) =>
  items.flatMap((item) => (item.kind === 'event' && item.seen.isOwn ? [item.seen] : []));

/** Confirmed first, caught up once, after what was stored and before what came later; positions ascend. */
function compareOrder(
  items: readonly Item[],
  stored: number,
  isOrdered: boolean,
): string | undefined {
  const refused = items.find((item) => item.kind === 'refused');
  if (refused) return `ended with ${refused.why}`;
  const caughtUpAt = items.flatMap((item, i) => (item.kind === 'caught up' ? [i] : []));
  if (caughtUpAt.length !== 1) return `caught up ${caughtUpAt.length} times`;
  const positions = items.flatMap((item) => (item.kind === 'event' ? [item.seen.position] : []));
  const back = positions.findIndex((position, i) => i > 0 && position <= positions[i - 1]!);
  if (back >= 0) return `position ${positions[back]} comes after ${positions[back - 1]}`;
  if (!isOrdered) return undefined;
  if (items[0]?.kind !== 'confirmed') return 'it was not confirmed first';
  const before = ownSeen(items.slice(0, caughtUpAt[0])).length;
  return before === stored ? undefined : `caught up after ${before} of ${stored} stored events`;
}

/** Other sequences write to the same log: of theirs, too, only what the filter lets through may come. */
function compareForeign(
  { names }: Run,
  items: readonly Item[],
  filter: Filter,
): string | undefined {
  const full = fullFilter(names, filter);
  for (const item of items) {
    if (item.kind !== 'event') continue;
    const { streamName, typeName } = item.seen;
    if (!passes(full, { stream: streamName, type: typeName })) {
      return `an event that the filter holds back: ${typeName} of ${streamName}`;
    }
  }
  return undefined;
}

/** While catching up, so many intervals of considered events bring at least one checkpoint. */
const INTERVALS_PER_CHECKPOINT = 3;
const DEFAULT_WINDOW = 32;

/** Checkpoints ascend, name what was sent or a place before it, and never pass over a match that was not sent. */
function compareCheckpoints(
  place: Place,
  filter: Filter | undefined,
  items: readonly Item[],
): string | undefined {
  const caughtUpAt = items.findIndex(({ kind }) => kind === 'caught up');
  let sent: bigint | undefined;
  let last: LogPosition | undefined;
  let whileCatchingUp = 0;
  for (const [i, item] of items.entries()) {
    if (item.kind === 'event') {
      const { position } = item.seen;
      if (last && (position < last.commit || (position === last.commit && last.prepare > 0n))) {
        return `checkpoint ${last.commit}/${last.prepare} was ahead of a match at ${position}`;
      }
      sent = position;
    }
    if (item.kind !== 'checkpoint') continue;
    if (!filter) return 'a checkpoint without a filter';
    const { commit, prepare } = item.at;
    const name = `checkpoint ${commit}/${prepare}`;
    if (last && (commit < last.commit || (commit === last.commit && prepare <= last.prepare))) {
      return `${name} after ${last.commit}/${last.prepare}`;
    }
    if (prepare !== commit && prepare !== 0n) return `${name} has a prepare position of its own`;
    if (i < caughtUpAt) {
      whileCatchingUp += 1;
      const isRight = prepare === 0n ? sent === undefined || sent < commit : sent === commit;
      if (!isRight) return `${name} while the last match sent was at ${sent}`;
    }
    last = item.at;
  }
  if (!filter) return undefined;
  // Others' records come on top: only a lower limit of what was considered is known.
  const considered = afterPlace(place).filter(({ event }) => event).length;
  const interval = (filter.window ?? DEFAULT_WINDOW) * filter.interval;
  const due = Math.floor(considered / (INTERVALS_PER_CHECKPOINT * interval));
  return whileCatchingUp >= due
    ? undefined
    : `${whileCatchingUp} checkpoints for ${considered} considered events, interval ${interval}`;
}

/** Who resumes from a checkpoint is told exactly what came after it. */
async function checkResume(
  { connection, names, model }: Run,
  { resolve, filter, resumeFrom = 0 }: FollowLog,
  items: readonly Item[],
): Promise<string | undefined> {
  const checkpoints = items.filter((item) => item.kind === 'checkpoint');
  const chosen = checkpoints[resumeFrom % checkpoints.length];
  if (!chosen) return undefined;
  const rest = ownSeen(items.slice(items.indexOf(chosen)));
  const following = followLog(connection, names, { via: 'raw', resolve, filter }, chosen.at);
  try {
    await following.until(({ caughtUp }) => caughtUp);
    const again = ownSeen(following.items);
    const positions = (list: typeof rest): string => list.map((one) => one.position).join(', ');
    const { commit, prepare } = chosen.at;
    return positions(rest) === positions(again)
      ? undefined
      : `resumed from checkpoint ${commit}/${prepare}: expected events at ${positions(rest)}, got ${positions(again)}; own log has ${model.log.length} records`;
  } finally {
    await following.close();
  }
}
