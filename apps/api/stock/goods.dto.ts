import { RETURN_DISPOSITIONS, REVERSAL_ERRORS } from '../../../libs/domain';
import { OneOf, Reason, Uuid } from '../http/fields';
import { TimedBody } from '../catalogue/items.dto';
import { MovementBody } from './stock.dto';

export class ReturnBody extends MovementBody {
  @OneOf(RETURN_DISPOSITIONS, {
    description: 'Default QUARANTINE: on hold until someone has looked at it.',
    example: 'QUARANTINE',
  })
  disposition?: (typeof RETURN_DISPOSITIONS)[number];

  @Reason()
  reason?: string;
}

export class HoldBody extends MovementBody {
  @Reason({ required: true })
  reason!: string;
}

export class ReverseBody extends TimedBody {
  @Uuid({ required: true, description: 'As the ledger tells it.' })
  movementId!: string;

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
