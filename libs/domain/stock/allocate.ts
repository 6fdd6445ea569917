import { visitFree, type Lots } from './lots';
import type { Allocation } from './state';
import { unreserved } from './stock-lot';

/** An event has its limits: no reservation lies in more lots than this. */
export const MAX_LOTS = 100;

/** An append has its limits: no issue and no transfer takes from more lots than this, with an event or two for each. */
export const MAX_LOTS_TAKEN = 200;

export const TAKEN: Bounds = { maxLots: MAX_LOTS_TAKEN };

interface Bounds {
  /** Lots that may not be taken from. */
  readonly except?: ReadonlySet<string | null>;
  readonly maxLots?: number;
}

/** Free, usable stock by a policy: as much as is wanted, or all there is. */
export function allocate(
  lots: Lots,
  policy: 'FIFO' | 'FEFO' | 'LIFO',
  day: string,
  wanted: number,
  { except, maxLots = Infinity }: Bounds = {},
): Allocation[] {
  const allocations: Allocation[] = [];
  let left = wanted;
  if (maxLots <= 0) return allocations;
  visitFree(lots, policy, day, (lot) => {
    if (except?.has(lot.lotCode)) return true;
    const quantity = Math.min(left, unreserved(lot));
    allocations.push({ lotCode: lot.lotCode, quantity });
    left -= quantity;
    return left > 0 && allocations.length < maxLots;
  });
  return allocations;
}

export const sumOf = (lines: readonly Allocation[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);
