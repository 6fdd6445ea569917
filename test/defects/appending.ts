import { contract, unit } from './check';
import type { Defect } from './defect';

const check = contract('appending');
const batch = (what: string) => check(`given an empty stream, when a batch append ${what}`);
const seeded = (what: string) => check(`given a stream at revision 1, when an append ${what}`);
const race = check(
  'given a hundred writers of one stream, when all expect the same revision, then one wins',
);
const proposals = unit('proposals');

/** Appends: which are accepted, what they write and what they answer. */
export const appending: readonly Defect[] = [
  {
    name: 'the reply to an append names the position of its first event',
    harm: 'a reader that waits for that position misses the rest of the append',
    file: 'decisions.ts',
    find: 'position = group.add(stream, before, revision, {',
    replace: 'position ||= group.add(stream, before, revision, {',
    caughtBy: batch(
      'expects no stream, then its events are there in order and the reply names the last',
    ),
  },
  {
    name: 'an append that expects a revision beyond the end is written',
    harm: 'a client that has read another store overwrites this one',
    file: 'decisions.ts',
    find: 'if (revision === last) return WRITE;',
    replace: 'if (revision >= last) return WRITE;',
    caughtBy: seeded('expects 2n, then it conflicts'),
  },
  {
    name: 'an append that expects an old revision is written',
    harm: 'two decisions are made on the same state: stock is sold twice',
    file: 'decisions.ts',
    find: 'if (revision === last) return WRITE;',
    replace: 'if (revision <= last) return WRITE;',
    caughtBy: seeded('expects 0n, then it conflicts'),
  },
  {
    name: 'appends of one group do not see each other',
    harm: 'of two appends that arrive together and expect the same revision both win',
    file: 'group.ts',
    find: 'head: (stream) => heads.get(stream) ?? store.head(stream),',
    replace: 'head: (stream) => store.head(stream),',
    caughtBy: race,
  },
  {
    name: 'an append that is refused leaves its first event behind',
    harm: 'half of a decision is stored, though the client is told that nothing is',
    file: 'decisions.ts',
    find: `case 'wrong':
      return wrong(expected, head);`,
    replace: `case 'wrong':
      write(group, retries, stream, head ?? group.createHead(), events.slice(0, 1));
      return wrong(expected, head);`,
    caughtBy: batch('expects a revision, then it is refused and nothing is written'),
  },
  {
    name: 'a conflict names another revision than the last',
    harm: 'a client that tries again at the revision it is told conflicts for ever',
    file: 'decisions.ts',
    find: 'actual: lastOf(head),',
    replace: 'actual: lastOf(head) + 1,',
    caughtBy: seeded('expects no_stream, then it conflicts'),
  },
  {
    name: 'an append of more than a megabyte is written',
    harm: 'what works here fails on the real node',
    file: 'proposal-checks.ts',
    find: 'bytes += event.data.length;',
    replace: '',
    caughtBy: batch('brings more than a megabyte, then it is refused and nothing is written'),
  },
  {
    name: 'ids in capitals are stored as they come',
    harm: 'a retry with the same id in small letters is written again',
    file: 'proposals.ts',
    find: "value.bytes.toString('latin1', value.at, value.end).toLowerCase()",
    replace: "value.bytes.toString('latin1', value.at, value.end)",
    caughtBy: proposals(
      'given an event id, when it is decoded in capitals, then its text form is in small letters',
    ),
  },
  {
    name: 'the halves of an id in two numbers are swapped',
    harm: 'the event is stored under another id than the client knows',
    file: 'proposals.ts',
    find: 'const [, most = 0n, least = 0n] = halves;',
    replace: 'const [, least = 0n, most = 0n] = halves;',
    caughtBy: proposals(
      'given an event id, when it is decoded in two numbers, then its text form is in small letters',
    ),
  },
  {
    name: 'the zero id is one like any other',
    harm: 'all events of a client that forgets ids count as retries of its first',
    file: 'proposals.ts',
    find: 'UUID_TEXT.test(id) && id !== NO_ID',
    replace: 'UUID_TEXT.test(id)',
    caughtBy: proposals('given an event id, when it is decoded zero, then there is none'),
  },
];
