import {
  anyOf,
  component,
  count,
  described,
  exactly,
  flag,
  listOf,
  number,
  object,
  optional,
  orNull,
  type TypeOf,
} from '../document/answer-schema';
import { position } from '../document/answer-fields';
import { dryRun, problemAnswer } from '../document/answers-common';
import { EXAMPLE_DRY_RUN } from '../document/docs-decorators';
import { exampleIssued } from '../document/examples';
import { problemExamples } from '../document/problem-examples';
import { movedStock } from './answers';

/** The answer to a list of movements. */

const recorded = component(
  'RecordedMovement',
  object({
    status: number({ type: 'integer', minimum: 200, maximum: 599 }),
    replayed: described(flag, 'It had been decided before; nothing was written now.'),
    body: anyOf(movedStock, dryRun, problemAnswer),
  }),
);

export const recordedBatch = component(
  'RecordedBatch',
  object({
    dryRun: described(optional(exactly(true)), 'Of a dry run: nothing was written.'),
    results: described(
      listOf(recorded),
      'In the order of the movements: what a request of its own would have been answered.',
    ),
    applied: described(count, 'By this request or an earlier attempt.'),
    refused: count,
    undecided: described(count, 'For a reason that passes: send the same request again.'),
    position: described(
      orNull(position),
      'Behind the last of those that were applied; null where there is none.',
    ),
  }),
);

type Example = TypeOf<typeof recordedBatch>;
const problem = problemExamples.INSUFFICIENT_STOCK!.value;
const { position: reached } = exampleIssued;
export const exampleRecordedBatch: Example = {
  results: [
    { status: 201, replayed: false, body: exampleIssued },
    { status: problem.status, replayed: false, body: problem },
  ],
  applied: 1,
  refused: 1,
  undecided: 0,
  position: reached,
};
export const exampleTriedBatch: Example = {
  dryRun: true,
  results: [{ status: 200, replayed: false, body: EXAMPLE_DRY_RUN }],
  applied: 1,
  refused: 0,
  undecided: 0,
  position: null,
};
