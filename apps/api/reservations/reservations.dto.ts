import { ALLOCATION_POLICIES, ISSUE_PURPOSES } from '../../../libs/domain';
import {
  RESERVATION_RISKS,
  RESERVATION_SORTS,
  RESERVATION_STATUSES,
  type ReservationSort,
  RISK_SORT_NAMES,
  type RiskSort,
  SHORTAGE_SORTS,
  type ShortageSort,
} from '../../../libs/postgres/queries';
import {
  CalendarDate,
  Flag,
  Id,
  Instant,
  ListOf,
  MAX_LOCATION_CODE,
  MAX_SKU,
  OneOf,
  Quantity,
  Text,
  Unit,
} from '../http/fields';
import { CommandBody } from '../catalogue/items.dto';
import { PageQuery, SortBy } from '../reading/page-query';

const MAX_NAMED_LOTS = 100;
const MAX_RESERVATION_ID = 4_000;

class NamedLotBody {
  @Id(MAX_SKU, { required: true, example: 'L-2026-03' })
  lotCode!: string;

  @Quantity({ required: true, example: 3 })
  quantity!: string;
}

export class ReserveBody extends CommandBody {
  @Id(MAX_SKU, { required: true, alias: 'itemId', example: 'WIDGET-001' })
  sku!: string;

  @Id(MAX_LOCATION_CODE, { description: 'Default MAIN.', example: 'MAIN' })
  location?: string;

  @Quantity({
    alias: 'qty',
    example: 10,
    description: 'Required unless lots are named; then it is their sum.',
  })
  quantity?: string;

  @Unit()
  unit?: string;

  @ListOf(() => NamedLotBody, MAX_NAMED_LOTS, {
    distinctBy: 'lotCode',
    description: 'These lots and no others: nothing takes their place when one is rejected.',
  })
  lots?: NamedLotBody[];

  @OneOf(ALLOCATION_POLICIES, { description: 'Default: the allocation policy of the item.' })
  strategy?: (typeof ALLOCATION_POLICIES)[number];

  @Flag({ description: 'true: take what there is, the rest is short. Default: all or nothing.' })
  partial?: boolean;

  @Text(200, { min: 1, description: 'What it is for.', example: 'BATCH-002' })
  batchId?: string;

  @Text(200, { min: 1, description: 'The document behind it.', example: 'SO-77' })
  reference?: string;

  @Instant({
    description: 'It ends by itself then. Absent: it does not.',
    example: '2031-03-01T12:00:00Z',
  })
  expiresAt?: string;
}

class OfReservationBody extends CommandBody {
  @Text(MAX_RESERVATION_ID, { required: true, min: 1, example: 'WIDGET-001@MAIN.R17' })
  reservationId!: string;

  @Quantity({ alias: 'qty', example: 4, description: 'Default: everything that is left of it.' })
  quantity?: string;

  @Unit()
  unit?: string;
}

export class IssueReservedBody extends OfReservationBody {
  @OneOf(ISSUE_PURPOSES, { example: 'SALE' })
  purpose?: (typeof ISSUE_PURPOSES)[number];

  @Text(200, { min: 1, description: 'The document behind it.', example: 'SO-77' })
  reference?: string;
}

export class ReleaseBody extends OfReservationBody {}

export class ExtendBody extends CommandBody {
  @Instant({
    required: true,
    nullable: true,
    description: 'When it ends by itself; null: it does not.',
    example: '2031-03-01T18:00:00Z',
  })
  expiresAt!: string | null;
}

class DemandQuery extends PageQuery {
  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @Text(200, { min: 1 })
  batchId?: string;

  @Text(200, { min: 1 })
  reference?: string;
}

export class ReservationsQuery extends DemandQuery {
  @OneOf(RESERVATION_STATUSES)
  status?: (typeof RESERVATION_STATUSES)[number];

  @Instant({ description: 'Open ones that end by themselves before this.' })
  expiresBefore?: string;

  @SortBy(RESERVATION_SORTS, '-reservedAt, newest first')
  sort?: ReservationSort;
}

export class ShortagesQuery extends DemandQuery {
  @SortBy(SHORTAGE_SORTS, 'reservedAt, oldest first')
  sort?: ShortageSort;
}

export class RisksQuery extends DemandQuery {
  @Id(MAX_SKU)
  lotCode?: string;

  @OneOf(RESERVATION_RISKS)
  risk?: (typeof RESERVATION_RISKS)[number];

  @CalendarDate({
    description: 'Expiry, of the lot or of the reservation, before this day; default 7 days ahead.',
  })
  before?: string;

  @SortBy(RISK_SORT_NAMES, 'sku')
  sort?: RiskSort;
}
