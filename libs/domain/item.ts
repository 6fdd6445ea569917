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
import { toBaseUnits, type QuantityCode } from './quantity';
import {
  count,
  decimals,
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

/** One catalogue item. Nothing here ever changes a quantity of stock. */

export const TRACKING = ['none', 'lot'] as const;
export const ALLOCATION_POLICIES = ['FIFO', 'FEFO', 'LIFO'] as const;

const supplier = {
  supplier: text,
  /** The supplier's own name for the item. */
  supplierSku: orNull(text),
  leadTimeDays: orNull(count),
};

const details = {
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
};

const itemEvents = {
  /** The unit and its decimals stay as they are registered: every quantity of the item is told in them. */
  ItemRegistered: { sku: text, unit: text, decimals, ...details },
  ItemUpdated: { sku: text, changes: someOf(details) },
  /** Stock at or below the threshold counts as low; location null = the item over all places; threshold null = none. */
  ReorderThresholdSet: {
    sku: text,
    location: orNull(text),
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
}

/** Thresholds as asked for: decimal texts in the item's unit; null takes one away. */
interface ThresholdWishes {
  readonly reorderThreshold?: string | null;
  readonly reorderThresholds?: readonly {
    readonly location: string;
    readonly reorderThreshold: string | null;
  }[];
}

export type ItemCommand =
  | {
      readonly type: 'RegisterItem';
      readonly data: {
        readonly sku: string;
        readonly unit?: string;
        readonly decimals?: number;
      } & Partial<ItemDetails> &
        ThresholdWishes;
    }
  | {
      readonly type: 'UpdateItem';
      readonly data: { readonly sku: string } & Partial<ItemDetails> & ThresholdWishes;
    }
  | { readonly type: 'DeactivateItem'; readonly data: { readonly sku: string } }
  | { readonly type: 'ReactivateItem'; readonly data: { readonly sku: string } };

export interface Item extends ItemDetails {
  readonly sku: string;
  readonly unit: string;
  readonly decimals: number;
  readonly active: boolean;
  /** In base units, by location; '' is the item's own. */
  readonly thresholds: Readonly<Record<string, number>>;
}
export type ItemState = Item | null;

export interface ItemFacts {
  /** Of the locations that the command names, those that are not registered. */
  readonly unknownLocations: readonly string[];
}

export type ItemCode =
  'ITEM_NOT_FOUND' | 'ITEM_CODE_ALREADY_EXISTS' | 'LOCATION_NOT_FOUND' | QuantityCode;
type ItemDecision = Decision<ItemEvent, ItemCode>;

function decide(command: ItemCommand, state: ItemState, facts: ItemFacts): ItemDecision {
  const { sku } = command.data;
  if (command.type === 'RegisterItem') {
    if (state)
      return refuse(
        'ITEM_CODE_ALREADY_EXISTS',
        `item ${sku} is registered already; PATCH changes it`,
      );
    return withThresholds([registration(command.data)], state, command.data, facts);
  }
  if (!state)
    return refuse('ITEM_NOT_FOUND', `there is no item ${sku}; POST /api/v1/items registers one`);
  switch (command.type) {
    case 'UpdateItem': {
      const { sku: _, reorderThreshold: __, reorderThresholds: ___, ...wanted } = command.data;
      const changes = changesOf<Item, keyof ItemDetails>(state, wanted);
      const updated: ItemEvent[] =
        Object.keys(changes).length === 0 ? [] : [{ type: 'ItemUpdated', data: { sku, changes } }];
      return withThresholds(updated, state, command.data, facts);
    }
    case 'DeactivateItem':
      return state.active ? accept({ type: 'ItemDeactivated', data: { sku } }) : accept();
    case 'ReactivateItem':
      return state.active ? accept() : accept({ type: 'ItemReactivated', data: { sku } });
  }
}

function registration(wanted: Extract<ItemCommand, { type: 'RegisterItem' }>['data']): ItemEvent {
  return {
    type: 'ItemRegistered',
    data: {
      sku: wanted.sku,
      unit: wanted.unit ?? 'each',
      decimals: wanted.decimals ?? 0,
      name: wanted.name ?? wanted.sku,
      description: wanted.description ?? '',
      category: wanted.category ?? null,
      attributes: wanted.attributes ?? {},
      aliases: wanted.aliases ?? [],
      barcodes: wanted.barcodes ?? [],
      suppliers: wanted.suppliers ?? [],
      tracking: wanted.tracking ?? 'none',
      qcRequired: wanted.qcRequired ?? false,
      allocationPolicy: wanted.allocationPolicy ?? 'FIFO',
    },
  };
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
  for (const { location, text } of thresholdsOf(wishes)) {
    if (location !== null && facts.unknownLocations.includes(location)) {
      return refuse(
        'LOCATION_NOT_FOUND',
        `there is no location ${location} to set a threshold for; POST /api/v1/locations registers one`,
      );
    }
    if (!item) continue;
    const { sku, unit, decimals } = item;
    const units = text === null ? null : thresholdIn(text, decimals);
    if (typeof units === 'object' && units !== null) return { accepted: false, refusal: units };
    if (units === thresholdOf(item, location)) continue;
    const set: ItemEvent = {
      type: 'ReorderThresholdSet',
      data: { sku, location, threshold: units, unit, decimals },
    };
    events.push(set);
    item = evolve(item, set);
  }
  return accept(...events);
}

/** One list of wishes: the item's own (location null), then those of the locations. */
const thresholdsOf = ({
  reorderThreshold,
  reorderThresholds = [],
}: ThresholdWishes): { location: string | null; text: string | null }[] => [
  ...(reorderThreshold === undefined ? [] : [{ location: null, text: reorderThreshold }]),
  ...reorderThresholds.map((wish) => ({ location: wish.location, text: wish.reorderThreshold })),
];

/** A location may be called anything, `constructor` too. */
const thresholdOf = ({ thresholds }: Item, location: string | null): number | null =>
  Object.hasOwn(thresholds, location ?? '') ? (thresholds[location ?? ''] ?? null) : null;

function thresholdIn(text: string, decimals: number): number | Refusal<QuantityCode> {
  const units = toBaseUnits(text, decimals);
  if (typeof units === 'number' && units < 0) {
    return {
      code: 'QUANTITY_INVALID',
      detail: `a reorder threshold is ${text}; send 0 or more, or null for none`,
    };
  }
  return units;
}

function evolve(state: ItemState, event: ItemEvent): ItemState {
  switch (event.type) {
    case 'ItemRegistered':
      return { ...event.data, active: true, thresholds: {} };
    case 'ItemUpdated':
      return state && { ...state, ...event.data.changes };
    case 'ReorderThresholdSet': {
      if (!state) return state;
      const { [event.data.location ?? '']: _, ...others } = state.thresholds;
      const { threshold } = event.data;
      return {
        ...state,
        thresholds:
          threshold === null ? others : { ...others, [event.data.location ?? '']: threshold },
      };
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
  upcasts: {},
  initial: null,
  decide,
  evolve,
  form: plainForm(1),
};
