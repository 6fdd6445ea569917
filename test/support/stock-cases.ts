import * as fc from 'fast-check';
import {
  stock,
  type KnownItem,
  type StockCommand,
  type StockEvent,
  type StockFacts,
  type StockState,
} from '../../libs/domain';
import type { Happened } from './given';

/** What cases about the stock of one SKU at one place are told with: tea in bags, counted in whole ones. */

export const TODAY = '2026-06-15';
export const NOW = '2026-06-15T10:00:00.000Z';
export const place = { sku: 'TEA', location: 'NORTH' };
const measured = { unit: 'bag', decimals: 0 };
const moved = { ...place, ...measured, reference: null };
const unknownToItsLot = { expiresOn: null, qcStatus: 'APPROVED', lotRevision: null } as const;

export type DataOf<T extends StockEvent['type']> = Extract<StockEvent, { type: T }>['data'];
type WishesOf<T extends StockCommand['type']> = Partial<Extract<StockCommand, { type: T }>['data']>;

export const factsOf = (
  item: Partial<KnownItem> = {},
  rest: Partial<StockFacts> = {},
): StockFacts => ({
  item: {
    ...measured,
    active: true,
    tracking: 'none',
    qcRequired: false,
    allocationPolicy: 'FIFO',
    ...item,
  },
  location: { active: true },
  localDate: TODAY,
  now: NOW,
  actor: 'ann',
  generatedLotCode: 'GENERATED-1',
  ...rest,
});

/** The day of June 2026 on which it came; null is the pool. */
export const received = (
  lotCode: string | null,
  quantity: number,
  day = 1,
  rest: Partial<DataOf<'StockReceived.v2'>> = {},
): Happened<StockEvent> => [
  juneAt(day),
  {
    type: 'StockReceived.v2',
    data: {
      ...moved,
      lotCode,
      quantity,
      entered: null,
      purpose: 'OTHER',
      ...unknownToItsLot,
      unitCost: null,
      supplierLot: null,
      manufacturedOn: null,
      parentLots: [],
      qcRequired: false,
      ...rest,
    },
  },
];

export const juneAt = (day: number): string =>
  `2026-06-${String(day).padStart(2, '0')}T08:00:00.000Z`;

export const arrived = (
  lotCode: string | null,
  quantity: number,
  receivedAt: string,
  rest: Partial<DataOf<'StockArrived'>> = {},
): StockEvent => ({
  type: 'StockArrived',
  data: {
    ...moved,
    lotCode,
    quantity,
    transferId: 'TEA@SOUTH.T1',
    from: 'SOUTH',
    receivedAt,
    ...unknownToItsLot,
    onHold: false,
    ...rest,
  },
});

export const issued = (
  lotCode: string | null,
  quantity: number,
  rest: Partial<DataOf<'StockIssued.v2'>> = {},
): StockEvent => ({
  type: 'StockIssued.v2',
  data: {
    ...moved,
    lotCode,
    quantity,
    entered: null,
    purpose: 'OTHER',
    reservationId: null,
    fromHold: 0,
    ...rest,
  },
});

export const held = (lotCode: string | null, quantity: number): StockEvent => ({
  type: 'StockHeld',
  data: { ...moved, lotCode, quantity, entered: null },
});

export const statusApplied = (
  lotCode: string,
  qcStatus: DataOf<'LotStatusApplied'>['qcStatus'],
  lotRevision = 1,
  expiresOn: string | null = null,
): StockEvent => ({
  type: 'LotStatusApplied',
  data: { ...place, ...measured, lotCode, qcStatus, expiresOn, lotRevision },
});

/** `{ A: 3, '': 1 }`: three of lot A, one of the pool. */
type Lines = Readonly<Record<string, number>>;
export const linesOf = (lines: Lines): { lotCode: string | null; quantity: number }[] =>
  Object.entries(lines).map(([code, quantity]) => ({
    lotCode: code === '' ? null : code,
    quantity,
  }));
const sumOf = (lines: Lines): number => Object.values(lines).reduce((sum, n) => sum + n, 0);

export const idOf = (ordinal: number): string => `TEA@NORTH.R${ordinal}`;

export const reserved = (
  ordinal: number,
  allocations: Lines,
  rest: Partial<DataOf<'StockReserved'>> = {},
): StockEvent => ({
  type: 'StockReserved',
  data: {
    reservationId: idOf(ordinal),
    ...place,
    ...measured,
    quantity: sumOf(allocations) + (rest.short ?? 0),
    entered: null,
    allocations: linesOf(allocations),
    short: 0,
    strategy: 'FIFO',
    hard: false,
    batchId: null,
    reference: null,
    expiresAt: null,
    ...rest,
  },
});

