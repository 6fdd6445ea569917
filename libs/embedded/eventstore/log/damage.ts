import { dirname } from 'node:path';

/** What is stored is not what was written: the message names the place and the next step. */
export class DamageError extends Error {
  override readonly name = 'DamageError';

  constructor(
    file: string,
    /** Such as `position 4711` or `revision 3 of stream number 12`. */
    readonly place: string,
    readonly flaw: string,
  ) {
    super(
      `${file} is damaged at ${place}: ${flaw}. Stop the node and run ` +
        `"npm run eventstore -- verify ${dirname(file)}"; what it names is restored from a copy of the folder.`,
    );
  }
}
