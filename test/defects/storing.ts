import { contract, unit } from './check';
import type { Defect } from './defect';

const writer = unit('log/writer');
const failedSync = writer(
  'given a sync that fails, when more is appended, then all of it is refused and nothing is written before the file is opened anew',
);
const followers = writer(
  'given followers, when a group is committed, then they hear of it, and of nothing more once they have left',
);
const flaw = unit('log/record')(
  'given a row, when any bit of it is changed, it is cut short or found elsewhere, then it has a flaw',
);

const restart = contract('restart');
const rules = restart(
  'given streams with rules and deletes, when the node is started again, then these still hold',
);
/** What is on disk and when: an answer is a promise that the event will be there after any crash. */
export const storing: readonly Defect[] = [
  {
    name: 'an append is answered before it is on disk',
    harm: 'a crash loses what the client was told is stored',
    file: 'log/writer.ts',
    find: 'if (commit) store.commit(commit);',
    replace: `requests.forEach((request, i) => request.done(outcomes[i]!));
    if (commit) store.commit(commit);`,
    caughtBy: failedSync,
  },
  {
    name: 'the node goes on writing after a sync has failed',
    harm: 'what a failed sync has lost lies between events that are acknowledged',
    file: 'log/writer.ts',
    find: 'if (refused) return request.failed(refused);',
    replace: '',
    caughtBy: failedSync,
  },
  {
    name: 'an append whose deadline has passed is written all the same',
    harm: 'the client has been told that it failed and decides anew',
    file: 'log/writer.ts',
    find: "nowMs > request.deadlineMs ? { kind: 'timeout' }",
    replace: "nowMs > request.deadlineMs ? (request.decide(group), { kind: 'timeout' })",
    caughtBy: writer(
      'given an append whose deadline has passed, when its turn comes, then it is not written',
    ),
  },
  {
    name: 'every append has a transaction and a sync of its own',
    harm: 'a disk does a few thousand of them in a second, not more',
    file: 'log/waiting-line.ts',
    find: 'while (count < items.length &&',
    replace: 'while (count < 1 &&',
    caughtBy: writer(
      'given appends that arrive together, when they are written, then one transaction holds them all',
    ),
  },
  {
    name: 'a follower that has left is still told',
    harm: 'the node keeps every subscription that ever was in memory',
    file: 'log/live-feed.ts',
    find: 'listeners.delete(listener);',
    replace: '',
    caughtBy: followers,
  },
  {
    name: 'a record is not checked against its sum',
    harm: 'what a failing disk has changed is delivered as an event',
    file: 'log/record.ts',
    find: "if (crc32(row.subarray(KIND)) !== row.readUInt32LE(0)) return 'its checksum does not match';",
    replace: '',
    caughtBy: flaw,
  },
  {
    name: 'a record is taken from another place than it was written to',
    harm: 'an event is delivered twice and another never',
    file: 'log/record.ts',
    find: 'return own === position ? undefined :',
    replace: 'return own === position || own > 0 ? undefined :',
    caughtBy: flaw,
  },
  {
    name: 'a node starts on a log whose newest part is damaged',
    harm: 'new events are written behind a hole',
    file: 'log/store.ts',
    find: 'requireSoundEnd(file, reads, tail);\n    return',
    replace: 'return',
    caughtBy: contract('durability-damage')(
      'given damage in the newest part, when a node is started, then it names the place and the next step and exits with 1',
    ),
  },
  {
    name: 'two nodes may share a folder',
    harm: 'each overwrites what the other has acknowledged',
    file: 'open-node.ts',
    find: 'const lock = await lockFolder(dataFolder);',
    replace: 'const lock = { release: () => Promise.resolve() };',
    caughtBy: contract('durability')(
      'given a folder in use, when a second node is started on it, then it says so and exits with 1',
    ),
  },
  {
    name: 'a restart forgets soft deletes',
    harm: 'deleted streams are back',
    file: 'log/heads.ts',
    find: '(head.deleted ? DELETED : 0)',
    replace: '0',
    caughtBy: rules,
  },
  {
    name: 'a restart forgets tombstones',
    harm: 'streams that were ended for ever go on',
    file: 'log/heads.ts',
    find: 'tombstoned: (flags & TOMBSTONED) !== 0,',
    replace: 'tombstoned: false,',
    // The log says otherwise, which the node sees when it starts.
    caughtBy: { ...rules, failure: 'is damaged at position' },
  },
  {
    name: 'a restart forgets that a stream has metadata alone',
    harm: 'an append that was accepted before the restart conflicts after it',
    file: 'log/heads.ts',
    find: '(head.hasMetadata ? HAS_METADATA : 0)',
    replace: '0',
    caughtBy: rules,
  },
  {
    name: 'a restart forgets where streams are truncated',
    harm: 'hidden events are back',
    file: 'log/heads.ts',
    find: 'bytes.writeDoubleLE(head.truncateBefore, 20);',
    replace: 'bytes.writeDoubleLE(0, 20);',
    caughtBy: rules,
  },
  {
    name: 'a restart gives new streams the numbers of old ones',
    harm: 'a new stream shows and overwrites the events of another',
    file: 'log/tables.ts',
    find: 'nextStream: bytes.readDoubleLE(16),',
    replace: 'nextStream: 1,',
    caughtBy: restart(
      'given streams, when the node is started again, then revisions and positions go on and no stream takes the events of another',
    ),
  },
  {
    name: 'creation times run backwards with the clock',
    harm: 'ages are found by bisection, which then hides the wrong events',
    file: 'log/group.ts',
    find: 'createdMs = Math.max(createdMs, clockMs);',
    replace: 'createdMs = clockMs;',
    caughtBy: contract('clock')(
      'given a clock that has been set back, when events are appended, then none is older than those before it',
    ),
  },
  {
    name: 'long names that begin alike are one stream',
    harm: 'two streams share revisions and events',
    file: 'log/tables.ts',
    find: "`#${createHash('sha256').update(stream).digest('hex')}`",
    replace: '`#${stream.slice(0, LONGEST_NAME_KEY)}`',
    caughtBy: restart(
      'given streams whose long names differ in the last letter only, when the node is started again, then each has its own events',
    ),
  },
];
