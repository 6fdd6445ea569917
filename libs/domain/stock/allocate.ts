import { visitFree, type Lots } from './lots';
import type { Allocation } from './state';
import { unreserved } from './stock-lot';

/** Free, usable stock by a policy: as much as is wanted, or all there is. */
export function allocate(
  lots: Lots,
  policy: 'FIFO' | 'FEFO' | 'LIFO',
  day: string,
  wanted: number,
  except: ReadonlySet<string | null> = new Set(),
): Allocation[] {
  const allocations: Allocation[] = [];
  let left = wanted;
  visitFree(lots, policy, day, (lot) => {
    if (except.has(lot.lotCode)) return true;
    const quantity = Math.min(left, unreserved(lot));
    if (quantity > 0) allocations.push({ lotCode: lot.lotCode, quantity });
    left -= quantity;
    return left > 0;
  });
  return allocations;
}
