import { contract, unit } from './check';
import type { Defect } from './defect';

const reads = contract('reading');
const come = (what: string) => reads(`given the revisions 0 to 299, when they are read ${what}`);
const fails = (what: string) =>
  reads(`given the revisions 0 to 299, when a read ${what}, then it fails and brings no event`);
const logs = contract('log-reading');
const log = (what: string) =>
  logs(`given the events of several streams, when the log is read ${what}`);
const links = contract('links');
const linked = (what: string) =>
  links(`given a stream with links to another one and an event of its own, when it is ${what}`);
const target = (what: string) =>
  links(
    `given a link whose target is ${what}, when it is resolved, then the link comes without an event`,
  );
const forms = contract('event-forms');
const record = unit('log/record');

/** Reads of a stream and of the log: where they begin and end, and what they show of an event. */
export const reading: readonly Defect[] = [
  {
    name: 'a stream read forwards begins after the revision that was asked for',
    harm: 'each page that a client asks for loses an event',
    file: 'calls/reads.ts',
    find: ': Math.max(from, lowest);',
    replace: ": Math.max(read.from === 'start' ? 0 : from + 1, lowest);",
    caughtBy: come('forwards from a revision, then these come: {"from":297} [297,298,299]'),
  },
  {
    name: 'a stream read backwards begins before the revision that was asked for',
    harm: 'a read of the last event of a known revision shows the one before it',
    file: 'calls/reads.ts',
    find: 'let next = backwards ? Math.min(from, head.last)',
    replace: "let next = backwards ? Math.min(read.from === 'end' ? from : from - 1, head.last)",
    caughtBy: come('backwards from a revision, then these come: {"from":2} [2,1,0]'),
  },
  {
    name: 'a stream read backwards from beyond its end shows nothing',
    harm: 'a client that asks for the newest event with a large revision finds none',
    file: 'calls/reads.ts',
    find: 'Math.min(from, head.last)',
    replace: 'from',
    caughtBy: come('backwards from beyond the end, then these come: {"from":9999,"count":1} [299]'),
  },
  {
    name: 'a read brings one event more than its count',
    harm: 'pages overlap and events are handled twice',
    file: 'calls/reads.ts',
    find: '(Math.min(missing, PAGE_ROWS) - 1)',
    replace: 'Math.min(missing, PAGE_ROWS)',
    caughtBy: come(
      'forwards from a revision with a count, then these come: {"from":7,"count":3} [7,8,9]',
    ),
  },
  {
    name: 'the first event of each further page is left out',
    harm: 'long streams are folded with gaps',
    file: 'calls/reads.ts',
    find: 'next += step * rows.length;',
    replace: 'next += step * (rows.length + 1);',
    caughtBy: reads(
      'given events larger than a page, when they are read then all come, in either direction',
    ),
  },
  {
    name: 'a read from below the truncation point shows nothing',
    harm: 'a stream that was truncated reads as an empty one',
    file: 'calls/reads.ts',
    find: ': Math.max(from, lowest);',
    replace: ': from;',
    caughtBy: contract('metadata')(
      'given the revisions 0 to 9, when metadata says to truncate before 4 and it is read from below what is shown, then {"from":2} [4,5,6,7,8,9] come',
    ),
  },
  {
    name: 'a stream that never was reads as an empty one',
    harm: 'a client cannot tell a misspelt name from a new stream',
    file: 'calls/reads.ts',
    find: 'await outlet.send(streamNotFound(stream));',
    replace: '',
    caughtBy: reads(
      'given no stream, when it is read with {}, then a message says that there is none',
    ),
  },
  {
    name: 'the log read forwards begins after its position',
    harm: 'a reader that goes on where it stopped loses an event',
    file: 'calls/reads.ts',
    find: 'return [from.commit, end];',
    replace: 'return [from.commit + 1, end];',
    caughtBy: log('forwards from the position of b/0, then that comes first'),
  },
  {
    name: 'the log read backwards shows the event at its position too',
    harm: 'pages overlap and events are handled twice',
    file: 'calls/reads.ts',
    find: 'return [0, from.commit];',
    replace: 'return [0, from.commit + 1];',
    caughtBy: log('backwards from the position of b/1, then what was before it comes first'),
  },
  {
    name: 'the log read backwards from its end shows nothing',
    harm: 'a client that looks for the newest event of all finds none',
    file: 'calls/reads.ts',
    find: "if (from === 'end') return backwards ? [0, end] : [end, end];",
    replace: "if (from === 'end') return [end, end];",
    caughtBy: log('backwards from its end, then these come'),
  },
  {
    name: 'the log takes any position for one of its own',
    harm: 'a checkpoint of another store is taken and events are skipped',
    file: 'calls/reads.ts',
    find: 'if (position >= store.tail().position || store.row(position)) return;',
    replace: 'if (position >= 0) return;',
    caughtBy: log('from a position between two records, then it fails'),
  },
  {
    name: 'the first event lies at position 0',
    harm: 'a client that takes 0 for nothing yet loses the first event',
    file: 'log/store.ts',
    find: '?? begin(tables);\n    requireSoundEnd(file, reads, tail);',
    replace: '?? { position: 0, link: 0, nextStream: 1, createdMs: 0 };',
    caughtBy: log(
      'forwards, then they come in the order in which they were committed, all above position 0',
    ),
  },
  {
    name: 'the log is read in another order than it was written in',
    harm: 'a projection applies events before their causes',
    file: 'calls/reads.ts',
    find: 'await sendRows(outlet, deliver, matching.slice(0, missing));',
    replace: 'await sendRows(outlet, deliver, matching.slice(0, missing).reverse());',
    caughtBy: log(
      'forwards, then they come in the order in which they were committed, all above position 0',
    ),
  },
  {
    name: 'a link to an event that is not there is delivered as an ordinary event',
    harm: 'a reader takes the link for the event that it stands for',
    file: 'calls/delivery.ts',
    find: 'if (!isReadable(head) || revision > head.last) return null;',
    replace: 'if (!isReadable(head) || revision > head.last) return undefined;',
    caughtBy: links(
      'given a link whose target has never been written, when it is resolved, then the link comes without an event',
    ),
  },
  {
    name: 'a link is resolved to the event after its target',
    harm: 'a reader gets another event than the link names',
    file: 'calls/delivery.ts',
    find: 'store.event(head.number, revision)?.row',
    replace: 'store.event(head.number, revision + 1)?.row',
    caughtBy: linked('read resolved, then targets come with their links, in either direction'),
  },
  {
    name: 'a resolved event comes without its link',
    harm: 'a reader goes on from the revision of the target in another stream',
    file: 'log/record.ts',
    find: '[...(target ? [field(1, recorded(target, structuredIds))] : []), field(2, own)]',
    replace: '[field(1, target ? recorded(target, structuredIds) : own)]',
    caughtBy: linked('read resolved, then targets come with their links, in either direction'),
  },
  {
    name: 'links are resolved without being asked for',
    harm: 'a reader of the links themselves never sees them',
    file: 'calls/delivery.ts',
    find: 'const { resolveLinks, structuredIds } = options;',
    replace: 'const { structuredIds } = options; const resolveLinks = true;',
    caughtBy: linked('read unresolved, then the links are ordinary events'),
  },
  {
    name: 'the time of an event is given in microseconds',
    harm: 'the client shows dates in 1970',
    file: 'log/record.ts',
    find: '`${event.createdMs}0000`',
    replace: '`${event.createdMs}`.padStart(CREATED_DIGITS, "0")',
    caughtBy: forms(
      'given a batch append, when an event is read back then it says when it was created, in ticks of 100 ns since 1970, and no more than that',
    ),
  },
  {
    name: 'bytes are delivered as JSON',
    harm: 'the client tries to parse what is no text',
    file: 'log/record.ts',
    find: 'event.isJson ? CONTENT_TYPE.json : CONTENT_TYPE.bytes',
    replace: 'CONTENT_TYPE.json',
    caughtBy: record(
      'given any event, when it is stored, then the generated code reads back what was put in',
    ),
  },
  {
    name: 'positions above 4 GiB are garbled',
    harm: 'the log breaks when it has grown, long after every test',
    file: 'log/wire.ts',
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
    file: 'log/record.ts',
    find: "'ffffffffffffffff7f'",
    replace: "'80f8ffffffffffff7f'",
    caughtBy: record(
      'given a tombstone, when it is stored, then it is delivered with the largest revision',
    ),
  },
  {
    name: 'the halves of a structured id are swapped',
    harm: 'every event has another id for clients that ask for structured ones',
    file: 'log/record.ts',
    find: 'int64Field(1, id.readBigInt64BE(0))',
    replace: 'int64Field(1, id.readBigInt64BE(8))',
    caughtBy: record(
      'given a reader who wants structured ids, when a row is sent, then only the form of the id differs',
    ),
  },
  {
    name: 'a revision that no stream can have is taken',
    harm: 'the client that sends it has a bug, which only the real node shows',
    file: 'calls/read-options.ts',
    find: "if (revision > LARGEST) throw unknown('the revision is out of range');",
    replace: '',
    caughtBy: fails('goes forwards from 2^63'),
  },
  {
    name: 'a read of no event at all is taken',
    harm: 'the client that sends it has a bug, which only the real node shows',
    file: 'calls/read-options.ts',
    find: "if (count === 0) throw unknown('a read of 0 events');",
    replace: '',
    caughtBy: fails('has a count of 0'),
  },
  {
    name: 'a stream can be read forwards from its end',
    harm: 'the client that does so has a bug, which only the real node shows',
    file: 'calls/read-options.ts',
    find: "if (from === 'end' && !backwards && count !== undefined) {",
    replace: 'if (false) {',
    caughtBy: fails('goes forwards from the end'),
  },
  {
    name: 'the log read backwards from beyond its end begins at the end',
    harm: 'a checkpoint of another store is taken',
    file: 'calls/reads.ts',
    find: 'if (from.commit > end) throw',
    replace: 'if (from.commit > Infinity) throw',
    caughtBy: log('from a position beyond its end, backwards, then it fails'),
  },
  {
    name: 'a position must have a prepare part like its commit part',
    harm: 'a checkpoint of a filtered subscription is refused',
    file: 'calls/read-options.ts',
    find: 'prepare > commit)',
    replace: 'prepare !== commit)',
    caughtBy: log('from a position with a lower prepare, then the commit position counts'),
  },
  {
    name: 'a position may have a prepare part above its commit part',
    harm: 'swapped parts of a checkpoint go unseen',
    file: 'calls/read-options.ts',
    find: 'prepare > commit)',
    replace: 'prepare > LARGEST)',
    caughtBy: log('from a position with a prepare above the commit, then it fails'),
  },
  {
    name: 'the log does not show metadata and tombstones',
    harm: 'a projection that goes by them never learns of a delete',
    file: 'calls/reads.ts',
    find: 'rows.filter(({ row }) => holdsEvent(row) && (',
    replace:
      "rows.filter(({ row }) => holdsEvent(row) && require('../log/record').typeBytesOf(row)[0] !== 0x24 && (",
    caughtBy: logs(
      'given metadata, deletes, tombstones and hidden events, when the log is read, then all are there in order',
    ),
  },
  {
    name: 'a resolved event has the position of nothing',
    harm: 'a reader that goes on from there begins anew',
    file: 'log/record.ts',
    find: 'return field(1, Buffer.concat([...sides, numberField(3, position)]));',
    replace: 'return field(1, Buffer.concat(sides));',
    caughtBy: linked('read resolved, then the position of a message is that of the link'),
  },
  {
    name: 'a link shows an event that truncation hides',
    harm: 'what a retention rule should hide is read through a side door',
    file: 'calls/delivery.ts',
    find: 'if (revision < firstVisible(store, stream, head, Date.now())) return null;',
    replace: '',
    caughtBy: target('truncated'),
  },
  {
    name: 'a link shows an event of a tombstoned stream',
    harm: 'what was deleted for ever is read through a side door',
    file: 'calls/delivery.ts',
    find: 'isFound(head) && !head.tombstoned',
    replace: 'isFound(head)',
    caughtBy: target('tombstoned'),
  },
  {
    name: 'a link whose text makes no sense hides its own event',
    harm: 'the event cannot be read at all',
    file: 'calls/delivery.ts',
    find: 'if (revisionText === undefined || stream === undefined) return undefined;',
    replace: 'if (revisionText === undefined || stream === undefined) return null;',
    caughtBy: links(
      'given a link that says "not a link", when it is resolved, then it is an ordinary event',
    ),
  },
  {
    name: 'a link ends at the second @',
    harm: 'streams with an @ in their names cannot be linked to',
    file: 'calls/delivery.ts',
    find: '@(.+)$/s',
    replace: '@([^@]+)/s',
    caughtBy: links(
      'given a link whose target has an @ in the name of its stream, when it is resolved, then it comes',
      'expect(',
    ),
  },
];
