import { ListOf, Text } from '../http/fields';
import { GenericMovementBody } from './stock.dto';

/** The most movements of one request; more than a hundred of the usual size fill a body. */
export const MOST_IN_BATCH = 200;

/** For the documentation only: each movement is checked for itself, and refused for itself. */
class BatchMovementBody extends GenericMovementBody {
  @Text(200, {
    min: 1,
    description:
      'Under which this movement is known, as by the header of a request of its own; default: its place in the list under the key of the request.',
    example: 'till-7:2026-03-01:4711',
  })
  idempotencyKey?: string;

  @Text(116, {
    min: 3,
    description: 'Row of an ordered source, `<id>;<sequence>`, as X-Source.',
    example: 'import-7f3a;42',
  })
  source?: string;
}

export class BatchMovementsBody {
  @ListOf(() => BatchMovementBody, MOST_IN_BATCH, {
    description: 'Those of one SKU at one location are decided in this order, others side by side.',
    required: true,
  })
  movements!: BatchMovementBody[];
}
