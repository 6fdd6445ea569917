import type { Refusal } from './kernel';

/** The highest number of base units that one place, or one sum, may hold: whole numbers are exact below 2^53. */
export const MAX_QUANTITY = Number.MAX_SAFE_INTEGER;

export type QuantityCode = 'QUANTITY_INVALID' | 'QUANTITY_TOO_PRECISE' | 'QUANTITY_TOO_LARGE';

/** A rational number: numerator over denominator, both whole and above 0. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}
const ONE: Ratio = { numerator: 1, denominator: 1 };

/**
 * A decimal text in the item's unit → whole base units: `1.250` with 3 decimals is 1250. In another unit `factor` says how
 * much of the item's unit one of it is. Exact: no floating point on the way. Zeros at the end do not count as decimals.
 */
export function toBaseUnits(
  text: string,
  decimals: number,
  factor: Ratio = ONE,
): number | Refusal<QuantityCode> {
  const parsed = fractionOf(text, decimals, factor);
  if (!parsed)
    return {
      code: 'QUANTITY_INVALID',
      detail: `"${text}" is not a quantity; write for example 12 or "1.250"`,
    };
  const { sign, digits, divisor } = parsed;
  if (digits % divisor !== 0n) {
    return {
      code: 'QUANTITY_TOO_PRECISE',
      detail:
        decimals === 0
          ? `${text} is not a whole number, and this item is counted in whole units; send a whole number`
          : `${text} has more decimals than this item; send at most ${decimals}`,
    };
  }
  const magnitude = digits / divisor;
  if (magnitude > BigInt(MAX_QUANTITY)) {
    return {
      code: 'QUANTITY_TOO_LARGE',
      detail: `${text} is too much; send at most ${fromBaseUnits(MAX_QUANTITY, decimals)}`,
    };
  }
  return Number(sign === '-' ? -magnitude : magnitude);
}

/** The whole base units next to a quantity that lies between two, without its sign; the smaller first. */
export function nearestBaseUnits(
  text: string,
  decimals: number,
  factor: Ratio,
): readonly [number, number] {
  const { digits, divisor } = fractionOf(text, decimals, factor) ?? { digits: 0n, divisor: 1n };
  const below = digits / divisor;
  return [Number(below), Number(below + 1n)];
}

/** A decimal text as `digits` / `divisor` of a base unit. */
function fractionOf(
  text: string,
  decimals: number,
  { numerator, denominator }: Ratio,
): { sign: string; digits: bigint; divisor: bigint } | undefined {
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', places = ''] = match;
  const fraction = places.replace(/0+$/, '');
  const digits = BigInt(whole + fraction) * BigInt(numerator) * 10n ** BigInt(decimals);
  const divisor = BigInt(denominator) * 10n ** BigInt(fraction.length);
  return { sign, digits, divisor };
}

/** Whole base units → the shortest decimal text in the item's unit: 1250 with 3 decimals is `1.25`. */
export function fromBaseUnits(units: number, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return `${units < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
