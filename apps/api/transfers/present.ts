import {
  transferStatusAfter,
  type RecordedEvent,
  type StockEvent,
  type TransferStep,
} from '../../../libs/domain';
import type { TransferRow } from '../../../libs/postgres/queries';
import { asDomainEvents, inUnits, presentRow } from '../http/present';

/** Events, legs and rows of transfers → what clients read. */

const isStep = (event: StockEvent): event is TransferStep =>
  event.type !== 'StockArrived' && 'transferId' in event.data;

/** What a command did to a transfer, and what that is now: out of its own events. */
export function presentSteps(recorded: readonly RecordedEvent<StockEvent>[]): object {
  const steps = asDomainEvents(recorded).filter(isStep);
  const last = steps.at(-1);
  if (!last) throw new Error('a transfer without events');
  const { transferId, sku, location, to, unit, decimals } = last.data;
  const lines = new Map<string | null, Record<(typeof FIELD_OF)[TransferStep['type']], number>>();
  let dispatched = 0;
  for (const { type, data } of steps) {
    const none = { dispatched: 0, received: 0, writtenOff: 0, cancelled: 0 };
    const line = lines.get(data.lotCode) ?? none;
    line[FIELD_OF[type]] += data.quantity;
    lines.set(data.lotCode, line);
    if (type === 'StockDispatched') dispatched += data.quantity;
  }
  const outstanding = last.type === 'StockDispatched' ? dispatched : last.data.outstanding;
  return {
    transferId,
    sku,
    from: location,
    to,
    status: transferStatusAfter(last),
    unit,
    lines: [...lines].map(([lotCode, line]) => ({
      lotCode,
      dispatched: inUnits(line.dispatched, decimals),
      received: inUnits(line.received, decimals),
      writtenOff: inUnits(line.writtenOff, decimals),
      cancelled: inUnits(line.cancelled, decimals),
    })),
    outstanding: inUnits(outstanding, decimals),
  };
}

const FIELD_OF = {
  StockDispatched: 'dispatched',
  TransferReceived: 'received',
  TransferWrittenOff: 'writtenOff',
  TransferCancelled: 'cancelled',
} as const;

export function presentTransfer({ lines, ...row }: TransferRow): object {
  const { decimals } = row;
  const shown = presentRow({ ...row });
  return {
    ...shown,
    lines: lines.map(({ lotCode, quantity, received, arrived, writtenOff, cancelled }) => ({
      lotCode,
      quantity: inUnits(quantity, decimals),
      received: inUnits(received, decimals),
      arrived: inUnits(arrived, decimals),
      writtenOff: inUnits(writtenOff, decimals),
      cancelled: inUnits(cancelled, decimals),
      outstanding: inUnits(quantity - received - writtenOff - cancelled, decimals),
    })),
  };
}
