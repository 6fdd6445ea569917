import { accept, refuse } from '../kernel';
import { documentId, parseDocumentId } from '../names';
import { MAX_QUANTITY } from '../quantity';
import type { EnteredQuantity } from '../units';
import { allocate } from './allocate';
import type { AcceptArrival, CancelTransfer, DispatchTransfer, ReceiveTransfer } from './commands';
import type { StockEvent } from './events';
import {
  inactive,
  inUnits,
  movedOf,
  tooMuch,
  unknownLocation,
  unknownLot,
  type KnownItem,
  type StockDecision,
  type StockFacts,
  type StockRefusal,
} from './facts';
import { heldIn, heldOn, lotOf } from './lots';
import { truthOf } from './receive';
import { shortage } from './shortage';
import { openOf, type StockState, type Transfer, type TransferLine } from './state';
import { unreserved } from './stock-lot';

/** Stock on its way from one location to another. Where it was sent from decides; where it goes is told. */

/** A lot that is named moves whatever its status; otherwise the policy of the item chooses among what is free. */
export function dispatch(
  data: DispatchTransfer,
  { units, entered }: EnteredQuantity,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const refused = inactive(data, 'dispatches', facts) ?? unfitDestination(data, facts);
  if (refused) return refused;
  const named = data.lotCode === undefined ? undefined : lotOf(state.lots, data.lotCode);
  if (data.lotCode !== undefined && !named) return unknownLot(data, data.lotCode);
  const lines = named
    ? [{ lotCode: named.lotCode, quantity: Math.min(units, unreserved(named)) }]
    : allocate(state.lots, item.allocationPolicy, facts.localDate, units);
  if (lines.reduce((sum, { quantity }) => sum + quantity, 0) < units) {
    const held = named
      ? { ...heldIn(named, null), approved: 1 }
      : heldOn(state.lots, facts.localDate);
    return shortage(data, data.quantity, units, held, undefined, item);
  }
  const { to } = data;
  const transferId = documentId('transfer', data.sku, data.location, state.transfers.made + 1);
  const dispatched = lines.map(({ lotCode, quantity }): StockEvent => {
    const lot = lotOf(state.lots, lotCode ?? '');
    return {
      type: 'StockDispatched',
      data: {
        quantity,
        entered,
        transferId,
        to,
        receivedAt: lot?.receivedAt ?? facts.now,
        expiresOn: lot?.expiresOn ?? null,
        qcStatus: lot?.qcStatus ?? 'APPROVED',
        lotRevision: lot?.lotRevision ?? null,
        ...movedOf(data, lotCode, item),
      },
    };
  });
  if (data.immediate !== true) return accept(...dispatched);
  const outstanding = lines.map(({ lotCode, quantity }) => {
    const lot = lotOf(state.lots, lotCode ?? '');
    return { ...lineOf(lot, facts), lotCode, outstanding: quantity };
  });
  return accept(
    ...dispatched,
    ...outstanding.map((line) => receivedOf(data, transferId, to, line, line.outstanding, item)),
  );
}

const lineOf = (
  lot: ReturnType<typeof lotOf>,
  { now }: StockFacts,
): Omit<TransferLine, 'lotCode' | 'outstanding'> => ({
  receivedAt: lot?.receivedAt ?? now,
  expiresOn: lot?.expiresOn ?? null,
  qcStatus: lot?.qcStatus ?? 'APPROVED',
  lotRevision: lot?.lotRevision ?? null,
});

function unfitDestination(data: DispatchTransfer, facts: StockFacts): StockRefusal | undefined {
  if (data.to === data.location) {
    return refuse('TRANSFER_TO_ITSELF', `a transfer from ${data.location} must go somewhere else`);
  }
  if (!facts.destination) return unknownLocation(data.to);
  return facts.destination.active
    ? undefined
    : refuse(
        'LOCATION_INACTIVE',
        `location ${data.to} is inactive and takes no transfers; reactivate it first`,
      );
}

