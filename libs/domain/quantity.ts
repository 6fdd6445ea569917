import type { Refusal } from './kernel';

/** The highest number of base units that one place, or one sum, may hold: whole numbers are exact below 2^53. */
export const MAX_QUANTITY = Number.MAX_SAFE_INTEGER;

export type QuantityCode = 'QUANTITY_INVALID' | 'QUANTITY_TOO_PRECISE' | 'QUANTITY_TOO_LARGE';

/**
 * A decimal text in the item's unit → whole base units: `1.250` with 3 decimals is 1250. Exact: no floating point on the
 * way. Zeros at the end do not count as decimals.
 */
export function toBaseUnits(text: string, decimals: number): number | Refusal<QuantityCode> {
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text);
  if (!match)
    return {
      code: 'QUANTITY_INVALID',
      detail: `"${text}" is not a quantity; write for example 12 or "1.250"`,
    };
  const [, sign = '', whole = '', places = ''] = match;
  const fraction = places.replace(/0+$/, '');
  if (fraction.length > decimals) {
    return {
      code: 'QUANTITY_TOO_PRECISE',
      detail:
        decimals === 0
          ? `${text} is not a whole number, and this item is counted in whole units; send a whole number`
          : `${text} has more decimals than this item; send at most ${decimals}`,
    };
  }
  const magnitude = BigInt(whole + fraction.padEnd(decimals, '0'));
  if (magnitude > BigInt(MAX_QUANTITY)) {
    return {
      code: 'QUANTITY_TOO_LARGE',
      detail: `${text} is too much; send at most ${fromBaseUnits(MAX_QUANTITY, decimals)}`,
    };
  }
  return Number(sign === '-' ? -magnitude : magnitude);
}

/** Whole base units → the shortest decimal text in the item's unit: 1250 with 3 decimals is `1.25`. */
export function fromBaseUnits(units: number, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return `${units < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
