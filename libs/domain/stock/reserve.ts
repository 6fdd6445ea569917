import { accept, refuse, type Refusal } from '../kernel';
import { documentId } from '../names';
import { MAX_QUANTITY } from '../quantity';
import { enteredQuantity, type EnteredQuantity, type UnitCode } from '../units';
import { allocate, MAX_LOTS, sumOf } from './allocate';
import type { ReserveStock } from './commands';
import {
  inactive,
  inUnits,
  tooManyLots,
  unknownLot,
  type KnownItem,
  type StockDecision,
  type StockFacts,
  type StockRefusal,
} from './facts';
import { heldIn, heldOn, isUsable, lotOf } from './lots';
import { shortage } from './shortage';
import type { Allocation, StockState } from './state';
import { unreserved } from './stock-lot';

/** What a reservation asks for: a quantity, or lots with a quantity each. */
export interface Wanted extends EnteredQuantity {
  /** Each lot once. */
  readonly lots: readonly (Allocation & { readonly lotCode: string })[] | undefined;
}

export function wantedBy(data: ReserveStock, item: KnownItem): Wanted | Refusal<UnitCode> {
  const { lots: named, unit, quantity } = data;
  const inItsUnit = (text: string) =>
    enteredQuantity(unit === undefined ? { quantity: text } : { quantity: text, unit }, item);
  if (!named && quantity === undefined) return invalid('say how much: a quantity, or lots');
  const total = quantity === undefined ? undefined : inItsUnit(quantity);
  if (total && 'code' in total) return total;
  if (!named) return { lots: undefined, units: total?.units ?? 0, entered: total?.entered ?? null };
  const byCode = new Map<string, number>();
  for (const line of named) {
    const each = inItsUnit(line.quantity);
    if ('code' in each) return each;
    if (each.units <= 0) return invalid(`of lot ${line.lotCode} the quantity must be above 0`);
    byCode.set(line.lotCode, (byCode.get(line.lotCode) ?? 0) + each.units);
  }
  const lots = [...byCode].map(([lotCode, units]) => ({ lotCode, quantity: units }));
  const units = sumOf(lots);
  if (units > MAX_QUANTITY)
    return { code: 'QUANTITY_TOO_LARGE', detail: 'the lots add up to too much; send less' };
  if (total && total.units !== units) {
    const sum = inUnits(units, item);
    return invalid(`the lots add up to ${sum}; send that as the quantity, or none`);
  }
  return { lots, units, entered: total?.entered ?? null };
}

const invalid = (detail: string): Refusal<UnitCode> => ({ code: 'QUANTITY_INVALID', detail });

/** Stock set aside for a demand. All or nothing, unless a part will do. */
export function reserve(
  data: ReserveStock,
  { units, entered, lots }: Wanted,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const refused = inactive(data, 'reservations', facts);
  if (refused) return refused;
  const { sku, location, expiresAt = null } = data;
  if (expiresAt !== null && expiresAt <= facts.now) return alreadyPassed(expiresAt);
  const strategy = data.strategy ?? item.allocationPolicy;
  const chosen = lots
    ? namedAllocations(data, lots, state, facts, item)
    : freeAllocations(data, units, strategy, state, facts, item);
  if ('accepted' in chosen) return chosen;
  return accept({
    type: 'StockReserved',
    data: {
      reservationId: documentId('reservation', sku, location, state.reservations.made + 1),
      sku,
      location,
      quantity: units,
      entered,
      allocations: chosen,
      short: units - sumOf(chosen),
      strategy,
      hard: lots !== undefined,
      batchId: data.batchId ?? null,
      reference: data.reference ?? null,
      expiresAt,
      unit: item.unit,
      decimals: item.decimals,
    },
  });
}

function freeAllocations(
  data: ReserveStock,
  units: number,
  strategy: 'FIFO' | 'FEFO' | 'LIFO',
  { lots }: StockState,
  { localDate }: StockFacts,
  item: KnownItem,
): Allocation[] | StockRefusal {
  const chosen = allocate(lots, strategy, localDate, units, { maxLots: MAX_LOTS });
  const found = sumOf(chosen);
  if (found === units) return chosen;
  const held = heldOn(lots, localDate);
  const partWillDo = data.partial === true && found > 0;
  if (held.free >= units || (partWillDo && held.free > found)) return inTooManyLots(data);
  return partWillDo ? chosen : shortage(data, inUnits(units, item), units, held, undefined, item);
}

/** Named lots must be there in full, or as far as they are where a part will do. */
function namedAllocations(
  data: ReserveStock,
  named: NonNullable<Wanted['lots']>,
  { lots }: StockState,
  { localDate }: StockFacts,
  item: KnownItem,
): Allocation[] | StockRefusal {
  if (named.length > MAX_LOTS) return inTooManyLots(data);
  const chosen: Allocation[] = [];
  let shortOf: StockRefusal | undefined;
  for (const { lotCode, quantity } of named) {
    const lot = lotOf(lots, lotCode);
    if (!lot) return unknownLot(data, lotCode);
    const free = isUsable(lot, localDate) ? unreserved(lot) : 0;
    if (free < quantity)
      shortOf ??= shortage(
        data,
        inUnits(quantity, item),
        quantity,
        heldIn(lot, localDate),
        lot,
        item,
      );
    if (free > 0) chosen.push({ lotCode, quantity: Math.min(free, quantity) });
  }
  const partWillDo = data.partial === true && chosen.length > 0;
  return shortOf && !partWillDo ? shortOf : chosen;
}

const inTooManyLots = (data: ReserveStock): StockRefusal =>
  tooManyLots(data, MAX_LOTS, 'reservation', 'reserve');

export const alreadyPassed = (expiresAt: string): StockRefusal =>
  refuse(
    'EXPIRES_AT_PASSED',
    `expiresAt ${expiresAt} has passed; send a later one, or none for a reservation that does not expire`,
  );