/** What has come and what will not come any more, never more than is outstanding. */
export function receiveTransfer(
  data: ReceiveTransfer,
  wanted: EnteredQuantity | undefined,
  missing: number,
  state: StockState,
  item: KnownItem,
): StockDecision {
  const transfer = openTransfer(data.transferId, state);
  if ('accepted' in transfer) return transfer;
  const lines = transfer.lines.filter(
    ({ lotCode }) => data.lotCode === undefined || lotCode === data.lotCode,
  );
  if (lines.length === 0) {
    return refuse(
      'LOT_NOT_FOUND',
      `nothing of lot ${data.lotCode} is outstanding in transfer ${data.transferId}; GET it to see what is`,
    );
  }
  const outstanding = lines.reduce((sum, line) => sum + line.outstanding, 0);
  const units = wanted?.units ?? outstanding - missing;
  if (units < 0 || units + missing > outstanding) {
    return refuse(
      'TRANSFER_EXCEEDED',
      `${inUnits(outstanding, item)} are outstanding in transfer ${data.transferId}; what has come and what is missing may not be more`,
    );
  }
  const events: StockEvent[] = [];
  let [come, lost] = [units, missing];
  for (const line of lines) {
    const here = Math.min(come, line.outstanding);
    const gone = Math.min(lost, line.outstanding - here);
    come -= here;
    lost -= gone;
    if (here > 0) events.push(receivedOf(data, data.transferId, transfer.to, line, here, item));
    if (gone > 0)
      events.push({
        type: 'TransferWrittenOff',
        data: { quantity: gone, ...legOf(data, data.transferId, transfer.to, line, item) },
      });
  }
  return accept(...events);
}

/** What is outstanding comes back to where it was sent from. */
export function cancelTransfer(
  data: CancelTransfer,
  state: StockState,
  item: KnownItem,
): StockDecision {
  const transfer = openTransfer(data.transferId, state);
  if ('accepted' in transfer) return transfer;
  const back = transfer.lines.reduce((sum, line) => sum + line.outstanding, 0);
  if (state.onHand + back > MAX_QUANTITY) return tooMuch(data, item);
  const events = transfer.lines.map((line): StockEvent => ({
    type: 'TransferCancelled',
    data: {
      quantity: line.outstanding,
      receivedAt: line.receivedAt,
      ...legOf(data, data.transferId, transfer.to, line, item),
    },
  }));
  return accept(...events);
}

function openTransfer(id: string, state: StockState): Transfer | StockRefusal {
  const ordinal = parseDocumentId('transfer', id)?.ordinal ?? Infinity;
  if (ordinal > state.transfers.made) {
    return refuse(
      'TRANSFER_NOT_FOUND',
      `there is no transfer ${id}; GET /api/v1/transfers lists those there are`,
    );
  }
  return (
    openOf(state.transfers, ordinal) ??
    refuse('TRANSFER_ENDED', `nothing of transfer ${id} is outstanding any more; GET it to see why`)
  );
}

/** Never refused but for a figure that no place can hold: what arrives where it may not be used lands on hold. */
export function acceptArrival(
  data: AcceptArrival,
  state: StockState,
  facts: StockFacts,
): StockDecision {
  const { sku, location, unit, decimals, quantity, transferId, from, lotCode, receivedAt } = data;
  if (state.onHand + quantity > MAX_QUANTITY) {
    return refuse(
      'QUANTITY_TOO_LARGE',
      `${sku} at ${location} would hold too much; issue some first`,
    );
  }
  const known = lotCode === null ? undefined : lotOf(state.lots, lotCode);
  // Of two words on the lot the one of its own stream with the higher revision counts.
  const here = truthOf(known, facts.lot);
  const told = {
    expiresOn: data.expiresOn,
    qcStatus: data.qcStatus,
    lotRevision: data.lotRevision,
  };
  const { expiresOn, qcStatus, lotRevision } =
    here && (here.lotRevision ?? -1) >= (told.lotRevision ?? -1) ? here : told;
  const isRefused = qcStatus === 'REJECTED' || qcStatus === 'RECALLED';
  return accept({
    type: 'StockArrived',
    data: {
      quantity,
      transferId,
      from,
      receivedAt,
      expiresOn,
      qcStatus,
      lotRevision,
      onHold: !facts.location?.active || isRefused,
      ...movedOf({ sku, location }, lotCode, { unit, decimals }),
    },
  });
}

const legOf = (
  { sku, location }: { readonly sku: string; readonly location: string },
  transferId: string,
  to: string,
  { lotCode }: TransferLine,
  { unit, decimals }: KnownItem,
) => ({ transferId, sku, location, to, lotCode, unit, decimals });

const receivedOf = (
  data: { readonly sku: string; readonly location: string },
  transferId: string,
  to: string,
  line: TransferLine,
  quantity: number,
  item: KnownItem,
): StockEvent => ({
  type: 'TransferReceived',
  data: {
    quantity,
    receivedAt: line.receivedAt,
    expiresOn: line.expiresOn,
    qcStatus: line.qcStatus,
    lotRevision: line.lotRevision,
    ...legOf(data, transferId, to, line, item),
  },
});
