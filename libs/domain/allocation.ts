import type { Item } from './item';
import type { ISSUE_PURPOSES, StockLot } from './stock';

/** Which lots an issue may take, and in which order. */

type Purpose = (typeof ISSUE_PURPOSES)[number];

/** Usable to the end of its expiry date, by the calendar of the place; only a disposal takes what is not. */
export function isUsable(
  lot: Pick<StockLot, 'expiresOn' | 'qcStatus'>,
  localDate: string,
  purpose: Purpose,
): boolean {
  if (purpose === 'DISPOSAL') return true;
  return lot.qcStatus === 'APPROVED' && !isExpired(lot.expiresOn, localDate);
}

export const isExpired = (expiresOn: string | null, localDate: string): boolean =>
  expiresOn !== null && expiresOn < localDate;

/** Takes lots in the order they became known here, which decides between those that arrived at one instant. */
export function inIssueOrder(
  lots: readonly StockLot[],
  policy: Item['allocationPolicy'],
): StockLot[] {
  switch (policy) {
    case 'FIFO':
      return [...lots].sort(byReceipt);
    case 'LIFO':
      return [...lots].sort(byReceipt).reverse();
    case 'FEFO':
      return [...lots].sort((a, b) => byExpiry(a, b) || byReceipt(a, b));
  }
}

const byReceipt = (a: StockLot, b: StockLot): number => compare(a.receivedAt, b.receivedAt);

/** What never expires comes last. */
function byExpiry({ expiresOn: a }: StockLot, { expiresOn: b }: StockLot): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compare(a, b);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
