import { auditLog } from './audit-log';
import { counts } from './counts';
import { itemThresholds, items, thresholdHistory } from './items';
import { ledger } from './ledger';
import { locations } from './locations';
import { lots } from './lots';
import { allocations, reservations } from './reservations';
import { periods } from './periods';
import { stockByItem, stockByLocation, stockLevels } from './stock';
import { inTransit, transfers } from './transfers';
import type { View } from './view';

export type { InventoryEvent } from '../domain';
export * from './columns';
export { foldEvents, keysOf, textOfKey, type Folded } from './fold';
export { currentTypeOf, tableOf, type EventType, type Index, type Key, type View } from './view';

/** Every view there is. The large ones first: PostgreSQL works on one while the next is folded. */
export const views: readonly View[] = [
  auditLog,
  ledger,
  stockLevels,
  stockByLocation,
  stockByItem,
  reservations,
  allocations,
  lots,
  transfers,
  inTransit,
  items,
  itemThresholds,
  thresholdHistory,
  locations,
  counts,
  periods,
];
