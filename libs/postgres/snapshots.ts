import { unlessMissing } from './checkpoints';
import { type Postgres, takeConnection } from './connection';
import { copyOut } from './copy';
import { migration } from './migration';

interface StoredSnapshot {
  readonly revision: number;
  readonly eventId: string;
  readonly body: Buffer;
}

interface KeptSnapshot {
  readonly stream: string;
  readonly form: string;
  readonly revision: number;
}

interface SealedPart {
  readonly name: string;
  readonly text: string;
}

/** Where the api keeps folded streams. Everything in schema `cache` may be deleted at any time. */
export interface SnapshotStore {
  list(limit: number): Promise<readonly KeptSnapshot[]>;
  newest(stream: string, form: string): Promise<StoredSnapshot | undefined>;
  save(
    stream: string,
    form: string,
    snapshot: StoredSnapshot,
    parts: readonly SealedPart[],
  ): Promise<void>;
  discard(stream: string, form: string, revision: number): Promise<void>;
  part(stream: string, name: string): Promise<SealedPart | undefined>;
}

/** Of one store: what was folded from another is never found. */
export function snapshotStore(postgres: Postgres, storeId: string): SnapshotStore {
  const read = <R extends object>(sql: string, values: readonly unknown[]): Promise<R[]> =>
    unlessMissing(postgres.query<R>(sql, [storeId, ...values]));
  return {
    list: (limit) => read<KeptSnapshot>(LIST, [limit]),
    newest: async (stream, form) => {
      const [row] = await unlessMissing(bytesOf(postgres, NEWEST, [storeId, stream, form]));
      const [revision, eventId, body] = row ?? [];
      if (!revision || !eventId || !body) return undefined;
      return { revision: Number(revision.readBigInt64BE()), eventId: eventId.toString(), body };
    },
    part: async (stream, name) => (await read<SealedPart>(PART, [stream, name]))[0],
    discard: async (stream, form, revision) => {
      await read(DISCARD, [stream, form, revision]);
    },
    async save(stream, form, { revision, eventId, body }, parts) {
      for (const { name, text } of parts) await read(SAVE_PART, [stream, name, text]);
      await read(SAVE, [stream, form, revision, eventId, body]);
      await read(SWEEP, [stream, form]);
    },
  };
}

async function bytesOf(
  postgres: Postgres,
  sql: string,
  values: readonly string[],
): Promise<(Buffer | null)[][]> {
  const { client, release } = await takeConnection(postgres);
  try {
    const rows = await copyOut(client, sql, values);
    release(false);
    return rows;
  } catch (error) {
    release(true);
    throw error;
  }
}

const LIST = `SELECT stream, form, revision FROM cache.snapshots
  WHERE store_id = $1 ORDER BY saved_at DESC LIMIT $2`;
const NEWEST = `SELECT revision, event_id::text, body FROM cache.snapshots
  WHERE store_id = $1 AND stream = $2 AND form = $3`;
const PART = `SELECT name, body AS text FROM cache.snapshot_parts
  WHERE store_id = $1 AND stream = $2 AND name = $3`;
const DISCARD = `DELETE FROM cache.snapshots
  WHERE store_id = $1 AND stream = $2 AND form = $3 AND revision = $4`;
const SAVE_PART = `INSERT INTO cache.snapshot_parts (store_id, stream, name, body)
  VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`;
/** Of several writers the one who has seen more wins. */
const SAVE = `INSERT INTO cache.snapshots (store_id, stream, form, revision, event_id, body, saved_at)
  VALUES ($1, $2, $3, $4, $5, $6, now())
  ON CONFLICT (store_id, stream, form) DO UPDATE
  SET revision = excluded.revision, event_id = excluded.event_id, body = excluded.body,
    saved_at = excluded.saved_at
  WHERE snapshots.revision < excluded.revision`;
/** Forms of versions that nobody has run for a week; while an upgrade is under way both are in use. */
const SWEEP = `DELETE FROM cache.snapshots
  WHERE store_id = $1 AND stream = $2 AND form <> $3 AND saved_at < now() - interval '7 days'`;

/** Bodies are stored as they are: to compress them takes longer than to write them. */
const TABLES = [
  'CREATE SCHEMA IF NOT EXISTS cache',
  `CREATE TABLE cache.snapshots (
     store_id uuid NOT NULL,
     stream text NOT NULL,
     form text NOT NULL,
     revision bigint NOT NULL,
     event_id uuid NOT NULL,
     body text STORAGE EXTERNAL NOT NULL,
     saved_at timestamptz NOT NULL,
     PRIMARY KEY (store_id, stream, form)
   )`,
  `CREATE TABLE cache.snapshot_parts (
     store_id uuid NOT NULL,
     stream text NOT NULL,
     name text NOT NULL,
     body text STORAGE EXTERNAL NOT NULL,
     PRIMARY KEY (store_id, stream, name)
   )`,
];

/** Bytes have no need of base64. What was kept as text is of another form, and nobody will ask for it. */
const BYTES = [
  'TRUNCATE cache.snapshots',
  "ALTER TABLE cache.snapshots ALTER COLUMN body TYPE bytea USING ''::bytea",
  'ALTER TABLE cache.snapshots ALTER COLUMN body SET STORAGE EXTERNAL',
];

export const SnapshotBytes = migration('SnapshotBytes1763820000000', BYTES, [
  'TRUNCATE cache.snapshots',
  "ALTER TABLE cache.snapshots ALTER COLUMN body TYPE text USING ''",
]);

export const SnapshotTables = migration('SnapshotTables1763683200002', TABLES, [
  'DROP SCHEMA cache CASCADE',
]);
