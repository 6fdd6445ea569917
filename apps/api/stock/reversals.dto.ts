import { REVERSAL_ERRORS } from '../../../libs/domain';
import { TimedBody } from '../catalogue/items.dto';
import { OneOf, Reason, Text, Uuid, Whole } from '../http/fields';

/** The most movements that one request takes back. */
export const MOST_MOVEMENTS = 500;

class ReversalBody extends TimedBody {
  @OneOf(REVERSAL_ERRORS, {
    required: true,
    description: 'GS1 EPCIS: it never happened, or what was recorded is wrong.',
    example: 'incorrect_data',
    change: (value) => value.toLowerCase(),
  })
  error!: (typeof REVERSAL_ERRORS)[number];

  @Reason({ required: true })
  reason!: string;
}

export class ReverseBody extends ReversalBody {
  @Uuid({ required: true, description: 'As the ledger tells it.' })
  movementId!: string;
}

export class ReverseCorrelationBody extends ReversalBody {
  @Text(200, {
    required: true,
    min: 1,
    description: 'The X-Correlation-Id that the movements came with, such as that of an import.',
    example: '7f3a52c09d1e4b86',
  })
  correlationId!: string;

  @Whole(1, MOST_MOVEMENTS, {
    description: `Movements that this request looks at; default ${MOST_MOVEMENTS}.`,
  })
  limit?: number;

  @Text(4_000, { min: 1, description: 'nextCursor of the answer before.' })
  cursor?: string;
}
