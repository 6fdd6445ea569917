import { type View, views as everyView } from '../projections';
import { takeConnection, type Postgres } from './connection';
import { alignIndexes } from './indexes';
import { prepareTables } from './served';

/** Any number that nothing else in the database locks. */
const LOCK = 763_683_200;

/** Brings schema `control` and the tables of the views up to date; of several processes one does it, the others wait. */
export async function migrate(
  postgres: Postgres,
  views: readonly View[] = everyView,
): Promise<void> {
  const { client, release } = await takeConnection(postgres);
  try {
    // One that is at work may take longer than a lock usually may.
    await client.query("SET lock_timeout = '60s'");
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query('CREATE SCHEMA IF NOT EXISTS control');
    await postgres.dataSource.runMigrations({ transaction: 'all' });
    await client.query('BEGIN');
    await prepareTables(client, views);
    await client.query('COMMIT');
    await alignIndexes(client);
  } finally {
    // Ends the session, and with it the lock and whatever was begun.
    release(true);
  }
}
