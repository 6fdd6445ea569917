import {
  LEDGER_SORTS,
  type LedgerSort,
  PERIOD_SORTS,
  type PeriodSort,
  RESTATEMENT_CAUSES,
  type RestatementCause,
} from '../../../libs/postgres/queries';
import { CalendarDate, Id, MAX_LOCATION_CODE, MAX_SKU, OneOf, Reason } from '../http/fields';
import { CommandBody, TimedBody } from '../catalogue/items.dto';
import { PageQuery, SortBy } from '../reading/page-query';

export class ClosePeriodBody extends CommandBody {
  @CalendarDate({
    required: true,
    description: 'The last closed day from here on, by UTC; it has ended.',
    example: '2026-02-28',
  })
  through!: string;
}

export class ReopenPeriodBody extends TimedBody {
  @CalendarDate({
    required: true,
    description: 'The first day that is open again, by UTC.',
    example: '2026-02-01',
  })
  from!: string;

  @Reason({ required: true, example: 'a delivery was forgotten' })
  reason!: string;
}

export class PeriodsQuery extends PageQuery {
  @SortBy(PERIOD_SORTS, '-position, newest first')
  sort?: PeriodSort;
}

export class RestatementsQuery extends PageQuery {
  @CalendarDate({ description: 'Only what takes effect on this day of UTC or earlier.' })
  through?: string;

  @Id(MAX_SKU)
  sku?: string;

  @Id(MAX_LOCATION_CODE)
  location?: string;

  @OneOf(RESTATEMENT_CAUSES)
  cause?: RestatementCause;

  @SortBy(LEDGER_SORTS, '-position, newest first')
  sort?: LedgerSort;
}
