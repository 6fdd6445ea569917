import type { PoolClient } from 'pg';
import { tableOf, views } from '../projections';
import type { Postgres } from './connection';
import { type Checkpoint, type Projection, START, type Stop } from './projection';

/** The tables were filled from another log than the one that is being read. */
export class AnotherStoreError extends Error {}

interface CheckpointRow {
  projection: string;
  store_id: string;
  commit_position: number | bigint;
  prepare_position: number | bigint;
  event_id: string | null;
  event_position: number | bigint | null;
}

const COLUMNS = 'projection, store_id, commit_position, prepare_position, event_id, event_position';

/** Reads how far every projection is, and makes the rows of those that have not begun. */
export async function loadProjections(
  client: PoolClient,
  projections: readonly Projection[],
  storeId: string,
): Promise<void> {
  const names = projections.map(({ name }) => name);
  await client.query(
    `INSERT INTO control.checkpoints (projection, store_id, commit_position, prepare_position, updated_at)
     SELECT name, $2, -1, -1, now() FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING`,
    [names, storeId],
  );
  await client.query(
    `INSERT INTO control.projection_status (projection, state, since)
     SELECT name, 'RUNNING', now() FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING`,
    [names],
  );
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
    [names],
  );
  for (const projection of projections) {
    const row = checkpoints.rows.find((each) => each.projection === projection.name);
    if (row && row.store_id !== storeId) throw anotherStore(row.store_id, storeId);
    const stop = stops.rows.find((each) => each.projection === projection.name);
    projection.checkpoint = row ? checkpointOf(row) : START;
    projection.stopped = stop && {
      position: BigInt(stop.position),
      eventId: stop.event_id,
      reason: stop.reason,
    };
    projection.skips = new Set(
      skips.rows
        .filter((skip) => skip.projection === projection.name)
        .map((skip) => BigInt(skip.position)),
    );
    projection.cache.clear();
  }
}

const anotherStore = (filledFrom: string, storeId: string): AnotherStoreError =>
  new AnotherStoreError(
    `the tables were filled from event store ${filledFrom}, this one is ${storeId}; ` +
      'use the event store or the database that belong together, or rebuild the tables from this log',
  );

/** Lets stopped projections try their event again: the code or the data may have been repaired. */
export async function resumeStopped(client: PoolClient): Promise<void> {
  await client.query(
    `UPDATE control.projection_status
     SET state = 'RUNNING', position = NULL, event_id = NULL, reason = NULL, since = now()
     WHERE state = 'STOPPED'`,
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
  return projections.every(({ name, checkpoint }) => {
    const row = rows.find((each) => each.projection === name);
    if (!row || row.store_id !== storeId) return false;
    return (
      BigInt(row.commit_position) === checkpoint.commit &&
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
  const moved = moves.filter(
    ({ projection, reached }) => reached.commit > projection.checkpoint.commit,
  );
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
  /** Name of the SQL view that it fills. */
  readonly view: string;
  readonly storeId: string;
  /** Commit position up to which the view knows the log; -1 before its first event. */
  readonly position: bigint;
  readonly state: 'RUNNING' | 'STOPPED';
  readonly reason: string | null;
  /** ISO-8601 UTC, of the last move. */
  readonly updatedAt: string;
}

/** Of the views that queries read; empty until a projector has made the tables. */
export async function readCheckpoints(postgres: Postgres): Promise<ProjectionPosition[]> {
  const rows = await postgres
    .query<{
      projection: string;
      store_id: string;
      commit_position: number | bigint;
      updated_at: string;
      state: 'RUNNING' | 'STOPPED' | null;
      reason: string | null;
    }>(
      `SELECT c.projection, c.store_id, c.commit_position, c.updated_at, s.state, s.reason
       FROM control.checkpoints c LEFT JOIN control.projection_status s USING (projection)`,
    )
    .catch((error: unknown) => {
      if (isMissingTable(error)) return [];
      throw error;
    });
  return views.flatMap((view) => {
    const row = rows.find(({ projection }) => projection === tableOf(view));
    if (!row) return [];
    return {
      view: view.name,
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
