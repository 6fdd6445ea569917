import {
  choosePath,
  chooseStream,
  newEvent,
  newEvents,
  TYPES,
  withStubForms,
} from './choose-writes';
import type { Situation } from './generate';
import {
  isMetadataStream,
  metadataStreamOf,
  READ_FLAWS,
  type Append,
  type BadRead,
  type Filter,
  type FollowLog,
  type FollowStream,
  type LogStart,
  type Proposal,
  type ReadFlaw,
  type ReadLog,
  type ReadStream,
  type StreamStart,
  type Write,
} from './operations';
import { passes } from './read-requests';

const chooseReadable = (situation: Situation): string => {
  const stream = chooseStream(situation);
  return situation.random.chance(0.2) ? metadataStreamOf(stream) : stream;
};

const LARGEST = '9223372036854775807';
const END_AS_NUMBER = '18446744073709551615';

export function chooseReadStream(situation: Situation): ReadStream {
  const { random, model } = situation;
  const stream = chooseReadable(situation);
  const backwards = random.chance(0.45);
  const last = model.lastRevision(stream);
  const from = {
    start: 'start',
    end: 'end',
    revision: String(random.int(0, last + 2)),
    largest: backwards && random.chance(0.5) ? END_AS_NUMBER : LARGEST,
  }[
    random.weighted({ start: 4, end: backwards ? 5 : 0, revision: 7, largest: 0.4 })
  ] as StreamStart;
  const count = random.chance(0.5) ? random.int(1, 6) : undefined;
  const via = random.pick(['client', 'raw'] as const);
  const structuredIds = via === 'raw' && random.chance(0.2);
  const resolve = random.chance(0.4);
  return { op: 'read', via, stream, backwards, from, count, resolve, structuredIds };
}

const RECENT_RECORDS = 30;

/** A place in the sequence's own part of the log; mostly a late one, as all that came later has to be searched. */
function chooseRecord({ random, model }: Situation): Exclude<LogStart, string> {
  const last = model.log.length - 1;
  const variant = random.weighted({ at: 8, 'prepare 0': 2, 'off by one': 0.4 });
  return { record: random.int(Math.max(0, last - RECENT_RECORDS), last), variant };
}

function chooseFilter({ random, streams }: Situation): Filter {
  const [first = '~a'] = streams;
  const window = random.chance(0.2) ? undefined : random.pick([1, 2, 4, 8, 16]);
  const limits = { window, interval: random.weighted({ 1: 4, 2: 2, 3: 1 }) === '1' ? 1 : 2 };
  const onStream = { on: 'stream', ...limits } as const;
  const onType = { on: 'type', ...limits } as const;
  switch (random.weighted({ own: 4, stream: 2, regex: 2, type: 2, typeRegex: 2, none: 0.3 })) {
    case 'own':
      return { ...onStream, prefixes: ['~', '$$~'] };
    case 'stream':
      return { ...onStream, prefixes: [random.pick([first, '~b', '$$~b', '~c@'])] };
    case 'regex':
      return { ...onStream, regex: random.pick(['^~[ab]', '~b$', '^\\$\\$~', '^~(a|c@x)']) };
    case 'type':
      return { ...onType, prefixes: random.pick([['~m'], ['~made', '~s'], ['~']]) };
    case 'typeRegex':
      return { ...onType, regex: random.pick(['^~(made|sold)$', '~m', '^~mo.ed$']) };
    case 'none':
      return { ...onStream, prefixes: ['~nothing has this name'] };
  }
}

export function chooseReadLog(situation: Situation): ReadLog {
  const { random, model } = situation;
  const backwards = random.chance(0.45);
  const isFiltered = random.chance(0.6);
  const filter = isFiltered ? chooseFilter(situation) : undefined;
  const matching = model.log.filter(
    ({ event }) => event !== undefined && (!filter || passes(filter, event)),
  ).length;
  const place = random.weighted({ record: 10, end: 3, beyond: 0.5, start: backwards ? 1 : 0 });
  const from = place === 'record' ? chooseRecord(situation) : place;
  const via = isFiltered ? 'raw' : random.pick(['client', 'raw'] as const);
  const resolve = random.chance(0.3);
  // Backwards without a limit would search the log of all others.
  const isSafe = !backwards && isFiltered && from !== 'start';
  const limit = isFiltered && backwards ? Math.max(1, Math.min(matching, 8)) : 12;
  const count = isSafe && random.chance(0.5) ? undefined : random.int(1, limit);
  return { op: 'read-log', via, backwards, from, count, resolve, filter };
}

