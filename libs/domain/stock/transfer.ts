import { accept, refuse } from '../kernel';
import { documentId, parseDocumentId } from '../names';
import { MAX_QUANTITY } from '../quantity';
import type { EnteredQuantity } from '../units';
import { allocate, MAX_LOTS_TAKEN, TAKEN } from './allocate';
import type { AcceptArrival, CancelTransfer, DispatchTransfer, ReceiveTransfer } from './commands';
import type { StockEvent, StockEventOf } from './events';
import { evolve } from './evolve';
import {
  inactive,
  inUnits,
  movedOf,
  tooManyLots,
  tooMuch,
  unknownLocation,
  unknownLot,
  type KnownItem,
  type Place,
  type StockDecision,
  type StockFacts,
  type StockRefusal,
} from './facts';
import { heldIn, heldOn, isUsable, lotOf, type Held } from './lots';
import { movedAway } from './move-away';
import { truthOf } from './receive';
import { shortage } from './shortage';
import { openOf, type StockState, type Transfer, type TransferLine } from './state';
import { QC_STATUSES, unreserved, type QcStatus, type StockLot } from './stock-lot';

/** Stock on its way from one location to another. Where it was sent from decides; where it goes is told. */

export const TRANSFER_STATUSES = [
  'DISPATCHED',
  'PARTIALLY_RECEIVED',
  'RECEIVED',
  'CANCELLED',
] as const;
export type TransferStatus = (typeof TRANSFER_STATUSES)[number];
export type TransferStep = StockEventOf<
  'StockDispatched' | 'TransferReceived' | 'TransferWrittenOff' | 'TransferCancelled'
>;

/** What a transfer is after one of its events. A rest that is called off makes it CANCELLED, whatever came before. */
export function transferStatusAfter(event: TransferStep): TransferStatus {
  switch (event.type) {
    case 'StockDispatched':
      return 'DISPATCHED';
    case 'TransferReceived':
    case 'TransferWrittenOff':
      return event.data.outstanding === 0 ? 'RECEIVED' : 'PARTIALLY_RECEIVED';
    case 'TransferCancelled':
      return 'CANCELLED';
  }
}

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
  const lines = chosen(units, named, state, facts, item);
  if (outstandingOf(lines) < units) {
    const held = named ? movable(named) : heldOn(state.lots, facts.localDate);
    if (lines.length === MAX_LOTS_TAKEN && held.free >= units)
      return tooManyLots(data, MAX_LOTS_TAKEN, 'transfer', 'send');
    return shortage(data, data.quantity, units, held, undefined, item);
  }
  const { to } = data;
  const transferId = documentId('transfer', data.sku, data.location, state.transfers.made + 1);
  const dispatched = lines.map(
    ({ lotCode, outstanding, receivedAt, expiresOn, qcStatus, lotRevision }): StockEvent => ({
      type: 'StockDispatched',
      data: {
        quantity: outstanding,
        entered,
        transferId,
        to,
        receivedAt,
        expiresOn,
        qcStatus,
        lotRevision,
        ...movedOf(data, lotCode, item),
      },
    }),
  );
  if (data.immediate !== true) return accept(...dispatched);
  const whole = { to, lines };
  const received = lines.map((line) => ({
    end: 'RECEIVED' as const,
    line,
    units: line.outstanding,
  }));
  return accept(...dispatched, ...ended(data, transferId, whole, received, item));
}

/** What leaves, lot by lot: all that is wanted, or what there is of it. */
function chosen(
  units: number,
  named: StockLot | undefined,
  { lots }: StockState,
  { localDate }: StockFacts,
  { allocationPolicy }: KnownItem,
): TransferLine[] {
  if (named) return [lineOf(named, Math.min(units, unreserved(named)))];
  return allocate(lots, allocationPolicy, localDate, units, TAKEN).flatMap(
    ({ lotCode, quantity }) => {
      const lot = lotOf(lots, lotCode ?? '');
      return lot ? [lineOf(lot, quantity)] : [];
    },
  );
}

const lineOf = (
  { lotCode, receivedAt, expiresOn, qcStatus, lotRevision }: StockLot,
  outstanding: number,
): TransferLine => ({ lotCode, outstanding, receivedAt, expiresOn, qcStatus, lotRevision });

