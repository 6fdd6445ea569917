import type { ThresholdKind } from '../domain';
import { cellOf, instantOf } from './amounts';
import { flag, instant, json, orNull, small, text, uuid, whole, type RowOf } from './columns';
import { journal, table, type EventOf } from './view';

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
  units: json,
  count_variance_limit: orNull(whole),
  active: flag,
  /** Those of the item over all places. */
  safety_stock: orNull(whole),
  reorder_threshold: orNull(whole),
  maximum: orNull(whole),
  registered_at: instant,
  updated_at: instant,
  revision: whole,
  position: whole,
} as const;
type ItemRow = RowOf<typeof itemColumns>;

type ItemEventType =
  'ItemRegistered.v2' | 'ItemUpdated' | 'ThresholdSet' | 'ItemDeactivated' | 'ItemReactivated';

/** The catalogue as it stands. */
export const items = table<ItemRow, ItemEventType>({
  name: 'items',
  version: 2,
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
    'ItemRegistered.v2': true,
    ItemUpdated: true,
    ThresholdSet: true,
    ItemDeactivated: true,
    ItemReactivated: true,
  },
  keysOf: (event) => [[event.data.sku]],
  fold(row, event) {
    if (event.type === 'ItemRegistered.v2') return registered(event);
    if (!row) throw new Error(`${event.type} for item ${event.data.sku}, which is not registered`);
    return { ...row, ...changes(event), ...touched(event) };
  },
});

function registered(event: EventOf<'ItemRegistered.v2'>): ItemRow {
  const { sku, unit, decimals } = event.data;
  return {
    sku,
    unit,
    decimals,
    ...described(event.data),
    active: true,
    ...NO_LEVELS,
    registered_at: instantOf(event.metadata.recordedAt),
    ...touched(event),
  };
}

type LevelColumn = 'safety_stock' | 'reorder_threshold' | 'maximum';
const LEVEL_COLUMNS: Readonly<Record<ThresholdKind, LevelColumn>> = {
  SAFETY_STOCK: 'safety_stock',
  REORDER: 'reorder_threshold',
  MAXIMUM: 'maximum',
};
const NO_LEVELS = { safety_stock: null, reorder_threshold: null, maximum: null } as const;

const levelSet = ({
  kind,
  threshold,
}: EventOf<'ThresholdSet'>['data']): Partial<Record<LevelColumn, number | null>> => ({
  [LEVEL_COLUMNS[kind]]: threshold,
});

function changes(event: EventOf<Exclude<ItemEventType, 'ItemRegistered.v2'>>): Partial<ItemRow> {
  switch (event.type) {
    case 'ItemUpdated':
      return described(event.data.changes);
    case 'ThresholdSet':
      return event.data.location === null ? levelSet(event.data) : {};
    case 'ItemDeactivated':
      return { active: false };
    case 'ItemReactivated':
      return { active: true };
  }
}

type Details = Omit<EventOf<'ItemRegistered.v2'>['data'], 'sku' | 'unit' | 'decimals'>;
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
  | 'units'
  | 'count_variance_limit'
>;

/** The same fields under the names of the columns; of a part, those that are there. */
function described(details: Details): DescribedRow;
function described(details: Partial<Details>): Partial<DescribedRow>;
function described(details: Partial<Details>): Partial<DescribedRow> {
  const { qcRequired, allocationPolicy, countVarianceLimit, ...same } = details;
  return {
    ...same,
    ...(qcRequired === undefined ? {} : { qc_required: qcRequired }),
    ...(allocationPolicy === undefined ? {} : { allocation_policy: allocationPolicy }),
    ...(countVarianceLimit === undefined ? {} : { count_variance_limit: countVarianceLimit }),
  };
}

const touched = (
  event: EventOf<ItemEventType>,
): Pick<ItemRow, 'updated_at' | 'revision' | 'position'> => ({
  updated_at: instantOf(event.metadata.recordedAt),
  revision: event.revision,
  position: cellOf(event.position),
});

const thresholdColumns = {
  sku: text,
  location: text,
  safety_stock: orNull(whole),
  reorder_threshold: orNull(whole),
  maximum: orNull(whole),
  position: whole,
} as const;

/** Where a location has thresholds of its own. */
export const itemThresholds = table<RowOf<typeof thresholdColumns>, 'ThresholdSet'>({
  name: 'item_thresholds',
  version: 2,
  columns: thresholdColumns,
  key: ['sku', 'location'],
  indexes: [],
  handles: { ThresholdSet: true },
  keysOf: ({ data: { sku, location } }) => (location === null ? [] : [[sku, location]]),
  fold(row, { data, position }) {
    const { sku, location } = data;
    const levels = { ...NO_LEVELS, ...row, ...levelSet(data) };
    const isEmpty = Object.values(LEVEL_COLUMNS).every((column) => levels[column] === null);
    if (location === null || isEmpty) return undefined;
    return { ...levels, sku, location, position: cellOf(position) };
  },
});

const historyColumns = {
  position: whole,
  sku: text,
  /** '' is the item over all places. */
  location: text,
  kind: text,
  was: orNull(whole),
  threshold: orNull(whole),
  unit: text,
  decimals: small,
  reason: orNull(text),
  actor: text,
  command_id: uuid,
  correlation_id: text,
  effective_at: instant,
  recorded_at: instant,
} as const;

/** Every change of a threshold: who, when, why, from what to what. */
export const thresholdHistory = journal<RowOf<typeof historyColumns>, 'ThresholdSet'>({
  name: 'threshold_history',
  version: 1,
  columns: historyColumns,
  key: ['position'],
  indexes: [{ columns: ['sku', 'position'] }, { columns: ['sku', 'location', 'kind', 'position'] }],
  handles: { ThresholdSet: true },
  partition: ['sku', 'location', 'kind'],
  partitionOf: ({ data: { sku, location, kind } }) => [sku, location ?? '', kind],
  fold(newest, { data, metadata, position }) {
    const row = {
      position: cellOf(position),
      sku: data.sku,
      location: data.location ?? '',
      kind: data.kind,
      was: newest?.threshold ?? null,
      threshold: data.threshold,
      unit: data.unit,
      decimals: data.decimals,
      reason: metadata.reason ?? null,
      actor: metadata.actor,
      command_id: metadata.commandId,
      correlation_id: metadata.correlationId,
      effective_at: instantOf(metadata.effectiveAt),
      recorded_at: instantOf(metadata.recordedAt),
    };
    return [row];
  },
});
