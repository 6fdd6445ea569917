import { accept, refuse } from '../kernel';
import { MAX_QUANTITY } from '../quantity';
import type { EnteredQuantity } from '../units';
import type { ReceiveStock, ReturnStock } from './commands';
import type { StockEvent } from './events';
import { evolve } from './evolve';
import {
  inactive,
  movedOf,
  tooMuch,
  unknownLot,
  type KnownItem,
  type LotFact,
  type StockDecision,
  type StockFacts,
} from './facts';
import { isUsable, lotOf } from './lots';
import { movedAway } from './move-away';
import type { StockState } from './state';
import type { QcStatus, StockLot } from './stock-lot';

/** Goods in. */

export function receive(
  data: ReceiveStock,
  { units, entered }: EnteredQuantity,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const refused = inactive(data, 'receipts', facts);
  if (refused) return refused;
  if (state.onHand + units > MAX_QUANTITY) return tooMuch(data, item);
  if (item.tracking === 'lot' && data.lotCode === undefined) {
    return refuse(
      'LOT_CODE_REQUIRED',
      `item ${data.sku} is tracked by lot; say which lotCode arrives`,
    );
  }
  const needsLot = item.qcRequired || data.qcRequired === true || data.expiresOn !== undefined;
  const lotCode = data.lotCode ?? (needsLot ? facts.generatedLotCode : null);
  const known = lotCode === null ? undefined : lotOf(state.lots, lotCode);
  const truth = truthOf(known, facts.lot);
  const expiresOn = data.expiresOn ?? truth?.expiresOn ?? null;
  if (truth && expiresOn !== truth.expiresOn) {
    return refuse(
      'LOT_EXPIRY_MISMATCH',
      `lot ${lotCode} ${truth.expiresOn ? `expires on ${truth.expiresOn}` : 'has no expiry'}, not ${expiresOn}; check the date and the lot code`,
    );
  }
  // What quality control has said of a lot holds for more of it, unless the receipt itself asks again.
  const demands =
    data.qcRequired === true || (item.qcRequired && (truth?.lotRevision ?? null) === null);
  const qcStatus = demands ? stricter(truth?.qcStatus) : (truth?.qcStatus ?? 'APPROVED');
  return withAllocationsMoved(known, state, facts, item, {
    type: 'StockReceived.v2',
    data: {
      quantity: units,
      entered,
      purpose: data.purpose ?? 'OTHER',
      expiresOn,
      qcStatus,
      lotRevision: facts.lot?.here ? facts.lot.revision : null,
      unitCost: data.unitCost ?? null,
      supplierLot: data.supplierLot ?? null,
      manufacturedOn: data.manufacturedOn ?? null,
      parentLots: data.parentLots ?? [],
      qcRequired: demands,
      ...movedOf(data, lotCode, item),
    },
  });
}

/** From a customer; goods that someone must look at first land on hold. An inactive item still comes back. */
export function returned(
  data: ReturnStock,
  { units, entered }: EnteredQuantity,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  if (state.onHand + units > MAX_QUANTITY) return tooMuch(data, item);
  if (item.tracking === 'lot' && data.lotCode === undefined) {
    return refuse(
      'LOT_CODE_REQUIRED',
      `item ${data.sku} is tracked by lot; say which lotCode comes back`,
    );
  }
  const known = data.lotCode === undefined ? undefined : lotOf(state.lots, data.lotCode);
  const truth = truthOf(known, facts.lot);
  if (data.lotCode !== undefined && !truth) return unknownLot(data, data.lotCode);
  return withAllocationsMoved(known, state, facts, item, {
    type: 'StockReturned',
    data: {
      quantity: units,
      entered,
      disposition: data.disposition ?? 'QUARANTINE',
      expiresOn: truth?.expiresOn ?? null,
      qcStatus: truth?.qcStatus ?? 'APPROVED',
      lotRevision: facts.lot?.here ? facts.lot.revision : null,
      ...movedOf(data, data.lotCode ?? null, item),
    },
  });
}

interface Truth {
  readonly qcStatus: QcStatus;
  readonly expiresOn: string | null;
  readonly lotRevision: number | null;
}

/** The highest revision of the lot's stream wins; what only receipts have said of it gives way to any. */
export function truthOf(
  known: StockLot | undefined,
  lot: LotFact | null | undefined,
): Truth | undefined {
  if (!lot || (known && known.lotRevision !== null && known.lotRevision >= lot.revision))
    return known;
  return { qcStatus: lot.qcStatus, expiresOn: lot.expiresOn, lotRevision: lot.revision };
}

const stricter = (status: QcStatus | undefined): QcStatus =>
  status === 'REJECTED' || status === 'RECALLED' ? status : 'QUARANTINE';

/** Where goods that come in take their lot out of use, what is allocated of it moves away. */
function withAllocationsMoved(
  known: StockLot | undefined,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
  event: StockEvent & { readonly data: { readonly lotCode: string | null } },
): StockDecision {
  if (!known || known.reserved === 0) return accept(event);
  const after = evolve(state, event, { effectiveAt: facts.now });
  const lot = lotOf(after.lots, known.lotCode ?? '');
  if (!lot || isUsable(lot, facts.localDate)) return accept(event);
  const cause = lot.qcStatus === 'APPROVED' ? 'LOT_EXPIRED' : 'LOT_NOT_APPROVED';
  const away = movedAway(event.data, lot.lotCode, cause, after, facts, item);
  return accept<StockEvent>(event, ...away);
}
