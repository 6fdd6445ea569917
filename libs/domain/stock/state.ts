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
import type { StockEventOf } from './events';
import { heldOn, noLots, packLots, unpackLots, type Lots, type LotsAsJson } from './lots';
import type { QcStatus } from './stock-lot';

export interface Allocation {
  /** null = the pool. */
  readonly lotCode: string | null;
  readonly quantity: number;
}

/** A reservation of which something remains. */
export interface Reservation {
  /** From 1, in the order they were made; its id is made of it. */
  readonly ordinal: number;
  /** In the order in which they are issued. */
  readonly allocations: readonly Allocation[];
  /** Asked for, and without a lot that it could come from. */
  readonly short: number;
  readonly strategy: 'FIFO' | 'FEFO' | 'LIFO';
  /** Its lots were named: no other may take their place. */
  readonly hard: boolean;
  readonly expiresAt: string | null;
}

/** A transfer out of here of which something is outstanding. */
export interface Transfer {
  readonly ordinal: number;
  readonly to: string;
  /** When it left, ISO-8601 UTC: nothing of it is anywhere else before that. */
  readonly dispatchedAt: string;
  readonly lines: readonly TransferLine[];
}
export interface TransferLine {
  readonly lotCode: string | null;
  readonly outstanding: number;
  readonly receivedAt: string;
  readonly expiresOn: string | null;
  readonly qcStatus: QcStatus;
  readonly lotRevision: number | null;
}

/** A count that waits for approval. */
export type PendingCount = StockEventOf<'CountSubmitted'>['data'] & { readonly ordinal: number };

interface Numbered {
  readonly ordinal: number;
}
/** What is open of one kind, and how many there ever were: what is not open and below that has ended. */
export interface Documents<D extends Numbered> {
  readonly made: number;
  readonly open: Tree<D, null>;
}

export interface StockState {
  readonly onHand: number;
  readonly lots: Lots;
  readonly reservations: Documents<Reservation>;
  /** Those that expire, the first to do so first. */
  readonly expiring: Tree<Reservation, null>;
  readonly transfers: Documents<Transfer>;
  readonly counts: Documents<PendingCount>;
  /** Ids of the movements that were reversed. */
  readonly reversed: Tree<string, null>;
}

const none = { made: 0, open: null };
export const noStock: StockState = {
  onHand: 0,
  lots: noLots,
  reservations: none,
  expiring: null,
  transfers: none,
  counts: none,
  reversed: null,
};

const summarise = () => null;
const ordinals: Order<Numbered, null> = { compare: (a, b) => a.ordinal - b.ordinal, summarise };
const byOrdinal = <D extends Numbered>(): Order<D, null> => ordinals;
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const IDS: Order<string, null> = { compare: compareTexts, summarise };
const EXPIRY: Order<Reservation, null> = {
  compare: (a, b) => compareTexts(a.expiresAt ?? '', b.expiresAt ?? '') || a.ordinal - b.ordinal,
  summarise,
};

export const openOf = <D extends Numbered>(
  { open }: Documents<D>,
  ordinal: number,
): D | undefined => find(open, (document) => ordinal - document.ordinal);

/** With one of them as it is now; undefined = it has ended. */
export function withDocument<D extends Numbered>(
  { made, open }: Documents<D>,
  ordinal: number,
  document: D | undefined,
): Documents<D> {
  return {
    made: Math.max(made, ordinal),
    open: document
      ? put(byOrdinal<D>(), open, document)
      : // The order looks at nothing else.
        remove(byOrdinal<D>(), open, { ordinal } as D),
  };
}

/** A reservation of which nothing remains has ended. */
export function withReservation(
  state: StockState,
  before: Reservation | undefined,
  after: Reservation,
): StockState {
  const ended = after.allocations.length === 0 && after.short === 0;
  let { expiring } = state;
  if (before && before.expiresAt !== null) expiring = remove(EXPIRY, expiring, before);
  if (!ended && after.expiresAt !== null) expiring = put(EXPIRY, expiring, after);
  const reservations = withDocument(state.reservations, after.ordinal, ended ? undefined : after);
  return { ...state, reservations, expiring };
}

/** Those whose time is over, the earliest first, at most so many. */
export function dueReservations(
  { expiring }: StockState,
  now: string,
  limit: number,
): Reservation[] {
  const due: Reservation[] = [];
  visit(
    expiring,
    'forwards',
    () => true,
    (reservation) => isDue(reservation, now) && due.length < limit && due.push(reservation) > 0,
  );
  return due;
}

export const isDue = ({ expiresAt }: Reservation, now: string): boolean =>
  expiresAt !== null && expiresAt <= now;

export const withReversed = (state: StockState, movementId: string): StockState => ({
  ...state,
  reversed: put(IDS, state.reversed, movementId),
});
export const wasReversed = ({ reversed }: StockState, movementId: string): boolean =>
  find(reversed, (id) => compareTexts(movementId, id)) !== undefined;

interface PackedDocuments<D> {
  readonly made: number;
  readonly open: readonly D[];
}
interface PackedStock {
  readonly onHand: number;
  readonly lots: LotsAsJson;
  readonly reservations: PackedDocuments<Reservation>;
  readonly transfers: PackedDocuments<Transfer>;
  readonly counts: PackedDocuments<PendingCount>;
  readonly reversed: readonly string[];
}

const packed = <D extends Numbered>({ made, open }: Documents<D>): PackedDocuments<D> => ({
  made,
  open: valuesOf(open),
});
const unpacked = <D extends Numbered>({ made, open }: PackedDocuments<D>): Documents<D> => ({
  made,
  open: fromSorted(byOrdinal<D>(), open),
});

export const packStock = (state: StockState): PackedStock => ({
  onHand: state.onHand,
  lots: packLots(state.lots),
  reservations: packed(state.reservations),
  transfers: packed(state.transfers),
  counts: packed(state.counts),
  reversed: valuesOf(state.reversed),
});

/** Throws for what `packStock` cannot have made. */
export function unpackStock(form: unknown): StockState {
  const {
    onHand,
    lots: packedLots,
    reservations,
    transfers,
    counts,
    reversed,
  } = form as PackedStock;
  const lots = unpackLots(packedLots);
  const held = heldOn(lots, null);
  if (held.onHand !== onHand) throw new Error('lots and balance differ');
  const allocated = reservations.open.flatMap(({ allocations }) => allocations);
  if (held.reserved !== allocated.reduce((sum, { quantity }) => sum + quantity, 0)) {
    throw new Error('lots and reservations differ');
  }
  const expiring = reservations.open.filter(({ expiresAt }) => expiresAt !== null);
  return {
    onHand,
    lots,
    reservations: unpacked(reservations),
    expiring: fromSorted(EXPIRY, expiring.sort(EXPIRY.compare)),
    transfers: unpacked(transfers),
    counts: unpacked(counts),
    reversed: fromSorted(IDS, reversed),
  };
}

/** How many values it holds, roughly. */
export const sizeOfStock = ({ lots, reservations, transfers, reversed }: StockState): number =>
  lots.count +
  4 * ((reservations.open?.size ?? 0) + (transfers.open?.size ?? 0)) +
  (reversed?.size ?? 0);
