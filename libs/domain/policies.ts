import type { InventoryEvent } from './index';
import type { DomainEvent, RecordedEvent } from './kernel';
import type { LotCommand, LotEvent } from './lot';
import { lotStream, stockStream } from './names';
import type { StockCommand, StockEvent } from './stock';

/**
 * What one stream has decided, told to others. Each leg is sent by the api right after the event, by every retry of the
 * command, and by the projector while it is owed. One that has changed something leaves an event, by which its stream
 * knows it. One that changes nothing leaves none and is sent again: it must then never change anything later.
 */

/** A command that an event leads to on another stream. */
export type FollowUp =
  | { readonly category: 'stock'; readonly stream: string; readonly command: StockCommand }
  | { readonly category: 'lot'; readonly stream: string; readonly command: LotCommand };

/** What follows from an event, always the same and in the same order: the ids of the commands rest upon it. */
export type Policy = (event: InventoryEvent) => readonly FollowUp[];

/** One and the same for all events that nothing follows from, which are nearly all. */
export const NO_FOLLOW_UPS: readonly FollowUp[] = [];

type Each<E extends DomainEvent> = E extends DomainEvent ? RecordedEvent<E> : never;
/** Recorded events, each with the payload of its type, so that a switch takes them apart. */
type Any = Each<StockEvent> | Each<LotEvent>;
type Of<T extends Any['type']> = Extract<Any, { readonly type: T }>;

export const followUpsOf: Policy = (recorded) => {
  const event = recorded as Any;
  switch (event.type) {
    case 'StockReceived.v2':
      return afterReceipt(event);
    case 'StockReturned':
      return afterReturn(event);
    case 'StockDispatched':
      return afterDispatch(event);
    case 'TransferReceived':
      return [arrival(event)];
    case 'LotNotedAt':
      return afterNote(event);
    case 'LotApproved':
    case 'LotRejected':
    case 'LotQuarantined':
    case 'LotRecalled':
    case 'LotExpiryCorrected':
      return event.data.locations.map((location) => statusAt(location, event));
    default:
      return NO_FOLLOW_UPS;
  }
};

type Note = Extract<LotCommand, { type: 'NoteLotAt' }>['data'];

const note = (tenant: string, data: Note): readonly FollowUp[] => [
  {
    category: 'lot',
    stream: lotStream(tenant, data.sku, data.lotCode),
    command: { type: 'NoteLotAt', data },
  },
];

/** The lot learns of a place that it does not know, of a demand for quality control, and where it comes from. */
function afterReceipt({ data, metadata }: Of<'StockReceived.v2'>): readonly FollowUp[] {
  const { sku, location, lotCode, qcStatus, expiresOn, lotRevision, qcRequired } = data;
  const { supplierLot, manufacturedOn, parentLots } = data;
  const isTold = supplierLot !== null || manufacturedOn !== null || parentLots.length > 0;
  if (lotCode === null || (lotRevision !== null && !qcRequired && !isTold)) return NO_FOLLOW_UPS;
  return note(metadata.tenant, {
    sku,
    lotCode,
    location,
    receivedAs: { qcStatus, expiresOn },
    demandsQc: qcRequired,
    supplierLot,
    manufacturedOn,
    parentLots,
  });
}

function afterReturn({ data, metadata }: Of<'StockReturned'>): readonly FollowUp[] {
  const { sku, location, lotCode, qcStatus, expiresOn, lotRevision } = data;
  if (lotCode === null || lotRevision !== null) return NO_FOLLOW_UPS;
  const receivedAs = { qcStatus, expiresOn };
  return note(metadata.tenant, { sku, lotCode, location, receivedAs });
}

/** The lot learns of the destination before the goods are there: what is said of it meanwhile reaches that place too. */
function afterDispatch({ data, metadata }: Of<'StockDispatched'>): readonly FollowUp[] {
  const { sku, to: location, lotCode, qcStatus, expiresOn } = data;
  if (lotCode === null) return NO_FOLLOW_UPS;
  return note(metadata.tenant, { sku, lotCode, location, receivedAs: { qcStatus, expiresOn } });
}

function arrival({ data, metadata }: Of<'TransferReceived'>): FollowUp {
  const { sku, location: from, to: location, transferId, lotCode, quantity } = data;
  const { unit, decimals, receivedAt, expiresOn, qcStatus, lotRevision } = data;
  const goods = { lotCode, quantity, unit, decimals, receivedAt, expiresOn, qcStatus, lotRevision };
  return {
    category: 'stock',
    stream: stockStream(metadata.tenant, sku, location),
    command: { type: 'AcceptArrival', data: { sku, location, from, transferId, ...goods } },
  };
}

/** What came there meanwhile may have been taken in otherwise than what was noted: the place is told in any case. */
const afterNote = (event: Of<'LotNotedAt'>): readonly FollowUp[] => [
  statusAt(event.data.location, event),
];

type Told = Of<
  | 'LotNotedAt'
  | 'LotApproved'
  | 'LotRejected'
  | 'LotQuarantined'
  | 'LotRecalled'
  | 'LotExpiryCorrected'
>;

function statusAt(location: string, { data, metadata, revision }: Told): FollowUp {
  const { sku, lotCode, qcStatus, expiresOn } = data;
  return {
    category: 'stock',
    stream: stockStream(metadata.tenant, sku, location),
    command: {
      type: 'ApplyLotStatus',
      data: { sku, location, lotCode, qcStatus, expiresOn, lotRevision: revision },
    },
  };
}
