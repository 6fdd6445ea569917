import type { Planting } from '../support/planting';

/** A bug in the rules of stock, such as a person might well write. */
export interface Mutant extends Planting {
  /** What the rules do wrong, as a sentence without its full stop. Unique. */
  readonly name: string;
}

/** How a list names its bugs: the file once, then each with the text it changes. */
export const bugsIn =
  (file: string) =>
  (name: string, find: string, replace: string): Mutant => ({
    name,
    file: `libs/domain/${file}.ts`,
    find,
    replace,
  });
