import { COUNT_KINDS } from '../../../libs/domain';
import {
  COUNT_SHEET_SORTS,
  COUNT_SORTS,
  type CountSheetSort,
  type CountSort,
} from '../../../libs/postgres/queries';
import {
  Flag,
  Id,
  Instant,
  MAX_LOCATION_CODE,
  MAX_SKU,
  OneOf,
  Quantity,
  Reason,
  Text,
  Unit,
  Whole,
} from '../http/fields';
import { TimedBody } from '../catalogue/items.dto';
import { PageQuery, SortBy } from '../reading/page-query';

export const COUNT_STATUSES = ['PENDING', 'APPLIED', 'REJECTED'] as const;

export class CountBody extends TimedBody {
  @Id(MAX_SKU, { required: true, example: 'WIDGET-001' })
  sku!: string;

  @Id(MAX_LOCATION_CODE, { description: 'Default MAIN.', example: 'MAIN' })
  location?: string;

  @Id(MAX_SKU, { example: 'L-2026-03' })
  lotCode?: string;

  @Quantity({ required: true, example: 48, description: 'What was there.' })
  counted!: string;

  @Unit()
  unit?: string;

  @Whole(0, Number.MAX_SAFE_INTEGER, {
    required: true,
    description:
      'Of the stock at the place, as it was shown with the figure or the count sheet: the books are read as of it.',
    example: 3,
  })
  revision!: number;

  @OneOf(COUNT_KINDS, { description: 'Default CYCLE_COUNT.', example: 'STOCKTAKE' })
  kind?: (typeof COUNT_KINDS)[number];

  @Flag({ description: 'true: the counter is not told what the books say.' })
  blind?: boolean;

  @Text(600, { description: 'Of a recount: the count that waits for approval.' })
  countId?: string;

  @Text(200, { min: 1, example: 'SHEET-7' })
  reference?: string;

  @Reason()
  reason?: string;
}

export class RejectCountBody extends TimedBody {
  @Reason({ required: true })
  reason!: string;
}

export class CountsQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @OneOf(COUNT_STATUSES)
  status?: (typeof COUNT_STATUSES)[number];

  @OneOf(COUNT_KINDS)
  kind?: (typeof COUNT_KINDS)[number];

  @Text(200)
  countedBy?: string;

  @Text(200, { min: 1, description: 'Of this document.' })
  reference?: string;

  @Instant({ description: 'countedAt from here on.' })
  from?: string;

  @Instant({ description: 'countedAt before this.' })
  to?: string;

  @SortBy(COUNT_SORTS, 'countedAt')
  sort?: CountSort;
}

export class CountSheetQuery extends PageQuery {
  @Id(MAX_LOCATION_CODE, { description: 'Default MAIN.' })
  location?: string;

  @Id(MAX_SKU)
  sku?: string;

  @SortBy(COUNT_SHEET_SORTS, 'sku')
  sort?: CountSheetSort;
}
