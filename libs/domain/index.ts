import { item, type ItemEvent } from './item';
import type { RecordedEvent } from './kernel';
import { location, type LocationEvent } from './location';
import { lot, type LotEvent } from './lot';
import { period, type PeriodEvent } from './period';
import { stock, type StockEvent } from './stock';

export * from './calendar';
export * from './item';
export * from './kernel';
export * from './location';
export * from './lot';
export * from './names';
export * from './period';
export * from './policies';
export * from './quantity';
export * from './schema';
export * from './stock';
export * from './thresholds';
export * from './units';

/** Every kind of stream there is; the category of each is its own. */
export const streams = { item, location, period, stock, lot };

/** Any event of the inventory, as it stands in the log. */
export type InventoryEvent =
  | RecordedEvent<ItemEvent>
  | RecordedEvent<LocationEvent>
  | RecordedEvent<PeriodEvent>
  | RecordedEvent<StockEvent>
  | RecordedEvent<LotEvent>;
