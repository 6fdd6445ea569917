import { RESTATEMENT_CAUSES } from '../../../libs/postgres/queries';
import { date, instant, metadata, position, revision } from '../document/answer-fields';
import {
  component,
  described,
  object,
  oneOf,
  orNull,
  text,
  type TypeOf,
} from '../document/answer-schema';
import { ledgerRow } from '../stock/answers';

/** Answers about accounting periods, and what came too late for one. */

const type = oneOf('CLOSE', 'REOPEN');
const periodFields = {
  closedThrough: described(date, 'The last closed day from here on, by UTC.'),
  wasClosedThrough: described(
    orNull(date),
    'The last closed day before; null: nothing was closed.',
  ),
  reason: orNull(text()),
  effectiveAt: instant,
  recordedAt: instant,
  revision,
  position,
};
export const periodRow = component('Period', object({ type, ...periodFields, ...metadata }));
export const movedPeriod = component('MovedPeriod', object({ type, ...periodFields }));

export const restatementRow = component(
  'Restatement',
  object({
    ...ledgerRow.fields,
    cause: described(
      oneOf(...RESTATEMENT_CAUSES),
      'SLIPPED_IN: the books were closed, and who decided did not know it yet. REOPENED: they were open again.',
    ),
    closedThrough: described(date, 'Of the closing that it came after.'),
    closedAt: described(instant, 'When that closing was recorded.'),
    closingPosition: described(position, 'Of that closing.'),
  }),
);

const moments = {
  effectiveAt: '2026-03-03T08:00:00.000Z',
  recordedAt: '2026-03-03T08:00:00.412Z',
};
export const exampleMovedPeriod: TypeOf<typeof movedPeriod> = {
  type: 'CLOSE',
  closedThrough: '2026-02-28',
  wasClosedThrough: '2026-01-31',
  reason: 'February is reported',
  ...moments,
  revision: 1,
  position: '9f1c2a7b-41827',
};
export const examplePeriod: TypeOf<typeof periodRow> = {
  ...exampleMovedPeriod,
  actor: 'anonymous',
  commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  correlationId: '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a',
};
export const closePeriodRequest = { through: '2026-02-28', reason: 'February is reported' };
export const reopenPeriodRequest = { from: '2026-02-01', reason: 'a delivery was forgotten' };