export const released = (ordinal: number, allocations: Lines, short = 0): StockEvent => ({
  type: 'ReservationReleased',
  data: {
    reservationId: idOf(ordinal),
    ...place,
    ...measured,
    allocations: linesOf(allocations),
    short,
  },
});

export const expired = (
  ordinal: number,
  allocations: Lines,
  expiresAt: string,
  short = 0,
): StockEvent => ({
  type: 'ReservationExpired',
  data: {
    reservationId: idOf(ordinal),
    ...place,
    ...measured,
    allocations: linesOf(allocations),
    short,
    expiresAt,
  },
});

export const extended = (ordinal: number, expiresAt: string | null): StockEvent => ({
  type: 'ReservationExtended',
  data: { reservationId: idOf(ordinal), ...place, expiresAt },
});

export const allocationsMoved = (
  ordinal: number,
  from: Lines,
  to: Lines,
  cause: DataOf<'AllocationsMoved'>['cause'],
): StockEvent => ({
  type: 'AllocationsMoved',
  data: {
    reservationId: idOf(ordinal),
    ...place,
    ...measured,
    from: linesOf(from),
    to: linesOf(to),
    short: sumOf(from) - sumOf(to),
    cause,
  },
});

export const reserve = (
  quantity: string | undefined,
  rest: WishesOf<'ReserveStock'> = {},
): StockCommand => ({
  type: 'ReserveStock',
  data: { ...place, ...(quantity === undefined ? {} : { quantity }), ...rest },
});

export const named = (lines: Readonly<Record<string, string>>) => ({
  lots: Object.entries(lines).map(([lotCode, quantity]) => ({ lotCode, quantity })),
});

export const issueReserved = (
  ordinal: number,
  wishes: WishesOf<'IssueReserved'> = {},
): StockCommand => ({
  type: 'IssueReserved',
  data: { ...place, reservationId: idOf(ordinal), ...wishes },
});
export const release = (
  ordinal: number,
  wishes: WishesOf<'ReleaseReservation'> = {},
): StockCommand => ({
  type: 'ReleaseReservation',
  data: { ...place, reservationId: idOf(ordinal), ...wishes },
});
export const extend = (ordinal: number, expiresAt: string | null): StockCommand => ({
  type: 'ExtendReservation',
  data: { ...place, reservationId: idOf(ordinal), expiresAt },
});

/** The state after a history, without the comparisons that `given` makes at every step: they take long in long ones. */
export const foldOf = (history: readonly Happened<StockEvent>[]): StockState =>
  history.reduce<StockState>((before, step) => {
    const [effectiveAt, event] = (Array.isArray(step) ? step : [NOW, step]) as [string, StockEvent];
    return stock.evolve(before, event, { effectiveAt });
  }, stock.initial);

export const codeOf = (
  state: StockState,
  command: StockCommand,
  facts = factsOf(),
): string | undefined => {
  const verdict = stock.decide(command, state, facts);
  return verdict.accepted ? undefined : verdict.refusal.code;
};

export const LATER = '2026-06-15T12:00:00.000Z';
export const PASSED = '2026-06-15T09:00:00.000Z';
const ordinals = fc.integer({ min: 1, max: 5 });
const quantities = fc.option(fc.integer({ min: 0, max: 10 }).map(String), { nil: undefined });
export const instants = fc.constantFrom(PASSED, NOW, LATER, '2026-06-15T13:00:00.000Z');
const quantityOf = (quantity: string | undefined) => (quantity === undefined ? {} : { quantity });
export const reservationCommands: fc.Arbitrary<StockCommand> = fc.oneof(
  fc
    .tuple(quantities, fc.boolean(), fc.constantFrom('FIFO', 'FEFO', 'LIFO'))
    .map(([quantity, partial, strategy]) =>
      reserve(quantity, { partial, strategy: strategy as 'FIFO' }),
    ),
  fc.tuple(ordinals, quantities).map(([n, quantity]) => issueReserved(n, quantityOf(quantity))),
  fc.tuple(ordinals, quantities).map(([n, quantity]) => release(n, quantityOf(quantity))),
  fc.tuple(ordinals, instants).map(([n, at]) => extend(n, at)),
  fc.constant<StockCommand>({ type: 'ExpireReservations', data: place }),
);
