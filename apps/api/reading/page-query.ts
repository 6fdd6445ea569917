import { OneOf, QueryWhole, Text } from '../http/fields';

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 500;
export const DEFAULT_WAIT_MS = 2_000;
export const MAX_WAIT_MS = 30_000;

/** Every query can wait for what a command just wrote. */
export class AfterQuery {
  @Text(40, {
    min: 1,
    description: 'The position that a command answered with: wait until it can be seen.',
  })
  after?: string;

  @QueryWhole(0, MAX_WAIT_MS, {
    description: `For how many milliseconds at most; default ${DEFAULT_WAIT_MS}.`,
  })
  wait?: number;
}

export class PageQuery extends AfterQuery {
  @QueryWhole(1, MAX_LIMIT, { description: `Entries of a page; default ${DEFAULT_LIMIT}.` })
  limit?: number;

  @Text(4000, { min: 1, description: 'nextCursor of the page before.' })
  cursor?: string;
}

/** The order of a list; columns keep their case. */
export const SortBy = (names: readonly string[], byDefault: string): PropertyDecorator =>
  OneOf(
    names.flatMap((name) => [name, `-${name}`]),
    {
      change: (value) => value,
      description: `A column, with - before it downwards; default ${byDefault}.`,
    },
  );
