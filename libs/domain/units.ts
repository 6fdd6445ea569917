import type { Refusal } from './kernel';
import { toBaseUnits, type QuantityCode, type Ratio } from './quantity';
import type { Entered } from './schema';

/** A unit beside the item's own, such as a box: one of it is numerator/denominator of the item's unit. */
export interface ItemUnit extends Ratio {
  readonly unit: string;
}

export interface UnitsOfItem {
  readonly unit: string;
  readonly decimals: number;
  readonly units?: readonly ItemUnit[];
}

export type UnitCode = QuantityCode | 'UNIT_UNKNOWN';

export interface EnteredQuantity {
  readonly units: number;
  /** null where it was entered in the item's own unit. */
  readonly entered: Entered | null;
}

/** What a person wrote, in whole base units: exact, or refused. */
export function enteredQuantity(
  { quantity, unit }: { readonly quantity: string; readonly unit?: string },
  item: UnitsOfItem,
): EnteredQuantity | Refusal<UnitCode> {
  if (unit === undefined || unit === item.unit) {
    const units = toBaseUnits(quantity, item.decimals);
    return typeof units === 'number' ? { units, entered: null } : units;
  }
  const other = item.units?.find((known) => known.unit === unit);
  if (!other) {
    const known = [item.unit, ...(item.units ?? []).map((each) => each.unit)].join(', ');
    return { code: 'UNIT_UNKNOWN', detail: `the item has no unit ${unit}; it has ${known}` };
  }
  const units = toBaseUnits(quantity, item.decimals, other);
  if (typeof units !== 'number') return units;
  const { numerator, denominator } = other;
  return { units, entered: { quantity, unit, numerator, denominator } };
}
