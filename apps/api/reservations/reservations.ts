import {
  DEFAULT_LOCATION,
  type RecordedEvent,
  type StockCommand,
  type StockEvent,
  type StockEventOf,
} from '../../../libs/domain';
import type { AllocationRow, ReservationRow, Units } from '../../../libs/postgres/queries';
import { defined } from '../http/canonical';
import { ProblemError } from '../http/errors';
import { placeOfDocument } from '../http/path';
import { inUnits, presentRow } from '../http/present';
import type { ExtendBody, IssueReservedBody, ReleaseBody, ReserveBody } from './reservations.dto';

/** Bodies about reservations → commands, and what is told of them. */

type CommandOf<T extends StockCommand['type']> = Extract<StockCommand, { readonly type: T }>;

export const reserveCommand = ({
  sku,
  location = DEFAULT_LOCATION,
  quantity,
  unit,
  lots,
  strategy,
  partial,
  batchId,
  reference,
  expiresAt,
}: ReserveBody): CommandOf<'ReserveStock'> => ({
  type: 'ReserveStock',
  data: {
    sku,
    location,
    ...defined({ quantity, unit, lots, strategy, partial, batchId, reference, expiresAt }),
  },
});

export const issueReservedCommand = ({
  reservationId,
  quantity,
  unit,
  purpose,
  reference,
}: IssueReservedBody): CommandOf<'IssueReserved'> => ({
  type: 'IssueReserved',
  data: {
    reservationId,
    ...placeOfDocument('reservation', reservationId),
    ...defined({ quantity, unit, purpose, reference }),
  },
});

export const releaseCommand = ({
  reservationId,
  quantity,
  unit,
}: ReleaseBody): CommandOf<'ReleaseReservation'> => ({
  type: 'ReleaseReservation',
  data: {
    reservationId,
    ...placeOfDocument('reservation', reservationId),
    ...defined({ quantity, unit }),
  },
});

export const extendCommand = (
  reservationId: string,
  { expiresAt }: ExtendBody,
): CommandOf<'ExtendReservation'> => ({
  type: 'ExtendReservation',
  data: { reservationId, ...placeOfDocument('reservation', reservationId), expiresAt },
});

export const unknownReservation = (id: string): ProblemError =>
  new ProblemError(
    'RESERVATION_NOT_FOUND',
    `there is no reservation ${id}; GET /api/v1/reservations lists those there are`,
  );

type Events = readonly RecordedEvent<StockEvent>[];
type EventOf<T extends StockEvent['type']> = RecordedEvent<StockEventOf<T>>;

/** Of the events of a command the one that it was about: others of it may have ended reservations that were over. */
function eventOf<T extends StockEvent['type']>(events: Events, type: T): EventOf<T> {
  const found = events.find((event) => event.type === type);
  if (!found) throw new Error(`no ${type} among the events`);
  return found as EventOf<T>;
}

const linesIn = (
  lines: readonly { readonly lotCode: string | null; readonly quantity: number }[],
  decimals: number,
): object[] =>
  lines.map(({ lotCode, quantity }) => ({ lotCode, quantity: inUnits(quantity, decimals) }));

export function presentMade(events: Events, commandId: string): object {
  const { data, metadata } = eventOf(events, 'StockReserved');
  const { decimals, quantity, short, unit, strategy, hard, batchId, reference, expiresAt } = data;
  return {
    commandId,
    reservationId: data.reservationId,
    sku: data.sku,
    location: data.location,
    status: 'ACTIVE',
    totalQuantity: inUnits(quantity, decimals),
    issuedQuantity: 0,
    allocations: linesIn(data.allocations, decimals),
    short: inUnits(short, decimals),
    unit,
    strategy,
    hard,
    batchId,
    reference,
    expiresAt,
    reservedAt: metadata.effectiveAt,
  };
}

export function presentReleased(events: Events, commandId: string): object {
  const { data } = eventOf(events, 'ReservationReleased');
  const { reservationId, sku, location, allocations, short, unit, decimals } = data;
  const freed = allocations.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    commandId,
    reservationId,
    sku,
    location,
    releasedQuantity: inUnits(freed + short, decimals),
    allocations: linesIn(allocations, decimals),
    short: inUnits(short, decimals),
    unit,
  };
}

/** Where it ended then already there is no event, and nothing that a retry could be told otherwise. */
export function presentExtended(
  events: Events,
  commandId: string,
  asked: CommandOf<'ExtendReservation'>['data'],
): object {
  const { reservationId, sku, location, expiresAt } =
    events.length === 0 ? asked : eventOf(events, 'ReservationExtended').data;
  return { commandId, reservationId, sku, location, expiresAt };
}

export function presentReservation({ allocations, ...row }: ReservationRow): object {
  const unitsOf = (units: Units): number => inUnits(units, row.decimals);
  return {
    ...presentRow(row),
    allocations: allocations.map(({ lotCode, quantity, issuedQuantity }: AllocationRow) => ({
      lotCode,
      quantity: unitsOf(quantity),
      issuedQuantity: unitsOf(issuedQuantity),
    })),
  };
}
