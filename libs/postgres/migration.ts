import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A migration of statements alone; its name ends with the time that decides its place among the others. */
export const migration = (
  name: string,
  up: readonly string[],
  down: readonly string[],
): new () => MigrationInterface =>
  class implements MigrationInterface {
    readonly name = name;

    up(runner: QueryRunner): Promise<void> {
      return runAll(runner, up);
    }

    down(runner: QueryRunner): Promise<void> {
      return runAll(runner, down);
    }
  };

async function runAll(runner: QueryRunner, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await runner.query(statement);
}
