import { QC_STATUSES, type QcStatus } from '../../../libs/domain';
import { LOT_SORTS, type LotSort } from '../../../libs/postgres/queries';
import {
  CalendarDate,
  Id,
  MAX_LOCATION_CODE,
  MAX_SKU,
  OneOf,
  QueryFlag,
  Reason,
} from '../http/fields';
import { TimedBody } from '../catalogue/items.dto';
import { PageQuery, SortBy } from '../reading/page-query';

export class DecideLotBody extends TimedBody {
  @Id(MAX_SKU, { required: true, example: 'WIDGET-001' })
  sku!: string;

  @Id(MAX_SKU, { required: true, example: 'L-2026-03' })
  lotCode!: string;

  @OneOf(QC_STATUSES, { required: true, example: 'APPROVED' })
  status!: QcStatus;

  @Reason({ required: true, example: 'certificate 4711 is in order' })
  reason!: string;

  @Id(200, { description: 'Opaque id of who judged the lot, where it is not the actor.' })
  inspector?: string;
}

export class CorrectLotBody extends TimedBody {
  @CalendarDate({
    required: true,
    nullable: true,
    description: 'The last day it may be used; null: it never expires.',
    example: '2027-06-30',
  })
  expiresOn!: string | null;

  @Reason({ required: true, example: 'misread on the label' })
  reason!: string;
}

export class LotsQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @Id(MAX_LOCATION_CODE, { description: 'Lots that are or were there; sums of that place only.' })
  location?: string;

  @OneOf(QC_STATUSES)
  qcStatus?: QcStatus;

  @QueryFlag()
  inStock?: boolean;

  @CalendarDate({ description: 'Expiry on this day or later.' })
  expiresFrom?: string;

  @CalendarDate({ description: 'Expiry before this day.' })
  expiresBefore?: string;

  @SortBy(LOT_SORTS, 'lot')
  sort?: LotSort;
}
