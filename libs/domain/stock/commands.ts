import type { Money } from '../schema';
import type {
  ADJUSTMENT_PURPOSES,
  COUNT_KINDS,
  ISSUE_PURPOSES,
  RECEIPT_PURPOSES,
  RETURN_DISPOSITIONS,
  REVERSAL_ERRORS,
  StockEventOf,
} from './events';
import type { Place } from './facts';
import type { QcStatus } from './stock-lot';

/** Quantities are as entered: decimal texts in `unit`, by default the item's own. */
interface Entry {
  readonly quantity: string;
  readonly unit?: string;
}

interface Movement extends Place, Entry {
  readonly lotCode?: string;
  readonly reference?: string;
}

export interface ReceiveStock extends Movement {
  readonly purpose?: (typeof RECEIPT_PURPOSES)[number];
  readonly expiresOn?: string;
  readonly unitCost?: Money;
  /** True puts the receipt into quarantine even where the item does not ask for it. */
  readonly qcRequired?: boolean;
  readonly supplierLot?: string;
  readonly manufacturedOn?: string;
  /** Lot ids that this lot was made of. */
  readonly parentLots?: readonly string[];
}

export interface ReturnStock extends Movement {
  /** Default QUARANTINE: on hold until someone has looked at it. */
  readonly disposition?: (typeof RETURN_DISPOSITIONS)[number];
}

/** Without a lot code the allocation policy of the item chooses among what is free. */
export interface IssueStock extends Movement {
  readonly purpose?: (typeof ISSUE_PURPOSES)[number];
}

/** The quantity is the effect: below 0 for what is gone. */
export interface AdjustStock extends Movement {
  readonly purpose?: (typeof ADJUSTMENT_PURPOSES)[number];
}

export interface ReserveStock extends Place {
  /** Optional where lots are named: then it is their sum. */
  readonly quantity?: string;
  readonly unit?: string;
  /** These and no others. */
  readonly lots?: readonly { readonly lotCode: string; readonly quantity: string }[];
  /** Default: the item's allocation policy. */
  readonly strategy?: 'FIFO' | 'FEFO' | 'LIFO';
  /** Take what there is; what is missing is short. Default: all or nothing. */
  readonly partial?: boolean;
  readonly batchId?: string;
  readonly reference?: string;
  readonly expiresAt?: string;
}

interface OfReservation extends Place {
  readonly reservationId: string;
}

export interface IssueReserved extends OfReservation {
  /** Default: everything that is allocated. */
  readonly quantity?: string;
  readonly unit?: string;
  readonly purpose?: (typeof ISSUE_PURPOSES)[number];
  readonly reference?: string;
}

export interface ReleaseReservation extends OfReservation {
  /** Default: everything that remains. */
  readonly quantity?: string;
  readonly unit?: string;
}

export interface ExtendReservation extends OfReservation {
  /** null = it does not expire. */
  readonly expiresAt: string | null;
}

/** What the lot's own stream says, at a revision of it. */
export interface ApplyLotStatus extends Place {
  readonly lotCode: string;
  readonly qcStatus: QcStatus;
  readonly expiresOn: string | null;
  readonly lotRevision: number;
}

export interface DispatchTransfer extends Movement {
  readonly to: string;
  /** Received in the same breath. */
  readonly immediate?: boolean;
}

interface OfTransfer extends Place {
  readonly transferId: string;
}

export interface ReceiveTransfer extends OfTransfer {
  /** Default: everything outstanding that is not missing. */
  readonly quantity?: string;
  /** What will not come any more. */
  readonly missing?: string;
  readonly unit?: string;
  /** Default: all lots, in the order they were dispatched. */
  readonly lotCode?: string;
}

/** What a destination is told of a `TransferReceived`. */
export type AcceptArrival = Omit<StockEventOf<'TransferReceived'>['data'], 'to' | 'outstanding'> & {
  readonly from: string;
};

export interface CountStock extends Place {
  /** As entered: what was there at `revision`. */
  readonly counted: string;
  readonly unit?: string;
  readonly lotCode?: string;
  readonly kind?: (typeof COUNT_KINDS)[number];
  readonly blind?: boolean;
  /** Of the stream, as it was shown with the figure or the count sheet. */
  readonly revision: number;
  /** Of a recount: the count that waits for approval. */
  readonly countId?: string;
  readonly reference?: string;
}

export interface DecideCount extends Place {
  readonly countId: string;
  readonly approve: boolean;
}

export interface ReverseMovement extends Place {
  readonly movementId: string;
  readonly error: (typeof REVERSAL_ERRORS)[number];
}

interface Commands {
  readonly ReceiveStock: ReceiveStock;
  readonly ReturnStock: ReturnStock;
  readonly IssueStock: IssueStock;
  readonly AdjustStock: AdjustStock;
  readonly HoldStock: Movement;
  readonly LiftHold: Movement;
  readonly ReserveStock: ReserveStock;
  readonly IssueReserved: IssueReserved;
  readonly ReleaseReservation: ReleaseReservation;
  readonly ExtendReservation: ExtendReservation;
  /** Of those whose time is over; changes nothing where there are none. */
  readonly ExpireReservations: Place;
  readonly ApplyLotStatus: ApplyLotStatus;
  readonly DispatchTransfer: DispatchTransfer;
  readonly ReceiveTransfer: ReceiveTransfer;
  readonly CancelTransfer: OfTransfer;
  readonly AcceptArrival: AcceptArrival;
  readonly CountStock: CountStock;
  readonly DecideCount: DecideCount;
  readonly ReverseMovement: ReverseMovement;
}
export type StockCommand = {
  [T in keyof Commands]: { readonly type: T; readonly data: Commands[T] };
}[keyof Commands];
export type HoldMovement = Movement;
export type CancelTransfer = OfTransfer;
