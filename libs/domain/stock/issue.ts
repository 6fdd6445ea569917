import { accept, refuse } from '../kernel';
import { MAX_QUANTITY } from '../quantity';
import type { EnteredQuantity } from '../units';
import { allocate, MAX_LOTS_TAKEN, sumOf, TAKEN } from './allocate';
import type { AdjustStock, HoldMovement, IssueStock } from './commands';
import type { StockEvent } from './events';
import {
  inUnits,
  movedOf,
  placeOf,
  tooManyLots,
  tooMuch,
  unknownLot,
  type KnownItem,
  type StockDecision,
  type StockFacts,
} from './facts';
import { heldIn, heldOn, isExpired, isUsable, lotOf, visitUnreserved } from './lots';
import { shortage } from './shortage';
import type { StockState } from './state';
import { unreserved, type StockLot } from './stock-lot';

/** Goods out without a reservation, corrections, and what is on hold. */

interface Taken {
  readonly lotCode: string | null;
  readonly quantity: number;
  readonly fromHold: number;
}

/** Without a lot code the policy of the item chooses among what is free, one event for each lot that is touched. */
export function issue(
  data: IssueStock,
  { units, entered }: EnteredQuantity,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const purpose = data.purpose ?? 'OTHER';
  const named = data.lotCode === undefined ? undefined : lotOf(state.lots, data.lotCode);
  if (data.lotCode !== undefined && !named) return unknownLot(data, data.lotCode);
  const takesAny = purpose === 'DISPOSAL' || purpose === 'RETURN_TO_SUPPLIER';
  const day = purpose === 'DISPOSAL' ? null : facts.localDate;
  const taken = takesAny
    ? takenOfAny(state, item, units, named, day)
    : takenOfFree(state, item, units, named, facts.localDate);
  if (sumOf(taken) < units) {
    const held = named ? heldIn(named, day) : heldOn(state.lots, day);
    const there = takesAny ? held.onHand - held.reserved : held.free;
    if (taken.length === MAX_LOTS_TAKEN && there >= units)
      return tooManyLots(data, MAX_LOTS_TAKEN, 'issue', 'issue');
    return takesAny
      ? tooLittle(data, units, there, named, item)
      : shortage(data, data.quantity, units, held, named, item);
  }
  const events = taken.map(({ lotCode, quantity, fromHold }): StockEvent => ({
    type: 'StockIssued.v2',
    data: {
      quantity,
      entered,
      purpose,
      reservationId: null,
      fromHold,
      ...movedOf(data, lotCode, item),
    },
  }));
  return accept(...events);
}

function takenOfFree(
  state: StockState,
  item: KnownItem,
  units: number,
  named: StockLot | undefined,
  day: string,
): Taken[] {
  const lines = named
    ? [
        {
          lotCode: named.lotCode,
          quantity: isUsable(named, day) ? Math.min(units, unreserved(named)) : 0,
        },
      ]
    : allocate(state.lots, item.allocationPolicy, day, units, TAKEN);
  return lines
    .filter(({ quantity }) => quantity > 0)
    .map(({ lotCode, quantity }) => ({ lotCode, quantity, fromHold: 0 }));
}

/** Goods that go to waste or back to the supplier: of any status, what is on hold first; `day` null takes expired ones too. */
function takenOfAny(
  state: StockState,
  item: KnownItem,
  units: number,
  named: StockLot | undefined,
  day: string | null,
): Taken[] {
  const taken: Taken[] = [];
  let left = units;
  const take = (lot: StockLot): boolean => {
    if (day !== null && isExpired(lot.expiresOn, day)) return true;
    const quantity = Math.min(left, lot.onHand - lot.reserved);
    if (quantity > 0)
      taken.push({ lotCode: lot.lotCode, quantity, fromHold: Math.min(quantity, lot.held) });
    left -= quantity;
    return left > 0 && taken.length < MAX_LOTS_TAKEN;
  };
  if (named) take(named);
  else visitUnreserved(state.lots, item.allocationPolicy, take);
  return taken;
}

