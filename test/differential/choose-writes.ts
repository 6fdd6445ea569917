import type { Situation } from './generate';
import {
  APPEND_FLAWS,
  isMetadataStream,
  metadataStreamOf,
  ownerOf,
  type Append,
  type AppendPath,
  type BadAppend,
  type Expected,
  type Proposal,
  type Removal,
  type Rules,
} from './operations';
import type { Random } from './random';

export const TYPES = ['~made', '~moved', '~sold'] as const;

export const chooseStream = ({ random, streams }: Situation): string => {
  const [a = '', b = '', c = ''] = streams;
  return { a, b, c }[random.weighted({ a: 5, b: 3, c: 2 })];
};

/** A new event, or a link when the stream is the one that gathers them. */
export function newEvent(situation: Situation, type?: string): Proposal {
  const { random } = situation;
  const label = situation.newLabel();
  if (type === undefined && random.chance(0.08)) return newLink(situation, label);
  const isJson = random.chance(0.85);
  const data = isJson
    ? random.pick([`{"n":"${label}"}`, '{}', '{"deep":{"list":[1,null,"~"]}}', '{"text":"é世"}'])
    : random.pick([`${label} as bytes`, '', 'é世']);
  const metadata = random.chance(0.25) ? `{"by":"${label}"}` : '';
  return { label, type: type ?? random.pick(TYPES), isJson, data, metadata };
}

function newLink({ random, model, streams }: Situation, label: string): Proposal {
  const target = random.pick(streams);
  const revision = random.int(0, model.lastRevision(target) + 1);
  const data = random.chance(0.9)
    ? `${revision}@${target}`
    : random.pick(['not a link', 'x@~a', `${revision}`]);
  return { label, type: '$>', isJson: false, data, metadata: '' };
}

export const newEvents = (situation: Situation): Proposal[] => {
  const { random } = situation;
  const count = Number(random.weighted({ 0: 1, 1: 7, 2: 4, 3: 2, 5: 1 }));
  return Array.from({ length: count }, () => newEvent(situation));
};

function chooseExpected({ random, model }: Situation, stream: string): Expected {
  const last = model.lastRevision(stream);
  switch (random.weighted({ right: 8, any: 5, none: 2, exists: 3, near: 3, far: 1 })) {
    case 'right':
      return last < 0 ? 'no_stream' : last;
    case 'any':
      return 'any';
    case 'none':
      return 'no_stream';
    case 'exists':
      return 'stream_exists';
    case 'near':
      return Math.max(0, last + random.int(-3, 3));
    case 'far':
      return random.int(0, 40);
  }
}

export const choosePath = (random: Random): AppendPath =>
  random.weighted({ batch: 4, unary: 2, 'raw-batch': 4, 'raw-unary': 2 });

/** What the stubs can vary and the client cannot. */
export function withStubForms(
  random: Random,
  append: Omit<Append, 'op' | 'via'>,
  via = choosePath(random),
): Append {
  const basic = { op: 'append', via, ...append } as const;
  if (!via.startsWith('raw')) return basic;
  const idForm = random.weighted({ text: 6, upper: 1, structured: 2 });
  if (via === 'raw-unary' || random.chance(0.6)) return { ...basic, idForm };
  return { ...basic, idForm, chunk: random.int(1, 2) };
}

export function chooseAppend(situation: Situation): Append {
  const { random } = situation;
  const stream = chooseStream(situation);
  const expected = chooseExpected(situation, stream);
  return withStubForms(random, { stream, expected, events: newEvents(situation) });
}

/** Ids that were used before: whole, in part, with others, in another order, elsewhere. */
export function chooseRetry(situation: Situation): Append | undefined {
  const { random, appends, model } = situation;
  const usable = appends.filter(({ events }) => events.length > 0);
  if (usable.length === 0) return undefined;
  const before = random.pick(usable);
  if (isMetadataStream(before.stream)) return retryMetadata(situation, before);
  const stream = random.chance(0.85) ? before.stream : chooseStream(situation);
  const events = chooseOverlap(situation, before.events);
  if (events.length === 0) return undefined;
  const expected = retryExpected(situation, before, stream, events);
  return withStubForms(random, { stream, expected, events: unique(events) });

  function unique(all: readonly Proposal[]): Proposal[] {
    const labels = new Set<string>();
    return all.filter(({ label }) => !labels.has(label) && labels.add(label));
  }

  function retryExpected(
    { random: chance }: Situation,
    original: Append,
    target: string,
    retried: readonly Proposal[],
  ): Expected {
    switch (chance.weighted({ original: 5, place: 3, any: 3, exists: 1.5, other: 2 })) {
      case 'original':
        return original.expected;
      case 'place': {
        const known = model.revisionRemembered(retried[0]?.label ?? '', target);
        if (known === undefined) return 'any';
        return known === 0 ? 'no_stream' : known - 1;
      }
      case 'any':
        return 'any';
      case 'exists':
        return 'stream_exists';
      case 'other':
        return chooseExpected(situation, target);
    }
  }
}

function chooseOverlap(situation: Situation, events: readonly Proposal[]): readonly Proposal[] {
  const { random, appends } = situation;
  const cut = random.int(1, events.length);
  switch (
    random.weighted({
      whole: 6,
      first: 2,
      last: 2,
      gap: 1,
      longer: 2,
      preceded: 1,
      reversed: 1,
      payload: 1,
      joined: 1,
    })
  ) {
    case 'whole':
      return events;
    case 'first':
      return events.slice(0, cut);
    case 'last':
      return events.slice(cut - 1);
    case 'gap':
      return events.filter((_, i) => i !== 1);
    case 'longer':
      return [...events, newEvent(situation)];
    case 'preceded':
      return [newEvent(situation), ...events];
    case 'reversed':
      return [...events].reverse();
    case 'payload':
      return events.map((event) => ({ ...event, isJson: true, data: '{"other":true}' }));
    case 'joined': {
      const others = appends.filter(({ stream }) => !isMetadataStream(stream));
      return [...events, ...random.pick(others).events];
    }
  }
}

