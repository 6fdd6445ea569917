import type { Planting } from '../support/planting';

/** A small change of one place in the event node that makes it differ from the real server, and the test that sees it. */
export interface Defect {
  /** What the node does wrong, as a sentence without its full stop. Unique. */
  readonly name: string;
  /** Why it matters, in one line. */
  readonly harm: string;
  /** Within libs/embedded/eventstore. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly caughtBy: Check;
}

export interface Check {
  /** From the root of the repository. */
  readonly spec: string;
  /** The test's full name: those of the `describe` blocks around it, then its own, with a space between them. */
  readonly test: string;
  /** A text that the failure must hold; without it, the failure must be that of an expectation. */
  readonly failure?: string;
}

export const NODE_FOLDER = 'libs/embedded/eventstore';

/** How jest says that a test has waited in vain: the symptom of what never comes. */
export const HANGS = 'Exceeded timeout';

/** With its file as it is named from the root. */
export const plantingOf = ({ file, find, replace }: Defect): Planting => ({
  file: `${NODE_FOLDER}/${file}`,
  find,
  replace,
});
