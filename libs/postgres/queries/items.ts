import {
  Conditions,
  containing,
  orderBy,
  type ListQuery,
  type Queryable,
  type Sort,
  type Sorts,
} from './page';

export interface ItemRow {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string | null;
  readonly unit: string;
  readonly decimals: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
  readonly barcodes: readonly string[];
  readonly suppliers: readonly {
    readonly supplier: string;
    readonly supplierSku: string | null;
    readonly leadTimeDays: number | null;
  }[];
  readonly tracking: 'none' | 'lot';
  readonly qcRequired: boolean;
  readonly allocationPolicy: 'FIFO' | 'FEFO' | 'LIFO';
  readonly active: boolean;
  readonly units: readonly {
    readonly unit: string;
    readonly numerator: number;
    readonly denominator: number;
  }[];
  /** In base units. */
  readonly countVarianceLimit: number | null;
  /** Base units of each kind that is set, by location; '' is the item over all places. */
  readonly thresholds: Readonly<
    Record<string, { readonly [Kind in 'SAFETY_STOCK' | 'REORDER' | 'MAXIMUM']?: number }>
  >;
  readonly registeredAt: string;
  readonly updatedAt: string;
  readonly revision: number;
}

/** The thresholds that a row has, by their kind. */
const levelsOf = (row: string): string =>
  `jsonb_strip_nulls(jsonb_build_object('SAFETY_STOCK', ${row}.safety_stock, 'REORDER', ${row}.reorder_threshold,
    'MAXIMUM', ${row}.maximum))`;

const ITEM = `i.sku, i.name, i.description, i.category, i.unit, i.decimals, i.attributes, i.aliases, i.barcodes,
  i.suppliers, i.tracking, i.qc_required AS "qcRequired", i.allocation_policy AS "allocationPolicy", i.units,
  i.count_variance_limit AS "countVarianceLimit", i.active,
  coalesce((SELECT jsonb_object_agg(t.location, ${levelsOf('t')}) FROM item_thresholds t WHERE t.sku = i.sku), '{}')
  || jsonb_build_object('', ${levelsOf('i')}) AS thresholds,
  i.registered_at AS "registeredAt", i.updated_at AS "updatedAt", i.revision::int AS revision`;

export interface ItemFilter {
  readonly q?: string | undefined;
  readonly category?: string | undefined;
  readonly active?: boolean | undefined;
  readonly alias?: string | undefined;
  readonly barcode?: string | undefined;
  readonly tracking?: string | undefined;
  /** On updatedAt, half-open: what has changed since the last look. */
  readonly updatedFrom?: string | undefined;
  readonly updatedTo?: string | undefined;
}

const BY_SKU = { sql: 'i.sku', type: 'text' } as const;
const SORTS = {
  sku: [BY_SKU],
  name: [{ sql: 'i.name', type: 'text' }, BY_SKU],
  // Items without a category come before all others.
  category: [{ sql: `coalesce(i.category, '')`, type: 'text' }, BY_SKU],
  updatedAt: [{ sql: 'i.updated_at', type: 'timestamptz' }, BY_SKU],
} as const satisfies Sorts<string>;
export type ItemSort = Sort<keyof typeof SORTS>;
export const ITEM_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export function listItems(filter: ItemFilter, sort: ItemSort): ListQuery<ItemRow> {
  const conditions = new Conditions()
    .where('i.category = ?', filter.category)
    .where('i.active = ?', filter.active)
    .where('i.tracking = ?', filter.tracking)
    .where('i.aliases @> ?::jsonb', jsonList(filter.alias))
    .where('i.barcodes @> ?::jsonb', jsonList(filter.barcode))
    .where('i.updated_at >= ?::timestamptz', filter.updatedFrom)
    .where('i.updated_at < ?::timestamptz', filter.updatedTo);
  nameContains(conditions, filter.q);
  const order = orderBy<keyof typeof SORTS>(SORTS, sort);
  return { columns: 'i.*', from: 'items i', alias: 'i', select: ITEM, conditions, order };
}

/** Part of the SKU or of the name of the item `i`, in any case. */
export function nameContains(conditions: Conditions, q: string | undefined): void {
  if (q === undefined) return;
  const pattern = containing(q);
  conditions.add('(i.sku ILIKE ? OR i.name ILIKE ?)', pattern, pattern);
}

export async function findItem(db: Queryable, sku: string): Promise<ItemRow | undefined> {
  return (await db.query<ItemRow>(`SELECT ${ITEM} FROM items i WHERE i.sku = $1`, [sku]))[0];
}

const jsonList = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : JSON.stringify([value]);
