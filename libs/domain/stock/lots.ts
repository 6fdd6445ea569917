import {
  allPackedLots,
  openPackedLots,
  packedLot,
  packEmptyLots,
  type PackedLots,
} from './packed-lots';
import {
  find,
  fromSorted,
  put,
  remove,
  valuesOf,
  visit,
  type Order,
  type Tree,
} from '../sorted-tree';
import { QC_STATUSES, unreserved, type StockLot } from './stock-lot';

/** The lots of one stock stream, so kept that no decision has to walk over all of them. */

/** What lots hold together, in base units. */
export interface Held {
  readonly onHand: number;
  readonly reserved: number;
  /** On hold. */
  readonly held: number;
  /** On hand in approved lots ... */
  readonly approved: number;
  /** ... and what of it is neither reserved nor on hold. */
  readonly free: number;
}
interface Totals extends Held {
  /** The last expiry date among those with something free; '' = nothing is. */
  readonly freeUntil: string;
}

export interface Lots {
  /** How many ever were here: one stays known when it is empty. */
  readonly count: number;
  readonly known: Tree<StockLot, null>;
  /** The others, which held nothing when a snapshot was made and have not changed since. */
  readonly packed: PackedLots;
  /** Those that hold something, as they arrived ... */
  readonly byReceipt: Tree<StockLot, Totals>;
  /** ... and as they expire. */
  readonly byExpiry: Tree<StockLot, Totals>;
}

/** Comes after every date. */
const NEVER = '~';
const lastDay = ({ expiresOn }: StockLot): string => expiresOn ?? NEVER;
const keyOf = ({ lotCode }: StockLot): string => lotCode ?? '';
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function totalsOf(lot: StockLot, left: Totals | undefined, right: Totals | undefined): Totals {
  const isApproved = lot.qcStatus === 'APPROVED';
  let { onHand, reserved, held } = lot;
  let approved = isApproved ? onHand : 0;
  let free = isApproved ? unreserved(lot) : 0;
  let freeUntil = free > 0 ? lastDay(lot) : '';
  for (const side of [left, right]) {
    if (side === undefined) continue;
    onHand += side.onHand;
    reserved += side.reserved;
    held += side.held;
    approved += side.approved;
    free += side.free;
    if (side.freeUntil > freeUntil) freeUntil = side.freeUntil;
  }
  return { onHand, reserved, held, approved, free, freeUntil };
}

const CODE: Order<StockLot, null> = {
  compare: (a, b) => compare(keyOf(a), keyOf(b)),
  summarise: () => null,
};
const RECEIPT: Order<StockLot, Totals> = {
  compare: (a, b) => compare(a.receivedAt, b.receivedAt) || a.place - b.place,
  summarise: totalsOf,
};
/** What never expires comes last. */
const EXPIRY: Order<StockLot, Totals> = {
  compare: (a, b) => compare(lastDay(a), lastDay(b)) || RECEIPT.compare(a, b),
  summarise: totalsOf,
};

export const noLots: Lots = {
  count: 0,
  known: null,
  packed: { firsts: [], texts: [] },
  byReceipt: null,
  byExpiry: null,
};

/** By lot code; '' is the pool. */
export const lotOf = ({ known, packed }: Lots, code: string): StockLot | undefined =>
  find(known, (lot) => compare(code, keyOf(lot))) ?? packedLot(packed, code);

/** In the order they became known. */
export const lotsOf = (lots: Lots): StockLot[] =>
  [...valuesOf(lots.known), ...unchanged(lots)].sort((a, b) => a.place - b.place);

const unchanged = ({ known, packed }: Lots): StockLot[] =>
  allPackedLots(packed).filter((lot) => !find(known, (other) => CODE.compare(lot, other)));

/** The lots with one of them as it is now; `before` is that lot as it stands in them. */
export function withLot(lots: Lots, before: StockLot | undefined, lot: StockLot): Lots {
  let { byReceipt, byExpiry } = lots;
  if (before && isHeld(before)) {
    const stays = (order: Order<StockLot, Totals>): boolean =>
      isHeld(lot) && order.compare(before, lot) === 0;
    if (!stays(RECEIPT)) byReceipt = remove(RECEIPT, byReceipt, before);
    if (!stays(EXPIRY)) byExpiry = remove(EXPIRY, byExpiry, before);
  }
  if (isHeld(lot)) {
    byReceipt = put(RECEIPT, byReceipt, lot);
    byExpiry = put(EXPIRY, byExpiry, lot);
  }
  const count = before ? lots.count : lots.count + 1;
  return { count, known: put(CODE, lots.known, lot), packed: lots.packed, byReceipt, byExpiry };
}

/** Usable to the end of its expiry date, by the calendar of the place. */
export const isExpired = (expiresOn: string | null, day: string): boolean =>
  expiresOn !== null && expiresOn < day;

/** What is held in lots that have not expired on a day (null: in all). */
export function heldOn({ byExpiry }: Lots, day: string | null): Held {
  let [onHand, reserved, held, approved, free] = [0, 0, 0, 0, 0];
  for (let at = byExpiry; at !== null;) {
    if (day !== null && isExpired(at.value.expiresOn, day)) {
      at = at.right;
      continue;
    }
    const { left, summary } = at;
    onHand += summary.onHand - (left?.summary.onHand ?? 0);
    reserved += summary.reserved - (left?.summary.reserved ?? 0);
    held += summary.held - (left?.summary.held ?? 0);
    approved += summary.approved - (left?.summary.approved ?? 0);
    free += summary.free - (left?.summary.free ?? 0);
    at = left;
  }
  return { onHand, reserved, held, approved, free };
}

