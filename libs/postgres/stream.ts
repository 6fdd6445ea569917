import { type Postgres, takeConnection } from './connection';
import type { Statement } from './queries';

/** An audit row holds up to 64 KiB: so many of them are at most 13 MB. */
const BATCH_ROWS = 200;
/** The first batch may have to sort a whole table. */
const STATEMENT_TIMEOUT_S = 30;
/** Whoever reads the stream gives up on a reader that takes nothing sooner; this is for a process that froze. */
const IDLE_TIMEOUT_S = 60;
/** A server that froze does not keep its own time-outs. */
const ANSWER_TIMEOUT_MS = (STATEMENT_TIMEOUT_S + 5) * 1_000;

const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL statement_timeout = '${STATEMENT_TIMEOUT_S}s';
  SET LOCAL idle_in_transaction_session_timeout = '${IDLE_TIMEOUT_S}s'`;

/**
 * The rows of a statement of one moment, batch by batch; the next batch is fetched when it is asked for. Holds a connection
 * of the pool until it ends or `return` is called.
 */
export async function* streamRows<R extends object>(
  postgres: Postgres,
  { sql, parameters }: Statement,
): AsyncGenerator<readonly R[], void, undefined> {
  const { client, release } = await takeConnection(postgres);
  const say = async (text: string, values: readonly unknown[] = []): Promise<readonly R[]> => {
    const config = { text, values: [...values], query_timeout: ANSWER_TIMEOUT_MS };
    return (await client.query<R>(config)).rows;
  };
  let isLost = true;
  try {
    await client.query(BEGIN);
    await say(`DECLARE list NO SCROLL CURSOR FOR ${sql}`, parameters);
    for (;;) {
      const rows = await say(`FETCH FORWARD ${BATCH_ROWS} FROM list`);
      if (rows.length > 0) yield rows;
      if (rows.length < BATCH_ROWS) break;
    }
  } finally {
    await say('ROLLBACK').then(
      () => (isLost = false),
      () => undefined,
    );
    release(isLost);
  }
}
