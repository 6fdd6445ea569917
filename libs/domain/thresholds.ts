import type { Refusal } from './kernel';
import { fromBaseUnits, toBaseUnits, type QuantityCode } from './quantity';

/** What makes stock too low or too much: of an item over all places, and of the item at one place. */

/** From the lowest to the highest: none may lie above the next one that is set for the same place. */
export const THRESHOLD_KINDS = ['SAFETY_STOCK', 'REORDER', 'MAXIMUM'] as const;
export type ThresholdKind = (typeof THRESHOLD_KINDS)[number];

/** The field under which clients send and read each kind. */
export const THRESHOLD_FIELDS = {
  SAFETY_STOCK: 'safetyStock',
  REORDER: 'reorderThreshold',
  MAXIMUM: 'maximum',
} as const satisfies Readonly<Record<ThresholdKind, string>>;

const NAMES: Readonly<Record<ThresholdKind, string>> = {
  SAFETY_STOCK: 'safety stock',
  REORDER: 'reorder threshold',
  MAXIMUM: 'maximum',
};

/** Those that are set, in base units. */
export type Levels = Readonly<Partial<Record<ThresholdKind, number>>>;
/** By location; '' is the item over all places. */
export type Thresholds = Readonly<Record<string, Levels>>;

/** As asked for: decimal texts in the item's unit; null takes one away. */
export interface LevelWishes {
  readonly safetyStock?: string | null;
  readonly reorderThreshold?: string | null;
  readonly maximum?: string | null;
}

export interface ThresholdWishes extends LevelWishes {
  readonly thresholds?: readonly ({ readonly location: string } & LevelWishes)[];
  /** The same with the one kind that there was at first. */
  readonly reorderThresholds?: readonly {
    readonly location: string;
    readonly reorderThreshold: string | null;
  }[];
}

export interface ThresholdWish {
  /** null: the item over all places. */
  readonly location: string | null;
  readonly kind: ThresholdKind;
  readonly text: string | null;
}

/** One list of wishes: the item's own, then those of the locations. */
export const thresholdsAsked = ({
  thresholds = [],
  reorderThresholds = [],
  ...own
}: ThresholdWishes): readonly ThresholdWish[] => [
  ...levelsAsked(null, own),
  ...reorderThresholds.flatMap(({ location, ...levels }) => levelsAsked(location, levels)),
  ...thresholds.flatMap(({ location, ...levels }) => levelsAsked(location, levels)),
];

const levelsAsked = (location: string | null, wishes: LevelWishes): ThresholdWish[] =>
  THRESHOLD_KINDS.flatMap((kind) => {
    const text = wishes[THRESHOLD_FIELDS[kind]];
    return text === undefined ? [] : [{ location, kind, text }];
  });

/** The locations that are named, each once. */
export const locationsAsked = (wishes: ThresholdWishes): readonly string[] => [
  ...new Set(
    thresholdsAsked(wishes).flatMap(({ location }) => (location === null ? [] : [location])),
  ),
];

/** A decimal text in the item's unit → base units, 0 or more. */
export function levelIn(
  text: string,
  decimals: number,
  name: string,
): number | Refusal<QuantityCode> {
  const units = toBaseUnits(text, decimals);
  if (typeof units === 'number' && units < 0) {
    return {
      code: 'QUANTITY_INVALID',
      detail: `the ${name} is ${text}; send 0 or more, or null for none`,
    };
  }
  return units;
}

export const thresholdIn = (
  { kind, text }: ThresholdWish,
  decimals: number,
): number | null | Refusal<QuantityCode> =>
  text === null ? null : levelIn(text, decimals, NAMES[kind]);

/** A location may be called anything, `constructor` too. */
export const levelsAt = (thresholds: Thresholds, location: string | null): Levels =>
  (Object.hasOwn(thresholds, location ?? '') ? thresholds[location ?? ''] : undefined) ?? {};

/** With one threshold set, or taken away by null. */
export function withThreshold(
  thresholds: Thresholds,
  location: string | null,
  kind: ThresholdKind,
  threshold: number | null,
): Thresholds {
  const { [location ?? '']: _, ...others } = thresholds;
  const { [kind]: __, ...rest } = levelsAt(thresholds, location);
  const changed = threshold === null ? rest : { ...rest, [kind]: threshold };
  return Object.keys(changed).length === 0 ? others : { ...others, [location ?? '']: changed };
}

/** What to change where safety stock <= reorder threshold <= maximum does not hold. */
export function orderProblem(
  levels: Levels,
  location: string | null,
  { unit, decimals }: { readonly unit: string; readonly decimals: number },
): Refusal<'THRESHOLDS_OUT_OF_ORDER'> | undefined {
  const amount = (units: number): string => `${fromBaseUnits(units, decimals)} ${unit}`;
  const set = THRESHOLD_KINDS.flatMap((kind) => {
    const units = levels[kind];
    return units === undefined ? [] : [{ kind, units }];
  });
  for (const [i, low] of set.entries()) {
    const high = set[i + 1];
    if (!high || low.units <= high.units) continue;
    const where = location === null ? 'of the item' : `at ${location}`;
    return {
      code: 'THRESHOLDS_OUT_OF_ORDER',
      detail:
        `the ${NAMES[low.kind]} ${where}, ${amount(low.units)}, would lie above its ${NAMES[high.kind]}, ` +
        `${amount(high.units)}; send a lower ${THRESHOLD_FIELDS[low.kind]} or a higher ${THRESHOLD_FIELDS[high.kind]}`,
    };
  }
  return undefined;
}
