import type { Entered, KnownItem } from '../../../libs/domain';

export type Units =
  | { readonly no: string }
  | { readonly no?: undefined; readonly units: number; readonly entered: Entered | null };

/** 2^53 - 1. */
export const MOST = 9_007_199_254_740_991;

/** What is written, in whole base units: exactly, or not at all. In millionths, so that everything is a whole number. */
export function unitsOf(
  text: string,
  unit: string | undefined,
  item: Pick<KnownItem, 'unit' | 'decimals' | 'units'>,
): Units {
  const other = unit === undefined || unit === item.unit ? null : unit;
  const factor = other === null ? null : item.units?.find((each) => each.unit === other);
  if (factor === undefined) return { no: 'UNIT_UNKNOWN' };
  const parts = /^(-?\d+)(?:\.(\d+))?$/.exec(text);
  if (!parts) return { no: 'QUANTITY_INVALID' };
  const places = (parts[2] ?? '').padEnd(6, '0');
  if (places.length > 6) throw new Error('the model reads no more than six decimals');
  const { numerator, denominator } = factor ?? { numerator: 1, denominator: 1 };
  const above = BigInt(parts[1]! + places) * BigInt(numerator) * BigInt(10 ** item.decimals);
  const below = BigInt(denominator) * 1_000_000n;
  if (above % below !== 0n) return { no: 'QUANTITY_TOO_PRECISE' };
  const exact = above / below;
  if (exact > BigInt(MOST) || -exact > BigInt(MOST)) return { no: 'QUANTITY_TOO_LARGE' };
  const units = Number(exact);
  const entered = other === null ? null : { quantity: text, unit: other, numerator, denominator };
  return { units, entered };
}
