export { Applier, type Applied, type ApplierOptions } from './apply';
export {
  AnotherStoreError,
  isMissingTable,
  readCheckpoints,
  type ProjectionPosition,
} from './checkpoints';
export {
  openPostgres,
  openPostgresWithRetry,
  type Postgres,
  type PostgresOptions,
} from './connection';
export { decidedCommands, type DecidedCommands } from './decided-commands';
export { migrate } from './migrate';
export { type LogEntry, type Position, type Projection, type Stop } from './projection';
export { rebuild } from './rebuild';
export { recordRefusals, type RefusedCommand } from './refusals';
export { snapshotStore, type SnapshotStore } from './snapshots';
