import { dayAfter } from '../calendar';
import type { Item } from '../item';
import { refuse, type Decision } from '../kernel';
import { fromBaseUnits, MAX_QUANTITY } from '../quantity';
import type { ItemUnit, UnitCode } from '../units';
import type { StockEvent, StockEventOf } from './events';
import type { QcStatus } from './stock-lot';

/** What a decision on stock knows from outside its stream. */
export interface StockFacts {
  readonly item: KnownItem | null;
  readonly location: { readonly active: boolean } | null;
  /** The calendar date at the location when the movement takes effect. */
  readonly localDate: string;
  /** The instant of the decision, ISO-8601 UTC: reservations end by it. */
  readonly now: string;
  readonly actor: string;
  /** The code for a lot that needs one and came without. */
  readonly generatedLotCode: string;
  /** The last day of the books that are closed, where the movement lies in them. */
  readonly closedThrough?: string | null;
  /** The lot's own stream, for a command that brings goods of a lot; null = it has none yet. */
  readonly lot?: LotFact | null;
  /** Where a transfer goes. */
  readonly destination?: { readonly active: boolean } | null;
  /** Of what ends a transfer: when it happened, ISO-8601 UTC, where the sender says so. */
  readonly happenedAt?: string;
  /** Of a count: on hand of the lot after the revision that was counted at; null = there is no such revision. */
  readonly book?: number | null;
  /** Of a reversal: the movement as it stands in the log; null = there is none. */
  readonly movement?: StockEvent | null;
}

export type KnownItem = Pick<
  Item,
  'unit' | 'decimals' | 'active' | 'tracking' | 'qcRequired' | 'allocationPolicy'
> & {
  readonly units?: readonly ItemUnit[];
  /** A count that is off by more base units waits for approval; null or absent = none does. */
  readonly countVarianceLimit?: number | null;
};

export interface LotFact {
  readonly qcStatus: QcStatus;
  readonly expiresOn: string | null;
  readonly revision: number;
  /** It knows that this location may hold it. */
  readonly here: boolean;
}

export type StockCode =
  | 'ITEM_NOT_FOUND'
  | 'ITEM_INACTIVE'
  | 'LOCATION_NOT_FOUND'
  | 'LOCATION_INACTIVE'
  | 'PERIOD_CLOSED'
  | 'LOT_NOT_FOUND'
  | 'LOT_CODE_REQUIRED'
  | 'LOT_EXPIRED'
  | 'LOT_EXPIRY_MISMATCH'
  | 'INSUFFICIENT_STOCK'
  | 'INSUFFICIENT_APPROVED_STOCK'
  | 'NO_QC_APPROVED_LOT'
  | 'RESERVATION_NOT_FOUND'
  | 'INSUFFICIENT_RESERVED_STOCK'
  | 'TOO_MANY_LOTS'
  /** Of the kernel too: try again. */
  | 'STREAM_BUSY'
  | 'EXPIRES_AT_PASSED'
  | 'TRANSFER_NOT_FOUND'
  | 'TRANSFER_ENDED'
  | 'TRANSFER_EXCEEDED'
  | 'TRANSFER_TO_ITSELF'
  | 'EFFECTIVE_AT_BEFORE_DISPATCH'
  | 'COUNT_NOT_FOUND'
  | 'COUNT_ENDED'
  | 'COUNT_CONFLICT'
  | 'COUNT_REVISION_UNKNOWN'
  | 'COUNT_APPROVER_IS_COUNTER'
  | 'MOVEMENT_NOT_FOUND'
  | 'MOVEMENT_NOT_REVERSIBLE'
  | 'MOVEMENT_ALREADY_REVERSED'
  | 'REVERSAL_CONFLICT'
  | UnitCode;

export type StockDecision = Decision<StockEvent, StockCode>;
export type StockRefusal = Extract<StockDecision, { accepted: false }>;

export interface Place {
  readonly sku: string;
  readonly location: string;
}

export const placeOf = ({ sku, location }: Place): string => `${sku} at ${location}`;

export const inUnits = (units: number, item: Pick<KnownItem, 'unit' | 'decimals'>): string =>
  `${fromBaseUnits(units, item.decimals)} ${item.unit}`;

/** The item, where item and place are there and the books are open; else the refusal. First in the order of refusals. */
export function itemAt(
  { sku, location }: Place,
  facts: StockFacts,
): { readonly item: KnownItem } | { readonly refused: StockRefusal } {
  const { item, closedThrough } = facts;
  if (!item)
    return {
      refused: refuse(
        'ITEM_NOT_FOUND',
        `there is no item ${sku}; POST /api/v1/items registers one`,
      ),
    };
  if (!facts.location) return { refused: unknownLocation(location) };
  if (closedThrough) {
    return {
      refused: refuse(
        'PERIOD_CLOSED',
        `the books are closed through ${closedThrough}; send an effectiveAt of ${dayAfter(closedThrough)} or later, or reopen the period`,
      ),
    };
  }
  return { item };
}

export const unknownLocation = (location: string): StockRefusal =>
  refuse(
    'LOCATION_NOT_FOUND',
    `there is no location ${location}; POST /api/v1/locations registers one`,
  );

/** Item and place take nothing new while they are inactive, so that what is there can be cleared. */
export function inactive(
  { sku, location }: Place,
  what: string,
  facts: StockFacts,
): StockRefusal | undefined {
  if (!facts.item?.active)
    return refuse(
      'ITEM_INACTIVE',
      `item ${sku} is inactive and takes no ${what}; reactivate it first`,
    );
  if (!facts.location?.active) {
    return refuse(
      'LOCATION_INACTIVE',
      `location ${location} is inactive and takes no ${what}; reactivate it first`,
    );
  }
  return undefined;
}

export const unknownLot = (place: Place, lotCode: string | null | undefined): StockRefusal =>
  refuse(
    'LOT_NOT_FOUND',
    `there is no lot ${lotCode} of ${placeOf(place)}; GET /api/v1/lots lists those there are`,
  );

export const tooMuch = (place: Place, item: Pick<KnownItem, 'unit' | 'decimals'>): StockRefusal =>
  refuse(
    'QUANTITY_TOO_LARGE',
    `${placeOf(place)} would hold more than ${inUnits(MAX_QUANTITY, item)}; send less`,
  );

export const tooManyLots = (place: Place, most: number, what: string, how: string): StockRefusal =>
  refuse(
    'TOO_MANY_LOTS',
    `that lies in more than ${most} lots of ${placeOf(place)}, the most that one ${what} takes; ${how} it in parts`,
  );

/** The fields of every movement. Spread last where it is used: an object that begins with a spread takes V8 some 2 us for each field added to it. */
export const movedOf = (
  { sku, location, reference }: Place & { readonly reference?: string },
  lotCode: string | null,
  { unit, decimals }: Pick<KnownItem, 'unit' | 'decimals'>,
): Pick<
  StockEventOf<'StockHeld'>['data'],
  'sku' | 'location' | 'lotCode' | 'unit' | 'decimals' | 'reference'
> => ({ sku, location, lotCode, unit, decimals, reference: reference ?? null });