/** Metadata is retried as it was; a value without sense must not meet a soft delete, whose outcome nobody promises. */
function retryMetadata(situation: Situation, before: Append): Append | undefined {
  const { random } = situation;
  if (before.events.some(({ data }) => !isAllowed(situation, ownerOf(before.stream), data))) {
    return undefined;
  }
  const expected = random.chance(0.5)
    ? before.expected
    : random.pick(['any', 'no_stream'] as const);
  return { ...before, expected };
}

interface Metadata {
  readonly data: string;
  readonly rules: Rules;
}

const SENSELESS = [
  '{"$maxCount":0}',
  '{"$maxCount":-1}',
  '{"$maxCount":"3"}',
  '{"$maxCount":1.5}',
  '{"$tb":-5}',
  '{"$tb":1e1}',
  '{"$maxAge":0}',
  '{"$tb":2,"$maxCount":"x"}',
  '{"$tb":1,"$maxAge":-1}',
  '[1]',
  'not json',
  '',
] as const;

const isAllowed = ({ model }: Situation, owner: string, data: string): boolean =>
  model.rulesOf(owner).softDeleted !== true || !(SENSELESS as readonly string[]).includes(data);

/** The texts and what they mean stand side by side: nothing here reads metadata. */
function newMetadata({ random, model }: Situation, owner: string): Metadata {
  const maxCount = random.int(1, 4);
  const truncateBefore = random.int(0, model.lastRevision(owner) + 3);
  switch (
    random.weighted({ count: 4, before: 4, both: 2, none: 2, other: 2, far: 1, senseless: 3 })
  ) {
    case 'count':
      return { data: `{"$maxCount":${maxCount}}`, rules: { maxCount } };
    case 'before':
      return { data: `{"$tb":${truncateBefore}}`, rules: { truncateBefore } };
    case 'both':
      return {
        data: `{"$maxCount":${maxCount},"$tb":${truncateBefore},"$maxAge":1000000}`,
        rules: { maxCount, truncateBefore },
      };
    case 'none':
      return { data: '{}', rules: {} };
    case 'other':
      return {
        data: `{"owner":"~","deep":{"$tb":1},"$maxCount":${maxCount}}`,
        rules: { maxCount },
      };
    case 'far':
      return { data: '{"$tb":9223372036854775806}', rules: { truncateBefore: Infinity } };
    case 'senseless':
      return { data: random.pick(SENSELESS), rules: {} };
  }
}

export function chooseMetadata(situation: Situation): Append | undefined {
  const { random, model } = situation;
  const owner = chooseStream(situation);
  const stream = metadataStreamOf(owner);
  const { data, rules } = newMetadata(situation, owner);
  if (!isAllowed(situation, owner, data)) return undefined;
  const label = situation.newLabel();
  const event = { label, type: '$metadata', isJson: true, data, metadata: '', rules };
  const last = model.lastRevision(stream);
  const right: Expected = last < 0 ? 'no_stream' : last;
  const expected = {
    any: 'any',
    right,
    no_stream: 'no_stream',
    exists: 'stream_exists',
    wrong: last + 2,
  }[random.weighted({ any: 6, right: 3, no_stream: 1, exists: 1, wrong: 1 })] as Expected;
  // The client sends what JSON.stringify makes of an object.
  const isPlain = isObjectAsWritten(data);
  const via = isPlain ? choosePath(random) : random.pick(['raw-batch', 'raw-unary'] as const);
  return { op: 'append', via, stream, expected, events: [event] };
}

function isObjectAsWritten(text: string): boolean {
  try {
    return text.startsWith('{') && JSON.stringify(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

export function chooseRemoval(situation: Situation): Removal {
  const { random, model } = situation;
  const op = random.chance(0.8) ? 'delete' : 'tombstone';
  // The first stream is kept alive more often, or the end of many sequences would show nothing.
  const [, second = '', third = ''] = situation.streams;
  const isKept = op === 'tombstone' && random.chance(0.8);
  const stream = isKept ? random.pick([second, third]) : chooseStream(situation);
  const via = random.pick(['client', 'raw'] as const);
  const last = model.lastRevision(stream);
  const right: Expected = last < 0 ? 'no_stream' : last;
  switch (random.weighted({ any: 6, right: 3, none: 2, exists: 2, wrong: 2 })) {
    case 'any':
      return { op, via, stream, expected: 'any' };
    case 'right':
      return { op, via, stream, expected: right };
    case 'none':
      return { op, via, stream, expected: 'no_stream' };
    case 'exists':
      return { op, via: 'raw', stream, expected: 'stream_exists' };
    case 'wrong':
      return { op, via, stream, expected: Math.max(0, last + random.pick([-1, 1, 7])) };
  }
}

export function chooseBadAppend(situation: Situation): BadAppend {
  const { random } = situation;
  const small = APPEND_FLAWS.filter((flaw) => flaw !== 'too big');
  const flaw = random.chance(0.05) ? 'too big' : random.pick(small);
  const via = random.pick(['raw-batch', 'raw-unary'] as const);
  return { op: 'bad-append', via, stream: chooseStream(situation), flaw };
}
