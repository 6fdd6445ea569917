import type { Refusal } from './kernel';
import {
  fromBaseUnits,
  MAX_QUANTITY,
  nearestBaseUnits,
  toBaseUnits,
  type QuantityCode,
  type Ratio,
} from './quantity';
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
  if (typeof units !== 'number') return inPacks(units, quantity, other, item);
  const { numerator, denominator } = other;
  return { units, entered: { quantity, unit, numerator, denominator } };
}

/** Why a number of packs is refused, told in packs: its own digits are not what is wrong. */
function inPacks(
  { code, detail }: Refusal<QuantityCode>,
  quantity: string,
  pack: ItemUnit,
  item: UnitsOfItem,
): Refusal<QuantityCode> {
  const { unit, numerator, denominator } = pack;
  if (code === 'QUANTITY_INVALID') return { code, detail };
  const asked = `${quantity} ${unit}`;
  const [below, above] = nearestBaseUnits(quantity, item.decimals, pack);
  if (code === 'QUANTITY_TOO_LARGE' || above > MAX_QUANTITY) {
    const base = BigInt(numerator) * 10n ** BigInt(item.decimals);
    const most = (BigInt(MAX_QUANTITY) * BigInt(denominator)) / base;
    const told =
      most > 0n ? `${most} ${unit}` : `${fromBaseUnits(MAX_QUANTITY, item.decimals)} ${item.unit}`;
    return { code, detail: `${asked} is too much; send at most ${told}` };
  }
  const sign = quantity.startsWith('-') ? -1 : 1;
  const [less, more] = [below, above].map((units) => fromBaseUnits(sign * units, item.decimals));
  const factor = denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`;
  const nearest = below === 0 ? more : `${less} or ${more}`;
  return {
    code,
    detail:
      `${asked} lies between ${less} and ${more} ${item.unit} (1 ${unit} is ${factor} ${item.unit}), and the item is counted ` +
      `in steps of ${fromBaseUnits(1, item.decimals)}; send ${nearest} ${item.unit}, or another number of ${unit}`,
  };
}
