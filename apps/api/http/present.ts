import {
  type DomainEvent,
  fromBaseUnits,
  lotIdOf,
  type LocationState,
  type RecordedEvent,
  type StockEvent,
  type StockEventOf,
  type StreamDefinition,
} from '../../../libs/domain';
import { positionToken } from '../../../libs/eventstore';
import type { LedgerRow, Units } from '../../../libs/postgres/queries';

/** Recorded events lose which payload belongs to which type; the log's decoder has checked that they fit. */
export const asDomainEvents = <E extends DomainEvent>(
  events: readonly RecordedEvent<E>[],
): readonly E[] => events as unknown as readonly E[];

/** What a stream's first events make of it. */
export const foldOf = <State, E extends DomainEvent>(
  { initial, evolve }: Pick<StreamDefinition<State, never, E, never>, 'initial' | 'evolve'>,
  events: readonly RecordedEvent<E>[],
): State =>
  events.reduce<State>(
    (state, event) => evolve(state, event as unknown as E, event.metadata),
    initial,
  );

/** Base units and rows → what clients read: quantities as numbers in the unit of the item. */

export const inUnits = (units: Units, decimals: number): number =>
  Number(fromBaseUnits(Number(units), decimals));

export const optionally = (units: Units | null, decimals: number): number | null =>
  units === null ? null : inUnits(units, decimals);

export const presentLocation = (location: LocationState): object => ({ ...location });

const MOVEMENT_TYPES = {
  'StockReceived.v2': 'RECEIVE',
  StockReturned: 'RECEIVE',
  'StockIssued.v2': 'ISSUE',
  'StockAdjusted.v2': 'ADJUST',
  StockHeld: 'HOLD',
  HoldLifted: 'UNHOLD',
  MovementReversed: 'REVERSE',
} as const;
type Moved = RecordedEvent<StockEventOf<keyof typeof MOVEMENT_TYPES>>;

const isMoved = (event: RecordedEvent<StockEvent>): event is Moved =>
  Object.hasOwn(MOVEMENT_TYPES, event.type);

/** Of the events of a command those that moved stock by hand: what they made of reservations has answers of its own. */
export const presentMovements = (events: readonly RecordedEvent<StockEvent>[]): object[] =>
  events.filter(isMoved).map(presentMovement);

function purposeOf(data: Moved['data']): string | null {
  if ('purpose' in data) return data.purpose;
  if ('disposition' in data) return 'RETURN';
  return 'error' in data ? data.error : null;
}

function presentMovement({ id, type, data, metadata }: Moved): object {
  const { lotCode, quantity, decimals, unit, reference } = data;
  const receipt = 'unitCost' in data ? data : undefined;
  return {
    movementId: id,
    type: MOVEMENT_TYPES[type],
    lotCode,
    quantity: inUnits(quantity, decimals),
    unit,
    purpose: purposeOf(data),
    ...(receipt && {
      expiresOn: receipt.expiresOn,
      qcStatus: receipt.qcStatus,
      unitCost: receipt.unitCost?.amount ?? null,
      currency: receipt.unitCost?.currency ?? null,
    }),
    ...('movementId' in data && { reverses: data.movementId }),
    reference,
    reason: metadata.reason ?? null,
    effectiveAt: metadata.effectiveAt,
    recordedAt: metadata.recordedAt,
  };
}

/** What is summed over lots and places, in the order of its columns. */
export const SUMS = [
  'onHand',
  'reserved',
  'onHold',
  'available',
  'quarantined',
  'rejected',
  'expired',
  'received',
  'issued',
  'adjusted',
  'transferredIn',
  'transferredOut',
] as const;

const QUANTITIES = [
  ...SUMS,
  'writtenOff',
  'cancelled',
  'outstanding',
  'inTransit',
  'quantity',
  'balance',
  'lotBalance',
  'threshold',
  'shortBy',
  'short',
  'totalQuantity',
  'allocatedQuantity',
  'issuedQuantity',
  'releasedQuantity',
  'expiredQuantity',
  'reorderThreshold',
  'counted',
  'book',
  'variance',
  'safetyStock',
  'maximum',
  'was',
] as const;

/** A row of a query with every quantity of it in units; `decimals` itself stays with us. */
export function presentRow(row: object): Record<string, unknown> {
  const { decimals, ...fields } = row as Record<string, unknown>;
  for (const name of QUANTITIES) {
    const units = fields[name];
    if (units !== undefined && units !== null) {
      fields[name] = inUnits(units as Units, Number(decimals));
    }
  }
  return fields;
}

/** A movement as the ledger and the reports tell it. */
export const presentLedgerRow = (row: LedgerRow, storeId: string): object => ({
  ...presentRow(row),
  position: positionToken(storeId, BigInt(row.position)),
  lotId: row.lotCode === null ? null : lotIdOf(row.sku, row.lotCode),
});