/** What `heldOn` tells of all lots, of one. */
export function heldIn(lot: StockLot, day: string | null): Held {
  if (day !== null && isExpired(lot.expiresOn, day))
    return { onHand: 0, reserved: 0, held: 0, approved: 0, free: 0 };
  const { onHand, reserved, held } = lot;
  const isApproved = lot.qcStatus === 'APPROVED';
  return {
    onHand,
    reserved,
    held,
    approved: isApproved ? onHand : 0,
    free: isApproved ? unreserved(lot) : 0,
  };
}

type Policy = 'FIFO' | 'FEFO' | 'LIFO';

/** The one rule of what may be used: approved, and not past its expiry date by the calendar of the place. */
export const isUsable = ({ qcStatus, expiresOn }: StockLot, day: string): boolean =>
  qcStatus === 'APPROVED' && !isExpired(expiresOn, day);

/** Hands over the usable lots with something free, in the order of a policy, until `take` answers false. */
export const visitFree = (
  lots: Lots,
  policy: Policy,
  day: string,
  take: (lot: StockLot) => boolean,
): void =>
  visitLots(
    lots,
    policy,
    ({ freeUntil }) => freeUntil >= day,
    (lot) => !isUsable(lot, day) || unreserved(lot) === 0 || take(lot),
  );

/** Hands over the lots with anything that is not reserved, usable or not, until `take` answers false. */
export const visitUnreserved = (
  lots: Lots,
  policy: Policy,
  take: (lot: StockLot) => boolean,
): void =>
  visitLots(
    lots,
    policy,
    ({ onHand, reserved }) => onHand > reserved,
    (lot) => lot.onHand === lot.reserved || take(lot),
  );

function visitLots(
  { byReceipt, byExpiry }: Lots,
  policy: Policy,
  worthIt: (totals: Totals) => boolean,
  take: (lot: StockLot) => boolean,
): void {
  visit(
    policy === 'FEFO' ? byExpiry : byReceipt,
    policy === 'LIFO' ? 'backwards' : 'forwards',
    worthIt,
    take,
  );
}

/** A JSON value. */
export interface LotsAsJson {
  readonly count: number;
  /** One flat array, which is the quickest to write and to read; in order of the codes. */
  readonly known: readonly (string | number | null)[];
  readonly packed: readonly string[];
}
const FIELDS = 9;
/** With more empty lots than this among the known ones all are packed anew. */
const MAX_EMPTY = 256;

export function packLots(lots: Lots): LotsAsJson {
  const known = valuesOf(lots.known);
  const held = known.filter(isHeld);
  if (known.length - held.length <= MAX_EMPTY) {
    return { count: lots.count, known: known.flatMap(fieldsOf), packed: lots.packed.texts };
  }
  const empty = [...known.filter((lot) => !isHeld(lot)), ...unchanged(lots)].sort(CODE.compare);
  const packed = packEmptyLots(empty).texts;
  return { count: lots.count, known: held.flatMap(fieldsOf), packed };
}

/** Throws for what `packLots` cannot have made; a text of empty lots may say so later. */
export function unpackLots({ count, known: fields, packed }: LotsAsJson): Lots {
  const known: StockLot[] = [];
  for (let at = 0; at < fields.length; at += FIELDS) {
    const lot = lotAt(fields, at);
    const before = known.at(-1);
    if (!lot || (before && CODE.compare(before, lot) >= 0))
      throw new Error(`the packed lots are damaged at ${at}`);
    known.push(lot);
  }
  const held = known.filter(isHeld);
  return {
    count,
    known: fromSorted(CODE, known),
    packed: openPackedLots(packed),
    byReceipt: fromSorted(RECEIPT, held.sort(RECEIPT.compare)),
    byExpiry: fromSorted(EXPIRY, held.sort(EXPIRY.compare)),
  };
}

const isHeld = ({ onHand }: StockLot): boolean => onHand > 0;

const fieldsOf = (lot: StockLot) => [
  lot.lotCode,
  lot.onHand,
  lot.reserved,
  lot.held,
  lot.receivedAt,
  lot.expiresOn,
  QC_STATUSES.indexOf(lot.qcStatus),
  lot.lotRevision,
  lot.place,
];

function lotAt(fields: LotsAsJson['known'], at: number): StockLot | undefined {
  const [lotCode, onHand, reserved, held, receivedAt, expiresOn, status, lotRevision, place] =
    fields.slice(at, at + FIELDS);
  const qcStatus = QC_STATUSES[status as number];
  if (![onHand, reserved, held, place].every((value) => typeof value === 'number') || !qcStatus)
    return undefined;
  return {
    lotCode: lotCode as string | null,
    onHand: onHand as number,
    reserved: reserved as number,
    held: held as number,
    receivedAt: receivedAt as string,
    expiresOn: expiresOn as string | null,
    qcStatus,
    lotRevision: lotRevision as number | null,
    place: place as number,
  };
}
