import { changesOf } from './changes';
import {
  accept,
  plainForm,
  refuse,
  type Decision,
  type EventsOf,
  type Refusal,
  type StreamDefinition,
} from './kernel';
import type { QuantityCode } from './quantity';
import {
  count,
  decimals,
  factor,
  flag,
  listOf,
  oneOf,
  orNull,
  someOf,
  text,
  textMap,
  texts,
  threshold,
} from './schema';
import {
  levelIn,
  levelsAt,
  orderProblem,
  THRESHOLD_KINDS,
  thresholdIn,
  thresholdsAsked,
  withThreshold,
  type Thresholds,
  type ThresholdWishes,
} from './thresholds';
import type { ItemUnit } from './units';

/** One catalogue item. Nothing here ever changes a quantity of stock. */

export const TRACKING = ['none', 'lot'] as const;
export const ALLOCATION_POLICIES = ['FIFO', 'FEFO', 'LIFO'] as const;
/** Units of an item beside its own. */
export const MAX_UNITS = 32;

const supplier = {
  supplier: text,
  /** The supplier's own name for the item. */
  supplierSku: orNull(text),
  leadTimeDays: orNull(count),
};

/** One of it is numerator / denominator of the item's own unit. */
const unit = { unit: text, numerator: factor, denominator: factor };

const detailFields = {
  name: text,
  description: text,
  category: orNull(text),
  attributes: textMap,
  aliases: texts,
  barcodes: texts,
  suppliers: listOf(supplier),
  tracking: oneOf(...TRACKING),
  qcRequired: flag,
  allocationPolicy: oneOf(...ALLOCATION_POLICIES),
  units: listOf(unit),
  countVarianceLimit: orNull(threshold),
};

const itemEvents = {
  /** The unit and its decimals stay as they are registered: every quantity of the item is told in them. */
  'ItemRegistered.v2': { sku: text, unit: text, decimals, ...detailFields },
  ItemUpdated: { sku: text, changes: someOf(detailFields) },
  /** location null = the item over all places; threshold null = none. */
  ThresholdSet: {
    sku: text,
    location: orNull(text),
    kind: oneOf(...THRESHOLD_KINDS),
    threshold: orNull(threshold),
    unit: text,
    decimals,
  },
  ItemDeactivated: { sku: text },
  ItemReactivated: { sku: text },
};
export type ItemEvent = EventsOf<typeof itemEvents>;

export interface ItemSupplier {
  readonly supplier: string;
  readonly supplierSku: string | null;
  readonly leadTimeDays: number | null;
}

export interface ItemDetails {
  readonly name: string;
  readonly description: string;
  readonly category: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
  readonly barcodes: readonly string[];
  readonly suppliers: readonly ItemSupplier[];
  readonly tracking: (typeof TRACKING)[number];
  readonly qcRequired: boolean;
  readonly allocationPolicy: (typeof ALLOCATION_POLICIES)[number];
  /** Packs and other units beside the item's own, each under another name. */
  readonly units: readonly ItemUnit[];
  /** A count that differs by more, in base units, waits for the approval of somebody else; null: none does. */
  readonly countVarianceLimit: number | null;
}

/** Details as asked for: the limit is a decimal text in the item's unit. */
type DetailWishes = Partial<Omit<ItemDetails, 'countVarianceLimit'>> & {
  readonly countVarianceLimit?: string | null;
};

export type ItemCommand =
  | {
      readonly type: 'RegisterItem';
      readonly data: {
        readonly sku: string;
        readonly unit?: string;
        readonly decimals?: number;
      } & DetailWishes &
        ThresholdWishes;
    }
  | {
      readonly type: 'UpdateItem';
      readonly data: { readonly sku: string } & DetailWishes & ThresholdWishes;
    }
  | { readonly type: 'DeactivateItem'; readonly data: { readonly sku: string } }
  | { readonly type: 'ReactivateItem'; readonly data: { readonly sku: string } };
type CommandData<T extends ItemCommand['type']> = Extract<ItemCommand, { type: T }>['data'];

