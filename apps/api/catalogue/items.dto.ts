import { ALLOCATION_POLICIES, MAX_UNITS, THRESHOLD_KINDS, TRACKING } from '../../../libs/domain';
import {
  ITEM_SORTS,
  THRESHOLD_HISTORY_SORTS,
  type ItemSort,
  type ThresholdHistorySort,
} from '../../../libs/postgres/queries';
import { MAX_DECIMALS } from '../http/canonical';
import {
  Flag,
  Id,
  Instant,
  ListOf,
  MAX_LOCATION_CODE,
  MAX_SKU,
  OneOf,
  Quantity,
  QueryFlag,
  Reason,
  Text,
  TextMap,
  Texts,
  Whole,
} from '../http/fields';
import { PageQuery, SortBy } from '../reading/page-query';

/** What every command may say beside its own fields. */
export class TimedBody {
  @Instant({
    description: 'When it happened in the world; default now; at most 5 minutes ahead.',
    example: '2026-03-01T09:30:00Z',
  })
  effectiveAt?: string;
}

export class CommandBody extends TimedBody {
  @Reason()
  reason?: string;
}

export class SupplierBody {
  @Id(100, { required: true, example: 'ACME' })
  supplier!: string;

  @Text(100, { nullable: true, description: "The supplier's own name for the item." })
  supplierSku?: string | null;

  @Whole(0, 3650, { nullable: true })
  leadTimeDays?: number | null;
}

const MAX_FACTOR = 1_000_000_000_000;

export class ItemUnitBody {
  @Id(32, { required: true, example: 'box' })
  unit!: string;

  @Whole(1, MAX_FACTOR, {
    required: true,
    example: 12,
    description: "One of it is numerator / denominator of the item's own unit.",
  })
  numerator!: number;

  @Whole(1, MAX_FACTOR, { example: 1, description: 'Default 1.' })
  denominator?: number;
}

export class LocationLevelsBody {
  @Id(MAX_LOCATION_CODE, { required: true, example: 'MAIN' })
  location!: string;

  @Quantity({ nullable: true, example: 5 })
  reorderThreshold?: string | null;

  @Quantity({ nullable: true, example: 2 })
  safetyStock?: string | null;

  @Quantity({ nullable: true, example: 40 })
  maximum?: string | null;
}

export class LocationThresholdBody {
  @Id(MAX_LOCATION_CODE, { required: true, example: 'MAIN' })
  location!: string;

  @Quantity({ required: true, nullable: true, example: 5, description: 'null takes it away.' })
  reorderThreshold!: string | null;
}

export class UpdateItemBody extends CommandBody {
  @Text(200, { min: 1, example: 'Standard Widget' })
  name?: string;

  @Text(4000)
  description?: string;

  @Text(100, { nullable: true, min: 1, example: 'Widgets' })
  category?: string | null;

  @TextMap(50, 500, { example: { colour: 'red' } })
  attributes?: Record<string, string>;

  @Texts(50, MAX_SKU, { description: 'Other names the item is known by.' })
  aliases?: string[];

  @Texts(50, MAX_SKU, { example: ['4006381333931'] })
  barcodes?: string[];

  @ListOf(() => SupplierBody, 50)
  suppliers?: SupplierBody[];

  @OneOf(TRACKING, { change: (value) => value.toLowerCase() })
  tracking?: (typeof TRACKING)[number];

  @Flag({ description: 'Receipts wait in quarantine for quality control.' })
  qcRequired?: boolean;

  @OneOf(ALLOCATION_POLICIES, { description: 'Which lot goes first.' })
  allocationPolicy?: (typeof ALLOCATION_POLICIES)[number];

  @ListOf(() => ItemUnitBody, MAX_UNITS, {
    description:
      'Packs and other units that quantities may be told in, each under another name. The list replaces the one there is.',
  })
  units?: ItemUnitBody[];

  @Quantity({
    nullable: true,
    example: 3,
    description:
      'A count that differs by more waits for the approval of somebody else; null: none does.',
  })
  countVarianceLimit?: string | null;

  @Quantity({
    nullable: true,
    example: 10,
    description: 'Stock at or below it counts as low; null takes it away.',
  })
  reorderThreshold?: string | null;

  @Quantity({
    nullable: true,
    example: 4,
    description:
      'What is kept against surprises; not above the reorder threshold. null takes it away.',
  })
  safetyStock?: string | null;

  @Quantity({
    nullable: true,
    example: 100,
    description: 'More on hand is too much; not below the reorder threshold. null takes it away.',
  })
  maximum?: string | null;

  @ListOf(() => LocationLevelsBody, 200, {
    distinctBy: 'location',
    description:
      'Thresholds of single locations: what is sent is set, null takes it away. Those of the item itself are of its ' +
      'stock over all locations.',
  })
  thresholds?: LocationLevelsBody[];

  @ListOf(() => LocationThresholdBody, 200, {
    distinctBy: 'location',
    description: 'Reorder thresholds of single locations; `thresholds` takes every kind.',
  })
  reorderThresholds?: LocationThresholdBody[];
}

export class RegisterItemBody extends UpdateItemBody {
  @Id(MAX_SKU, { required: true, example: 'WIDGET-001' })
  sku!: string;

  @Id(32, { description: 'Default each. Stays as it is registered.', example: 'each' })
  unit?: string;

  @Whole(0, MAX_DECIMALS, {
    description: 'Decimals of every quantity; default 0. Stays as registered.',
  })
  decimals?: number;
}

export class ItemsQuery extends PageQuery {
  @Text(100, { description: 'Part of the SKU or of the name, in any case.' })
  q?: string;

  @Text(100)
  category?: string;

  @QueryFlag()
  active?: boolean;

  @Id(MAX_SKU, { description: 'An alias, exactly.' })
  alias?: string;

  @Id(MAX_SKU, { description: 'A barcode, exactly.' })
  barcode?: string;

  @OneOf(TRACKING, { change: (value) => value.toLowerCase() })
  tracking?: (typeof TRACKING)[number];

  @Instant({ description: 'Changed from here on; with sort=updatedAt, what is new since.' })
  updatedFrom?: string;

  @Instant({ description: 'Changed before this.' })
  updatedTo?: string;

  @SortBy(ITEM_SORTS, 'sku')
  sort?: ItemSort;
}

export class ThresholdHistoryQuery extends PageQuery {
  @Id(MAX_LOCATION_CODE, { description: 'Only those of this location.' })
  location?: string;

  @OneOf(THRESHOLD_KINDS)
  kind?: (typeof THRESHOLD_KINDS)[number];

  @Instant({ description: 'recordedAt from here on.' })
  from?: string;

  @Instant({ description: 'recordedAt before this.' })
  to?: string;

  @SortBy(THRESHOLD_HISTORY_SORTS, '-position, newest first')
  sort?: ThresholdHistorySort;
}
