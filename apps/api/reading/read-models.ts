import {
  openPostgresWithRetry,
  type Postgres,
  readCheckpoints,
  recordRefusals,
  streamRows,
} from '../../../libs/postgres';
import type { Statement } from '../../../libs/postgres/queries';
import type { Logger } from '../../../libs/runtime';
import type { ReadModels } from '../deps';
import { ProblemError } from '../http/errors';
import { together } from './together';

export interface ReadModelsConnection extends ReadModels {
  /** The connection once there is one. */
  readonly connected: Promise<Postgres>;
  close(): Promise<void>;
}

/** Connects behind the caller's back: commands need no PostgreSQL, and queries say so until it is there. */
export function connectReadModels(url: string, logger: Logger): ReadModelsConnection {
  const stopping = new AbortController();
  let postgres: Postgres | undefined;
  const connected = openPostgresWithRetry({
    url,
    logger,
    name: 'lotstream-api',
    signal: stopping.signal,
  }).then((opened) => (postgres = opened));
  connected.catch((error: unknown) => {
    if (!stopping.signal.aborted) logger.error({ err: error }, 'cannot connect to PostgreSQL');
  });
  const here = (): Promise<Postgres> =>
    postgres
      ? Promise.resolve(postgres)
      : Promise.reject(
          new ProblemError(
            'READ_MODEL_UNAVAILABLE',
            'PostgreSQL does not answer yet; commands go on, ask again',
          ),
        );
  return {
    connected,
    query: async (sql, parameters) => (await here()).query(sql, parameters),
    streamRows: async function* <R extends object>(statement: Statement) {
      yield* streamRows<R>(await here(), statement);
    },
    readCheckpoints: together(async () => readCheckpoints(await here())),
    recordRefusals: async (rows) => recordRefusals(await here(), rows),
    async close() {
      stopping.abort();
      await postgres?.close();
    },
  };
}
