import { tableOf, type View, views as everyView } from '../projections';
import { isMissingTable } from './checkpoints';
import { inTransaction, type Postgres } from './connection';
import { dropSides, openRebuilds, pairsOf, type Rebuild } from './rebuild-requests';
import { readServed, type Served } from './served';
import type { Comparisons } from './switch';

/** What operators ask of projectors and are told by them: rows of schema `control`, heeded by every projector within a second or two. */

/** What a projector looks at again and again. */
export interface Control {
  readonly served: Served;
  readonly rebuilds: readonly Rebuild[];
  /** Names of the projections that do not go on. */
  readonly stopped: ReadonlySet<string>;
}

export async function readControl(postgres: Postgres): Promise<Control> {
  const [served, rebuilds, stopped] = await Promise.all([
    postgres.query<{ view: string; projection: string }>(
      'SELECT view, projection FROM control.served',
    ),
    openRebuilds(postgres),
    postgres.query<{ projection: string }>(
      `SELECT projection FROM control.projection_status WHERE state = 'STOPPED'`,
    ),
  ]);
  return {
    served: new Map(served.map(({ view, projection }) => [view, projection])),
    rebuilds,
    stopped: new Set(stopped.map(({ projection }) => projection)),
  };
}

/** Says in the database that these tables do not belong to the log, or (undefined) that they do. */
export async function noteRefusal(
  postgres: Postgres,
  projections: readonly string[],
  reason: string | undefined,
): Promise<void> {
  await postgres.query(
    `UPDATE control.projection_status SET state = $2, reason = $3, since = now()
     WHERE projection = ANY($1) AND state = $4`,
    reason === undefined
      ? [projections, 'RUNNING', null, 'REFUSED']
      : [projections, 'REFUSED', reason, 'RUNNING'],
  );
}

/** The operator asked for what cannot be; the message tells what can. */
export class ControlError extends Error {}

export interface ProjectionReport {
  readonly projection: string;
  /** Of the SQL view; `beside` = filled to take the place of the one that it shows. */
  readonly view: string;
  readonly role: 'served' | 'beside' | 'unused';
  readonly state: 'RUNNING' | 'STOPPED' | 'REFUSED';
  readonly storeId: string;
  /** Log position; -1 before the first event. */
  readonly position: number;
  /** Of the last event that it was given, and when the checkpoint moved last. */
  readonly eventId: string | null;
  readonly updatedAt: string;
  readonly stoppedAt: number | null;
  readonly stoppedEventId: string | null;
  readonly reason: string | null;
}

export interface RebuildReport {
  readonly id: number;
  readonly kind: Rebuild['kind'];
  readonly projections: readonly string[];
  readonly state: Rebuild['state'] | 'DONE' | 'FAILED' | 'REPLACED';
  readonly actor: string;
  /** Part of the log that is in the tables beside, 0 to 1; null before it begins. */
  readonly progress: number | null;
  readonly outcome: Comparisons | null;
  readonly problem: string | null;
  readonly requestedAt: string;
  readonly endedAt: string | null;
}

export interface SkipReport {
  readonly projection: string;
  readonly position: number;
  readonly eventId: string;
  readonly actor: string;
  readonly reason: string;
  readonly skippedAt: string;
}

export async function reportProjections(postgres: Postgres): Promise<ProjectionReport[]> {
  return explainMissing(
    postgres.query<ProjectionReport>(
      `SELECT c.projection, regexp_replace(c.projection, '_v[0-9]+(_next)?$', '') AS view,
         CASE WHEN v.view IS NOT NULL THEN 'served'
              WHEN EXISTS (SELECT FROM control.rebuilds r WHERE r.state = 'FILLING'
                AND regexp_replace(c.projection, '_next$', '') = ANY(r.projections)) THEN 'beside'
              ELSE 'unused' END AS role,
         coalesce(s.state, 'RUNNING') AS state, c.store_id AS "storeId",
         c.commit_position AS position, c.event_id AS "eventId", c.updated_at AS "updatedAt",
         s.position AS "stoppedAt", s.event_id AS "stoppedEventId", s.reason
       FROM control.checkpoints c LEFT JOIN control.projection_status s USING (projection)
         LEFT JOIN control.served v USING (projection)
       ORDER BY view, role DESC, c.projection`,
    ),
  );
}

/** The newest first. */
export async function reportRebuilds(postgres: Postgres, id?: number): Promise<RebuildReport[]> {
  return explainMissing(
    postgres.query<RebuildReport>(
      `SELECT r.id, r.kind, r.projections, r.state, r.actor, r.outcome, r.problem,
         r.requested_at AS "requestedAt", r.ended_at AS "endedAt",
         CASE WHEN r.state = 'DONE' THEN 1 WHEN r.target IS NULL THEN NULL ELSE (
           SELECT least(1, greatest(0, min(c.commit_position))::float8 / greatest(r.target, 1))
           FROM control.checkpoints c WHERE c.generation = r.id) END AS progress
       FROM control.rebuilds r WHERE $1::bigint IS NULL OR r.id = $1 ORDER BY r.id DESC LIMIT 20`,
      [id ?? null],
    ),
  );
}

