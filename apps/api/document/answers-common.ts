import {
  component,
  described,
  exactly,
  listOf,
  number,
  object,
  oneOf,
  openObject,
  optional,
  orNull,
  type Schema,
  text,
} from './answer-schema';
import { instant, cursor, lotCode, quantity } from './answer-fields';
import { problems } from '../http/errors';

/** Answers of the service itself, and the forms that all others share. */

export const overview = component(
  'Overview',
  object({
    name: text(),
    api: text(),
    docs: text(),
    reference: text(),
    openapi: text(),
    health: text(),
    metrics: text(),
  }),
);
export const liveness = component('Liveness', object({ status: exactly('ok') }));
export const readiness = component(
  'Readiness',
  object({
    status: oneOf('ok', 'degraded', 'unavailable'),
    eventStore: oneOf('ok', 'unavailable'),
    readModels: described(
      oneOf('ok', 'unavailable', 'refused'),
      'Refused: they were made from another log.',
    ),
    projections: listOf(
      object({
        projection: text(),
        state: oneOf('RUNNING', 'STOPPED', 'REFUSED'),
        reason: described(optional(text()), 'Of one that does not go on.'),
        updatedAt: instant,
        positionsBehind: described(
          orNull(number({ minimum: 0 })),
          'Of the positions of the log, which have gaps: 0 is up to date, more is not a number of events.',
        ),
      }),
    ),
  }),
);

export const pageOf = <T>(
  name: string,
  row: Schema<T>,
): Schema<{ readonly items: readonly T[]; readonly nextCursor: string | null }> =>
  component(`${name}Page`, object({ items: listOf(row), nextCursor: orNull(cursor) }));

/** RFC 9457. */
export const problemAnswer = component(
  'Problem',
  object({
    type: text({ format: 'uri' }),
    title: text(),
    status: number({ type: 'integer', minimum: 400, maximum: 599 }),
    code: described(
      oneOf(...(Object.keys(problems) as (keyof typeof problems)[])),
      'Stable; decide by it.',
    ),
    detail: described(text({ minLength: 1 }), 'For people: what is wrong and what to do next.'),
    instance: described(text(), 'The correlation id of the request.'),
    errors: described(
      optional(listOf(object({ field: text(), message: text() }))),
      'The fields that are wrong.',
    ),
  }),
);

const balances = {
  lowestBalance: described(quantity, 'The least that is on hand at any time from the movement on.'),
  at: described(instant, 'Since when it is that little.'),
  balanceNow: described(quantity, 'On hand after everything.'),
};
const timeline = component(
  'Timeline',
  object({
    ...balances,
    lot: described(
      orNull(object({ lotCode, ...balances })),
      'The same of the lot, where the movement is of one.',
    ),
  }),
);

export const dryRun = component(
  'DryRun',
  object({
    dryRun: exactly(true),
    events: described(
      listOf(object({ type: text(), data: openObject })),
      'The events that the command would append; quantities in them are whole base units.',
    ),
    timeline: described(
      optional(orNull(timeline)),
      'Of a movement with an effectiveAt: on hand of the SKU at the location by the times at which things happened, with ' +
        'the movement. null: the tables do not answer in time, or nothing is moved.',
    ),
  }),
);
