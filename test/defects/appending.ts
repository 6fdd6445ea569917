import { contract, unit } from './check';
import type { Defect } from './defect';

const check = contract('appending');
const none = (what: string) => check(`given no stream, when a ${what}`);
const seeded = (what: string) => check(`given a stream at revision 2, when a ${what}`);
const refusals = contract('append-refusals');
const refused = (what: string) => refusals(`given a ${what}`);
const empty = (what: string) =>
  contract('empty-appends')(`given a stream at revision 1, when a ${what}`);
const race = check(
  'given a hundred writers of one stream, when all expect the same revision, then one wins',
);
const proposals = unit('writing/proposals');

/** Appends: which are accepted, what they write and what they answer. */
export const appending: readonly Defect[] = [
  {
    name: 'the reply to an append names the position of its first event',
    harm: 'a reader that waits for that position misses the rest of the append',
    file: 'writing/decisions.ts',
    find: "return { kind: 'success', revision: last, position };",
    replace:
      "return { kind: 'success', revision: last, position: newest ? group.positionAt(before, before.last + 1) : position };",
    caughtBy: none(
      'batch append expects no_stream, then its events are there in order and the reply names the last',
    ),
  },
  {
    name: 'an append that expects a revision beyond the end is written',
    harm: 'a client that has read another store overwrites this one',
    file: 'writing/decisions.ts',
    find: 'if (revision === last) return WRITE;',
    replace: 'if (revision >= last) return WRITE;',
    caughtBy: seeded('batch append expects 3n, then it is refused and nothing is written'),
  },
  {
    name: 'an append that expects an old revision is written',
    harm: 'two decisions are made on the same state: stock is sold twice',
    file: 'writing/decisions.ts',
    find: 'if (revision === last) return WRITE;',
    replace: 'if (revision <= last) return WRITE;',
    caughtBy: seeded('unary append expects 1n, then it is refused and nothing is written'),
  },
  {
    name: 'appends of one group do not see each other',
    harm: 'of two appends that arrive together and expect the same revision both win',
    file: 'log/group.ts',
    find: 'head: (stream) => heads.get(stream) ?? store.head(stream),',
    replace: 'head: (stream) => store.head(stream),',
    caughtBy: race,
  },
  {
    name: 'an append that is refused leaves its first event behind',
    harm: 'half of a decision is stored, though the client is told that nothing is',
    file: 'writing/decisions.ts',
    find: `case 'wrong':
      return wrong(expected, head);`,
    replace: `case 'wrong':
      write(group, retries, stream, head ?? group.createHead(), events.slice(0, 1));
      return wrong(expected, head);`,
    caughtBy: none('batch append expects 7n, then it is refused and nothing is written'),
  },
  {
    name: 'a conflict names another revision than the last',
    harm: 'a client that tries again at the revision it is told conflicts for ever',
    file: 'writing/decisions.ts',
    find: 'actual: lastOf(head),',
    replace: 'actual: lastOf(head) + 1,',
    caughtBy: seeded('unary append expects no_stream, then it is refused and nothing is written'),
  },
  {
    name: 'an append of more than a megabyte is written',
    harm: 'what works here fails on the real node',
    file: 'writing/proposal-checks.ts',
    find: 'bytes += event.data.length;',
    replace: '',
    caughtBy: refused(
      'batch append when it brings a byte more in two events, then it is too big and nothing is written',
    ),
  },
  {
    name: 'an append of exactly a megabyte is too big',
    harm: 'what the real node takes is refused here',
    file: 'writing/proposal-checks.ts',
    find: 'return bytes > maxBytes ||',
    replace: 'return bytes >= maxBytes ||',
    caughtBy: refused('batch append when it brings exactly 1 MiB of data, then it is written'),
  },
  {
    name: 'metadata counts as data when an append is measured',
    harm: 'what the real node takes is refused here',
    file: 'writing/proposal-checks.ts',
    find: 'bytes += event.data.length;',
    replace: 'bytes += event.data.length + event.metadata.length;',
    caughtBy: refused('batch append when it brings 3 MiB of metadata, then it is written'),
  },
  {
    name: 'a message may not be larger than 2 MiB',
    harm: 'an event with much metadata ends the call of all appends instead of being refused alone',
    file: 'limits/limits.ts',
    find: 'messageBytes: 16 << 20',
    replace: 'messageBytes: 2 << 20',
    caughtBy: refused('batch append when it brings 3 MiB of metadata, then it is written'),
  },
  {
    name: 'an event without a content type is written',
    harm: 'readers cannot tell text from bytes',
    file: 'writing/proposal-checks.ts',
    find: 'event.type === undefined || event.contentType === undefined',
    replace: 'event.type === undefined',
    caughtBy: refused(
      'unary append when its last event lacks its content type, then nothing is written',
    ),
  },
  {
    name: 'only the first event of an append is checked',
    harm: 'an event without a type or id is stored',
    file: 'writing/proposal-checks.ts',
    find: 'for (const event of events) {',
    replace: 'for (const event of events.slice(0, 1)) {',
    caughtBy: refused('batch append when its last event has no id, then nothing is written'),
  },
  {
    name: 'a unary append that its caller gives up is written',
    harm: 'half of an append is stored, and nobody waits for the answer',
    file: 'calls/write-calls.ts',
    find: 'if (settled || call.cancelled) return;',
    replace: 'if (settled) return;',
    caughtBy: refusals(
      'given a unary append, when its caller gives up before the end of it, then nothing is written',
    ),
  },
  {
    name: 'stream_exists takes a stream that has metadata alone for none',
    harm: 'an append that the real node takes conflicts here',
    file: 'writing/decisions.ts',
    find: '(head.last < 0 && !head.hasMetadata)',
    replace: 'head.last < 0',
    caughtBy: check(
      'given metadata alone, when a batch append expects stream_exists, then it ends at revision 0',
    ),
  },
  {
    name: 'an empty append does not look at the revision',
    harm: 'a client that asks whether its state is the newest is told yes',
    file: 'writing/decisions.ts',
    find: 'revision < last && events.length > 0)',
    replace: 'revision < last)',
    caughtBy: empty('batch append without events expects 0, then the revision is wrong'),
  },
  {
    name: 'an empty append is answered with position 0',
    harm: 'a client that stores the position begins anew',
    file: 'writing/decisions.ts',
    find: 'events.length === 0 ? group.addEmpty() : 0',
    replace: '0',
    caughtBy: empty(
      'unary append without events is answered, then its position is that of a record that no reader of the log is shown',
    ),
  },
  {
    name: 'readers of the log are sent an empty message for an empty append',
    harm: 'a client counts an event that is none',
    file: 'calls/reads.ts',
    find: 'rows.filter(({ row }) => holdsEvent(row) && (',
    replace: 'rows.filter(({ row }) => (',
    caughtBy: empty(
      'batch append without events is answered, then its position is that of a record that no reader of the log is shown',
    ),
  },
  {
    name: 'an empty append leaves a soft-deleted stream deleted',
    harm: 'a stream that is back on the real node is not found here',
    file: 'writing/decisions.ts',
    find: 'else if (before.deleted) writeMetadata',
    replace: 'else if (before.deleted && newest) writeMetadata',
    caughtBy: empty(
      'batch append without events comes to a soft-deleted stream, then that is back without what it held',
    ),
  },
  {
    name: 'an append is read some time after its answer only',
    harm: 'a client that reads what it has just written misses it, and decides on an old state',
    file: 'log/store.ts',
    find: 'for (const [name, head] of commit.heads) heads.set(name, head);',
    replace:
      'setTimeout(() => { for (const [name, head] of commit.heads) heads.set(name, head); }, 5);',
    caughtBy: check(
      'given many appends, when each has been answered, then reads of the stream and of the log show it at once',
    ),
  },
  {
    name: 'ids in capitals are stored as they come',
    harm: 'a retry with the same id in small letters is written again',
    file: 'writing/proposals.ts',
    find: "value.bytes.toString('latin1', value.at, value.end).toLowerCase()",
    replace: "value.bytes.toString('latin1', value.at, value.end)",
    caughtBy: proposals(
      'given an event id, when it is decoded in capitals, then its text form is in small letters',
    ),
  },
  {
    name: 'the halves of an id in two numbers are swapped',
    harm: 'the event is stored under another id than the client knows',
    file: 'writing/proposals.ts',
    find: 'const [, most = 0n, least = 0n] = halves;',
    replace: 'const [, least = 0n, most = 0n] = halves;',
    caughtBy: proposals(
      'given an event id, when it is decoded in two numbers, then its text form is in small letters',
    ),
  },
  {
    name: 'the zero id is one like any other',
    harm: 'all events of a client that forgets ids count as retries of its first',
    file: 'writing/proposals.ts',
    find: 'UUID_TEXT.test(id) && id !== NO_ID',
    replace: 'UUID_TEXT.test(id)',
    caughtBy: proposals('given an event id, when it is decoded zero, then there is none'),
  },
];