const freshAppend = (situation: Situation, stream: string, events: readonly Proposal[]): Append =>
  withStubForms(situation.random, { stream, expected: 'any', events });

function metadataAppend(situation: Situation, stream: string): Append {
  const label = situation.newLabel();
  const event = { label, type: '$metadata', isJson: true, data: '{}', metadata: '', rules: {} };
  const via = choosePath(situation.random);
  return { op: 'append', via, stream, expected: 'any', events: [event] };
}

export function chooseFollowStream(situation: Situation): FollowStream | undefined {
  const { random, model } = situation;
  const stream = chooseReadable(situation);
  const last = model.lastRevision(stream);
  const place = random.weighted({ start: 4, end: 2, revision: last < 0 ? 0 : 4, beyond: 1 });
  const number = place === 'beyond' ? last + random.int(1, 3) : random.int(0, Math.max(0, last));
  const from = (place === 'start' || place === 'end' ? place : String(number)) as StreamStart;
  const resolve = random.chance(0.3);
  const common = { op: 'follow-stream', stream, from, resolve } as const;
  if (model.isTombstoned(stream)) {
    const via = from === 'end' ? 'raw' : random.pick(['client', 'raw'] as const);
    return { ...common, via, then: [] };
  }
  const isWaiting = from !== 'end' && !model.isFound(stream);
  const via = random.chance(0.25) ? 'client' : 'raw';
  // As many events as it takes to pass a revision beyond the end, with one to spare.
  const missing = place === 'beyond' ? number - last + 1 : 1;
  const marker = (): Append =>
    isMetadataStream(stream)
      ? metadataAppend(situation, stream)
      : freshAppend(
          situation,
          stream,
          Array.from({ length: missing }, () => newEvent(situation)),
        );
  if (isMetadataStream(stream) && missing > 1) return undefined;
  if (isWaiting) return { ...common, via, then: [marker()] };
  if (via === 'raw' && random.chance(0.3)) return { ...common, via, then: [] };
  const then: Write[] = [];
  if (!isMetadataStream(stream) && random.chance(0.3)) {
    const isExisting = last >= 0 && random.chance(0.5);
    then.push(
      isExisting
        ? { op: 'delete', via: 'raw', stream, expected: 'any' }
        : freshAppend(situation, stream, newEvents(situation)),
    );
  }
  then.push(marker());
  const isLastWord = via === 'raw' && !isMetadataStream(stream) && random.chance(0.06);
  if (isLastWord) then.push({ op: 'tombstone', via: 'raw', stream, expected: 'any' });
  return { ...common, via, then };
}

const ONE_IN_WHOLE_LOG = 60;

export function chooseFollowLog(situation: Situation): FollowLog | undefined {
  const { random, model, streams } = situation;
  const place = random.weighted({ record: 12, end: 3, beyond: 1, start: 12 / ONE_IN_WHOLE_LOG });
  const from = place === 'record' ? chooseRecord(situation) : place;
  const isOffRecord = typeof from === 'object' && from.variant === 'off by one';
  const filter = place === 'start' || random.chance(0.8) ? chooseFilter(situation) : undefined;
  const resolve = random.chance(0.2);
  const common = { op: 'follow-log', from, resolve, filter } as const;
  if (isOffRecord || !filter) {
    return { ...common, via: 'raw', then: [], resumeFrom: undefined };
  }
  const alive = streams.filter((stream) => !model.isTombstoned(stream));
  const choices = alive.flatMap((stream) => TYPES.map((type) => ({ stream, type })));
  const matching = choices.filter((choice) => passes(filter, choice));
  const resumeFrom = random.chance(0.5) ? random.int(0, 20) : undefined;
  if (matching.length === 0 || random.chance(0.3)) {
    return { ...common, via: 'raw', then: [], resumeFrom };
  }
  const { stream, type } = random.pick(matching);
  const other = random.pick(alive);
  const before = random.chance(0.5) ? [freshAppend(situation, other, newEvents(situation))] : [];
  const marker = freshAppend(situation, stream, [newEvent(situation, type)]);
  const via = random.chance(0.15) ? 'client' : 'raw';
  return {
    ...common,
    via,
    then: [...before, marker],
    resumeFrom: via === 'raw' ? resumeFrom : undefined,
  };
}

export function chooseBadRead(situation: Situation): BadRead {
  const flaw = situation.random.pick(Object.keys(READ_FLAWS) as ReadFlaw[]);
  return { op: 'bad-read', stream: chooseStream(situation), flaw };
}
