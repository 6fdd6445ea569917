import { isMissingTable } from './checkpoints';
import type { Postgres } from './connection';

interface DecidedCommand {
  readonly commandHash: string;
  readonly stream: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
}

/** Where an old command id is looked up when the stream's own memory has let it go: the audit log knows every event. */
export interface DecidedCommands {
  find(commandIds: readonly string[]): Promise<ReadonlyMap<string, DecidedCommand>>;
  knownUpTo(): Promise<bigint>;
}

/** Of one store: what a table says that was filled from another is not asked. */
export function decidedCommands(postgres: Postgres, storeId: string): DecidedCommands {
  return {
    find: (ids) => find(postgres, storeId, ids),
    knownUpTo: () => knownUpTo(postgres, storeId),
  };
}

const CHECKPOINT = `SELECT commit_position FROM control.checkpoints JOIN control.served USING (projection)
  WHERE view = 'audit_log' AND store_id = $1`;

async function find(
  postgres: Postgres,
  storeId: string,
  commandIds: readonly string[],
): Promise<ReadonlyMap<string, DecidedCommand>> {
  const rows = await unlessMissing(
    postgres.query<{ command_id: string; command_hash: string; stream: string; revision: number }>(
      `SELECT command_id, command_hash, stream, revision FROM audit_log
       WHERE command_id = ANY($2::uuid[]) AND EXISTS (${CHECKPOINT}) ORDER BY position`,
      [storeId, commandIds],
    ),
  );
  const found = new Map<string, DecidedCommand>();
  for (const { command_id, command_hash, stream, revision } of rows) {
    const first = found.get(command_id);
    if (!first) {
      const once = { firstRevision: revision, lastRevision: revision };
      found.set(command_id, { commandHash: command_hash, stream, ...once });
    } else if (first.stream === stream) {
      // Events on other streams are legs that followed; the stream of the first one decided.
      found.set(command_id, { ...first, lastRevision: revision });
    }
  }
  return found;
}

async function knownUpTo(postgres: Postgres, storeId: string): Promise<bigint> {
  const rows = await unlessMissing(
    postgres.query<{ commit_position: number | bigint }>(CHECKPOINT, [storeId]),
  );
  return BigInt(rows[0]?.commit_position ?? -1);
}

async function unlessMissing<R>(rows: Promise<R[]>): Promise<R[]> {
  try {
    return await rows;
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}
