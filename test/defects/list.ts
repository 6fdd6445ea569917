import { appending } from './appending';
import { calls } from './calls';
import { checkpoints } from './checkpoints';
import type { Defect } from './defect';
import { deleting } from './deleting';
import { reading } from './reading';
import { retries } from './retries';
import { scavenging } from './scavenging';
import { storing } from './storing';
import { subscribing } from './subscribing';

/** Every defect that the event node's tests must catch. */
export const DEFECTS: readonly Defect[] = [
  ...appending,
  ...retries,
  ...reading,
  ...subscribing,
  ...checkpoints,
  ...deleting,
  ...scavenging,
  ...storing,
  ...calls,
];

/** What continuous integration plants; `npm run defects` plants them all. */
export const SAMPLE: readonly Defect[] = DEFECTS.filter((_, at) => at % 3 === 0);