export async function reportSkips(postgres: Postgres): Promise<SkipReport[]> {
  return explainMissing(
    postgres.query<SkipReport>(
      `SELECT projection, position, event_id AS "eventId", actor, reason, skipped_at AS "skippedAt"
       FROM control.skips ORDER BY skipped_at DESC LIMIT 50`,
    ),
  );
}

/** Held by whoever asks for a rebuild; any number that nothing else in the database locks. */
const REQUESTS_LOCK = 763_683_201;

/** Asks for tables that are filled beside from the start of the log; an open request for one of them is replaced. */
export async function requestRebuild(
  postgres: Postgres,
  request: {
    /** Names of views or of tables; undefined = all. */
    readonly names: readonly string[] | undefined;
    readonly kind: 'REBUILD' | 'VERIFY';
    readonly actor: string;
    /** The event store to fill from; undefined = the one that the tables are from. */
    readonly storeId: string | undefined;
  },
): Promise<number> {
  const chosen = request.names?.map(viewNamed) ?? everyView;
  const tables = chosen.map(tableOf);
  return inTransaction(postgres, async (client) => {
    const served = await explainMissing(readServed(client));
    // Of two requests at once, the later one has to see the other.
    await client.query('SELECT pg_advisory_xact_lock($1)', [REQUESTS_LOCK]);
    const stores = await client.query<{ store_id: string }>(
      `SELECT DISTINCT c.store_id FROM control.checkpoints c JOIN control.served USING (projection)
       WHERE view = ANY($1)`,
      [chosen.map(({ name }) => name)],
    );
    const [first] = stores.rows;
    if (request.storeId === undefined && stores.rows.length > 1) {
      throw new ControlError(
        `these tables are from several event stores: say from which to fill them with --store, one of ` +
          stores.rows.map(({ store_id }) => store_id).join(', '),
      );
    }
    const replaced = await client.query<Rebuild>(
      `UPDATE control.rebuilds SET state = 'REPLACED', ended_at = now()
       WHERE state IN ('WAITING', 'FILLING') AND projections && $1::text[]
       RETURNING id, kind, projections, state, store_id AS "storeId"`,
      [tables],
    );
    for (const rebuild of replaced.rows) {
      await dropSides(client, pairsOf(rebuild, everyView, served));
    }
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO control.rebuilds (kind, projections, state, store_id, actor)
       VALUES ($1, $2, 'WAITING', $3, $4) RETURNING id`,
      [request.kind, tables, request.storeId ?? first?.store_id ?? null, request.actor],
    );
    return rows[0]?.id ?? NaN;
  });
}

/** Leaves an event out of a projection that has stopped at it, and lets the projection go on. */
export async function skipEvent(
  postgres: Postgres,
  skip: {
    readonly name: string;
    readonly position: bigint;
    readonly actor: string;
    readonly reason: string;
  },
): Promise<string> {
  const { name } = viewNamed(skip.name);
  return inTransaction(postgres, async (client) => {
    const { rows } = await explainMissing(
      client.query<{ projection: string; position: number | bigint; event_id: string }>(
        `SELECT projection, position, event_id FROM control.projection_status
         WHERE state = 'STOPPED' AND regexp_replace(projection, '_v[0-9]+(_next)?$', '') = $1
         FOR UPDATE`,
        [name],
      ),
    );
    const here = rows.filter(({ position }) => BigInt(position) === skip.position);
    if (here.length === 0) {
      throw new ControlError(
        rows.length === 0
          ? `${name} has not stopped, so there is nothing to skip; see inv projection status`
          : `${name} has stopped at position ${rows.map(({ position }) => position).join(' and ')}, ` +
              `not at ${skip.position}; only the event that it has stopped at can be skipped`,
      );
    }
    for (const { projection, event_id } of here) {
      await client.query(
        `INSERT INTO control.skips (projection, position, event_id, actor, reason)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
        [
          projection.replace(/_next$/, ''),
          String(skip.position),
          event_id,
          skip.actor,
          skip.reason,
        ],
      );
      await client.query(
        `UPDATE control.projection_status
         SET state = 'RUNNING', position = NULL, event_id = NULL, reason = NULL, since = now()
         WHERE projection = $1`,
        [projection],
      );
    }
    return here[0]?.event_id ?? '';
  });
}

/** By the name of the view or of its table: `ledger`, `ledger_v1`. */
function viewNamed(name: string): View {
  const view = everyView.find((each) => each.name === name || tableOf(each) === name);
  if (view) return view;
  const names = everyView.map((each) => each.name).join(', ');
  throw new ControlError(`there is no projection ${name}; there are ${names}`);
}

async function explainMissing<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isMissingTable(error)) throw error;
    throw new ControlError(
      'no projector has made its tables in this database yet; start one: npm start',
    );
  }
}
