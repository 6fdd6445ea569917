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
];