/** Of a lot that is moved whatever its status, all that is neither reserved nor on hold is free. */
const movable = (lot: StockLot): Held => ({
  ...heldIn(lot, null),
  approved: lot.onHand,
  free: unreserved(lot),
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
  wanted: number | undefined,
  missing: number,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const transfer = openTransfer(data.transferId, state, facts);
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
  const outstanding = outstandingOf(lines);
  const units = wanted ?? outstanding - missing;
  if (units < 0 || units + missing > outstanding) {
    return refuse(
      'TRANSFER_EXCEEDED',
      `${inUnits(outstanding, item)} are outstanding in transfer ${data.transferId}; what has come and what is missing may not be more`,
    );
  }
  const ends: End[] = [];
  let [come, lost] = [units, missing];
  for (const line of lines) {
    const here = Math.min(come, line.outstanding);
    const gone = Math.min(lost, line.outstanding - here);
    come -= here;
    lost -= gone;
    if (here > 0) ends.push({ end: 'RECEIVED', line, units: here });
    if (gone > 0) ends.push({ end: 'LOST', line, units: gone });
  }
  return accept(...ended(data, data.transferId, transfer, ends, item));
}

/** What is outstanding comes back to where it was sent from. */
export function cancelTransfer(
  data: CancelTransfer,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const transfer = openTransfer(data.transferId, state, facts);
  if ('accepted' in transfer) return transfer;
  if (state.onHand + outstandingOf(transfer.lines) > MAX_QUANTITY) return tooMuch(data, item);
  const ends = transfer.lines.map((line) => ({
    end: 'BACK' as const,
    line,
    units: line.outstanding,
  }));
  return accept(...ended(data, data.transferId, transfer, ends, item));
}

const outstandingOf = (lines: readonly TransferLine[]): number =>
  lines.reduce((sum, line) => sum + line.outstanding, 0);

/** A receipt before the dispatch would show the goods at two places at once, as of any time between. */
function openTransfer(
  id: string,
  state: StockState,
  { happenedAt }: StockFacts,
): Transfer | StockRefusal {
  const ordinal = parseDocumentId('transfer', id)?.ordinal ?? Infinity;
  if (ordinal > state.transfers.made) {
    return refuse(
      'TRANSFER_NOT_FOUND',
      `there is no transfer ${id}; GET /api/v1/transfers lists those there are`,
    );
  }
  const transfer = openOf(state.transfers, ordinal);
  if (!transfer) {
    return refuse(
      'TRANSFER_ENDED',
      `nothing of transfer ${id} is outstanding any more; GET it to see why`,
    );
  }
  const { dispatchedAt } = transfer;
  if (happenedAt === undefined || happenedAt >= dispatchedAt) return transfer;
  return refuse(
    'EFFECTIVE_AT_BEFORE_DISPATCH',
    `transfer ${id} left at ${dispatchedAt}, after ${happenedAt}; send an effectiveAt of ${dispatchedAt} or later, or none`,
  );
}

/**
 * Never refused but for a figure that no place can hold: what arrives where it may not be used lands on hold. Where it
 * takes its lot out of use, what is allocated of it here moves away.
 */
export function acceptArrival(
  data: AcceptArrival,
  state: StockState,
  facts: StockFacts,
): StockDecision {
  const { sku, location, unit, decimals, quantity, transferId, from, lotCode, receivedAt } = data;
  const measured = { unit, decimals };
  if (state.onHand + quantity > MAX_QUANTITY) return tooMuch(data, measured);
  const known = lotCode === null ? undefined : lotOf(state.lots, lotCode);
  const { expiresOn, qcStatus, lotRevision } = settled(truthOf(known, facts.lot), data);
  const isRefused = qcStatus === 'REJECTED' || qcStatus === 'RECALLED';
  const arrived: StockEventOf<'StockArrived'> = {
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
      ...movedOf({ sku, location }, lotCode, measured),
    },
  };
  if (!known || known.reserved === 0) return accept(arrived);
  const after = evolve(state, arrived, { effectiveAt: facts.now });
  const lot = lotOf(after.lots, lotCode ?? '');
  if (!lot || isUsable(lot, facts.localDate)) return accept(arrived);
  const cause = qcStatus === 'APPROVED' ? 'LOT_EXPIRED' : 'LOT_NOT_APPROVED';
  const away = movedAway({ sku, location }, lotCode, cause, after, facts, measured);
  return accept<StockEvent>(arrived, ...away);
}

interface LotWord {
  readonly expiresOn: string | null;
  readonly qcStatus: QcStatus;
  readonly lotRevision: number | null;
}

/**
 * Of two words on a lot the one from its own stream with the higher revision counts. Where neither is from there, the
 * stricter status and the earlier expiry stand until that stream speaks.
 */
function settled(here: LotWord | undefined, told: LotWord): LotWord {
  if (!here) return told;
  if (here.lotRevision === null && told.lotRevision === null) {
    return {
      expiresOn: sooner(here.expiresOn, told.expiresOn),
      qcStatus: stricter(here.qcStatus, told.qcStatus),
      lotRevision: null,
    };
  }
  return (here.lotRevision ?? -1) >= (told.lotRevision ?? -1) ? here : told;
}

const stricter = (a: QcStatus, b: QcStatus): QcStatus =>
  QC_STATUSES.indexOf(a) > QC_STATUSES.indexOf(b) ? a : b;

const sooner = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b < a) ? b : a;

/** How so much of a line has ended. */
interface End {
  readonly end: 'RECEIVED' | 'LOST' | 'BACK';
  readonly line: TransferLine;
  readonly units: number;
}

/** One event for each, which tells what is left of the transfer after it. */
function ended(
  { sku, location }: Place,
  transferId: string,
  { to, lines }: Pick<Transfer, 'to' | 'lines'>,
  ends: readonly End[],
  { unit, decimals }: KnownItem,
): StockEvent[] {
  let outstanding = outstandingOf(lines);
  return ends.map(({ end, line, units }): StockEvent => {
    outstanding -= units;
    const { lotCode, receivedAt, expiresOn, qcStatus, lotRevision } = line;
    const leg = { quantity: units, outstanding, transferId, sku, location, to, lotCode };
    const data = { ...leg, unit, decimals };
    switch (end) {
      case 'RECEIVED':
        return {
          type: 'TransferReceived',
          data: { receivedAt, expiresOn, qcStatus, lotRevision, ...data },
        };
      case 'LOST':
        return { type: 'TransferWrittenOff', data };
      case 'BACK':
        return { type: 'TransferCancelled', data: { receivedAt, ...data } };
    }
  });
}
