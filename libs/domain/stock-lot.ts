export const QC_STATUSES = ['APPROVED', 'QUARANTINE'] as const;

export interface StockLot {
  /** null = the pool. */
  readonly lotCode: string | null;
  readonly onHand: number;
  /** When the stock that is here now began to arrive, by effectiveAt; decides FIFO. '' while it is empty. */
  readonly receivedAt: string;
  readonly expiresOn: string | null;
  readonly qcStatus: (typeof QC_STATUSES)[number];
  /** The how manieth that became known here, from 0; decides between those that arrived at one instant. */
  readonly place: number;
}
