import type { InventoryEvent } from './index';
import type { StockCommand } from './stock';

/** A command that an event leads to on another stream: the next leg of what one stream has decided. */
export interface FollowUp {
  readonly category: 'stock';
  readonly stream: string;
  readonly command: StockCommand;
}

/** What follows from an event, always the same and in the same order: the ids of the commands rest upon it. */
export type Policy = (event: InventoryEvent) => readonly FollowUp[];

/** One and the same for all events that nothing follows from, which are nearly all. */
export const NO_FOLLOW_UPS: readonly FollowUp[] = [];

export const followUpsOf: Policy = () => NO_FOLLOW_UPS;
