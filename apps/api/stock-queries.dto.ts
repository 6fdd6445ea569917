import { QC_STATUSES } from '../../libs/domain';
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
} from './fields';
import { PageQuery } from './page-query';

export class SummaryQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Text(100)
  category?: string;

  @QueryFlag({ description: 'Only active items, or only inactive ones.' })
  active?: boolean;

  @Id(MAX_LOCATION_CODE, { description: 'Per SKU and location instead of per SKU.' })
  location?: string;
}

export const LOT_SORTS = ['lot', 'expiresOn'] as const;

export class LotsQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @Id(MAX_LOCATION_CODE, { description: 'Lots that are or were there; sums of that place only.' })
  location?: string;

  @OneOf(QC_STATUSES)
  qcStatus?: (typeof QC_STATUSES)[number];

  @QueryFlag()
  inStock?: boolean;

  @CalendarDate({ description: 'Expiry on this day or later.' })
  expiresFrom?: string;

  @CalendarDate({ description: 'Expiry before this day.' })
  expiresBefore?: string;

  @OneOf(LOT_SORTS, { change: (value) => value })
  sort?: (typeof LOT_SORTS)[number];
}

export const LEDGER_SORTS = ['position', '-position', 'effectiveAt', '-effectiveAt'] as const;
export const LEDGER_TYPES = ['RECEIVE', 'ISSUE', 'ADJUST'] as const;

export class LedgerQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @Id(MAX_SKU)
  lotCode?: string;

  @OneOf(LEDGER_TYPES)
  type?: (typeof LEDGER_TYPES)[number];

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

  @OneOf(LEDGER_SORTS, {
    change: (value) => value,
    description: 'Default -position: newest first.',
  })
  sort?: (typeof LEDGER_SORTS)[number];
}

export const AUDIT_SORTS = ['position', '-position'] as const;

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

  @OneOf(AUDIT_SORTS, { change: (value) => value, description: 'Default -position: newest first.' })
  sort?: (typeof AUDIT_SORTS)[number];
}

export class LowStockQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Text(100)
  category?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;
}
