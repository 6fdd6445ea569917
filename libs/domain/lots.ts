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

/** The lots of one stock stream, so kept that no decision has to walk over all of them. */

export const QC_STATUSES = ['APPROVED', 'QUARANTINE'] as const;

export interface StockLot {
  /** null = the pool. */
  readonly lotCode: string | null;
  readonly onHand: number;
  /** When the stock that is here now began to arrive, by effectiveAt; decides FIFO. */
  readonly receivedAt: string;
  readonly expiresOn: string | null;
  readonly qcStatus: (typeof QC_STATUSES)[number];
  /** The how manieth that became known here, from 0; decides between those that arrived at one instant. */
  readonly place: number;
}

/** What lots hold together; of these a decision wants the sum or whether there is any. */
interface Totals {
  readonly onHand: number;
  readonly approved: number;
  /** The last expiry date among the approved ones; '' = none is approved. */
  readonly approvedUntil: string;
}

export interface Lots {
  /** Every lot that ever was here: one stays known when it is empty. */
  readonly known: Tree<StockLot, null>;
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

export const noLots: Lots = { known: null, byReceipt: null, byExpiry: null };

export const countOf = ({ known }: Lots): number => known?.size ?? 0;

/** By lot code; '' is the pool. */
export const lotOf = ({ known }: Lots, code: string): StockLot | undefined =>
  find(known, (lot) => compare(code, keyOf(lot)));

/** In the order they became known. */
export const lotsOf = ({ known }: Lots): StockLot[] =>
  valuesOf(known).sort((a, b) => a.place - b.place);

/** The lots with one of them as it is now; `before` is that lot as it stands in them. */
export function withLot(lots: Lots, before: StockLot | undefined, lot: StockLot): Lots {
  let { byReceipt, byExpiry } = lots;
  const isHeld = lot.onHand > 0;
  if (before && before.onHand > 0) {
    const stays = (order: Order<StockLot, Totals>): boolean =>
      isHeld && order.compare(before, lot) === 0;
    if (!stays(RECEIPT)) byReceipt = remove(RECEIPT, byReceipt, before);
    if (!stays(EXPIRY)) byExpiry = remove(EXPIRY, byExpiry, before);
  }
  if (isHeld) {
    byReceipt = put(RECEIPT, byReceipt, lot);
    byExpiry = put(EXPIRY, byExpiry, lot);
  }
  return { known: put(CODE, lots.known, lot), byReceipt, byExpiry };
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

/** What `packLots` makes of a lot, one after the other by code; a lot code is unique among them. */
type Packed = readonly (string | number | null)[];
const FIELDS = 6;

/** As one flat array, which is the quickest to write and to read. */
export function packLots({ known }: Lots): Packed {
  const packed: (string | number | null)[] = [];
  visit(
    known,
    'forwards',
    () => true,
    ({ lotCode, onHand, receivedAt, expiresOn, qcStatus, place }) =>
      packed.push(lotCode, onHand, receivedAt, expiresOn, QC_STATUSES.indexOf(qcStatus), place) > 0,
  );
  return packed;
}

/** Throws for what `packLots` cannot have made. */
export function unpackLots(packed: Packed): Lots {
  const known: StockLot[] = [];
  for (let at = 0; at < packed.length; at += FIELDS) {
    const lot: StockLot = {
      lotCode: packed[at] as string | null,
      onHand: packed[at + 1] as number,
      receivedAt: packed[at + 2] as string,
      expiresOn: packed[at + 3] as string | null,
      qcStatus: QC_STATUSES[packed[at + 4] as number]!,
      place: packed[at + 5] as number,
    };
    const before = known.at(-1);
    if (
      !(lot.onHand >= 0) ||
      lot.qcStatus === undefined ||
      (before && CODE.compare(before, lot) >= 0)
    )
      throw new Error(`the packed lots are damaged at ${at}`);
    known.push(lot);
  }
  const held = known.filter(({ onHand }) => onHand > 0);
  return {
    known: fromSorted(CODE, known),
    byReceipt: fromSorted(RECEIPT, held.sort(RECEIPT.compare)),
    byExpiry: fromSorted(EXPIRY, held.sort(EXPIRY.compare)),
  };
}
