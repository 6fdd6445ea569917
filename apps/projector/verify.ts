import type { EventStore } from '../../libs/eventstore';
import type { Projection } from '../../libs/postgres';

/** The tables and the log do not belong together; going on would corrupt the tables. */
export class LogMismatchError extends Error {
  constructor(found: string) {
    super(
      `${found}: the event store was restored from an older backup, or is another one. ` +
        'Restore the database and the event store that belong together, or make the tables from this log: ' +
        'inv projection rebuild --all',
    );
  }
}

/**
 * Reads the last handled events back: they must be in the log where they were, and the log must reach as far as the
 * tables know it, or it is another log or an older backup.
 */
export async function verifyCheckpoints(
  store: Pick<EventStore, 'readEventAt' | 'end'>,
  projections: readonly Projection[],
): Promise<void> {
  const seen = new Set<bigint>();
  for (const { name, checkpoint } of projections) {
    const { event } = checkpoint;
    if (!event || seen.has(event.position)) continue;
    seen.add(event.position);
    const found = await store.readEventAt({ commit: event.position, prepare: event.position });
    if (found?.id === event.id) continue;
    throw new LogMismatchError(
      `the projection ${name} has handled event ${event.id} at position ${event.position}, where this log has ` +
        (found ? `event ${found.id}` : 'none'),
    );
  }
  const ahead = projections.filter(({ checkpoint }) => checkpoint.commit > 0n);
  if (ahead.length === 0) return;
  const end = await store.end();
  for (const { name, checkpoint } of ahead) {
    if (checkpoint.commit <= end) continue;
    // What is appended up to there would never be read.
    throw new LogMismatchError(
      `the projection ${name} knows the log up to position ${checkpoint.commit}, where this log ends at ${end}`,
    );
  }
}
