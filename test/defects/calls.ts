import { contract } from './check';
import { HANGS, type Defect } from './defect';

const check = contract('protocol');
const batch = (what: string, failure?: string) =>
  check(`given a batch append, when ${what}, then the error has details and the stream`, failure);
const features = check(
  'given a node, when it is asked what it can do, then it names what the official client looks for',
);
const leader = check('given a node, when it is asked who leads, then it is a live leader itself');

/** What the calls themselves owe the client: every append answered once, errors that it can read, a clean end. */
export const calls: readonly Defect[] = [
  {
    name: 'the deadline of a batch append is ignored',
    harm: 'an append is written after its client has given it up',
    file: 'proposals.ts',
    find: 'else if (field === 6) deadlineMs = decodeTimestamp(readSpan(cursor));',
    replace: 'else if (field === 6) readSpan(cursor);',
    caughtBy: batch('its deadline has passed'),
  },
  {
    name: 'a batch append is written before its last part is there',
    harm: 'a client that dies half-way leaves half a decision behind',
    file: 'batch-append-call.ts',
    find: 'else if (chunk.isFinal) submit(append);',
    replace: 'else submit(append);',
    caughtBy: batch('its last part is missing'),
  },
  {
    name: 'a batch append whose last part never comes is never answered',
    harm: 'its caller waits for ever: the client has no deadline of its own',
    file: 'batch-append-call.ts',
    find: "if (append.expiresAt < now) refuse(append, { kind: 'timeout' });",
    replace: '',
    caughtBy: batch('its last part is missing', HANGS),
  },
  {
    name: 'an error of a batch append does not name the stream',
    harm: 'the client throws while it makes the error, outside of any promise',
    file: 'errors.ts',
    find: '.setStreamIdentifier(identifier)\n    .setError(error)',
    replace: '.setError(error)',
    caughtBy: batch('an event has no type'),
  },
  {
    name: 'a batch append that takes too long is called a bad request',
    harm: 'the client does not try again what it should',
    file: 'errors.ts',
    find: "{ code: status.DEADLINE_EXCEEDED, type: 'Timeout', value: none }",
    replace: "{ code: status.INVALID_ARGUMENT, type: 'BadRequest', value: none }",
    caughtBy: batch('its deadline has passed'),
  },
  {
    name: 'the parts of appends that are in flight together are mixed up',
    harm: 'events are stored in the stream of another append',
    file: 'batch-append-call.ts',
    find: 'const key = keyOf(correlation);',
    replace: "const key = 'the only one';",
    caughtBy: check(
      'given two appends in chunks on one call, when the chunks are mixed, then each is written whole',
      HANGS,
    ),
  },
  {
    name: 'the node does not say that it knows batch appends',
    harm: 'the client takes the slow path',
    file: 'gossip.ts',
    find: 'Object.values(StreamsService).map(',
    replace: 'Object.values(StreamsService).slice(0, 4).map(',
    caughtBy: features,
  },
  {
    name: 'the node does not count itself among the living',
    harm: 'a client that looks for the leader finds none',
    file: 'gossip.ts',
    find: '.setIsAlive(true)',
    replace: '.setIsAlive(false)',
    caughtBy: leader,
  },
  {
    name: 'a node that stops ends its calls with UNAVAILABLE',
    harm: 'the client takes a stop for an outage',
    file: 'index.ts',
    find: "new CallError(status.CANCELLED, 'the node is stopping')",
    replace: "new CallError(status.UNAVAILABLE, 'the node is stopping')",
    caughtBy: check(
      'given open calls, when the node stops, then they end with CANCELLED and it stops in time',
    ),
  },
];
