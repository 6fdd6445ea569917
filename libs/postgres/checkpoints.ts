import type { PoolClient } from 'pg';
import { tableOf, views } from '../projections';
import type { Postgres } from './connection';
import { type Checkpoint, type Projection, type Stop } from './projection';

/** The tables were filled from another log than the one that is being read. */
export class AnotherStoreError extends Error {
  constructor(filledFrom: string, storeId: string) {
    super(
      `the tables were filled from event store ${filledFrom}, this one is ${storeId}: use the event store or the ` +
        `database that belong together, or make the tables from this log: inv projection rebuild --all --store ${storeId}`,
    );
  }
}

/** Another projector has put another table in the place of one that we filled. */
export class ReplacedTableError extends Error {}

interface CheckpointRow {
  projection: string;
  store_id: string;
  commit_position: number | bigint;
  prepare_position: number | bigint;
  event_id: string | null;
  event_position: number | bigint | null;
  generation: number;
}

const COLUMNS =
  'projection, store_id, commit_position, prepare_position, event_id, event_position, generation';

/** Makes the rows of those that have not begun. */
export async function beginProjections(
  client: PoolClient,
  names: readonly string[],
  storeId: string,
  generation = 0,
): Promise<void> {
  await client.query(
    `INSERT INTO control.checkpoints
       (projection, store_id, commit_position, prepare_position, generation, updated_at)
     SELECT name, $2, -1, -1, $3, now() FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING`,
    [names, storeId, generation],
  );
  await client.query(
    `INSERT INTO control.projection_status (projection, state, since)
     SELECT name, 'RUNNING', now() FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING`,
    [names],
  );
}

/** Forgets how far tables are, before they are filled anew or for good. */
export async function forgetProjections(
  client: PoolClient,
  names: readonly string[],
): Promise<void> {
  await client.query('DELETE FROM control.checkpoints WHERE projection = ANY($1)', [names]);
  await client.query('DELETE FROM control.projection_status WHERE projection = ANY($1)', [names]);
}

/** Reads how far every projection is. Throws AnotherStoreError, and ReplacedTableError where one is gone. */
export async function loadProjections(
  client: PoolClient,
  projections: readonly Projection[],
  storeId: string,
): Promise<void> {
  const names = projections.map(({ name }) => name);
  const checkpoints = await client.query<CheckpointRow>(
    `SELECT ${COLUMNS} FROM control.checkpoints WHERE projection = ANY($1)`,
    [names],
  );
  const stops = await client.query<{
    projection: string;
    position: number | bigint;
    event_id: string;
    reason: string;
  }>(
    `SELECT projection, position, event_id, reason FROM control.projection_status
     WHERE state = 'STOPPED' AND projection = ANY($1)`,
    [names],
  );
  const skips = await client.query<{ projection: string; position: number | bigint }>(
    'SELECT projection, position FROM control.skips WHERE projection = ANY($1)',
    [projections.map(({ view }) => tableOf(view))],
  );
  for (const projection of projections) {
    const row = checkpoints.rows.find((each) => each.projection === projection.name);
    if (!row) throw new ReplacedTableError(`the table ${projection.name} is filled by nobody now`);
    if (row.store_id !== storeId) throw new AnotherStoreError(row.store_id, storeId);
    const stop = stops.rows.find((each) => each.projection === projection.name);
    projection.checkpoint = checkpointOf(row);
    projection.generation = row.generation;
    projection.stopped = stop && {
      position: BigInt(stop.position),
      eventId: stop.event_id,
      reason: stop.reason,
    };
    // Of the table itself and of the one that is filled to take its place.
    const table = tableOf(projection.view);
    projection.skips = new Set(
      skips.rows.filter((skip) => skip.projection === table).map((skip) => BigInt(skip.position)),
    );
    projection.cache.clear();
  }
}

