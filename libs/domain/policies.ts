import type { InventoryEvent } from './index';
import type { DomainEvent, RecordedEvent } from './kernel';
import { stockStream } from './names';
import type { StockCommand, StockEvent } from './stock';

/**
 * What one stream has decided, told to others. Each leg is sent by the api right after the event, by every retry of the
 * command, and by the projector while it is owed. One that has changed something leaves an event, by which its stream
 * knows it. One that changes nothing leaves none and is sent again: it must then never change anything later.
 */

/** A command that an event leads to on another stream. */
export interface FollowUp {
  readonly category: 'stock';
  readonly stream: string;
  readonly command: StockCommand;
}

/** What follows from an event, always the same and in the same order: the ids of the commands rest upon it. */
export type Policy = (event: InventoryEvent) => readonly FollowUp[];

/** One and the same for all events that nothing follows from, which are nearly all. */
export const NO_FOLLOW_UPS: readonly FollowUp[] = [];

type Each<E extends DomainEvent> = E extends DomainEvent ? RecordedEvent<E> : never;
/** Recorded events, each with the payload of its type, so that a switch takes them apart. */
type Any = Each<StockEvent>;
type Of<T extends Any['type']> = Extract<Any, { readonly type: T }>;

export const followUpsOf: Policy = (recorded) => {
  const event = recorded as Any;
  switch (event.type) {
    case 'TransferReceived':
      return [arrival(event)];
    default:
      return NO_FOLLOW_UPS;
  }
};

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
