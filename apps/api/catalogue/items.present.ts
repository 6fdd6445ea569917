import {
  item,
  THRESHOLD_FIELDS,
  THRESHOLD_KINDS,
  type Item,
  type ItemEvent,
  type ThresholdKind,
} from '../../../libs/domain';
import type { Units } from '../../../libs/postgres/queries';
import type { Accepted } from '../commands/dispatch';
import { asDomainEvents, foldOf, optionally } from '../http/present';

/** Items and what changed in them, as clients read them. */

type LevelsLike = { readonly [Kind in ThresholdKind]?: Units };
export interface ItemLike extends Omit<Item, 'thresholds' | 'countVarianceLimit'> {
  readonly countVarianceLimit: Units | null;
  readonly thresholds: Readonly<Record<string, LevelsLike>>;
}

export function presentItem({ thresholds, countVarianceLimit, ...item }: ItemLike): object {
  const { '': own = {}, ...byLocation } = thresholds;
  const { sku, ...rest } = item;
  const { decimals } = rest;
  const places = Object.entries(byLocation)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([location, levels]) => ({ location, ...presentLevels(levels, decimals) }));
  return {
    sku,
    // The names that other systems know it by.
    id: sku,
    code: sku,
    ...rest,
    countVarianceLimit: optionally(countVarianceLimit, decimals),
    ...presentLevels(own, decimals),
    thresholds: places,
    reorderThresholds: places
      .filter(({ reorderThreshold }) => reorderThreshold !== null)
      .map(({ location, reorderThreshold }) => ({ location, reorderThreshold })),
  };
}

type Level = (typeof THRESHOLD_FIELDS)[ThresholdKind];

const presentLevels = (levels: LevelsLike, decimals: number): Record<Level, number | null> =>
  Object.fromEntries(
    THRESHOLD_KINDS.map((kind) => [
      THRESHOLD_FIELDS[kind],
      optionally(levels[kind] ?? null, decimals),
    ]),
  ) as Record<Level, number | null>;

export function presentRegistered({ events }: Accepted<ItemEvent>): object {
  const registered = foldOf(item, events);
  return registered ? presentItem(registered) : {};
}

/** What is different now, out of the events alone. */
export function presentChanges({ events }: Accepted<ItemEvent>, sku: string): object {
  const changes: Record<string, unknown> = {};
  const places = new Map<string, Record<string, unknown>>();
  for (const { type, data } of asDomainEvents(events)) {
    if (type === 'ItemUpdated') Object.assign(changes, data.changes);
    else if (type === 'ItemDeactivated') changes.active = false;
    else if (type === 'ItemReactivated') changes.active = true;
    else if (type === 'ThresholdSet') {
      const { location, kind, threshold, decimals } = data;
      const level = { [THRESHOLD_FIELDS[kind]]: optionally(threshold, decimals) };
      if (location === null) Object.assign(changes, level);
      else places.set(location, { location, ...places.get(location), ...level });
    }
  }
  if ('countVarianceLimit' in changes) changes.countVarianceLimit = limitAsked(events);
  if (places.size > 0) changes.thresholds = [...places.values()];
  const reorder = [...places.values()].filter((place) => 'reorderThreshold' in place);
  if (reorder.length > 0) {
    changes.reorderThresholds = reorder.map(({ location, reorderThreshold }) => ({
      location,
      reorderThreshold,
    }));
  }
  return { sku, changes };
}

/** ItemUpdated holds the limit in base units; the command beside it, in the item's unit. */
function limitAsked([first]: Accepted<ItemEvent>['events']): number | null {
  const asked = first?.metadata.command?.data as { readonly countVarianceLimit?: string | null };
  const limit = asked.countVarianceLimit ?? null;
  return limit === null ? null : Number(limit);
}
