import type { StockCommand, StockEvent } from '../../../libs/domain';
import { head, withLotCleared, type Answer, type Desk, type Known } from './answer';
import { loose, promised, total, type Slip } from './book';
import { choose, inOrder, isPast, isUsable, takeAny, whyShort } from './choosing';
import { MOST, type Units } from './quantity';

/** Goods in and out, corrections, and what is on hold. */

type Of<T extends StockCommand['type']> = Extract<StockCommand, { readonly type: T }>['data'];
type Entered = Extract<Units, { readonly units: number }>;
type Event<T extends StockEvent['type']> = Extract<StockEvent, { readonly type: T }>['data'];

const movement = (
  desk: Known,
  { reference }: { readonly reference?: string },
  lotCode: string | null,
) => ({ ...head(desk), lotCode, reference: reference ?? null });

/** Items and places that are inactive take nothing new. */
export const closed = ({ facts }: Known): string | undefined =>
  !facts.item?.active ? 'ITEM_INACTIVE' : !facts.location?.active ? 'LOCATION_INACTIVE' : undefined;

/** The last word on a lot: its own stream's, by the highest revision; else what receipts have said of it here. */
export function lastWord(
  slip: Slip | undefined,
  told:
    | { readonly status: Slip['status']; readonly expires: string | null; revision: number | null }
    | undefined,
) {
  if (!slip) return told;
  if (!told || (slip.revision ?? -1) >= (told.revision ?? -1)) return slip;
  return told;
}

const toldBy = ({ lot }: Desk['facts']) =>
  lot ? { status: lot.qcStatus, expires: lot.expiresOn, revision: lot.revision } : undefined;

export function receive(
  desk: Known,
  data: Of<'ReceiveStock'>,
  { units, entered }: Entered,
): Answer {
  const { book, facts, item } = desk;
  const no = closed(desk);
  if (no) return no;
  if (total(book) + units > MOST) return 'QUANTITY_TOO_LARGE';
  if (item.tracking === 'lot' && data.lotCode === undefined) return 'LOT_CODE_REQUIRED';
  const makesLot = item.qcRequired || data.qcRequired === true || data.expiresOn !== undefined;
  const code = data.lotCode ?? (makesLot ? facts.generatedLotCode : null);
  const word = code === null ? undefined : lastWord(book.slips.get(code), toldBy(facts));
  if (word && data.expiresOn !== undefined && data.expiresOn !== word.expires)
    return 'LOT_EXPIRY_MISMATCH';
  // The item asks once for each lot that quality control has not spoken of; a receipt may always ask again.
  const asks = data.qcRequired === true || (item.qcRequired && (word?.revision ?? null) === null);
  const before = word?.status ?? 'APPROVED';
  const status = asks && before === 'APPROVED' ? 'QUARANTINE' : before;
  return withLotCleared(desk, {
    type: 'StockReceived.v2',
    data: {
      ...movement(desk, data, code),
      quantity: units,
      entered,
      purpose: data.purpose ?? 'OTHER',
      expiresOn: word ? word.expires : (data.expiresOn ?? null),
      qcStatus: status,
      lotRevision: facts.lot?.here ? facts.lot.revision : null,
      unitCost: data.unitCost ?? null,
      supplierLot: data.supplierLot ?? null,
      manufacturedOn: data.manufacturedOn ?? null,
      parentLots: data.parentLots ?? [],
      qcRequired: asks,
    },
  });
}

export function comeBack(
  desk: Known,
  data: Of<'ReturnStock'>,
  { units, entered }: Entered,
): Answer {
  const { book, facts, item } = desk;
  if (total(book) + units > MOST) return 'QUANTITY_TOO_LARGE';
  const code = data.lotCode ?? null;
  if (item.tracking === 'lot' && code === null) return 'LOT_CODE_REQUIRED';
  const word = code === null ? undefined : lastWord(book.slips.get(code), toldBy(facts));
  if (code !== null && !word) return 'LOT_NOT_FOUND';
  return withLotCleared(desk, {
    type: 'StockReturned',
    data: {
      ...movement(desk, data, code),
      quantity: units,
      entered,
      disposition: data.disposition ?? 'QUARANTINE',
      expiresOn: word?.expires ?? null,
      qcStatus: word?.status ?? 'APPROVED',
      lotRevision: facts.lot?.here ? facts.lot.revision : null,
    },
  });
}

