import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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

export const sourceOf = (root: string, defect: Defect): string =>
  join(root, NODE_FOLDER, defect.file);

/** Why the defect cannot be planted any more; undefined when it can. */
export function rotOf(root: string, defect: Defect): string | undefined {
  const found = readFileSync(sourceOf(root, defect), 'utf8').split(defect.find).length - 1;
  if (defect.find === defect.replace) return 'it replaces its text by the same text';
  if (found === 1) return undefined;
  return `${NODE_FOLDER}/${defect.file} has its text to find ${found} times, not once: bring it up to date`;
}

export const planted = (source: string, { find, replace }: Defect): string =>
  source.replace(find, () => replace);
