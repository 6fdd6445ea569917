import { refuse } from '../kernel';
import { fromBaseUnits } from '../quantity';
import { inUnits, placeOf, type KnownItem, type Place, type StockRefusal } from './facts';
import type { Held } from './lots';
import type { StockLot } from './stock-lot';

/**
 * Why there is not enough. No approved lot at all comes first, then too little over all lots, then too little in the
 * approved ones. `held` is what has not expired: of the lot that was named, or of all.
 */
export function shortage(
  place: Place,
  asked: string,
  units: number,
  held: Held,
  named: StockLot | undefined,
  item: KnownItem,
): StockRefusal {
  const where = named ? `lot ${named.lotCode} of ${placeOf(place)}` : placeOf(place);
  if (held.onHand > 0 && held.approved === 0) return noneApproved(where, held, named, item);
  if (named && named.onHand > 0 && held.onHand === 0) {
    return refuse(
      'LOT_EXPIRED',
      `lot ${named.lotCode} expired on ${named.expiresOn}; only a DISPOSAL may issue it`,
    );
  }
  if (held.onHand - held.reserved - held.held >= units) {
    return refuse(
      'INSUFFICIENT_APPROVED_STOCK',
      `${inUnits(held.free, item)} of ${where} are approved and free, ${asked} asked for; ask for less, or approve more first`,
    );
  }
  const aside = [
    [held.reserved, 'reserved'],
    [held.held, 'on hold'],
    [held.onHand - held.approved, 'not approved'],
  ] as const;
  const beside = aside
    .filter(([quantity]) => quantity > 0)
    .map(([quantity, word]) => `${inUnits(quantity, item)} are ${word}`)
    .join(', ');
  return refuse(
    'INSUFFICIENT_STOCK',
    `${inUnits(held.free, item)} of ${where} are available${beside && ` (${beside})`}, ${asked} asked for; ${
      held.free > 0
        ? `ask for at most ${fromBaseUnits(held.free, item.decimals)}`
        : 'receive some first'
    }`,
  );
}

const noneApproved = (
  where: string,
  { onHand }: Held,
  named: StockLot | undefined,
  item: KnownItem,
): StockRefusal =>
  refuse(
    'NO_QC_APPROVED_LOT',
    named
      ? `${where} is not approved, it is ${named.qcStatus}; approve it first, or take another`
      : `no lot of ${where} is approved; ${inUnits(onHand, item)} await quality control or were refused by it; approve a lot first`,
  );
