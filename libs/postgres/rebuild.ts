import { tableOf, type View } from '../projections';
import type { Postgres } from './connection';

/** Empties the tables and forgets how far they were: whoever projects next fills them from the start of the log. */
export async function rebuild(postgres: Postgres, views: readonly View[]): Promise<void> {
  const names = views.map(tableOf);
  await postgres.dataSource.transaction(async (manager) => {
    // First the checkpoints: they are the fence that a projector at work holds on to.
    await manager.query('DELETE FROM control.checkpoints WHERE projection = ANY($1)', [names]);
    await manager.query('DELETE FROM control.projection_status WHERE projection = ANY($1)', [
      names,
    ]);
    await manager.query(`TRUNCATE ${names.map((name) => `public.${name}`).join(', ')}`);
  });
}