export interface Item extends ItemDetails {
  readonly sku: string;
  readonly unit: string;
  readonly decimals: number;
  readonly active: boolean;
  readonly thresholds: Thresholds;
}
export type ItemState = Item | null;

export interface ItemFacts {
  /** Of the locations that the command names, those that are not registered. */
  readonly unknownLocations: readonly string[];
}

export type ItemCode =
  | 'ITEM_NOT_FOUND'
  | 'ITEM_CODE_ALREADY_EXISTS'
  | 'ITEM_UNIT_INVALID'
  | 'LOCATION_NOT_FOUND'
  | 'THRESHOLDS_OUT_OF_ORDER'
  | QuantityCode;
type ItemDecision = Decision<ItemEvent, ItemCode>;

function decide(command: ItemCommand, state: ItemState, facts: ItemFacts): ItemDecision {
  const { sku } = command.data;
  if (command.type === 'RegisterItem') {
    return state
      ? refuse('ITEM_CODE_ALREADY_EXISTS', `item ${sku} is registered already; PATCH changes it`)
      : register(command.data, facts);
  }
  if (!state)
    return refuse('ITEM_NOT_FOUND', `there is no item ${sku}; POST /api/v1/items registers one`);
  switch (command.type) {
    case 'UpdateItem':
      return update(command.data, state, facts);
    case 'DeactivateItem':
      return state.active ? accept({ type: 'ItemDeactivated', data: { sku } }) : accept();
    case 'ReactivateItem':
      return state.active ? accept() : accept({ type: 'ItemReactivated', data: { sku } });
  }
}

function register(wanted: CommandData<'RegisterItem'>, facts: ItemFacts): ItemDecision {
  const { sku, unit = 'each', decimals = 0 } = wanted;
  const { refusal, details } = detailsAsked(wanted, { unit, decimals });
  if (refusal) return { accepted: false, refusal };
  const registered: ItemEvent = {
    type: 'ItemRegistered.v2',
    data: {
      sku,
      unit,
      decimals,
      name: details.name ?? sku,
      description: details.description ?? '',
      category: details.category ?? null,
      attributes: details.attributes ?? {},
      aliases: details.aliases ?? [],
      barcodes: details.barcodes ?? [],
      suppliers: details.suppliers ?? [],
      tracking: details.tracking ?? 'none',
      qcRequired: details.qcRequired ?? false,
      allocationPolicy: details.allocationPolicy ?? 'FIFO',
      units: details.units ?? [],
      countVarianceLimit: details.countVarianceLimit ?? null,
    },
  };
  return withThresholds([registered], null, wanted, facts);
}

function update(wanted: CommandData<'UpdateItem'>, state: Item, facts: ItemFacts): ItemDecision {
  const { sku } = wanted;
  const { refusal, details } = detailsAsked(wanted, state);
  if (refusal) return { accepted: false, refusal };
  const changes = changesOf<Item, keyof ItemDetails>(state, details);
  const updated: ItemEvent[] =
    Object.keys(changes).length === 0 ? [] : [{ type: 'ItemUpdated', data: { sku, changes } }];
  return withThresholds(updated, state, wanted, facts);
}

type DetailsAsked =
  | { readonly refusal: Refusal<ItemCode>; readonly details?: undefined }
  | { readonly refusal?: undefined; readonly details: Partial<ItemDetails> };

/** The details of a command as events hold them. */
function detailsAsked(
  wanted: DetailWishes,
  own: { readonly unit: string; readonly decimals: number },
): DetailsAsked {
  const { countVarianceLimit: limit, units } = wanted;
  const details: Record<string, unknown> = {};
  for (const name of Object.keys(detailFields) as (keyof ItemDetails)[]) {
    if (wanted[name] !== undefined) details[name] = wanted[name];
  }
  const refusal = units && unitsProblem(units, own.unit);
  if (refusal) return { refusal };
  if (typeof limit === 'string') {
    const inUnits = levelIn(limit, own.decimals, 'count variance limit');
    if (isRefusal(inUnits)) return { refusal: inUnits };
    details.countVarianceLimit = inUnits;
  }
  return { details };
}

