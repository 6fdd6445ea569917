import {
  component,
  count,
  described,
  exactly,
  listOf,
  object,
  oneOf,
  optional,
  orNull,
  text,
  type TypeOf,
} from '../document/answer-schema';
import {
  cursor,
  locationCode,
  lotCode,
  position,
  quantity,
  sku,
  uuid,
} from '../document/answer-fields';
import { LEDGER_TYPES } from './stock-queries.dto';

/** The answer to the reversal of everything that came with a correlation id. */

const movement = {
  movementId: uuid,
  type: oneOf(...LEDGER_TYPES),
  sku,
  location: locationCode,
  lotCode: orNull(lotCode),
  quantity: described(quantity, 'Its effect on what is on hand, which the reversal takes back.'),
  unit: text(),
};
const reversed = component('ReversedMovement', object(movement));
const conflict = component(
  'ReversalConflict',
  object({
    ...movement,
    code: described(text(), 'Why it stays: the code with which its reversal was refused.'),
    detail: described(text(), 'For people: what is in the way and what to do next.'),
  }),
);

export const reversedCorrelation = component(
  'ReversedCorrelation',
  object({
    dryRun: described(optional(exactly(true)), 'Of a dry run: nothing was written.'),
    correlationId: text(),
    reversed: described(listOf(reversed), 'Taken back, by this request or an earlier attempt.'),
    alreadyReversed: described(count, 'Movements that other requests have taken back.'),
    conflicts: described(listOf(conflict), 'Movements that stay.'),
    remaining: described(count, 'Older movements that this request has not looked at.'),
    nextCursor: described(
      orNull(cursor),
      'Send the same body with it as `cursor` to go on. null: that was all.',
    ),
    position: described(
      orNull(position),
      'Behind the last reversal; null where nothing was written.',
    ),
  }),
);

export const reverseCorrelationRequest = {
  correlationId: '7f3a52c09d1e4b86',
  error: 'did_not_occur',
  reason: 'the file of another shop',
};

const widget = { sku: 'WIDGET-001', location: 'MAIN', lotCode: null, unit: 'each' };
const example: TypeOf<typeof reversedCorrelation> = {
  correlationId: reverseCorrelationRequest.correlationId,
  reversed: [
    {
      movementId: '2b4c9d0a-5a3e-5b77-8a53-1f0e3c4d5e6f',
      type: 'ISSUE',
      ...widget,
      quantity: -4,
    },
  ],
  alreadyReversed: 0,
  conflicts: [
    {
      movementId: '7d1e0f4c-2a7b-5f0e-9b1c-3d2e1f0a9b8c',
      type: 'RECEIVE',
      ...widget,
      quantity: 60,
      code: 'REVERSAL_CONFLICT',
      detail:
        'the stock has moved on: 50 each of it are on hand, 0 each reserved, and 60 each would go; reverse what came after it first, or adjust',
    },
  ],
  remaining: 0,
  nextCursor: null,
  position: '9f1c2a7b-10482',
};
export const exampleReversedCorrelation = example;
export const exampleTriedCorrelation: typeof example = {
  dryRun: true,
  ...example,
  position: null,
};
