import { CONFLICT, contract, unit } from './check';
import type { Defect } from './defect';

const check = contract('deleting');
const deleted = (what: string) => check(`given a soft-deleted stream when ${what}`);
const metadata = (what: string) =>
  check(`given a stream with the revisions 0 to 2, when its metadata says ${what}`);
const rules = unit('stream-rules');

/** Deletes and the metadata that hides events: wrong here means lost history, or history that comes back. */
export const deleting: readonly Defect[] = [
  {
    name: 'a soft delete is a mere truncation',
    harm: 'a deleted stream reads as an empty one instead of as none',
    file: 'stream-rules.ts',
    find: 'deleted: String(truncateBefore) === DELETED_TB,',
    replace: 'deleted: false,',
    caughtBy: deleted('it is read, then it is not found'),
  },
  {
    name: 'the $tb of a soft delete is compared as a rounded number',
    harm: 'a stream that is truncated before 2^63-2 counts as deleted',
    file: 'stream-rules.ts',
    find: 'String(truncateBefore) === DELETED_TB',
    replace: 'Number(truncateBefore) === Number(DELETED_TB)',
    caughtBy: rules(
      'given metadata of a stream, when its rules are read {"$tb":9223372036854775806}, then it is obeyed',
    ),
  },
  {
    name: 'a stream that comes back after a soft delete begins at revision 0 again',
    harm: 'two events have the same revision, and exact appends overwrite history',
    file: 'decisions.ts',
    find: 'const revision = before.last + 1 + i;',
    replace: 'const revision = (before.deleted ? 0 : before.last + 1) + i;',
    caughtBy: deleted('it is appended to with any, then it goes on after its last revision'),
  },
  {
    name: 'a soft-deleted stream refuses an append that expects no stream',
    harm: 'what is deleted can never be made again',
    file: 'decisions.ts',
    find: "return head?.deleted && expected.kind === 'no_stream' ? WRITE : WRONG;",
    replace: 'return WRONG;',
    caughtBy: {
      ...deleted('it is appended to with no_stream, then it goes on after its last revision'),
      failure: CONFLICT,
    },
  },
  {
    name: 'what a soft delete hid comes back with the next append',
    harm: 'deleted events are read again',
    file: 'decisions.ts',
    find: 'undeleted(undefined, before.last + 1)',
    replace: 'undeleted(undefined, 0)',
    caughtBy: deleted('it is appended to with 2n, then it goes on after its last revision'),
  },
  {
    name: 'a soft-deleted stream stays deleted when it is appended to',
    harm: 'events are acknowledged that nobody can read',
    file: 'decisions.ts',
    find: 'else if (before.deleted) writeMetadata',
    replace: 'else if (before.deleted && events.length === 0) writeMetadata',
    caughtBy: {
      ...deleted('it is appended to with any, then it goes on after its last revision'),
      failure: 'not found',
    },
  },
  {
    name: 'stream_exists takes a soft-deleted stream for one that never was',
    harm: 'the client tells its user of a conflict instead of a deleted stream',
    file: 'decisions.ts',
    find: "if (head?.deleted) return { kind: 'deleted' };",
    replace: 'if (head?.deleted) return WRONG;',
    caughtBy: deleted('an append needs it to exist, then it is refused'),
  },
  {
    name: 'metadata that is written to a soft-deleted stream shows its old events again',
    harm: 'setting an access rule undoes a delete',
    file: 'decisions.ts',
    find: 'if (before?.deleted && !after.deleted) {',
    replace: 'if (before?.deleted && after.deleted) {',
    caughtBy: deleted('metadata is written to it, then it is found but what it held stays hidden'),
  },
  {
    name: 'a soft delete removes the events from the log',
    harm: 'a projection that is rebuilt from the log comes out different',
    file: 'reads.ts',
    find: 'const matching = rows.filter(({ row }) => holdsEvent(row) &&',
    replace:
      "const matching = rows.filter(({ row }) => holdsEvent(row) && !store.head(require('./record').streamBytesOf(row).toString())?.deleted &&",
    caughtBy: deleted('the log is read, then its events are still there'),
  },
  {
    name: 'a stream that never was can be deleted',
    harm: 'a delete with a misspelt name is acknowledged',
    file: 'decisions.ts',
    find: 'if (lastOf(head) < 0 && !head?.hasMetadata) return wrong(expected, head);',
    replace: '',
    caughtBy: check('given no stream, when it is deleted, then that is refused'),
  },
  {
    name: 'a tombstone does not outlast the next append',
    harm: 'a stream that was ended for ever goes on',
    file: 'decisions.ts',
    find: 'group.setHead(stream, { ...head, tombstoned: true });',
    replace: 'group.setHead(stream, head);',
    caughtBy: check(
      'given a tombstoned stream, when it is read, appended to or deleted, then it is gone for ever',
    ),
  },
  {
    name: '$maxCount keeps one event too many',
    harm: 'what a retention rule should hide is read',
    file: 'visibility.ts',
    find: 'head.last - head.maxCount + 1',
    replace: 'head.last - head.maxCount',
    caughtBy: metadata('to keep two events, then reads show so much'),
  },
  {
    name: '$tb hides the event at its revision too',
    harm: 'one event more than asked for is gone',
    file: 'visibility.ts',
    find: 'Math.max(0, head.truncateBefore, byCount)',
    replace: 'Math.max(0, head.truncateBefore + 1, byCount)',
    caughtBy: metadata('to truncate before 2, then reads show so much'),
  },
  {
    name: 'a stream of which every event is hidden counts as none',
    harm: 'a client takes a truncated stream for a new one',
    file: 'visibility.ts',
    find: 'head.last >= 0 && !head.deleted',
    replace: 'head.last >= head.truncateBefore && !head.deleted',
    caughtBy: {
      ...metadata('to truncate before what is to come, then reads show so much'),
      failure: 'not found',
    },
  },
  {
    name: 'a $maxCount of 0 hides everything',
    harm: 'a senseless value empties a stream instead of being void',
    file: 'stream-rules.ts',
    find: 'wholeNumber(values.$maxCount, 1n)',
    replace: 'wholeNumber(values.$maxCount, 0n)',
    caughtBy: metadata('to keep no event, which makes no sense, then reads show so much'),
  },
  {
    name: 'one senseless value leaves the other rules of the metadata in force',
    harm: 'events are hidden that the real node shows',
    file: 'stream-rules.ts',
    find: 'if (truncateBefore === null || maxCount === null || maxAge === null) return NO_RULES;',
    replace: '',
    caughtBy: rules(
      'given metadata of a stream, when its rules are read {"$tb":2,"$maxCount":"x"}, then it is void altogether',
    ),
  },
  {
    name: '$maxAge is taken for milliseconds',
    harm: 'events vanish a thousand times too early',
    file: 'stream-rules.ts',
    find: 'Number(maxAge) * 1000',
    replace: 'Number(maxAge)',
    caughtBy: rules(
      'given metadata of a stream, when its rules are read {"$maxAge":2,"owner":"ann"}, then it is obeyed',
    ),
  },
  {
    name: 'a number written as 1e1 or 2.0 counts as whole',
    harm: 'metadata that is void on the real node hides events here',
    file: 'stream-rules.ts',
    find: '!/^\\d+$/.test(text)) return null;\n  const number = BigInt(text);',
    replace:
      'Number.isNaN(Number(text))) return null;\n  const number = BigInt(Math.trunc(Number(text)));',
    caughtBy: rules(
      'given metadata of a stream, when its rules are read {"$tb":1e1}, then it is void altogether',
    ),
  },
  {
    name: 'a metadata stream shows all that it ever held',
    harm: 'a client reads metadata that has been replaced',
    file: 'visibility.ts',
    find: 'if (isMetastream(stream)) return head.last;',
    replace: 'if (isMetastream(stream)) return 0;',
    caughtBy: metadata('nothing any more, then all is shown again'),
  },
];
