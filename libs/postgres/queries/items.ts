import {
  Conditions,
  containing,
  isDescending,
  readPage,
  sortColumn,
  type OrderColumn,
  type PageOf,
  type PageRequest,
  type Queryable,
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
}

const SORTS: Readonly<Record<string, OrderColumn>> = {
  sku: { sql: 'i.sku', type: 'text' },
  name: { sql: 'i.name', type: 'text' },
  updatedAt: { sql: 'i.updated_at', type: 'timestamptz' },
};

export function listItems(
  db: Queryable,
  filter: ItemFilter,
  sort: string,
  page: PageRequest,
): Promise<PageOf<ItemRow>> {
  const conditions = new Conditions()
    .where('i.category = ?', filter.category)
    .where('i.active = ?', filter.active)
    .where('i.aliases @> ?::jsonb', jsonList(filter.alias))
    .where('i.barcodes @> ?::jsonb', jsonList(filter.barcode));
  if (filter.q !== undefined) {
    const pattern = containing(filter.q);
    conditions.add('(i.sku ILIKE ? OR i.name ILIKE ?)', pattern, pattern);
  }
  const column = SORTS[sortColumn(sort)] as OrderColumn;
  const bySku = SORTS.sku as OrderColumn;
  return readPage<ItemRow>(db, {
    select: ITEM,
    from: 'items i',
    conditions,
    order: column === bySku ? [bySku] : [column, bySku],
    descending: isDescending(sort),
    page,
  });
}

export async function findItem(db: Queryable, sku: string): Promise<ItemRow | undefined> {
  return (await db.query<ItemRow>(`SELECT ${ITEM} FROM items i WHERE i.sku = $1`, [sku]))[0];
}

const jsonList = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : JSON.stringify([value]);
