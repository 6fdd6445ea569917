import type { Defect } from './defect';

const spec = 'test/contract/event-node/appending.spec.ts';

export const appending: readonly Defect[] = [
  {
    name: 'the reply to an append names the position of its first event',
    harm: 'a reader that waits for that position misses the rest of the append',
    file: 'decisions.ts',
    find: 'position = group.add(stream, before, revision, {',
    replace: 'position ||= group.add(stream, before, revision, {',
    caughtBy: {
      spec,
      test: 'given an empty stream, when a batch append expects no stream, then its events are there in order and the reply names the last',
    },
  },
  {
    name: 'bogus survivor',
    harm: '',
    file: 'decisions.ts',
    find: "case 'known':",
    replace: "case 'known' :",
    caughtBy: {
      spec,
      test: 'given an empty stream, when a batch append expects no stream, then its events are there in order and the reply names the last',
    },
  },
];
