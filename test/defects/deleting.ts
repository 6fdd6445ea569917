import { contract, unit } from './check';
import type { Defect } from './defect';

const check = contract('deleting');
const deleted = (what: string, failure?: string) =>
  check(`given a soft-deleted stream${what}`, failure);
const gone = (what: string) =>
  check(`given a stream, when it is tombstoned ${what}, then it is gone for ever`);
const metadata = contract('metadata');
const shown = (rules: string) =>
  metadata(
    `given the revisions 0 to 9, when metadata says ${rules} are shown, in either direction`,
  );
const senseless = (text: string) =>
  metadata(
    `given the revisions 0 to 9, when metadata says ${JSON.stringify(text)}, which makes no sense, then all of it is void`,
  );
const rules = unit('log/stream-rules');
const aged = metadata(
  'given metadata that says to keep a minute when time passes, then each event is hidden by its own age, until the rule is lifted',
);

/** Deletes and the metadata that hides events: wrong here means lost history, or history that comes back. */
export const deleting: readonly Defect[] = [
  {
    name: 'a soft delete is a mere truncation',
    harm: 'a deleted stream reads as an empty one instead of as none',
    file: 'log/stream-rules.ts',
    find: 'deleted: String(truncateBefore) === DELETED_TB,',
    replace: 'deleted: false,',
    caughtBy: deleted(' when it is read with {}, then it is not found'),
  },
  {
    name: 'the $tb of a soft delete is compared as a rounded number',
    harm: 'a stream that is truncated before 2^63-2 counts as deleted',
    file: 'log/stream-rules.ts',
    find: 'String(truncateBefore) === DELETED_TB',
    replace: 'Number(truncateBefore) === Number(DELETED_TB)',
    caughtBy: check(
      'given a stream of three events, when its metadata is set to {"$tb":9223372036854775806}, then it is empty',
    ),
  },
  {
    name: 'a stream that comes back after a soft delete begins at revision 0 again',
    harm: 'two events have the same revision, and exact appends overwrite history',
    file: 'writing/decisions.ts',
    find: 'const revision = before.last + 1 + i;',
    replace: 'const revision = (before.deleted ? 0 : before.last + 1) + i;',
    caughtBy: deleted(
      ', when a batch append expects any, then it goes on after its last revision and shows what is new',
      'DATA_LOSS',
    ),
  },
  {
    name: 'a soft-deleted stream refuses an append that expects no stream',
    harm: 'what is deleted can never be made again',
    file: 'writing/decisions.ts',
    find: "return head?.deleted && expected.kind === 'no_stream' ? WRITE : WRONG;",
    replace: 'return WRONG;',
    caughtBy: deleted(
      ', when a batch append expects no_stream, then it goes on after its last revision and shows what is new',
    ),
  },
  {
    name: 'what a soft delete hid comes back with the next append',
    harm: 'deleted events are read again',
    file: 'writing/decisions.ts',
    find: 'undeleted(undefined, before.last + 1)',
    replace: 'undeleted(undefined, 0)',
    caughtBy: deleted(
      ', when a unary append expects 2n, then it goes on after its last revision and shows what is new',
    ),
  },
  {
    name: 'a soft-deleted stream stays deleted when it is appended to',
    harm: 'events are acknowledged that nobody can read',
    file: 'writing/decisions.ts',
    find: 'else if (before.deleted) writeMetadata',
    replace: 'else if (before.deleted && events.length === 0) writeMetadata',
    caughtBy: deleted(
      ', when a unary append expects any, then it goes on after its last revision and shows what is new',
      'not found',
    ),
  },
  {
    name: 'stream_exists takes a soft-deleted stream for one that never was',
    harm: 'the client tells its user of a conflict instead of a deleted stream',
    file: 'writing/decisions.ts',
    find: "if (head?.deleted) return { kind: 'deleted' };",
    replace: 'if (head?.deleted) return WRONG;',
    caughtBy: deleted(
      ', when a batch append expects stream_exists, then it is refused: stream deleted',
    ),
  },
  {
    name: 'metadata that is written to a soft-deleted stream shows its old events again',
    harm: 'setting an access rule undoes a delete',
    file: 'writing/decisions.ts',
    find: 'if (before?.deleted && !after.deleted) {',
    replace: 'if (before?.deleted && after.deleted) {',
    caughtBy: deleted(
      ', when metadata is written to it {"owner":"ann"}, then a second record hides what it held: {"$tb":3,"owner":"ann"}',
    ),
  },
  {
    name: 'a soft delete removes the events from the log',
    harm: 'a projection that is rebuilt from the log comes out different',
    file: 'calls/reads.ts',
    find: 'const matching = rows.filter(({ row }) => holdsEvent(row) &&',
    replace:
      "const matching = rows.filter(({ row }) => holdsEvent(row) && !store.head(require('../log/record').streamBytesOf(row).toString())?.deleted &&",
    caughtBy: deleted(
      ' when the node is asked for its events in the log, then they are still there',
    ),
  },
  {
    name: 'a stream that never was can be deleted',
    harm: 'a delete with a misspelt name is acknowledged',
    file: 'writing/decisions.ts',
    find: 'if (lastOf(head) < 0 && !head?.hasMetadata) return wrong(expected, head);',
    replace: '',
    caughtBy: check('given no stream, when it is deleted with any, then that is refused'),
  },
  {
    name: 'a tombstone does not outlast the next append',
    harm: 'a stream that was ended for ever goes on',
    file: 'writing/decisions.ts',
    find: 'group.setHead(stream, { ...head, tombstoned: true });',
    replace: 'group.setHead(stream, head);',
    caughtBy: gone('holding three events with any'),
  },
  {
    name: '$maxCount keeps one event too many',
    harm: 'what a retention rule should hide is read',
    file: 'log/visibility.ts',
    find: 'head.last - head.maxCount + 1',
    replace: 'head.last - head.maxCount',
    caughtBy: shown('{"$maxCount":3}, then [7,8,9]'),
  },
  {
    name: '$tb hides the event at its revision too',
    harm: 'one event more than asked for is gone',
    file: 'log/visibility.ts',
    find: 'Math.max(head.first, head.truncateBefore, byCount)',
    replace: 'Math.max(head.first, head.truncateBefore + 1, byCount)',
    caughtBy: shown('{"$tb":4}, then [4,5,6,7,8,9]'),
  },
  {
    name: 'a stream of which every event is hidden counts as none',
    harm: 'a client takes a truncated stream for a new one',
    file: 'log/visibility.ts',
    find: 'head.last >= 0 && !head.deleted',
    replace: 'head.last >= head.truncateBefore && !head.deleted',
    caughtBy: metadata(
      'given the revisions 0 to 9, when metadata says to hide all, then the stream is found, unlike one that is deleted',
      'not found',
    ),
  },
  {
    name: 'a $maxCount of 0 hides everything',
    harm: 'a senseless value empties a stream instead of being void',
    file: 'log/stream-rules.ts',
    find: 'wholeNumber(values.$maxCount, 1n)',
    replace: 'wholeNumber(values.$maxCount, 0n)',
    caughtBy: senseless('{"$maxCount":0}'),
  },
  {
    name: 'one senseless value leaves the other rules of the metadata in force',
    harm: 'events are hidden that the real node shows',
    file: 'log/stream-rules.ts',
    find: 'if (truncateBefore === null || maxCount === null || maxAge === null) return NO_RULES;',
    replace: '',
    caughtBy: senseless('{"$tb":2,"$maxCount":"x"}'),
  },
  {
    name: '$maxAge is taken for milliseconds',
    harm: 'events vanish a thousand times too early',
    file: 'log/stream-rules.ts',
    find: 'Number(maxAge) * 1000',
    replace: 'Number(maxAge)',
    caughtBy: rules(
      'given metadata of a stream, when its rules are read {"$maxAge":2,"owner":"ann"}, then it is obeyed',
    ),
  },
  {
    name: 'a number written as 1e1 or 2.0 counts as whole',
    harm: 'metadata that is void on the real node hides events here',
    file: 'log/stream-rules.ts',
    find: '!/^\\d+$/.test(text)) return null;\n  const number = BigInt(text);',
    replace:
      'Number.isNaN(Number(text))) return null;\n  const number = BigInt(Math.trunc(Number(text)));',
    caughtBy: senseless('{"$tb":1e1}'),
  },
  {
    name: 'a metadata stream shows all that it ever held',
    harm: 'a client reads metadata that has been replaced',
    file: 'log/visibility.ts',
    find: 'if (isMetastream(stream)) return head.last;',
    replace: 'if (isMetastream(stream)) return 0;',
    caughtBy: metadata(
      'given the metadata of a stream when it is read, then its last event is shown, however many there are',
    ),
  },
  {
    name: '$maxAge hides nothing',
    harm: 'what must not be kept is read for ever',
    file: 'log/visibility.ts',
    find: 'return head.maxAgeMs === Infinity ? first :',
    replace: 'return head.maxAgeMs > 0 ? first :',
    caughtBy: aged,
  },
  {
    name: '$maxAge hides the whole stream when its first event is too old',
    harm: 'events that should be kept are not shown',
    file: 'log/visibility.ts',
    find: 'if (!found || createdMsOf(found.row) > oldest) high = middle;',
    replace: 'if (!found) high = middle;',
    caughtBy: aged,
  },
  {
    name: 'a soft delete can be repeated at any revision',
    harm: 'a client that has missed an append deletes it unseen',
    file: 'writing/decisions.ts',
    find: 'return expected.revision === lastOf(head) ?',
    replace: 'return expected.revision === lastOf(head) || head?.deleted ?',
    caughtBy: deleted(' when it is deleted again with 1, then that is refused'),
  },
  {
    name: 'a stream that never was cannot be tombstoned',
    harm: 'a name that must never be used cannot be closed',
    file: 'writing/decisions.ts',
    find: 'const head = known ?? group.createHead();\n  const position',
    replace: 'if (!known) return wrong(expected, known);\n  const head = known;\n  const position',
    caughtBy: gone('holding no events with any'),
  },
  {
    name: 'an append to a tombstoned stream that expects another revision is a conflict',
    harm: 'a client tries again for ever on a stream that has ended',
    file: 'writing/decisions.ts',
    find: "if (head?.tombstoned) return { kind: 'stream-deleted', stream };",
    replace: '',
    caughtBy: contract('error-details')(
      'given a tombstoned stream, when something is appended to it with 5, then both paths say that it is gone',
    ),
  },
  {
    name: 'metadata that deletes a deleted stream brings it back',
    harm: 'deleted streams are found',
    file: 'writing/decisions.ts',
    find: 'if (before?.deleted && !after.deleted) {',
    replace: 'if (before?.deleted) {',
    caughtBy: deleted(', when metadata is written to it that deletes it, then it stays deleted'),
  },
  {
    name: 'metadata is written back with its numbers rounded',
    harm: 'large numbers in the metadata of an application change by an undelete',
    file: 'log/stream-rules.ts',
    find: "if (!values || '$tb' in values || Object.keys(values).length === 0) {",
    replace: 'if (values || !values) {',
    caughtBy: deleted(
      ', when metadata is written to it {"big":12345678901234567890,"$maxCount":9}, then a second record hides what it held: {"$tb":3,"big":12345678901234567890,"$maxCount":9}',
    ),
  },
];
