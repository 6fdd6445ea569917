import type { StockCommand, StockFacts } from '../../../libs/domain';
import type { Answer, Desk, Known } from './answer';
import { copyOf, wasMade, type Book } from './book';
import { count, decideCount, reverse } from './counting';
import { adjust, comeBack, hold, issue, receive } from './moving';
import { note } from './note';
import { askedFor, due, extend, issueReserved, release, reserve } from './promising';
import { unitsOf, type Units } from './quantity';
import { applyStatus, arrive, cancel, dispatch, receiveTransfer } from './travelling';

/** Refusals that more stock would have prevented. */
const SHORT = [
  'INSUFFICIENT_STOCK',
  'INSUFFICIENT_APPROVED_STOCK',
  'INSUFFICIENT_RESERVED_STOCK',
  'REVERSAL_CONFLICT',
];

/** What must become of a command. A reservation whose time is over never stands in the way of anybody. */
export function answerTo(book: Book, command: StockCommand, facts: StockFacts): Answer {
  const answer = firstAnswer(book, command, facts);
  const { item } = facts;
  if (!item || !leavesShort(answer)) return answer;
  const ended = due({ book, facts, item });
  if (ended.length === 0) return answer;
  const trial = copyOf(book);
  for (const event of ended) note(trial, event, '');
  const second = firstAnswer(trial, command, facts);
  return typeof second === 'string' ? second : [...ended, ...second];
}

/** Or what moves to other lots, which leaves less for others. */
const leavesShort = (answer: Answer): boolean =>
  typeof answer === 'string'
    ? SHORT.includes(answer)
    : answer.some(
        ({ type, data }) =>
          type === 'AllocationsMoved' || (type === 'StockReserved' && data.short > 0),
      );

function firstAnswer(book: Book, command: StockCommand, facts: StockFacts): Answer {
  const desk: Desk = { book, facts, item: facts.item ?? { unit: 'each', decimals: 0 } };
  switch (command.type) {
    case 'AcceptArrival':
      return arrive(desk, command.data);
    case 'ApplyLotStatus':
      return applyStatus(desk, command.data);
    case 'ExpireReservations':
      return due(desk);
    default:
      return answerOf(desk, command);
  }
}

function answerOf(
  { book, facts }: Desk,
  command: Exclude<StockCommand, { readonly type: Follower }>,
): Answer {
  const { item } = facts;
  // The id of a reservation says where it is: what it does not name is not there, whatever else is missing.
  if ('reservationId' in command.data && !wasMade(book, 'R', command.data.reservationId))
    return 'RESERVATION_NOT_FOUND';
  if (!item) return 'ITEM_NOT_FOUND';
  if (!facts.location) return 'LOCATION_NOT_FOUND';
  if (facts.closedThrough) return 'PERIOD_CLOSED';
  return answerAt({ book, facts, item }, command);
}

type Follower = 'AcceptArrival' | 'ApplyLotStatus' | 'ExpireReservations';
type Entered = Extract<Units, { readonly units: number }>;

function answerAt(
  desk: Known,
  command: Exclude<StockCommand, { readonly type: Follower }>,
): Answer {
  const positive = (units: Units, then: (units: Entered) => Answer): Answer => {
    if (units.no !== undefined) return units.no;
    return units.units > 0 ? then(units) : 'QUANTITY_INVALID';
  };
  const read = (quantity: string): Units =>
    unitsOf(quantity, 'unit' in command.data ? command.data.unit : undefined, desk.item);
  const optionally = (
    quantity: string | undefined,
    then: (units: Entered | undefined) => Answer,
  ): Answer => (quantity === undefined ? then(undefined) : positive(read(quantity), then));

  switch (command.type) {
    case 'ReceiveStock':
      return positive(read(command.data.quantity), (units) => receive(desk, command.data, units));
    case 'ReturnStock':
      return positive(read(command.data.quantity), (units) => comeBack(desk, command.data, units));
    case 'IssueStock':
      return positive(read(command.data.quantity), (units) => issue(desk, command.data, units));
    case 'AdjustStock': {
      const units = read(command.data.quantity);
      if (units.no !== undefined) return units.no;
      return units.units === 0 ? 'QUANTITY_INVALID' : adjust(desk, command.data, units);
    }
    case 'HoldStock':
      return positive(read(command.data.quantity), (units) =>
        hold(desk, 'StockHeld', command.data, units),
      );
    case 'LiftHold':
      return positive(read(command.data.quantity), (units) =>
        hold(desk, 'HoldLifted', command.data, units),
      );
    case 'ReserveStock':
      return positive(askedFor(desk, command.data), (units) => reserve(desk, command.data, units));
    case 'IssueReserved':
      return optionally(command.data.quantity, (units) => issueReserved(desk, command.data, units));
    case 'ReleaseReservation':
      return optionally(command.data.quantity, (units) => release(desk, command.data, units));
    case 'ExtendReservation':
      return extend(desk, command.data);
    case 'DispatchTransfer':
      return positive(read(command.data.quantity), (units) => dispatch(desk, command.data, units));
    case 'ReceiveTransfer': {
      const { missing, quantity } = command.data;
      const lost = read(missing ?? '0');
      if (lost.no !== undefined) return lost.no;
      if (lost.units < 0) return 'QUANTITY_INVALID';
      if (quantity === undefined) return receiveTransfer(desk, command.data, undefined, lost.units);
      const come = read(quantity);
      if (come.no !== undefined) return come.no;
      // Everything may be missing: then nothing has come.
      if (come.units < 0 || (come.units === 0 && lost.units === 0)) return 'QUANTITY_INVALID';
      return receiveTransfer(desk, command.data, come.units, lost.units);
    }
    case 'CancelTransfer':
      return cancel(desk, command.data);
    case 'CountStock': {
      const units = read(command.data.counted);
      if (units.no !== undefined) return units.no;
      return units.units < 0 ? 'QUANTITY_INVALID' : count(desk, command.data, units);
    }
    case 'DecideCount':
      return decideCount(desk, command.data);
    case 'ReverseMovement':
      return reverse(desk, command.data);
  }
}
