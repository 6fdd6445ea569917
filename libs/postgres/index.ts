export { Applier, type Applied, type ApplierOptions } from './apply';
export {
  AnotherStoreError,
  isMissingTable,
  readCheckpoints,
  ReplacedTableError,
  type ProjectionPosition,
} from './checkpoints';
export {
  openPostgres,
  openPostgresWithRetry,
  type Postgres,
  type PostgresOptions,
} from './connection';
export * from './control';
export { decidedCommands, type DecidedCommands } from './decided-commands';
export { migrate } from './migrate';
export { commitOf, type LogEntry, type Position, type Projection, type Stop } from './projection';
export { beginRebuild, failRebuild, pairsOf, type Pair, type Rebuild } from './rebuild-requests';
export * from './policies';
export { streamRows } from './stream';
export { recordRefusals, type RefusedCommand } from './refusals';
export { type Served, type Standing, standingOf } from './served';
export { snapshotStore, type SnapshotStore } from './snapshots';
export {
  compareTables,
  endOfLive,
  switchTables,
  type Beside,
  type Comparison,
  type Comparisons,
  type FillTo,
} from './switch';
