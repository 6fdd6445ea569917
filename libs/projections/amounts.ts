import type { Sum } from './columns';

const INT8_MAX = 2n ** 63n - 1n;

/** Exact over 2^53, where the number becomes a bigint; throws only where the column itself ends. */
export function add(sum: Sum, change: number): Sum {
  const total = typeof sum === 'number' ? sum + change : NaN;
  if (Number.isSafeInteger(total)) return total;
  const exact = BigInt(sum) + BigInt(change);
  if (exact > INT8_MAX || exact < -INT8_MAX) {
    throw new RangeError(`the sum ${exact} does not fit into a bigint column`);
  }
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}

/** A log position as a cell; a log of 2^53 bytes is out of reach, a wrong number must not get into a table. */
export function cellOf(position: bigint): number {
  const cell = Number(position);
  if (!Number.isSafeInteger(cell)) {
    throw new RangeError(`the log position ${position} does not fit into a table`);
  }
  return cell;
}

/** In the one form in which instants compare as text; what PostgreSQL gives back has it too. */
export function instantOf(iso: string): string {
  return iso.length === 24 && iso.endsWith('Z') ? iso : new Date(iso).toISOString();
}

export const earlier = (a: string, b: string): string => (a < b ? a : b);
export const later = (a: string, b: string): string => (a > b ? a : b);
