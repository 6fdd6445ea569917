import type { MigrationInterface } from 'typeorm';
import { migration } from './migration';
import { SnapshotBytes, SnapshotTables } from './snapshots';

/** What is not made from the log and is backed up. Checkpoints are here so that one backup holds all positions. */
const CONTROL = [
  `CREATE TABLE control.checkpoints (
     projection text PRIMARY KEY,
     store_id uuid NOT NULL,
     commit_position bigint NOT NULL,
     prepare_position bigint NOT NULL,
     event_id uuid,
     event_position bigint,
     updated_at timestamptz NOT NULL
   ) WITH (fillfactor = 50)`,
  `CREATE TABLE control.projection_status (
     projection text PRIMARY KEY,
     state text NOT NULL CHECK (state IN ('RUNNING', 'STOPPED')),
     position bigint,
     event_id uuid,
     reason text,
     since timestamptz NOT NULL
   )`,
  `CREATE TABLE control.skips (
     projection text NOT NULL,
     position bigint NOT NULL,
     event_id uuid NOT NULL,
     actor text NOT NULL,
     reason text NOT NULL,
     skipped_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (projection, position)
   )`,
  `CREATE TABLE control.refusals (
     id bigserial PRIMARY KEY,
     refused_at timestamptz NOT NULL,
     tenant text NOT NULL,
     actor text NOT NULL,
     command_id uuid NOT NULL,
     command_type text NOT NULL,
     stream text NOT NULL,
     code text NOT NULL,
     detail text NOT NULL
   )`,
  'CREATE INDEX refusals_refused_at ON control.refusals (refused_at)',
];

const ControlTables = migration(
  'ControlTables1763683200000',
  CONTROL,
  ['refusals', 'skips', 'projection_status', 'checkpoints'].map(
    (name) => `DROP TABLE control.${name}`,
  ),
);

/** Tables that are filled beside those that readers see. */
const BESIDE = [
  'ALTER TABLE control.checkpoints ADD COLUMN generation integer NOT NULL DEFAULT 0',
  'ALTER TABLE control.projection_status DROP CONSTRAINT projection_status_state_check',
  `ALTER TABLE control.projection_status
     ADD CHECK (state IN ('RUNNING', 'STOPPED', 'REFUSED'))`,
  `CREATE TABLE control.served (
     view text PRIMARY KEY,
     projection text NOT NULL
   )`,
  // Of an installation that is older than this table.
  `INSERT INTO control.served (view, projection)
     SELECT view_name, table_name FROM information_schema.view_table_usage
     WHERE view_schema = 'public' AND table_schema = 'public'
       AND table_name ~ ('^' || view_name || '_v[0-9]+$')`,
  `CREATE TABLE control.rebuilds (
     id bigserial PRIMARY KEY,
     kind text NOT NULL CHECK (kind IN ('REBUILD', 'VERIFY', 'VERSION')),
     projections text[] NOT NULL,
     state text NOT NULL CHECK (state IN ('WAITING', 'FILLING', 'DONE', 'FAILED', 'REPLACED')),
     store_id uuid,
     actor text NOT NULL,
     target bigint,
     outcome jsonb,
     problem text,
     requested_at timestamptz NOT NULL DEFAULT now(),
     begun_at timestamptz,
     ended_at timestamptz
   )`,
];

const TablesBeside = migration('TablesBeside1763740800000', BESIDE, [
  'DROP TABLE control.rebuilds, control.served',
  'ALTER TABLE control.checkpoints DROP COLUMN generation',
]);

/** What follows from events on other streams: how far it is driven, and what was refused. */
const POLICIES = [
  `CREATE TABLE control.policies (
     policy text PRIMARY KEY,
     store_id uuid NOT NULL,
     commit_position bigint NOT NULL,
     prepare_position bigint NOT NULL,
     event_id uuid,
     event_position bigint,
     moves bigint NOT NULL DEFAULT 0,
     open integer NOT NULL DEFAULT 0,
     oldest_at timestamptz,
     updated_at timestamptz NOT NULL DEFAULT now()
   ) WITH (fillfactor = 50)`,
  `CREATE TABLE control.refused_legs (
     command_id uuid PRIMARY KEY,
     position bigint NOT NULL,
     event_id uuid NOT NULL,
     event_type text NOT NULL,
     command_type text,
     stream text NOT NULL,
     code text NOT NULL,
     detail text NOT NULL,
     tries integer NOT NULL DEFAULT 1,
     tried_at timestamptz NOT NULL DEFAULT now(),
     skipped_at timestamptz,
     skipped_by text,
     skip_reason text
   )`,
];

const Policies = migration('Policies1763769600000', POLICIES, [
  'DROP TABLE control.policies, control.refused_legs',
]);

/** Of schema `control` only: the tables of the views are disposable, and made where they are missing (tables.ts). */
export const migrations: readonly (new () => MigrationInterface)[] = [
  ControlTables,
  TablesBeside,
  SnapshotTables,
  Policies,
  SnapshotBytes,
];
