import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';
import { SQL_TYPES, tableOf, type View, views } from '../projections';
import { SnapshotTables } from './snapshots';

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

class ControlTables implements MigrationInterface {
  readonly name = 'ControlTables1763683200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of CONTROL) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['refusals', 'skips', 'projection_status', 'checkpoints']) {
      await runner.query(`DROP TABLE control.${name}`);
    }
  }
}

/** A table for one version of a view, and the SQL view of that name where there is none yet. */
function tableMigration(view: View): new () => MigrationInterface {
  const table = tableOf(view);
  return class implements MigrationInterface {
    readonly name = `Table_${table}_1763683200001`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.createTable(definitionOf(view));
      // Rows change in place; room in the page keeps their new versions there.
      if (view.kind === 'table') {
        await runner.query(`ALTER TABLE public.${table} SET (fillfactor = 70)`);
      }
      const [found] = (await runner.query(`SELECT to_regclass('public.${view.name}') AS oid`)) as [
        { oid: string | null },
      ];
      if (found.oid === null) {
        const columns = Object.keys(view.columns).join(', ');
        await runner.query(
          `CREATE VIEW public.${view.name} AS SELECT ${columns} FROM public.${table}`,
        );
      }
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query(`DROP VIEW IF EXISTS public.${view.name}`);
      await runner.dropTable(`public.${table}`);
    }
  };
}

export function definitionOf(view: View): Table {
  const table = tableOf(view);
  return new Table({
    schema: 'public',
    name: table,
    columns: Object.entries(view.columns).map(([name, { kind, nullable }]) => ({
      name,
      type: SQL_TYPES[kind],
      isNullable: nullable,
      isPrimary: view.key.includes(name),
      primaryKeyConstraintName: `${table}_pk`,
    })),
    indices: view.indexes.map(
      ({ columns, where }) =>
        new TableIndex({
          name: `${table}_by_${columns.join('_')}`,
          columnNames: [...columns],
          ...(where === undefined ? {} : { where }),
        }),
    ),
  });
}

export const migrations: readonly (new () => MigrationInterface)[] = [
  ControlTables,
  ...views.map(tableMigration),
  SnapshotTables,
];
