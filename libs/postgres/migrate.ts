import { takeConnection, type Postgres } from './connection';
import { alignIndexes } from './indexes';

/** Any number that nothing else in the database locks. */
const LOCK = 763_683_200;

/** Brings schema `control` and the tables of the views up to date; of several processes one does it, the others wait. */
export async function migrate(postgres: Postgres): Promise<void> {
  const { client, release } = await takeConnection(postgres);
  try {
    // One that is at work may take longer than a lock usually may.
    await client.query("SET lock_timeout = '60s'");
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query('CREATE SCHEMA IF NOT EXISTS control');
    await postgres.dataSource.runMigrations({ transaction: 'all' });
    await alignIndexes(client);
  } finally {
    // Ends the session, and with it the lock.
    release(true);
  }
}