/** Lets stopped projections try their event again: the code or the data may have been repaired. */
export async function resumeStopped(client: PoolClient, names: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE control.projection_status
     SET state = 'RUNNING', position = NULL, event_id = NULL, reason = NULL, since = now()
     WHERE state = 'STOPPED' AND projection = ANY($1)`,
    [names],
  );
}

function checkpointOf(row: CheckpointRow): Checkpoint {
  return {
    commit: BigInt(row.commit_position),
    prepare: BigInt(row.prepare_position),
    event:
      row.event_id === null || row.event_position === null
        ? undefined
        : { id: row.event_id, position: BigInt(row.event_position) },
  };
}

/** Holds the rows until the transaction ends, and tells whether they are as we left them: nobody else is at work. */
export async function lockCheckpoints(
  client: PoolClient,
  projections: readonly Projection[],
  storeId: string,
): Promise<boolean> {
  const { rows } = await client.query<CheckpointRow>({
    name: 'checkpoints:lock',
    text: `SELECT ${COLUMNS} FROM control.checkpoints WHERE projection = ANY($1)
           ORDER BY projection FOR UPDATE`,
    values: [projections.map(({ name }) => name)],
  });
  return projections.every(({ name, checkpoint, generation }) => {
    const row = rows.find((each) => each.projection === name);
    if (!row || row.store_id !== storeId || row.generation !== generation) return false;
    return (
      BigInt(row.commit_position) === checkpoint.commit &&
      BigInt(row.prepare_position) === checkpoint.prepare &&
      (row.event_id ?? undefined) === checkpoint.event?.id
    );
  });
}

export interface Move {
  readonly projection: Projection;
  readonly reached: Checkpoint;
  readonly stop: Stop | undefined;
}

export async function moveCheckpoints(client: PoolClient, moves: readonly Move[]): Promise<void> {
  const moved = moves.filter(({ projection, reached }) => reached !== projection.checkpoint);
  if (moved.length > 0) {
    await client.query({
      name: 'checkpoints:move',
      text: `UPDATE control.checkpoints AS c SET
        commit_position = m.commit_position, prepare_position = m.prepare_position,
        event_id = m.event_id, event_position = m.event_position, updated_at = now()
        FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::uuid[], $5::bigint[])
          AS m(projection, commit_position, prepare_position, event_id, event_position)
        WHERE c.projection = m.projection`,
      values: [
        moved.map(({ projection }) => projection.name),
        moved.map(({ reached }) => String(reached.commit)),
        moved.map(({ reached }) => String(reached.prepare)),
        moved.map(({ reached }) => reached.event?.id ?? null),
        moved.map(({ reached }) => reached.event && String(reached.event.position)),
      ],
    });
  }
  for (const { projection, stop } of moves) {
    if (!stop) continue;
    await client.query(
      `UPDATE control.projection_status
       SET state = 'STOPPED', position = $2, event_id = $3, reason = $4, since = now()
       WHERE projection = $1`,
      [
        projection.name,
        String(stop.position),
        stop.eventId,
        stop.reason.replaceAll('\0', '').slice(0, 2_000),
      ],
    );
  }
}

/** How far a projection is, for those who wait for it. */
export interface ProjectionPosition {
  /** Name of the SQL view that shows its table. */
  readonly view: string;
  readonly storeId: string;
  /** Commit position up to which the view knows the log; -1 before its first event. */
  readonly position: bigint;
  /** STOPPED: at an event that it cannot take. REFUSED: the log is not the one that the table was filled from. */
  readonly state: 'RUNNING' | 'STOPPED' | 'REFUSED';
  readonly reason: string | null;
  /** ISO-8601 UTC, of the last move. */
  readonly updatedAt: string;
}

/** Of the views that queries read; empty until a projector has made the tables. */
export async function readCheckpoints(postgres: Postgres): Promise<ProjectionPosition[]> {
  const rows = await unlessMissing(
    postgres.query<{
      view: string;
      store_id: string;
      commit_position: number | bigint;
      updated_at: string;
      state: ProjectionPosition['state'] | null;
      reason: string | null;
    }>(
      `SELECT v.view, c.store_id, c.commit_position, c.updated_at, s.state, s.reason
       FROM control.served v JOIN control.checkpoints c USING (projection)
         LEFT JOIN control.projection_status s USING (projection)`,
    ),
  );
  return views.flatMap(({ name }) => {
    const row = rows.find(({ view }) => view === name);
    if (!row) return [];
    return {
      view: name,
      storeId: row.store_id,
      position: BigInt(row.commit_position),
      state: row.state ?? 'RUNNING',
      reason: row.reason,
      updatedAt: row.updated_at,
    };
  });
}

/** PostgreSQL answers, but no projector has made the tables yet. */
export const isMissingTable = (error: unknown): boolean =>
  ['42P01', '3F000'].includes((error as { code?: string }).code ?? '');

/** Then there are no rows either. */
export async function unlessMissing<R>(rows: Promise<R[]>): Promise<R[]> {
  try {
    return await rows;
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}
