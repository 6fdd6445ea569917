import { contract, unit } from './check';
import type { Defect } from './defect';

const check = contract('reading');
const stream = (what: string) => check(`given a stream with the quantities 0 to 299 when ${what}`);
const log = (what: string) => check(`given events of several streams when the log is read ${what}`);
const links = check(
  'given links, when they are resolved, then the targets come with their links, or nothing where there is none',
);
const record = unit('record');

/** Reads of a stream and of the log: where they begin and end, and what they show of an event. */
export const reading: readonly Defect[] = [
  {
    name: 'a stream read forwards begins after the revision that was asked for',
    harm: 'each page that a client asks for loses an event',
    file: 'reads.ts',
    find: ': Math.max(from, lowest);',
    replace: ": Math.max(read.from === 'start' ? 0 : from + 1, lowest);",
    caughtBy: stream('it is read from a revision, then these come'),
  },
  {
    name: 'a stream read backwards begins before the revision that was asked for',
    harm: 'a read of the last event of a known revision shows the one before it',
    file: 'reads.ts',
    find: 'let next = backwards ? Math.min(from, head.last)',
    replace: "let next = backwards ? Math.min(read.from === 'end' ? from : from - 1, head.last)",
    caughtBy: stream('it is read backwards from a revision, then these come'),
  },
  {
    name: 'a stream read backwards from beyond its end shows nothing',
    harm: 'a client that asks for the newest event with a large revision finds none',
    file: 'reads.ts',
    find: 'Math.min(from, head.last)',
    replace: 'from',
    caughtBy: stream('it is read backwards from beyond the end, then these come'),
  },
  {
    name: 'a read brings one event more than its count',
    harm: 'pages overlap and events are handled twice',
    file: 'reads.ts',
    find: '(Math.min(missing, PAGE_ROWS) - 1)',
    replace: 'Math.min(missing, PAGE_ROWS)',
    caughtBy: stream('it is read from the start, then these come'),
  },
  {
    name: 'the first event of each further page is left out',
    harm: 'long streams are folded with gaps',
    file: 'reads.ts',
    find: 'next += step * rows.length;',
    replace: 'next += step * (rows.length + 1);',
    caughtBy: stream('all of it is read, then nothing is missing across pages'),
  },
  {
    name: 'a read from below the truncation point shows nothing',
    harm: 'a stream that was truncated reads as an empty one',
    file: 'reads.ts',
    find: ': Math.max(from, lowest);',
    replace: ': from;',
    caughtBy: contract('deleting')(
      'given a stream with the revisions 0 to 2, when its metadata says to truncate before 2, then reads show so much',
    ),
  },
  {
    name: 'a stream that never was reads as an empty one',
    harm: 'a client cannot tell a misspelt name from a new stream',
    file: 'reads.ts',
    find: 'await outlet.send(streamNotFound(stream));',
    replace: '',
    caughtBy: check('given no stream, when it is read, then it is not found'),
  },
  {
    name: 'the log read forwards begins after its position',
    harm: 'a reader that goes on where it stopped loses an event',
    file: 'reads.ts',
    find: 'return [from.commit, end];',
    replace: 'return [from.commit + 1, end];',
    caughtBy: log('forwards from a position, then the event there comes first'),
  },
  {
    name: 'the log read backwards shows the event at its position too',
    harm: 'pages overlap and events are handled twice',
    file: 'reads.ts',
    find: 'return [0, from.commit];',
    replace: 'return [0, from.commit + 1];',
    caughtBy: log('backwards from a position, then the event there does not come'),
  },
  {
    name: 'the log read backwards from its end shows nothing',
    harm: 'a client that looks for the newest event of all finds none',
    file: 'reads.ts',
    find: "if (from === 'end') return backwards ? [0, end] : [end, end];",
    replace: "if (from === 'end') return [end, end];",
    caughtBy: log('backwards from its end, then the newest comes first'),
  },
  {
    name: 'the log takes any position for one of its own',
    harm: 'a checkpoint of another store is taken and events are skipped',
    file: 'reads.ts',
    find: 'if (position < store.tail().position && !store.row(position)) {',
    replace: 'if (position < 0) {',
    caughtBy: log('from a position that was never handed out, then it is refused'),
  },
  {
    name: 'the first event lies at position 0',
    harm: 'a client that takes 0 for nothing yet loses the first event',
    file: 'store.ts',
    find: '?? begin(env, log, state);\n  requireIntactEnd(log, tail);',
    replace: '?? { position: 0, crc: 0, nextStream: 1, createdMs: 0 };',
    caughtBy: log('from its start, then its first event lies above position 0'),
  },
  {
    name: 'the log is read in another order than it was written in',
    harm: 'a projection applies events before their causes',
    file: 'reads.ts',
    find: 'await sendRows(outlet, deliver, matching.slice(0, missing));',
    replace: 'await sendRows(outlet, deliver, matching.slice(0, missing).reverse());',
    caughtBy: contract('appending')(
      'given many streams, when appended to at once, then the log holds all in ascending positions',
    ),
  },
  {
    name: 'a link to an event that is not there is delivered as an ordinary event',
    harm: 'a reader takes the link for the event that it stands for',
    file: 'delivery.ts',
    find: 'if (!isReadable(head) || revision > head.last) return null;',
    replace: 'if (!isReadable(head) || revision > head.last) return undefined;',
    caughtBy: links,
  },
  {
    name: 'a link is resolved to the event after its target',
    harm: 'a reader gets another event than the link names',
    file: 'delivery.ts',
    find: 'store.positionOf(head.number, revision)',
    replace: 'store.positionOf(head.number, revision + 1)',
    caughtBy: links,
  },
  {
    name: 'a resolved event comes without its link',
    harm: 'a reader goes on from the revision of the target in another stream',
    file: 'record.ts',
    find: '[...(target ? [field(1, recorded(target, structuredIds))] : []), field(2, own)]',
    replace: '[field(1, target ? recorded(target, structuredIds) : own)]',
    caughtBy: links,
  },
  {
    name: 'links are resolved without being asked for',
    harm: 'a reader of the links themselves never sees them',
    file: 'delivery.ts',
    find: 'const { resolveLinks, structuredIds } = options;',
    replace: 'const { structuredIds } = options; const resolveLinks = true;',
    caughtBy: links,
  },
  {
    name: 'the time of an event is given in microseconds',
    harm: 'the client shows dates in 1970',
    file: 'record.ts',
    find: '`${event.createdMs}0000`',
    replace: '`${event.createdMs}`.padStart(CREATED_DIGITS, "0")',
    caughtBy: check(
      'given an event, when it is read, then content, metadata, type and time are those of the append',
    ),
  },
  {
    name: 'bytes are delivered as JSON',
    harm: 'the client tries to parse what is no text',
    file: 'record.ts',
    find: 'event.isJson ? CONTENT_TYPE.json : CONTENT_TYPE.bytes',
    replace: 'CONTENT_TYPE.json',
    caughtBy: record(
      'given any event, when it is stored, then the generated code reads back what was put in',
    ),
  },
  {
    name: 'positions above 4 GiB are garbled',
    harm: 'the log breaks when it has grown, long after every test',
    file: 'wire.ts',
    find: 'while (rest >= 0x80000000) {',
    replace: 'while (rest >= 2 ** 53) {',
    caughtBy: record(
      'given any event, when it is stored, then the generated code reads back what was put in',
      'Property failed',
    ),
  },
  {
    name: 'a tombstone is delivered with a rounded revision',
    harm: 'clients know a tombstone by the revision 2^63-1',
    file: 'record.ts',
    find: "'ffffffffffffffff7f'",
    replace: "'80f8ffffffffffff7f'",
    caughtBy: record(
      'given a tombstone, when it is stored, then it is delivered with the largest revision',
    ),
  },
  {
    name: 'the halves of a structured id are swapped',
    harm: 'every event has another id for clients that ask for structured ones',
    file: 'record.ts',
    find: 'int64Field(1, id.readBigInt64BE(0))',
    replace: 'int64Field(1, id.readBigInt64BE(8))',
    caughtBy: record(
      'given a reader who wants structured ids, when a row is sent, then only the form of the id differs',
    ),
  },
];
