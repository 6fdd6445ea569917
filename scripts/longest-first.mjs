// The order of test files: what takes longest begins first, so that no worker is left alone with it at the end.
import Sequencer from '@jest/test-sequencer';

const LONGEST = [
  'test/contract/event-node/differential.spec.ts',
  'test/contract/event-node/planted-defects.spec.ts',
  'test/simulate/simulate.spec.ts',
  'test/e2e/projector.spec.ts',
  'test/contract/postgres/postgres.spec.ts',
  'test/e2e/idempotency.spec.ts',
  'test/contract/projections/rebuild.spec.ts',
  'test/e2e/bad-input.spec.ts',
];
const rankOf = ({ path }) => {
  const rank = LONGEST.findIndex((name) => path.endsWith(name));
  return rank < 0 ? LONGEST.length : rank;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
