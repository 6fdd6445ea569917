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
} from './sorted-tree';
import { QC_STATUSES, type StockLot } from './stock-lot';

/** The lots of one stock stream, so kept that no decision has to walk over all of them. */

/** What lots hold together; of these a decision wants the sum or whether there is any. */
interface Totals {
  readonly onHand: number;
  readonly approved: number;
  /** The last expiry date among the approved ones; '' = none is approved. */
  readonly approvedUntil: string;
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
  let { onHand } = lot;
  let approved = isApproved ? onHand : 0;
  let approvedUntil = isApproved ? lastDay(lot) : '';
  if (left !== undefined) {
    onHand += left.onHand;
    approved += left.approved;
    if (left.approvedUntil > approvedUntil) approvedUntil = left.approvedUntil;
  }
  if (right !== undefined) {
    onHand += right.onHand;
    approved += right.approved;
    if (right.approvedUntil > approvedUntil) approvedUntil = right.approvedUntil;
  }
  return { onHand, approved, approvedUntil };
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

/** What is on hand in lots that have not expired on a day (null: in all), and how much of it is approved. */
export function heldOn(
  { byExpiry }: Lots,
  day: string | null,
): { readonly onHand: number; readonly approved: number } {
  let onHand = 0;
  let approved = 0;
  for (let at = byExpiry; at !== null;) {
    if (day !== null && isExpired(at.value.expiresOn, day)) {
      at = at.right;
      continue;
    }
    const { left, summary } = at;
    onHand += summary.onHand - (left?.summary.onHand ?? 0);
    approved += summary.approved - (left?.summary.approved ?? 0);
    at = left;
  }
  return { onHand, approved };
}

/** Hands over the lots that may be used on a day (null: every one that holds something) until `take` answers false. */
export function visitUsable(
  { byReceipt, byExpiry }: Lots,
  policy: 'FIFO' | 'FEFO' | 'LIFO',
  day: string | null,
  take: (lot: StockLot) => boolean,
): void {
  const isAny = ({ approvedUntil }: Totals): boolean => day === null || approvedUntil >= day;
  const isUsable = ({ qcStatus, expiresOn }: StockLot): boolean =>
    day === null || (qcStatus === 'APPROVED' && !isExpired(expiresOn, day));
  visit(
    policy === 'FEFO' ? byExpiry : byReceipt,
    policy === 'LIFO' ? 'backwards' : 'forwards',
    isAny,
    (lot) => !isUsable(lot) || take(lot),
  );
}

/** A JSON value. */
export interface LotsAsJson {
  readonly count: number;
  /** One flat array, which is the quickest to write and to read; in order of the codes. */
  readonly known: readonly (string | number | null)[];
  readonly packed: readonly string[];
}
const FIELDS = 6;
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

const fieldsOf = ({ lotCode, onHand, receivedAt, expiresOn, qcStatus, place }: StockLot) => [
  lotCode,
  onHand,
  receivedAt,
  expiresOn,
  QC_STATUSES.indexOf(qcStatus),
  place,
];

function lotAt(fields: LotsAsJson['known'], at: number): StockLot | undefined {
  const onHand = fields[at + 1];
  const qcStatus = QC_STATUSES[fields[at + 4] as number];
  const place = fields[at + 5];
  if (typeof onHand !== 'number' || !qcStatus || typeof place !== 'number') return undefined;
  return {
    lotCode: fields[at] as string | null,
    onHand,
    receivedAt: fields[at + 2] as string,
    expiresOn: fields[at + 3] as string | null,
    qcStatus,
    place,
  };
}
