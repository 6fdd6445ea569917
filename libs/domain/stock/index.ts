import { accept, refuse, type Refusal, type StreamDefinition } from '../kernel';
import { enteredQuantity, type EnteredQuantity, type UnitCode } from '../units';
import type { StockCommand } from './commands';
import { count, decideCount } from './count';
import { stockEvents, type StockEvent } from './events';
import { evolve } from './evolve';
import {
  itemAt,
  placeOf,
  type KnownItem,
  type StockCode,
  type StockDecision,
  type StockFacts,
  type StockRefusal,
} from './facts';
import { adjust, hold, issue, liftHold } from './issue';
import { applyLotStatus } from './lot-status';
import { receive, returned } from './receive';
import { reserve, wantedBy } from './reserve';
import { expired, extend, issueReserved, release, unknownReservation } from './reservation';
import { reverse } from './reverse';
import {
  dueReservations,
  noStock,
  packStock,
  sizeOfStock,
  unpackStock,
  type StockState,
} from './state';
import { acceptArrival, cancelTransfer, dispatch, receiveTransfer } from './transfer';
import { upcasts } from './upcasts';

/** All quantity of one SKU at one location: the pool of stock without a lot code, and the lots. */

export * from './commands';
export * from './events';
export { effectOf } from './evolve';
export { bookAt } from './count';
export type { KnownItem, LotFact, StockCode, StockFacts } from './facts';
export { isUsable, lotOf, lotsOf } from './lots';
export { openOf, type Allocation, type Reservation, type StockState, type Transfer } from './state';
export { QC_STATUSES, type QcStatus, type StockLot } from './stock-lot';
export {
  TRANSFER_STATUSES,
  transferStatusAfter,
  type TransferStatus,
  type TransferStep,
} from './transfer';

/** Of these a reservation whose time is over, and that nobody has ended yet, may be the reason. */
const SHORTAGES: ReadonlySet<StockCode> = new Set<StockCode>([
  'INSUFFICIENT_STOCK',
  'INSUFFICIENT_APPROVED_STOCK',
  'TOO_MANY_LOTS',
  'REVERSAL_CONFLICT',
]);

/** A late timer never gives a wrong answer: what its reservations would have freed is freed first, where it is needed. */
function decide(command: StockCommand, state: StockState, facts: StockFacts): StockDecision {
  const verdict = verdictOn(command, state, facts);
  const { item, now } = facts;
  if (!item || state.expiring === null || !couldUseMore(verdict)) return verdict;
  const freeing = expired(command.data, state, facts, item);
  if (freeing.length === 0) return verdict;
  const freed = freeing.reduce<StockState>(
    (before, event) => evolve(before, event, { effectiveAt: now }),
    state,
  );
  const second = verdictOn(command, freed, facts);
  if (isShort(second) && dueReservations(freed, now, 1).length > 0) {
    return refuse(
      'STREAM_BUSY',
      `the time of more than ${freeing.length} reservations of ${placeOf(command.data)} is over, and what they free is not counted yet; send it again`,
    );
  }
  return second.accepted ? accept(...freeing, ...second.events) : second;
}

const isShort = (verdict: StockDecision): boolean =>
  verdict.accepted
    ? verdict.events.some((event) => event.type === 'StockReserved' && event.data.short > 0)
    : SHORTAGES.has(verdict.refusal.code);

/** What moves to other lots takes from those as well. */
const couldUseMore = (verdict: StockDecision): boolean =>
  isShort(verdict) ||
  (verdict.accepted && verdict.events.some(({ type }) => type === 'AllocationsMoved'));

/** Precedence of refusals: the reservation named, item, location, period, quantity, lot or document, then what stock there is. */
function verdictOn(command: StockCommand, state: StockState, facts: StockFacts): StockDecision {
  if (isFollower(command)) return followed(command, state, facts);
  if ('reservationId' in command.data) {
    const unknown = unknownReservation(command.data, state);
    if (unknown) return unknown;
  }
  const at = itemAt(command.data, facts);
  return 'refused' in at ? at.refused : verdictAt(command, state, facts, at.item);
}

/** What follows from elsewhere is not asked whether it may. */
const FOLLOWERS = ['AcceptArrival', 'ApplyLotStatus', 'ExpireReservations'] as const;
type Follower = Extract<StockCommand, { readonly type: (typeof FOLLOWERS)[number] }>;
const isFollower = (command: StockCommand): command is Follower =>
  (FOLLOWERS as readonly string[]).includes(command.type);

const NO_UNIT = { unit: 'each', decimals: 0 };

function followed(command: Follower, state: StockState, facts: StockFacts): StockDecision {
  switch (command.type) {
    case 'AcceptArrival':
      return acceptArrival(command.data, state, facts);
    case 'ApplyLotStatus':
      return applyLotStatus(command.data, state, facts, facts.item ?? NO_UNIT);
    case 'ExpireReservations':
      return accept(...expired(command.data, state, facts, facts.item ?? NO_UNIT));
  }
}

