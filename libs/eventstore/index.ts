export { StoreUnavailableError } from './client';
export { createExecutor, type Executor, type ExecutorOptions } from './execute';
export { parsePositionToken, positionToken, type ParsedPosition } from './positions';
export type { KeptSnapshot, SnapshotStore, StoredSnapshot } from './snapshot-store';
export { EventStore, openEventStore, openEventStoreWithRetry } from './store';
export * from './types';
export type { Watcher } from './watch';
