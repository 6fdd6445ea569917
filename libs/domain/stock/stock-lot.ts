/** Of a lot: whether it may be used. The order is part of the packed form. */
export const QC_STATUSES = ['APPROVED', 'QUARANTINE', 'REJECTED', 'RECALLED'] as const;
export type QcStatus = (typeof QC_STATUSES)[number];

export interface StockLot {
  /** null = the pool. */
  readonly lotCode: string | null;
  readonly onHand: number;
  /** Set aside for reservations; reserved + held never exceed what is on hand. */
  readonly reserved: number;
  /** On hold: there, but not to be used until a person lifts it. */
  readonly held: number;
  /** When the stock that is here now began to arrive, by effectiveAt; decides FIFO. '' while it is empty. */
  readonly receivedAt: string;
  readonly expiresOn: string | null;
  readonly qcStatus: QcStatus;
  /** Revision of the lot stream that status and expiry come from; null = the receipt's own word. */
  readonly lotRevision: number | null;
  /** The how manieth that became known here, from 0; decides between those that arrived at one instant. */
  readonly place: number;
}

/** Neither reserved nor on hold. */
export const unreserved = ({ onHand, reserved, held }: StockLot): number =>
  onHand - reserved - held;
