import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A small change of one place in the sources. */
export interface Planting {
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** Why it cannot be planted any more; undefined when it can. */
export function rotOf(root: string, { file, find, replace }: Planting): string | undefined {
  const found = readFileSync(join(root, file), 'utf8').split(find).length - 1;
  if (find === replace) return 'it replaces its text by the same text';
  if (found === 1) return undefined;
  return `${file} has its text to find ${found} times, not once: bring it up to date`;
}

export const planted = (
  source: string,
  { find, replace }: Pick<Planting, 'find' | 'replace'>,
): string => source.replace(find, () => replace);
