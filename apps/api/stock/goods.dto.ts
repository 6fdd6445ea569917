import { RETURN_DISPOSITIONS } from '../../../libs/domain';
import { OneOf, Reason } from '../http/fields';
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
