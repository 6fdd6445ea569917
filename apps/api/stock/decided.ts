import {
  stock,
  stockStream,
  type StockCode,
  type StockCommand,
  type StockEvent,
  type StockFacts,
  type StockState,
} from '../../../libs/domain';
import type { Accepted, CommandGate, Decided } from '../commands/dispatch';
import { presentMovements } from '../http/present';

export type DecidedOnStock = Decided<StockState, StockCommand, StockEvent, StockFacts, StockCode>;

/** What is decided on the stock of one place, upon the facts that a command of its kind needs. */
export const decidedOnStock = (
  { tenant, facts }: Pick<CommandGate, 'tenant' | 'facts'>,
  command: StockCommand,
): DecidedOnStock => ({
  definition: stock,
  stream: stockStream(tenant, command.data.sku, command.data.location),
  command,
  facts: (fresh, context) => facts.factsOf(command, context, fresh),
});

/** The answer to a command that moves stock. */
export const presentMoved =
  ({ data }: StockCommand) =>
  ({ events }: Accepted<StockEvent>, commandId: string) => ({
    commandId,
    sku: data.sku,
    location: data.location,
    movements: presentMovements(events),
    ...('reservationId' in data && { reservationId: data.reservationId }),
  });
