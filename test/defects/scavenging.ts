import { contract, unit } from './check';
import type { Defect } from './defect';

const check = contract('scavenge');
const five = (what: string) =>
  check(`given a stream of five events, when the log is scavenged ${what}`);

/** What a scavenge may remove: wrong here means lost events, a folder that grows for ever, or an untrue history. */
export const scavenging: readonly Defect[] = [
  {
    name: 'a scavenge removes the last event of a stream too',
    harm: 'the revisions of a deleted stream start again at 0, and an old expected revision holds once more',
    file: 'scavenge/point.ts',
    find: 'return Math.min(firstVisible(store, stream, head, nowMs), head.last);',
    replace: 'return firstVisible(store, stream, head, nowMs);',
    caughtBy: five('and soft-deleted, then the last is kept'),
  },
  {
    name: 'a scavenge removes one visible event',
    harm: 'an event that every reader may ask for is gone',
    file: 'scavenge/point.ts',
    find: 'return Math.min(firstVisible(store, stream, head, nowMs), head.last);',
    replace: 'return Math.min(firstVisible(store, stream, head, nowMs) + 1, head.last);',
    caughtBy: five('of which $maxCount shows two, then two are kept'),
  },
  {
    name: 'a scavenge keeps every version of the metadata',
    harm: 'a stream whose metadata changes often grows for ever',
    file: 'scavenge/point.ts',
    find: 'if (isMetastream(stream)) return head.last;',
    replace: 'if (isMetastream(stream)) return 0;',
    caughtBy: five('with metadata that was changed, then its last version is kept'),
  },
  {
    name: 'a scavenge says that it was stopped when it was too late for that',
    harm: 'the one who stops it and the one who reads its history are told different things',
    file: 'scavenge/service.ts',
    find: ' || running.isSettled) return false;',
    replace: ') return false;',
    caughtBy: unit('scavenge/service')(
      'given a scavenge that records its end, when it is stopped, then it is too late, as its history says',
    ),
  },
  {
    name: 'a scavenge does not heed that it was stopped',
    harm: 'an operator cannot end one that is in the way',
    file: 'scavenge/service.ts',
    find: 'running.abort.abort();\n      return true;',
    replace: 'return true;',
    caughtBy: check(
      'given the calls that the official tools make when one with much to do is started twice and stopped, then there is one, and its history says that it was stopped',
    ),
  },
];
