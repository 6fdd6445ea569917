import { TRANSFER_STATUSES, type TransferStatus } from '../../../libs/domain';
import {
  IN_TRANSIT_SORTS,
  TRANSFER_SORTS,
  type InTransitSort,
  type TransferSort,
} from '../../../libs/postgres/queries';
import {
  Flag,
  Id,
  MAX_LOCATION_CODE,
  MAX_SKU,
  OneOf,
  Quantity,
  Reason,
  Text,
} from '../http/fields';
import { CommandBody, TimedBody } from '../catalogue/items.dto';
import { PageQuery, SortBy } from '../reading/page-query';

const MAX_UNIT = 32;

export class TransferBody extends CommandBody {
  @Id(MAX_SKU, { required: true, example: 'WIDGET-001' })
  sku!: string;

  @Id(MAX_LOCATION_CODE, { description: 'Where it is sent from; default MAIN.', example: 'MAIN' })
  from?: string;

  @Id(MAX_LOCATION_CODE, { required: true, example: 'SHOP-1' })
  to!: string;

  @Quantity({ required: true, example: 20 })
  quantity!: string;

  @Id(MAX_UNIT, { description: 'Default: the unit of the item.', example: 'each' })
  unit?: string;

  @Id(MAX_SKU, {
    description:
      'This lot, whatever its status. Without it the allocation policy of the item chooses among what may be used.',
    example: 'L-2026-03',
  })
  lotCode?: string;

  @Flag({ description: 'true: it is received in the same breath.' })
  immediate?: boolean;

  @Text(200, { min: 1, description: 'The document behind it.', example: 'TO-12' })
  reference?: string;
}

export class ReceiveTransferBody extends CommandBody {
  @Quantity({
    description: 'What has come; default: all that is outstanding and not missing.',
    example: 18,
  })
  quantity?: string;

  @Quantity({
    description: 'What will not come any more: it is written off, and needs a reason.',
    example: 2,
  })
  missing?: string;

  @Id(MAX_UNIT, {
    description: 'Of quantity and missing; default: the unit of the item.',
    example: 'each',
  })
  unit?: string;

  @Id(MAX_SKU, {
    description: 'Default: all lots, in the order in which they were dispatched.',
    example: 'L-2026-03',
  })
  lotCode?: string;
}

export class CancelTransferBody extends TimedBody {
  @Reason({ required: true, example: 'the lorry turned back' })
  reason!: string;
}

export class TransfersQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE, { description: 'Sent from this location.' })
  from?: string;

  @Id(MAX_LOCATION_CODE, { description: 'Sent to this location.' })
  to?: string;

  @OneOf(TRANSFER_STATUSES)
  status?: TransferStatus;

  @SortBy(TRANSFER_SORTS, '-dispatchedAt, newest first')
  sort?: TransferSort;
}

export class InTransitQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE, { description: 'Sent from this location.' })
  from?: string;

  @Id(MAX_LOCATION_CODE, { description: 'Sent to this location.' })
  to?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @SortBy(IN_TRANSIT_SORTS, 'sku')
  sort?: InTransitSort;
}
