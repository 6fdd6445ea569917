import { contract } from './check';
import { HANGS, type Defect } from './defect';

const check = contract('batch-calls');
const deadline = (what: string) => check(`given a batch append with a deadline that ${what}`);
const lastChunk = (failure?: string) =>
  check(
    'given batch appends without a deadline or with one that is far, when their last chunk is missing, then they time out after 2.0 s and the call goes on',
    failure,
  );
const refusal = (what: string) => contract('append-refusals')(`given a ${what}`);
const details = contract('error-details');
const wrong = (what: string) => details(`given a wrong expected revision, when ${what}`);
const gone = (what: string) => details(`given a tombstoned stream, when ${what}`);
const node = contract('node');
const features = node(
  'given a node, when it is asked what it can do, then it names what the official client looks for',
);
const leader = node('given a node, when it is asked who leads, then it is a live leader itself');

/** What the calls themselves owe the client: every append answered once, errors that it can read, a clean end. */
export const calls: readonly Defect[] = [
  {
    name: 'the deadline of a batch append is ignored',
    harm: 'an append is written after its client has given it up',
    file: 'writing/proposals.ts',
    find: 'else if (field === 6) deadlineMs = decodeTimestamp(readSpan(cursor));',
    replace: 'else if (field === 6) readSpan(cursor);',
    caughtBy: deadline('is past, when it arrives, then it has timed out and nothing is written'),
  },
  {
    name: 'a batch append is written before its last part is there',
    harm: 'a client that dies half-way leaves half a decision behind',
    file: 'calls/batch-append-call.ts',
    find: 'else if (chunk.isFinal) submit(append);',
    replace: 'else if (chunk.events) submit(append);',
    caughtBy: lastChunk(),
  },
  {
    name: 'a batch append whose last part never comes is never answered',
    harm: 'its caller waits for ever: the client has no deadline of its own',
    file: 'calls/batch-append-call.ts',
    find: "if (append.expiresAt < now) refuse(append, { kind: 'timeout' });",
    replace: '',
    caughtBy: lastChunk(HANGS),
  },
  {
    name: 'an error of a batch append does not name the stream',
    harm: 'the client throws while it makes the error, outside of any promise',
    file: 'calls/errors.ts',
    find: '.setStreamIdentifier(identifier)\n    .setError(error)',
    replace: '.setError(error)',
    caughtBy: refusal(
      'batch append when its last event has an empty type, then nothing is written',
    ),
  },
  {
    name: 'a batch append that takes too long is called a bad request',
    harm: 'the client does not try again what it should',
    file: 'calls/errors.ts',
    find: "{ code: status.DEADLINE_EXCEEDED, type: 'Timeout', value: none }",
    replace: "{ code: status.INVALID_ARGUMENT, type: 'BadRequest', value: none }",
    caughtBy: deadline('is past, when it arrives, then it has timed out and nothing is written'),
  },
  {
    name: 'the parts of appends that are in flight together are mixed up',
    harm: 'events are stored in the stream of another append',
    file: 'calls/batch-append-call.ts',
    find: "const key = correlation.toString('latin1');",
    replace: "const key = 'the only one';",
    caughtBy: check(
      'given several appends on one call, when their chunks are mixed then each is written whole and each is answered once',
      HANGS,
    ),
  },
  {
    name: 'the node does not say that it knows batch appends',
    harm: 'the client takes the slow path',
    file: 'calls/gossip.ts',
    find: 'Object.values(StreamsService).map(',
    replace: 'Object.values(StreamsService).slice(0, 4).map(',
    caughtBy: features,
  },
  {
    name: 'the node does not count itself among the living',
    harm: 'a client that looks for the leader finds none',
    file: 'calls/gossip.ts',
    find: '.setIsAlive(true)',
    replace: '.setIsAlive(false)',
    caughtBy: leader,
  },
  {
    name: 'a node that stops ends its calls with UNAVAILABLE',
    harm: 'the client takes a stop for an outage',
    file: 'calls/errors.ts',
    find: "new CallError(status.CANCELLED, 'the node is stopping')",
    replace: "new CallError(status.UNAVAILABLE, 'the node is stopping')",
    caughtBy: node(
      'given open calls, when the node stops then each ends with CANCELLED, what it was sent before being complete',
    ),
  },
  {
    name: 'a batch call ends before what was sent on it is answered',
    harm: 'the promises of those appends hang for ever',
    file: 'calls/batch-append-call.ts',
    find: 'ended = true;\n    if (pending.size === 0) call.end();',
    replace: 'ended = true;\n    call.end();',
    caughtBy: check(
      'given appends whose call says that no more will come, when they are done, then all are answered before the call ends',
    ),
  },
  {
    name: 'the details of a conflict name no revision',
    harm: 'the client tells its user that there is no stream where there is one',
    file: 'calls/errors.ts',
    find: 'if (actual < 0) wrong.setCurrentNoStream(',
    replace: 'if (actual < 9) wrong.setCurrentNoStream(',
    caughtBy: wrong('something is appended to three events in a batch with 0, then details say 2'),
  },
  {
    name: 'the trailers of a conflict swap what was expected and what is',
    harm: 'a client that tries again at the revision it is told conflicts for ever',
    file: 'calls/errors.ts',
    find: "'actual-version': String(actual),",
    replace: "'actual-version': String(expectedNumber(expected)),",
    caughtBy: wrong('a stream is deleted holding three events with 0, then trailers say 0 and 2'),
  },
  {
    name: 'the trailers of a conflict call stream_exists another number than the protocol',
    harm: 'the client shows a revision that nobody has expected',
    file: 'calls/errors.ts',
    find: 'return -4;',
    replace: 'return -3;',
    caughtBy: wrong(
      'a stream is tombstoned holding no stream with stream_exists, then trailers say -4 and -1',
    ),
  },
  {
    name: 'a batch append to a tombstoned stream has another status than the protocol says',
    harm: 'a client that goes by the status takes the end of a stream for a conflict',
    file: 'calls/errors.ts',
    find: 'code: status.NOT_FOUND,',
    replace: 'code: status.FAILED_PRECONDITION,',
    caughtBy: gone('something is appended to it with any, then both paths say that it is gone'),
  },
  {
    name: 'a subscription to a tombstoned stream is confirmed first',
    harm: 'a client counts as subscribed what has already ended',
    file: 'calls/subscriptions.ts',
    find: 'if (!fromEnd && isTombstoned(store.head, stream, store.head(stream)))',
    replace: 'if (false)',
    caughtBy: gone('it is subscribed to from start, then it is gone before a confirmation'),
  },
  {
    name: 'the metadata of a tombstoned stream lives on',
    harm: 'rules are written for what has ended, and the real node refuses them',
    file: 'log/visibility.ts',
    find: 'headOf(ownerOf(stream))?.tombstoned === true',
    replace: 'false',
    caughtBy: gone('its metadata is read or written, then that is gone too'),
  },
  {
    name: 'the reply to a delete names the position of an event that it hides',
    harm: 'a reader that waits for that position is told too early',
    file: 'writing/decisions.ts',
    find: 'position: writeMetadata(group, stream, SOFT_DELETE),',
    replace: 'position: (writeMetadata(group, stream, SOFT_DELETE), group.positionAt(head, 0)),',
    caughtBy: wrong(
      'a stream is deleted with the right one, then it is deleted and the reply has the position of the record',
    ),
  },
  {
    name: 'two appends that use one correlation id at once are one',
    harm: 'the events of the second are stored in the stream of the first',
    file: 'calls/batch-append-call.ts',
    find: 'pending.set((append.key = Symbol()), append);',
    replace: 'pending.set(append.key, append);',
    caughtBy: contract('in-flight')(
      'given correlation ids whose appends are not answered yet, when other appends use them, then all are written once and answered',
    ),
  },
];
