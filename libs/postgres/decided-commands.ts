import { unlessMissing } from './checkpoints';
import type { Postgres } from './connection';

interface DecidedCommand {
  readonly commandHash: string;
  readonly stream: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
}

/** Where a command id is looked up that nothing in memory can tell about: the audit log knows every event. */
export interface DecidedCommands {
  find(
    commandIds: readonly string[],
  ): Promise<{ readonly upTo: bigint; readonly found: ReadonlyMap<string, DecidedCommand> }>;
  idsAfter(
    position: bigint,
    limit: number,
  ): Promise<{ readonly ids: Uint8Array; readonly upTo: bigint; readonly more: boolean }>;
}

/** Of one store: what a table says that was filled from another, or from a log that is not this one any more, is not asked. */
export function decidedCommands(postgres: Postgres, storeId: string): DecidedCommands {
  return {
    find: (ids) => find(postgres, storeId, ids),
    idsAfter: (position, limit) => idsAfter(postgres, storeId, position, limit),
  };
}

// The view and what it shows are switched in one transaction, which waits for the statements that have begun.
const CHECKPOINT = `control.checkpoints c JOIN control.served USING (projection)
  WHERE view = 'audit_log' AND store_id = $1 AND NOT EXISTS (
    SELECT FROM control.projection_status s WHERE s.projection = c.projection AND s.state = 'REFUSED')`;

interface FoundRow {
  readonly commit_position: number | bigint;
  readonly command_id: string | null;
  readonly command_hash: string;
  readonly stream: string;
  readonly revision: number;
}

/** One statement, so that a rebuild cannot empty the table after its checkpoint was read. */
async function find(
  postgres: Postgres,
  storeId: string,
  commandIds: readonly string[],
): ReturnType<DecidedCommands['find']> {
  const rows = await unlessMissing(
    postgres.query<FoundRow>(
      `SELECT c.commit_position, a.command_id, a.command_hash, a.stream, a.revision
       FROM (SELECT commit_position FROM ${CHECKPOINT}) AS c
       LEFT JOIN audit_log AS a ON a.command_id = ANY($2::uuid[]) ORDER BY a.position`,
      [storeId, commandIds],
    ),
  );
  const found = new Map<string, DecidedCommand>();
  for (const { command_id, command_hash, stream, revision } of rows) {
    if (command_id === null) continue;
    const first = found.get(command_id);
    if (!first) {
      const once = { firstRevision: revision, lastRevision: revision };
      found.set(command_id, { commandHash: command_hash, stream, ...once });
    } else if (first.stream === stream) {
      // Events on other streams are legs that followed; the stream of the first one decided.
      found.set(command_id, { ...first, lastRevision: revision });
    }
  }
  return { upTo: BigInt(rows[0]?.commit_position ?? -1), found };
}

async function idsAfter(
  postgres: Postgres,
  storeId: string,
  position: bigint,
  limit: number,
): ReturnType<DecidedCommands['idsAfter']> {
  const [row] = await unlessMissing(
    postgres.query<{ up_to: number | bigint | null; count: number; ids: Uint8Array | null }>(
      `SELECT max(position) AS up_to, count(*) AS count, string_agg(uuid_send(command_id), ''::bytea) AS ids
       FROM (SELECT position, command_id FROM audit_log
             WHERE position > $2 AND EXISTS (SELECT FROM ${CHECKPOINT})
             ORDER BY position LIMIT $3) AS newer`,
      [storeId, String(position), limit],
    ),
  );
  return {
    ids: row?.ids ?? new Uint8Array(),
    upTo: BigInt(row?.up_to ?? position),
    more: row?.count === limit,
  };
}
