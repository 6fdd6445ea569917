import type { Checkpoint } from './projection';
import type { Postgres } from './connection';
import { isMissingTable, unlessMissing } from './checkpoints';
import { ControlError } from './control';

/** How far the follow-ups of events are driven, and which were refused: not made from the log alone, so it is backed up. */

const POLICY = 'follow-ups';

export interface PolicyProgress {
  readonly reached: Checkpoint;
  /** Rises with every move, whoever moves it: the fence between projectors. */
  readonly moves: number;
}

interface PolicyRow {
  readonly store_id: string;
  readonly commit_position: number | bigint;
  readonly prepare_position: number | bigint;
  readonly event_id: string | null;
  readonly event_position: number | bigint | null;
  readonly moves: number;
}

/** How far it has got; of another store or of none, from before the first event. */
export async function readPolicy(postgres: Postgres, storeId: string): Promise<PolicyProgress> {
  await postgres.query(
    `INSERT INTO control.policies (policy, store_id, commit_position, prepare_position)
     VALUES ($1, $2, -1, -1) ON CONFLICT DO NOTHING`,
    [POLICY, storeId],
  );
  const [row] = await postgres.query<PolicyRow>(
    `SELECT store_id, commit_position, prepare_position, event_id, event_position, moves
     FROM control.policies WHERE policy = $1`,
    [POLICY],
  );
  if (!row) throw new Error('the row of the policies is gone; it is made anew at the next try');
  const moves = Number(row.moves);
  if (row.store_id !== storeId) return { reached: BEGINNING, moves };
  const event =
    row.event_id === null || row.event_position === null
      ? undefined
      : { id: row.event_id, position: BigInt(row.event_position) };
  const commit = BigInt(row.commit_position);
  return { reached: { commit, prepare: BigInt(row.prepare_position), event }, moves };
}

const BEGINNING: Checkpoint = { commit: -1n, prepare: -1n, event: undefined };

/** False: another projector has moved it since, and nothing was written. */
export async function movePolicy(
  postgres: Postgres,
  move: PolicyProgress & {
    readonly storeId: string;
    /** Of what is owed behind the checkpoint, for people to see. */
    readonly open: number;
    readonly oldestAt: string | null;
  },
): Promise<boolean> {
  const { reached, moves, storeId, open, oldestAt } = move;
  const moved = await postgres.query(
    `WITH moved AS (
       UPDATE control.policies SET store_id = $3, commit_position = $4, prepare_position = $5,
         event_id = $6, event_position = $7, open = $8, oldest_at = $9,
         moves = moves + 1, updated_at = now()
       WHERE policy = $1 AND moves = $2 RETURNING moves)
     SELECT moves FROM moved`,
    [
      ...[POLICY, moves, storeId, String(reached.commit), String(reached.prepare)],
      ...[reached.event?.id ?? null, reached.event ? String(reached.event.position) : null],
      ...[open, oldestAt],
    ],
  );
  return moved.length === 1;
}

/** What a follower has refused, or (without a command) an event that could not be read. */
export interface RefusedLeg {
  /** Of the leg; of an event that could not be read, the event's id. */
  readonly commandId: string;
  /** Of the event that it follows from. */
  readonly position: bigint;
  readonly eventId: string;
  readonly eventType: string;
  /** Null where the event could not be read. */
  readonly commandType: string | null;
  /** Of the follower; of an event that could not be read, its own. */
  readonly stream: string;
  readonly code: string;
  readonly detail: string;
}

/** Remembers it until it is done after all, or an operator says that it need not be. */
export async function noteRefusedLeg(postgres: Postgres, refused: RefusedLeg): Promise<void> {
  const clean = (text: string): string => text.replaceAll('\0', '\uFFFD').slice(0, 2_000);
  await postgres.query(
    `INSERT INTO control.refused_legs
       (command_id, position, event_id, event_type, command_type, stream, code, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (command_id) DO UPDATE SET code = excluded.code, detail = excluded.detail,
       tries = control.refused_legs.tries + 1, tried_at = now()`,
    [
      ...[refused.commandId, String(refused.position), refused.eventId, clean(refused.eventType)],
      ...[refused.commandType, clean(refused.stream), refused.code, clean(refused.detail)],
    ],
  );
}

export async function forgetRefusedLeg(postgres: Postgres, commandId: string): Promise<void> {
  await postgres.query('DELETE FROM control.refused_legs WHERE command_id = $1', [commandId]);
}

/** Those that nobody has settled, the one that was tried longest ago first. */
export async function refusedLegs(postgres: Postgres, limit: number): Promise<RefusedLeg[]> {
  const rows = await postgres.query<Omit<RefusedLeg, 'position'> & { position: number | bigint }>(
    `SELECT command_id AS "commandId", position, event_id AS "eventId", event_type AS "eventType",
       command_type AS "commandType", stream, code, detail
     FROM control.refused_legs WHERE skipped_at IS NULL ORDER BY tried_at LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({ ...row, position: BigInt(row.position) }));
}

export interface PolicyReport {
  readonly policy: string;
  readonly storeId: string;
  /** Log position up to which nothing is owed; -1 before the first event. */
  readonly position: number;
  /** Legs that are owed and not done yet, and when the oldest of their events was recorded. */
  readonly open: number;
  readonly oldestAt: string | null;
  readonly updatedAt: string;
}

export interface RefusedLegReport extends Omit<RefusedLeg, 'position'> {
  readonly position: number;
  readonly tries: number;
  readonly triedAt: string;
  /** Who said that it need not be done, and why. */
  readonly skippedBy: string | null;
  readonly skipReason: string | null;
}

/** Undefined until a projector has begun. */
export async function reportPolicy(postgres: Postgres): Promise<{
  readonly policy: PolicyReport | undefined;
  readonly refused: readonly RefusedLegReport[];
}> {
  try {
    const [policy] = await postgres.query<PolicyReport>(
      `SELECT policy, store_id AS "storeId", commit_position AS position, open,
         oldest_at AS "oldestAt", updated_at AS "updatedAt"
       FROM control.policies WHERE policy = $1`,
      [POLICY],
    );
    const refused = await postgres.query<RefusedLegReport>(
      `SELECT command_id AS "commandId", position, event_id AS "eventId",
         event_type AS "eventType", command_type AS "commandType", stream, code, detail, tries,
         tried_at AS "triedAt", skipped_by AS "skippedBy", skip_reason AS "skipReason"
       FROM control.refused_legs ORDER BY skipped_at IS NOT NULL, position LIMIT 100`,
    );
    return { policy, refused };
  } catch (error) {
    if (!isMissingTable(error)) throw error;
    throw new ControlError(
      'no projector has been at work in this database yet; start one: npm start',
    );
  }
}

/** Says that a refused leg need not be done; who and why is kept. */
export async function skipRefusedLeg(
  postgres: Postgres,
  skip: { readonly commandId: string; readonly actor: string; readonly reason: string },
): Promise<void> {
  const skipped = await unlessMissing(
    postgres.query(
      `WITH skipped AS (
         UPDATE control.refused_legs SET skipped_at = now(), skipped_by = $2, skip_reason = $3
         WHERE command_id = $1 AND skipped_at IS NULL RETURNING command_id)
       SELECT command_id FROM skipped`,
      [skip.commandId, skip.actor, skip.reason],
    ),
  );
  if (skipped.length === 0) {
    throw new ControlError(
      `no refused leg has the command id ${skip.commandId}; inv policy status lists them`,
    );
  }
}
