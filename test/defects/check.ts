import type { Check } from './defect';

/** How a list names its checks: the file once, then each test of it. */
const checksIn =
  (spec: string) =>
  (test: string, failure?: string): Check =>
    failure === undefined ? { spec, test } : { spec, test, failure };

export const contract = (name: string) => checksIn(`test/contract/event-node/${name}.spec.ts`);
export const unit = (name: string) => checksIn(`libs/embedded/eventstore/${name}.spec.ts`);

/** How an append shows that is refused although it should not be. */
export const CONFLICT = 'WrongExpectedVersionError';