function tooLittle(
  data: IssueStock,
  units: number,
  there: number,
  named: StockLot | undefined,
  item: KnownItem,
): StockDecision {
  if (named && there === 0 && named.onHand > named.reserved) {
    return refuse(
      'LOT_EXPIRED',
      `lot ${named.lotCode} expired on ${named.expiresOn}; only a DISPOSAL may issue it`,
    );
  }
  return refuse(
    'INSUFFICIENT_STOCK',
    `${inUnits(there, item)} of ${placeOf(data)} are not reserved, ${inUnits(units, item)} asked for; ask for less, or release a reservation first`,
  );
}

/** Never below what is reserved; what is on hold goes last. */
export function adjust(
  data: AdjustStock,
  { units, entered }: EnteredQuantity,
  state: StockState,
  item: KnownItem,
): StockDecision {
  const lot = lotOf(state.lots, data.lotCode ?? '');
  if (data.lotCode !== undefined && !lot) return unknownLot(data, data.lotCode);
  if (item.tracking === 'lot' && data.lotCode === undefined) {
    return refuse(
      'LOT_CODE_REQUIRED',
      `item ${data.sku} is tracked by lot; say which lotCode to adjust`,
    );
  }
  if (state.onHand + units > MAX_QUANTITY) return tooMuch(data, item);
  const { onHand = 0, reserved = 0 } = lot ?? {};
  if (onHand - reserved + units < 0) {
    const aside =
      reserved > 0
        ? `${inUnits(reserved, item)} of them reserved, so ${inUnits(-units, item)} cannot be taken away; release a reservation first, or adjust by less`
        : `so ${inUnits(-units, item)} cannot be taken away; adjust by less, or count again`;
    return refuse('INSUFFICIENT_STOCK', `${inUnits(onHand, item)} on hand, ${aside}`);
  }
  return accept({
    type: 'StockAdjusted.v2',
    data: {
      quantity: units,
      entered,
      purpose: data.purpose ?? 'CORRECTION',
      fromHold: lot && units < 0 ? Math.max(0, -units - unreserved(lot)) : 0,
      ...movedOf(data, data.lotCode ?? null, item),
    },
  });
}

/** On hold: there, but not to be used. What is reserved cannot be held before it is released. */
export function hold(
  data: HoldMovement,
  { units, entered }: EnteredQuantity,
  state: StockState,
  item: KnownItem,
): StockDecision {
  const lot = lotOf(state.lots, data.lotCode ?? '');
  if (data.lotCode !== undefined && !lot) return unknownLot(data, data.lotCode);
  const there = lot ? unreserved(lot) : 0;
  if (there < units) {
    return refuse(
      'INSUFFICIENT_STOCK',
      `${inUnits(there, item)} of ${placeOf(data)} are neither reserved nor on hold, ${data.quantity} asked for; hold less, or release a reservation first`,
    );
  }
  return accept({
    type: 'StockHeld',
    data: { quantity: units, entered, ...movedOf(data, data.lotCode ?? null, item) },
  });
}

export function liftHold(
  data: HoldMovement,
  { units, entered }: EnteredQuantity,
  state: StockState,
  item: KnownItem,
): StockDecision {
  const lot = lotOf(state.lots, data.lotCode ?? '');
  if (data.lotCode !== undefined && !lot) return unknownLot(data, data.lotCode);
  const held = lot?.held ?? 0;
  if (held < units) {
    return refuse(
      'INSUFFICIENT_STOCK',
      `${inUnits(held, item)} of ${placeOf(data)} are on hold, ${data.quantity} asked for; lift at most what is on hold`,
    );
  }
  return accept({
    type: 'HoldLifted',
    data: { quantity: units, entered, ...movedOf(data, data.lotCode ?? null, item) },
  });
}
