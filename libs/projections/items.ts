import { cellOf, instantOf } from './amounts';
import { flag, instant, json, orNull, small, text, whole, type RowOf } from './columns';
import { table, type EventOf } from './view';

const itemColumns = {
  sku: text,
  name: text,
  description: text,
  category: orNull(text),
  unit: text,
  decimals: small,
  attributes: json,
  aliases: json,
  barcodes: json,
  suppliers: json,
  tracking: text,
  qc_required: flag,
  allocation_policy: text,
  active: flag,
  reorder_threshold: orNull(whole),
  registered_at: instant,
  updated_at: instant,
  revision: whole,
  position: whole,
} as const;
type ItemRow = RowOf<typeof itemColumns>;

type ItemEventType =
  'ItemRegistered' | 'ItemUpdated' | 'ReorderThresholdSet' | 'ItemDeactivated' | 'ItemReactivated';

/** The catalogue as it stands. */
export const items = table<ItemRow, ItemEventType>({
  name: 'items',
  version: 1,
  columns: itemColumns,
  key: ['sku'],
  indexes: [
    { columns: ['name', 'sku'] },
    { columns: ['category', 'sku'] },
    { columns: ['updated_at', 'sku'] },
    { name: 'alias', using: 'gin', columns: ['aliases jsonb_path_ops'] },
    { name: 'barcode', using: 'gin', columns: ['barcodes jsonb_path_ops'] },
  ],
  handles: {
    ItemRegistered: true,
    ItemUpdated: true,
    ReorderThresholdSet: true,
    ItemDeactivated: true,
    ItemReactivated: true,
  },
  keysOf: (event) => [[event.data.sku]],
  fold(row, event) {
    if (event.type === 'ItemRegistered') return registered(event);
    if (!row) throw new Error(`${event.type} for item ${event.data.sku}, which is not registered`);
    return { ...row, ...changes(event), ...touched(event) };
  },
});

function registered(event: EventOf<'ItemRegistered'>): ItemRow {
  const { sku, unit, decimals } = event.data;
  return {
    sku,
    unit,
    decimals,
    ...described(event.data),
    active: true,
    reorder_threshold: null,
    registered_at: instantOf(event.metadata.recordedAt),
    ...touched(event),
  };
}

function changes(event: EventOf<Exclude<ItemEventType, 'ItemRegistered'>>): Partial<ItemRow> {
  switch (event.type) {
    case 'ItemUpdated':
      return described(event.data.changes);
    case 'ReorderThresholdSet':
      return event.data.location === null ? { reorder_threshold: event.data.threshold } : {};
    case 'ItemDeactivated':
      return { active: false };
    case 'ItemReactivated':
      return { active: true };
  }
}

type Details = Omit<EventOf<'ItemRegistered'>['data'], 'sku' | 'unit' | 'decimals'>;
type DescribedRow = Pick<
  ItemRow,
  | 'name'
  | 'description'
  | 'category'
  | 'attributes'
  | 'aliases'
  | 'barcodes'
  | 'suppliers'
  | 'tracking'
  | 'qc_required'
  | 'allocation_policy'
>;

/** The same fields under the names of the columns; of a part, those that are there. */
function described(details: Details): DescribedRow;
function described(details: Partial<Details>): Partial<DescribedRow>;
function described(details: Partial<Details>): Partial<DescribedRow> {
  const { qcRequired, allocationPolicy, ...same } = details;
  return {
    ...same,
    ...(qcRequired === undefined ? {} : { qc_required: qcRequired }),
    ...(allocationPolicy === undefined ? {} : { allocation_policy: allocationPolicy }),
  };
}

const touched = (
  event: EventOf<ItemEventType>,
): Pick<ItemRow, 'updated_at' | 'revision' | 'position'> => ({
  updated_at: instantOf(event.metadata.recordedAt),
  revision: event.revision,
  position: cellOf(event.position),
});

const thresholdColumns = { sku: text, location: text, threshold: whole, position: whole } as const;

/** Where a location has a reorder threshold of its own. */
export const itemThresholds = table<RowOf<typeof thresholdColumns>, 'ReorderThresholdSet'>({
  name: 'item_thresholds',
  version: 1,
  columns: thresholdColumns,
  key: ['sku', 'location'],
  indexes: [],
  handles: { ReorderThresholdSet: true },
  keysOf: ({ data: { sku, location } }) => (location === null ? [] : [[sku, location]]),
  fold(_row, { data: { sku, location, threshold }, position }) {
    if (location === null || threshold === null) return undefined;
    return { sku, location, threshold, position: cellOf(position) };
  },
});
