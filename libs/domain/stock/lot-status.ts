import { accept } from '../kernel';
import type { ApplyLotStatus } from './commands';
import { evolve } from './evolve';
import type { KnownItem, StockDecision, StockFacts } from './facts';
import { isUsable, lotOf } from './lots';
import { movedAway } from './move-away';
import type { StockState } from './state';
import type { StockEvent, StockEventOf } from './events';

/**
 * What the lot's own stream says of it, wherever it is. The highest revision wins, and may come before the goods. Never
 * refused: rejection binds from here on.
 */
export function applyLotStatus(
  { sku, location, lotCode, qcStatus, expiresOn, lotRevision }: ApplyLotStatus,
  state: StockState,
  facts: StockFacts,
  item: Pick<KnownItem, 'unit' | 'decimals'>,
): StockDecision {
  const { unit, decimals } = item;
  const known = lotOf(state.lots, lotCode);
  if (known && known.lotRevision !== null && known.lotRevision >= lotRevision) return accept();
  const applied: StockEventOf<'LotStatusApplied'> = {
    type: 'LotStatusApplied',
    data: { sku, location, lotCode, unit, decimals, expiresOn, qcStatus, lotRevision },
  };
  const after = evolve(state, applied, { effectiveAt: facts.now });
  const lot = lotOf(after.lots, lotCode);
  if (!lot || lot.reserved === 0 || isUsable(lot, facts.localDate)) return accept(applied);
  const cause = qcStatus === 'APPROVED' ? 'LOT_EXPIRED' : 'LOT_NOT_APPROVED';
  const events: StockEvent[] = [
    applied,
    ...movedAway({ sku, location }, lotCode, cause, after, facts, item),
  ];
  return accept(...events);
}
