import { contract, unit } from './check';
import type { Defect } from './defect';

const writer = unit('writer');
const failedSync = writer(
  'given a sync that fails, when more is appended, then all of it is refused and nothing is written any more',
);
const followers = writer(
  'given followers, when a group is committed, then they hear of it, and of nothing more once they have left',
);
const chain = unit('record')(
  'given a chain of rows, when one is changed or left out, then the next does not follow',
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
    file: 'writer.ts',
    find: `if (commit) store.commit(commit);
  requests.forEach((request, i) => request.done(outcomes[i]!));`,
    replace: `requests.forEach((request, i) => request.done(outcomes[i]!));
  if (commit) store.commit(commit);`,
    caughtBy: failedSync,
  },
  {
    name: 'the node goes on writing after a sync has failed',
    harm: 'what a failed sync has lost lies between events that are acknowledged',
    file: 'writer.ts',
    find: 'if (poison) return request.failed(poison);',
    replace: '',
    caughtBy: failedSync,
  },
  {
    name: 'an append whose deadline has passed is written all the same',
    harm: 'the client has been told that it failed and decides anew',
    file: 'writer.ts',
    find: "nowMs > request.deadlineMs ? { kind: 'timeout' }",
    replace: "nowMs > request.deadlineMs ? (request.decide(group), { kind: 'timeout' })",
    caughtBy: writer(
      'given an append whose deadline has passed, when its turn comes, then it is not written',
    ),
  },
  {
    name: 'every append has a transaction and a sync of its own',
    harm: 'a disk does a few thousand of them in a second, not more',
    file: 'waiting-line.ts',
    find: 'while (count < items.length &&',
    replace: 'while (count < 1 &&',
    caughtBy: writer(
      'given appends that arrive together, when they are written, then one transaction holds them all',
    ),
  },
  {
    name: 'a follower that has left is still told',
    harm: 'the node keeps every subscription that ever was in memory',
    file: 'live-feed.ts',
    find: 'listeners.delete(listener);',
    replace: '',
    caughtBy: followers,
  },
  {
    name: 'a record is not checked against its sum',
    harm: 'what a failing disk has changed is delivered as an event',
    file: 'record.ts',
    find: 'crc32(row.subarray(KIND), previousCrc) === crcOf(row)',
    replace: 'true',
    caughtBy: chain,
  },
  {
    name: 'the sum of a record does not cover the one before it',
    harm: 'a record that is missing or doubled goes unseen',
    file: 'record.ts',
    find: 'crc32(row.subarray(KIND), previousCrc) === crcOf(row)',
    replace:
      'crc32(row.subarray(KIND), crc32(row.subarray(KIND)) && previousCrc) === crcOf(row) || previousCrc === 0',
    caughtBy: chain,
  },
  {
    name: 'two nodes may share a folder',
    harm: 'each overwrites what the other has acknowledged',
    file: 'index.ts',
    find: 'const lock = await lockFolder(dataFolder);',
    replace: 'const lock = { release: () => Promise.resolve() };',
    caughtBy: contract('durability')(
      'given a folder in use, when a second node is started on it, then it says so and exits with 1',
    ),
  },
  {
    name: 'followers hear of events before they are on disk',
    harm: 'a projection shows what a crash or a failed sync takes back',
    file: 'writer.ts',
    find: 'const commit = group.commit();',
    replace: 'feed.publish(group.events);\n  const commit = group.commit();',
    caughtBy: unit('failed-commit')(
      'given a commit that fails, when events are appended, then no follower hears of them and no reader sees them',
    ),
  },
  {
    name: 'a restart forgets soft deletes',
    harm: 'deleted streams are back',
    file: 'heads.ts',
    find: '(head.deleted ? DELETED : 0)',
    replace: '0',
    caughtBy: rules,
  },
  {
    name: 'a restart forgets tombstones',
    harm: 'streams that were ended for ever go on',
    file: 'heads.ts',
    find: 'tombstoned: (flags & TOMBSTONED) !== 0,',
    replace: 'tombstoned: false,',
    caughtBy: rules,
  },
  {
    name: 'a restart forgets that a stream has metadata alone',
    harm: 'an append that was accepted before the restart conflicts after it',
    file: 'heads.ts',
    find: '(head.hasMetadata ? HAS_METADATA : 0)',
    replace: '0',
    caughtBy: rules,
  },
  {
    name: 'a restart forgets where streams are truncated',
    harm: 'hidden events are back',
    file: 'heads.ts',
    find: 'bytes.writeDoubleLE(head.truncateBefore, 16);',
    replace: 'bytes.writeDoubleLE(0, 16);',
    caughtBy: rules,
  },
  {
    name: 'a restart gives new streams the numbers of old ones',
    harm: 'a new stream shows and overwrites the events of another',
    file: 'store.ts',
    find: 'nextStream: bytes.readDoubleLE(8),',
    replace: 'nextStream: 1,',
    caughtBy: restart(
      'given streams, when the node is started again, then revisions and positions go on and no stream takes the events of another',
    ),
  },
  {
    name: 'creation times run backwards with the clock',
    harm: 'ages are found by bisection, which then hides the wrong events',
    file: 'group.ts',
    find: 'createdMs = Math.max(createdMs, clockMs);',
    replace: 'createdMs = clockMs;',
    caughtBy: contract('clock')(
      'given a clock that has been set back, when events are appended, then none is older than those before it',
    ),
  },
  {
    name: 'long names that begin alike are one stream',
    harm: 'two streams share revisions and events',
    file: 'store.ts',
    find: "`#${createHash('sha256').update(stream).digest('hex')}`",
    replace: '`#${stream.slice(0, LONGEST_NAME_KEY)}`',
    caughtBy: restart(
      'given streams whose long names differ in the last letter only, when the node is started again, then each has its own events',
    ),
  },
];
