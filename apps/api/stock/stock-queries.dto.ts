import { QC_STATUSES } from '../../../libs/domain';
import {
  AUDIT_SORTS,
  type AuditSort,
  LEDGER_SORTS,
  type LedgerSort,
  LEVEL_SORTS,
  type LevelSort,
  LOW_STOCK_SORTS,
  type LowStockSort,
  STOCK_STATES,
  type StockState,
  SUMMARY_SORTS,
  type SummarySort,
} from '../../../libs/postgres/queries';
import {
  CalendarDate,
  Id,
  Instant,
  MAX_LOCATION_CODE,
  MAX_SKU,
  OneOf,
  QueryFlag,
  Text,
  Uuid,
} from '../http/fields';
import { PageQuery, SortBy } from '../reading/page-query';

export class LevelsQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @OneOf(QC_STATUSES)
  qcStatus?: (typeof QC_STATUSES)[number];

  @QueryFlag({
    description: 'true: only where something is on hand; false: only where nothing is.',
  })
  inStock?: boolean;

  @CalendarDate({ description: 'Expiry on this day or later.' })
  expiresFrom?: string;

  @CalendarDate({ description: 'Expiry before this day.' })
  expiresBefore?: string;

  @SortBy(LEVEL_SORTS, 'sku')
  sort?: LevelSort;
}

export class SummaryQuery extends PageQuery {
  @Text(100, { description: 'Part of the SKU or of the name, in any case.' })
  q?: string;

  @Id(MAX_SKU)
  sku?: string;

  @Text(100)
  category?: string;

  @QueryFlag({ description: 'Only active items, or only inactive ones.' })
  active?: boolean;

  @QueryFlag({ description: 'Only what is on hand, or only what is not.' })
  inStock?: boolean;

  @Id(MAX_LOCATION_CODE, { description: 'Per SKU and location instead of per SKU.' })
  location?: string;

  @SortBy(SUMMARY_SORTS, 'sku')
  sort?: SummarySort;
}

export const LEDGER_TYPES = [
  'RECEIVE',
  'ISSUE',
  'ADJUST',
  'RESERVE',
  'UNRESERVE',
  'TRANSFER_OUT',
  'TRANSFER_IN',
  'COUNT',
  'REVERSE',
] as const;

export class LedgerQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @OneOf(LEDGER_TYPES)
  type?: (typeof LEDGER_TYPES)[number];

  @Text(600, {
    description: 'Of a reservation, transfer or count.',
    example: 'WIDGET-001@MAIN.R17',
  })
  documentId?: string;

  @Text(32, { example: 'SALE' })
  purpose?: string;

  @Text(200)
  reference?: string;

  @Text(200)
  actor?: string;

  @Uuid()
  commandId?: string;

  @Instant({ description: 'effectiveAt from here on.' })
  from?: string;

  @Instant({ description: 'effectiveAt before this.' })
  to?: string;

  @SortBy(LEDGER_SORTS, '-position, newest first')
  sort?: LedgerSort;
}

export class AuditQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @Text(200)
  actor?: string;

  @Text(64, { description: 'Type of the event.', example: 'StockReceived' })
  type?: string;

  @Text(32, { description: 'Category of the stream.', example: 'stock' })
  category?: string;

  @Text(1024)
  stream?: string;

  @Uuid()
  commandId?: string;

  @Text(200)
  correlationId?: string;

  @Instant({ description: 'recordedAt from here on.' })
  from?: string;

  @Instant({ description: 'recordedAt before this.' })
  to?: string;

  @SortBy(AUDIT_SORTS, '-position, newest first')
  sort?: AuditSort;
}

export class LowStockQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Text(100)
  category?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @OneOf(STOCK_STATES, {
    description:
      'Only what is in this state; default: everything at or below its reorder threshold.',
  })
  state?: StockState;

  @SortBy(LOW_STOCK_SORTS, 'sku')
  sort?: LowStockSort;
}