function unitsProblem(
  units: readonly ItemUnit[],
  own: string,
): Refusal<'ITEM_UNIT_INVALID'> | undefined {
  const invalid = (detail: string): Refusal<'ITEM_UNIT_INVALID'> => ({
    code: 'ITEM_UNIT_INVALID',
    detail,
  });
  if (units.length > MAX_UNITS) {
    return invalid(
      `${units.length} units are more than an item can have; send at most ${MAX_UNITS} beside its own`,
    );
  }
  const names = new Set([own]);
  for (const { unit, numerator, denominator } of units) {
    if (unit === own) {
      return invalid(`${unit} is the item's own unit, one of it is 1; send other units only`);
    }
    if (names.has(unit)) return invalid(`the unit ${unit} is there twice; send each once`);
    if (![numerator, denominator].every((part) => Number.isSafeInteger(part) && part > 0)) {
      return invalid(
        `one ${unit} would be ${numerator}/${denominator} ${own}; send whole numbers above 0 for both`,
      );
    }
    names.add(unit);
  }
  return undefined;
}

/** Each wish is measured against what the events before it leave behind. */
function withThresholds(
  before: readonly ItemEvent[],
  state: ItemState,
  wishes: ThresholdWishes,
  facts: ItemFacts,
): ItemDecision {
  const events = [...before];
  let item = before.reduce(evolve, state);
  const touched = new Set<string | null>();
  for (const wish of thresholdsAsked(wishes)) {
    const { location, kind } = wish;
    if (location !== null && facts.unknownLocations.includes(location)) {
      return refuse(
        'LOCATION_NOT_FOUND',
        `there is no location ${location} to set a threshold for; POST /api/v1/locations registers one`,
      );
    }
    if (!item) continue;
    const { sku, unit, decimals, thresholds } = item;
    const threshold = thresholdIn(wish, decimals);
    if (isRefusal(threshold)) return { accepted: false, refusal: threshold };
    if (threshold === (levelsAt(thresholds, location)[kind] ?? null)) continue;
    const set: ItemEvent = {
      type: 'ThresholdSet',
      data: { sku, location, kind, threshold, unit, decimals },
    };
    events.push(set);
    touched.add(location);
    item = evolve(item, set);
  }
  // Judged at the end: on the way from one right set to another they may cross.
  for (const location of item ? touched : []) {
    const refusal = item && orderProblem(levelsAt(item.thresholds, location), location, item);
    if (refusal) return { accepted: false, refusal };
  }
  return accept(...events);
}

const isRefusal = <T>(value: T | Refusal<QuantityCode>): value is Refusal<QuantityCode> =>
  typeof value === 'object' && value !== null && 'code' in value;

function evolve(state: ItemState, event: ItemEvent): ItemState {
  switch (event.type) {
    case 'ItemRegistered.v2':
      return { ...event.data, active: true, thresholds: {} };
    case 'ItemUpdated':
      return state && { ...state, ...event.data.changes };
    case 'ThresholdSet': {
      const { location, kind, threshold } = event.data;
      return (
        state && {
          ...state,
          thresholds: withThreshold(state.thresholds, location, kind, threshold),
        }
      );
    }
    case 'ItemDeactivated':
      return state && { ...state, active: false };
    case 'ItemReactivated':
      return state && { ...state, active: true };
  }
}

export const item: StreamDefinition<ItemState, ItemCommand, ItemEvent, ItemFacts, ItemCode> = {
  category: 'item',
  events: itemEvents,
  upcasts: {
    ItemRegistered: {
      to: 'ItemRegistered.v2',
      data: (old) => ({ ...old, units: [], countVarianceLimit: null }),
    },
    ReorderThresholdSet: { to: 'ThresholdSet', data: (old) => ({ ...old, kind: 'REORDER' }) },
  },
  initial: null,
  decide,
  evolve,
  form: plainForm(2),
};
