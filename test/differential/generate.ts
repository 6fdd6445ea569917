import {
  chooseAppend,
  chooseBadAppend,
  chooseMetadata,
  chooseRemoval,
  chooseRetry,
} from './choose-writes';
import {
  chooseBadRead,
  chooseFollowLog,
  chooseFollowStream,
  chooseReadLog,
  chooseReadStream,
} from './choose-reads';
import { createModel, type Model } from './model';
import type { Append, Operation, Restart, Write } from './operations';
import { randomFrom, type Random } from './random';

/** What the choice of the next operation may look at: never the node, so that a seed is one program everywhere. */
export interface Situation {
  readonly random: Random;
  readonly model: Model;
  readonly streams: readonly string[];
  /** Appends so far, refused ones too, for retries. */
  readonly appends: Append[];
  newLabel(): string;
}

/** Steps of a sequence; with the writes that subscriptions wait for and the last looks it makes about fifty calls. */
const OPERATIONS = 38;
const ONE_IN_RESTARTS = 8;

/** Sequences with a restart in them have to share it with others, so they are told apart by their seed. */
export const restarts = (seed: number): boolean => seed % ONE_IN_RESTARTS === 0;

/** The program of a seed: the last operations look at all that is stored. */
export function generate(seed: number): Operation[] {
  const random = randomFrom(seed);
  const model = createModel();
  let labels = 0;
  // A name longer than a key of the store may be, now and then.
  const first = random.chance(0.05) ? `~a${'x'.repeat(900)}` : '~a';
  const situation: Situation = {
    random,
    model,
    streams: [first, '~b', '~c@x'],
    appends: [],
    newLabel: () => `e${(labels += 1)}`,
  };
  const operations: Operation[] = [];
  const restartAt = restarts(seed) ? random.int(12, 28) : -1;
  while (operations.length < OPERATIONS) {
    if (operations.length === restartAt) {
      operations.push(chooseRestart(situation));
      model.forgetRetries();
      continue;
    }
    const operation = choose(situation, operations.length);
    if (!operation) continue;
    operations.push(operation);
    for (const write of writesOf(operation)) {
      if (write.op === 'append') situation.appends.push(write);
      model.write(write);
    }
  }
  return [...operations, ...closing(situation)];
}

/** The append on its way may be written or not: on a soft-deleted stream that would decide about too much. */
function chooseRestart(situation: Situation): Restart {
  const { model, appends } = situation;
  const { idForm: _form, ...inFlight } = chooseAppend(situation);
  const { stream, events } = inFlight;
  const isClear = model.isFound(stream) && !model.isTombstoned(stream) && events.length > 0;
  if (!isClear) return { op: 'restart', inFlight: undefined };
  appends.push(inFlight);
  return { op: 'restart', inFlight };
}

function writesOf(operation: Operation): readonly Write[] {
  switch (operation.op) {
    case 'append':
    case 'delete':
    case 'tombstone':
      return [operation];
    case 'follow-stream':
    case 'follow-log':
      return operation.then;
    default:
      return [];
  }
}

function choose(situation: Situation, done: number): Operation | undefined {
  const { random, model } = situation;
  const isYoung = done < 4;
  const kind = random.weighted({
    append: isYoung ? 100 : 26,
    retry: 14,
    metadata: 9,
    removal: 7,
    read: 18,
    'read-log': model.log.length > 0 ? 7 : 0,
    'follow-stream': 6,
    'follow-log': model.log.length > 0 ? 6 : 0,
    'bad-append': 1.5,
    'bad-read': 1.5,
  });
  switch (kind) {
    case 'append':
      return chooseAppend(situation);
    case 'retry':
      return chooseRetry(situation);
    case 'metadata':
      return chooseMetadata(situation);
    case 'removal':
      return chooseRemoval(situation);
    case 'read':
      return chooseReadStream(situation);
    case 'read-log':
      return chooseReadLog(situation);
    case 'follow-stream':
      return chooseFollowStream(situation);
    case 'follow-log':
      return chooseFollowLog(situation);
    case 'bad-append':
      return chooseBadAppend(situation);
    case 'bad-read':
      return chooseBadRead(situation);
  }
}

function closing({ streams, model }: Situation): Operation[] {
  const reads = streams.map((stream): Operation => {
    const plain = { backwards: false, from: 'start', count: undefined } as const;
    return { op: 'read', via: 'raw', stream, ...plain, resolve: true, structuredIds: false };
  });
  if (model.log.length === 0) return reads;
  const filter = { on: 'stream', prefixes: ['~', '$$~'], window: 32, interval: 1 } as const;
  const from = { record: 0, variant: 'at' } as const;
  const whole = { op: 'read-log', via: 'raw', backwards: false, from, filter } as const;
  return [...reads, { ...whole, count: undefined, resolve: false }];
}
