import type { Pool, PoolClient } from 'pg';
import { types as builtin } from 'pg';
import type { DataSource } from 'typeorm';
import { BackOff, type Logger } from '../runtime';
import { migrations } from './migrations';
import { PreparedStatements } from './prepared';

export interface Postgres {
  readonly dataSource: DataSource;
  /** Of one statement. Rows by column name; bigint as number where exact, dates and instants as ISO text, numeric as decimal text. */
  query<R extends object>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
  close(): Promise<void>;
}

export interface PostgresOptions {
  readonly url: string;
  readonly logger: Logger;
  /** Seen in pg_stat_activity. */
  readonly name?: string;
  readonly connections?: number;
}

/** Backends and clients that vanish without a word are noticed after 2 + 3 x 1 seconds. */
const SESSION = [
  'timezone=UTC',
  'tcp_keepalives_idle=2',
  'tcp_keepalives_interval=1',
  'tcp_keepalives_count=3',
  // A process that froze inside a transaction must not hold its locks for ever, nor make others wait for ever.
  'idle_in_transaction_session_timeout=10s',
  'lock_timeout=5s',
];

/** Rejects while PostgreSQL does not answer. */
export async function openPostgres(options: PostgresOptions): Promise<Postgres> {
  const { url, logger, name = 'lotstream', connections = 10 } = options;
  // Loaded by who opens a database: it takes longer than most commands of inv run.
  const typeorm = await import('typeorm');
  const dataSource = new typeorm.DataSource({
    type: 'postgres',
    url,
    applicationName: name,
    poolSize: connections,
    connectTimeoutMS: 5_000,
    installExtensions: false,
    logging: false,
    schema: 'control',
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    poolErrorHandler: (error: unknown) =>
      logger.warn({ err: error }, 'an idle connection to PostgreSQL was lost'),
    extra: {
      // Statements are sent without waiting for the answer to the one before.
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 2_000,
      options: SESSION.map((setting) => `-c ${setting}`).join(' '),
      types: { getTypeParser },
    },
  });
  await dataSource.initialize();
  const pool = poolOf(dataSource);
  const prepared = new PreparedStatements();
  return {
    dataSource,
    async query<R extends object>(sql: string, parameters: readonly unknown[] = []) {
      const values = [...parameters];
      const name = prepared.nameOf(sql);
      try {
        return (await pool.query<R>({ name, text: sql, values })).rows;
      } catch (error) {
        if (name === undefined || !isOfAnotherShape(error)) throw error;
        prepared.forget(sql);
        return (await pool.query<R>({ text: sql, values })).rows;
      }
    },
    close: () => dataSource.destroy(),
  };
}

/** What was prepared reads a table or view that has other columns since; such a statement has done nothing. */
const isOfAnotherShape = (error: unknown): boolean => (error as { code?: string }).code === '0A000';

/** The pool of the driver. */
const poolOf = (dataSource: DataSource): Pool =>
  (dataSource.driver as unknown as { master: Pool }).master;

/** Short, for queries are refused until then; an attempt costs some milliseconds. */
const MAX_BACK_OFF_MS = 250;

/** The same, trying again with back-off until PostgreSQL answers or the signal ends it. */
export async function openPostgresWithRetry(
  options: PostgresOptions & { readonly signal?: AbortSignal },
): Promise<Postgres> {
  const backOff = new BackOff(50, MAX_BACK_OFF_MS);
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await openPostgres(options);
    } catch (error) {
      options.logger.debug({ err: error }, 'PostgreSQL does not answer yet');
      await backOff.pause(options.signal);
    }
  }
}

/** One connection of the pool for whoever needs its own statements; `destroy` where its state is not known any more. */
export async function takeConnection(
  postgres: Postgres,
): Promise<{ client: PoolClient; readonly release: (destroy: boolean) => void }> {
  const client = await poolOf(postgres.dataSource).connect();
  // An idle connection that breaks says so by an event, which nobody else listens to while we hold it.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let released = false;
  return {
    client,
    release: (destroy) => {
      if (released) return;
      released = true;
      client.off('error', ignore);
      client.release(destroy);
    },
  };
}

/** What `work` does, whole or not at all; a connection on which it fails is thrown away. */
export async function inTransaction<T>(
  postgres: Postgres,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const { client, release } = await takeConnection(postgres);
  let broken = true;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    broken = false;
    return result;
  } finally {
    release(broken);
  }
}

const INT8 = 20;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (format !== 'binary') {
    if (oid === INT8) return wholeFrom;
    if (oid === DATE) return (text) => text;
    if (oid === TIMESTAMPTZ) return instantFrom;
  }
  return builtin.getTypeParser(oid, format) as (text: string) => unknown;
}

function wholeFrom(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** `2026-11-21 12:00:00.5+00`, as a session in UTC writes it → `2026-11-21T12:00:00.500Z`; finer than that is left out. */
function instantFrom(text: string): string {
  // Date does the same to every one of them in ten times the time.
  const plain = PLAIN_INSTANT.exec(text);
  if (plain) return `${plain[1]}T${plain[2]}.${(plain[3] ?? '').slice(0, 3).padEnd(3, '0')}Z`;
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString();
}

const PLAIN_INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/;
