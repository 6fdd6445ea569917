import { ADJUSTMENT_PURPOSES, ISSUE_PURPOSES, RECEIPT_PURPOSES } from '../../../libs/domain';
import {
  CalendarDate,
  Currency,
  Flag,
  Id,
  Instant,
  LotIds,
  MAX_LOCATION_CODE,
  MAX_SKU,
  Money,
  OneOf,
  Quantity,
  Reason,
  Text,
  Unit,
} from '../http/fields';
import { TimedBody } from '../catalogue/items.dto';

const MAX_PARENT_LOTS = 50;

export class MovementBody extends TimedBody {
  @Id(MAX_SKU, { required: true, alias: 'itemId', example: 'WIDGET-001' })
  sku!: string;

  @Id(MAX_LOCATION_CODE, { description: 'Default MAIN.', example: 'MAIN' })
  location?: string;

  @Quantity({
    required: true,
    alias: 'qty',
    example: 50,
    description: 'In the unit of the item.',
  })
  quantity!: string;

  @Unit()
  unit?: string;

  @Id(MAX_SKU, { example: 'L-2026-03' })
  lotCode?: string;

  @Text(200, { min: 1, description: 'The document behind it.', example: 'PO-1001' })
  reference?: string;
}

export class ReceiveBody extends MovementBody {
  @Reason()
  reason?: string;

  @OneOf(RECEIPT_PURPOSES, { example: 'PURCHASE' })
  purpose?: (typeof RECEIPT_PURPOSES)[number];

  @CalendarDate({ description: 'The last day it may be used.', example: '2027-06-30' })
  expiresOn?: string;

  @Money({ description: 'Cost of one unit.', example: '12.50' })
  unitCost?: string;

  @Currency({ description: 'Of unitCost; default USD.', example: 'USD' })
  currency?: string;

  @Flag({ description: 'true: into quarantine even where the item does not ask for it.' })
  qcRequired?: boolean;

  @Text(100, { min: 1, description: "The supplier's own name for the lot.", example: 'ACME 117' })
  supplierLot?: string;

  @CalendarDate({ description: 'The day the lot was made.', example: '2026-02-11' })
  manufacturedOn?: string;

  @LotIds(MAX_PARENT_LOTS, {
    description: 'Ids of the lots it was made of, of any item.',
    example: ['STEEL-4.H-88'],
  })
  parentLots?: string[];
}

export class IssueBody extends MovementBody {
  @Reason()
  reason?: string;

  @OneOf(ISSUE_PURPOSES, { example: 'SALE' })
  purpose?: (typeof ISSUE_PURPOSES)[number];
}

export class AdjustBody extends MovementBody {
  @OneOf(ADJUSTMENT_PURPOSES, { example: 'CORRECTION' })
  purpose?: (typeof ADJUSTMENT_PURPOSES)[number];

  @Reason({ required: true })
  reason!: string;
}

/** For the documentation only: the type decides which of the three above the rest is checked as. */
export class GenericMovementBody {
  @Text(32, {
    required: true,
    example: 'SALE',
    description:
      'receive, IN, stock-in; issue, SALE, REMOVAL; adjust; in any case. A REMOVAL whose purpose is a correction ' +
      '(CORRECTION, DAMAGE, LOSS) is an adjustment downwards and needs a reason.',
  })
  type!: string;

  @Id(MAX_SKU, { required: true, example: 'WIDGET-001' })
  sku!: string;

  @Id(MAX_LOCATION_CODE, { example: 'MAIN' })
  location?: string;

  @Quantity({ required: true, example: 3 })
  quantity!: string;

  @Unit()
  unit?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @Text(200)
  reference?: string;

  @Text(32)
  purpose?: string;

  @Text(1000)
  reason?: string;

  @Instant()
  effectiveAt?: string;

  @CalendarDate()
  expiresOn?: string;

  @Money()
  unitCost?: string;

  @Currency()
  currency?: string;

  @Flag()
  qcRequired?: boolean;

  @Text(100)
  supplierLot?: string;

  @CalendarDate()
  manufacturedOn?: string;

  @LotIds(MAX_PARENT_LOTS)
  parentLots?: string[];
}