function verdictAt(
  command: Exclude<StockCommand, Follower>,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  switch (command.type) {
    case 'ReceiveStock':
      return entering(command.data, item, (units) =>
        receive(command.data, units, state, facts, item),
      );
    case 'ReturnStock':
      return entering(command.data, item, (units) =>
        returned(command.data, units, state, facts, item),
      );
    case 'IssueStock':
      return entering(command.data, item, (units) =>
        issue(command.data, units, state, facts, item),
      );
    case 'AdjustStock':
      return entering(
        command.data,
        item,
        (units) => adjust(command.data, units, state, item),
        'any',
      );
    case 'HoldStock':
      return entering(command.data, item, (units) => hold(command.data, units, state, item));
    case 'LiftHold':
      return entering(command.data, item, (units) => liftHold(command.data, units, state, item));
    case 'ReserveStock':
      return checked(wantedBy(command.data, item), 'above 0', (wanted) =>
        reserve(command.data, wanted, state, facts, item),
      );
    case 'IssueReserved':
      return optional(command.data, item, (units) =>
        issueReserved(command.data, units, state, facts, item),
      );
    case 'ReleaseReservation':
      return optional(command.data, item, (units) =>
        release(command.data, units, state, facts, item),
      );
    case 'ExtendReservation':
      return extend(command.data, state, facts);
    case 'DispatchTransfer':
      return entering(command.data, item, (units) =>
        dispatch(command.data, units, state, facts, item),
      );
    case 'ReceiveTransfer':
      return receivingTransfer(command.data, state, facts, item);
    case 'CancelTransfer':
      return cancelTransfer(command.data, state, facts, item);
    case 'CountStock': {
      const { counted, unit } = command.data;
      const wish = unit === undefined ? { quantity: counted } : { quantity: counted, unit };
      return checked(enteredQuantity(wish, item), '0 or more', (units) =>
        count(command.data, units, state, facts, item),
      );
    }
    case 'DecideCount':
      return decideCount(command.data, state, facts, item);
    case 'ReverseMovement':
      return reverse(command.data, state, facts, item);
  }
}

type Sign = 'above 0' | '0 or more' | 'any';

/** What was entered in whole base units, if it is exact and of the right sign. */
function checked<W extends EnteredQuantity>(
  wanted: W | Refusal<UnitCode>,
  sign: Sign,
  then: (wanted: W) => StockDecision,
): StockDecision {
  if ('code' in wanted) return { accepted: false, refusal: wanted };
  return signProblem(wanted.units, sign) ?? then(wanted);
}

function signProblem(units: number, sign: Sign): StockRefusal | undefined {
  if (sign === '0 or more')
    return units < 0 ? refuse('QUANTITY_INVALID', 'the quantity must be 0 or more') : undefined;
  if (units === 0 || (units < 0 && sign === 'above 0')) {
    return refuse('QUANTITY_INVALID', 'the quantity must be above 0: less moves nothing');
  }
  return undefined;
}

const entering = (
  data: { readonly quantity: string; readonly unit?: string },
  item: KnownItem,
  then: (units: EnteredQuantity) => StockDecision,
  sign: Sign = 'above 0',
): StockDecision => checked(enteredQuantity(data, item), sign, then);

/** Absent means all there is. */
function optional(
  { quantity, unit }: { readonly quantity?: string; readonly unit?: string },
  item: KnownItem,
  then: (units: EnteredQuantity | undefined) => StockDecision,
): StockDecision {
  if (quantity === undefined) return then(undefined);
  return entering(unit === undefined ? { quantity } : { quantity, unit }, item, then);
}

/** Absent means all that is outstanding and not missing; all of it may be missing. */
function receivingTransfer(
  data: Extract<StockCommand, { type: 'ReceiveTransfer' }>['data'],
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const { quantity, missing = '0', unit } = data;
  const enteredIn = (text: string): ReturnType<typeof enteredQuantity> =>
    enteredQuantity(unit === undefined ? { quantity: text } : { quantity: text, unit }, item);
  return checked(enteredIn(missing), '0 or more', ({ units: lost }) => {
    if (quantity === undefined) return receiveTransfer(data, undefined, lost, state, facts, item);
    const sign = lost > 0 ? '0 or more' : 'above 0';
    return checked(enteredIn(quantity), sign, ({ units }) =>
      receiveTransfer(data, units, lost, state, facts, item),
    );
  });
}

export const stock: StreamDefinition<StockState, StockCommand, StockEvent, StockFacts, StockCode> =
  {
    category: 'stock',
    events: stockEvents,
    upcasts,
    initial: noStock,
    decide,
    evolve,
    form: { version: 3, pack: packStock, unpack: unpackStock, sizeOf: sizeOfStock },
  };
