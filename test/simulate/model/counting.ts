import type { StockCommand, StockEvent } from '../../../libs/domain';
import { head, moveAway, type Answer, type Desk, type Known } from './answer';
import {
  copyOf,
  countAfter,
  effect,
  loose,
  nextId,
  promised,
  total,
  wasMade,
  type Sheet,
} from './book';
import { note } from './note';
import { MOST, type Units } from './quantity';

/** Counts, and movements that are reversed. */

type Of<T extends StockCommand['type']> = Extract<StockCommand, { readonly type: T }>['data'];
type Entered = Extract<Units, { readonly units: number }>;

export function count(desk: Known, data: Of<'CountStock'>, { units, entered }: Entered): Answer {
  const { book, facts, item } = desk;
  const lotCode = data.lotCode ?? null;
  if (lotCode !== null && !book.slips.has(lotCode)) return 'LOT_NOT_FOUND';
  if (lotCode === null && item.tracking === 'lot') return 'LOT_CODE_REQUIRED';
  const was = countAfter(book, lotCode, data.revision);
  if (was === undefined) return 'COUNT_REVISION_UNKNOWN';
  let reference = data.reference;
  if (data.countId !== undefined) {
    const sheet = openSheet(desk, data.countId);
    if (typeof sheet === 'string') return sheet;
    if (sheet.lotCode !== lotCode) return 'COUNT_NOT_FOUND';
    reference ??= sheet.reference;
  }
  const sheet: Sheet = {
    ...head(desk),
    countId: data.countId ?? nextId(book, 'C'),
    lotCode,
    kind: data.kind ?? 'CYCLE_COUNT',
    blind: data.blind ?? false,
    counted: units,
    entered,
    book: was,
    countedAtRevision: data.revision,
    countedBy: facts.actor,
    ...(reference !== undefined && { reference }),
  };
  const limit = item.countVarianceLimit ?? null;
  if (limit !== null && (units - was > limit || was - units > limit))
    return [{ type: 'CountSubmitted', data: sheet }];
  return settled(desk, sheet);
}

function openSheet({ book }: Desk, id: string): Sheet | string {
  if (!wasMade(book, 'C', id)) return 'COUNT_NOT_FOUND';
  return book.sheets.get(id) ?? 'COUNT_ENDED';
}

export function decideCount(desk: Known, data: Of<'DecideCount'>): Answer {
  const { countId } = data;
  const sheet = openSheet(desk, countId);
  if (typeof sheet === 'string') return sheet;
  if (data.approve && sheet.countedBy === desk.facts.actor) return 'COUNT_APPROVER_IS_COUNTER';
  if (data.approve) return settled(desk, sheet);
  return [{ type: 'CountRejected', data: sheet }];
}

/** The difference to the books of then is the difference now. What is not there leaves holds first, then the youngest. */
function settled(desk: Known, sheet: Sheet): Answer {
  const { book } = desk;
  const variance = sheet.counted - sheet.book;
  if (total(book) + variance > MOST) return 'QUANTITY_TOO_LARGE';
  const slip = book.slips.get(sheet.lotCode);
  const left = (slip?.count ?? 0) + variance;
  if (left < 0) return 'COUNT_CONFLICT';
  const reserved = promised(book, sheet.lotCode);
  const held = slip?.held ?? 0;
  const missing = Math.max(0, reserved + held - left);
  const fromHold = Math.min(held, missing);
  const events: StockEvent[] = [];
  const trial = copyOf(book);
  let open = missing - fromHold;
  for (const [id, pledge] of [...trial.pledges].reverse()) {
    const units = Math.min(
      open,
      pledge.lines.find(({ code }) => code === sheet.lotCode)?.units ?? 0,
    );
    if (units === 0) continue;
    const from = [{ code: sheet.lotCode, units }];
    const move = moveAway({ ...desk, book: trial }, id, pledge, from, 'COUNTED_LESS');
    note(trial, move, '');
    events.push(move);
    open -= units;
  }
  return [
    ...events,
    {
      type: 'StockCounted',
      data: { ...sheet, variance, fromHold, reference: sheet.reference ?? null },
    },
  ];
}

/** The opposite of what a movement did, as long as it is still there to be undone. */
export function reverse(desk: Known, data: Of<'ReverseMovement'>): Answer {
  const { book } = desk;
  const movement = book.diary.find(({ id }) => id === data.movementId)?.event;
  if (!movement) return 'MOVEMENT_NOT_FOUND';
  switch (movement.type) {
    case 'StockReceived.v2':
    case 'StockReturned':
    case 'StockIssued.v2':
    case 'StockAdjusted.v2':
    case 'StockCounted':
      break;
    default:
      return 'MOVEMENT_NOT_REVERSIBLE';
  }
  const quantity = -effect(movement);
  if (quantity === 0) return 'MOVEMENT_NOT_REVERSIBLE';
  if (book.reversed.has(data.movementId)) return 'MOVEMENT_ALREADY_REVERSED';
  if (total(book) + quantity > MOST) return 'QUANTITY_TOO_LARGE';
  const { lotCode, unit, decimals, reference } = movement.data;
  const slip = book.slips.get(lotCode)!;
  if (slip.count - promised(book, lotCode) + quantity < 0) return 'REVERSAL_CONFLICT';
  // Goods that came onto hold go from there; of others, only what is free no more.
  const cameHeld = movement.type === 'StockReturned' && movement.data.disposition === 'QUARANTINE';
  const fromHold =
    quantity > 0
      ? 0
      : cameHeld
        ? Math.min(slip.held, -quantity)
        : Math.max(0, -quantity - loose(book, slip));
  const { sku, location } = book;
  const moved = { sku, location, lotCode, unit, decimals, reference };
  const events: StockEvent[] = [
    {
      type: 'MovementReversed',
      data: {
        ...{ ...moved, quantity, fromHold },
        movementId: data.movementId,
        movementType: movement.type,
        error: data.error,
      },
    },
  ];
  // What left a hold was never looked at: it is on hold again.
  const toHold = quantity > 0 && 'fromHold' in movement.data ? movement.data.fromHold : 0;
  if (toHold > 0)
    events.push({ type: 'StockHeld', data: { ...moved, quantity: toHold, entered: null } });
  return events;
}