export function issue(desk: Known, data: Of<'IssueStock'>, { units, entered }: Entered): Answer {
  const { book, facts, item } = desk;
  const purpose = data.purpose ?? 'OTHER';
  const named = data.lotCode === undefined ? undefined : book.slips.get(data.lotCode);
  if (data.lotCode !== undefined && !named) return 'LOT_NOT_FOUND';
  const day = facts.localDate;
  const issued = (code: string | null, quantity: number, fromHold: number): StockEvent => ({
    type: 'StockIssued.v2',
    data: {
      ...movement(desk, data, code),
      quantity,
      entered,
      purpose,
      reservationId: null,
      fromHold,
    },
  });
  if (purpose === 'DISPOSAL' || purpose === 'RETURN_TO_SUPPLIER') {
    // Waste may be past its date; a supplier takes back only what is not.
    const allowed = (slip: Slip): boolean => purpose === 'DISPOSAL' || !isPast(slip, day);
    const slips = (named ? [named] : inOrder(book, item.allocationPolicy)).filter(allowed);
    const there = slips.reduce((all, slip) => all + slip.count - promised(book, slip.code), 0);
    if (there >= units)
      return takeAny(book, slips, units).map((part) =>
        issued(part.code, part.units, part.fromHold),
      );
    const isExpired = named && !allowed(named) && named.count > promised(book, named.code);
    return isExpired ? 'LOT_EXPIRED' : 'INSUFFICIENT_STOCK';
  }
  const lines = named
    ? [{ code: named.code, units: isUsable(named, day) ? Math.min(units, loose(book, named)) : 0 }]
    : choose(book, item.allocationPolicy, day, units);
  if (lines.reduce((all, line) => all + line.units, 0) < units)
    return whyShort(book, named ? [named] : [...book.slips.values()], day, units, named);
  return lines.map((line) => issued(line.code, line.units, 0));
}

export function adjust(desk: Known, data: Of<'AdjustStock'>, { units, entered }: Entered): Answer {
  const { book, item } = desk;
  const code = data.lotCode ?? null;
  const slip = book.slips.get(code);
  if (code !== null && !slip) return 'LOT_NOT_FOUND';
  if (item.tracking === 'lot' && code === null) return 'LOT_CODE_REQUIRED';
  if (total(book) + units > MOST) return 'QUANTITY_TOO_LARGE';
  if ((slip?.count ?? 0) + units < promised(book, code)) return 'INSUFFICIENT_STOCK';
  const data_: Event<'StockAdjusted.v2'> = {
    ...movement(desk, data, code),
    quantity: units,
    entered,
    purpose: data.purpose ?? 'CORRECTION',
    // What is free goes first.
    fromHold: slip && units < 0 ? Math.max(0, -units - loose(book, slip)) : 0,
  };
  return [{ type: 'StockAdjusted.v2', data: data_ }];
}

export function hold(
  desk: Known,
  type: 'StockHeld' | 'HoldLifted',
  data: Of<'HoldStock'>,
  { units, entered }: Entered,
): Answer {
  const code = data.lotCode ?? null;
  const slip = desk.book.slips.get(code);
  if (code !== null && !slip) return 'LOT_NOT_FOUND';
  const most = !slip ? 0 : type === 'StockHeld' ? loose(desk.book, slip) : slip.held;
  if (units > most) return 'INSUFFICIENT_STOCK';
  return [{ type, data: { ...movement(desk, data, code), quantity: units, entered } }];
}
