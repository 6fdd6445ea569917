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
  /** Base units by location; '' is the item's own. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly registeredAt: string;
  readonly updatedAt: string;
  readonly revision: number;
}

const ITEM = `i.sku, i.name, i.description, i.category, i.unit, i.decimals, i.attributes, i.aliases, i.barcodes,
  i.suppliers, i.tracking, i.qc_required AS "qcRequired", i.allocation_policy AS "allocationPolicy", i.active,
  coalesce((SELECT jsonb_object_agg(t.location, t.threshold) FROM item_thresholds t
            WHERE t.sku = i.sku AND t.threshold IS NOT NULL), '{}')
  || CASE WHEN i.reorder_threshold IS NULL THEN '{}' ELSE jsonb_build_object('', i.reorder_threshold) END AS thresholds,
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
