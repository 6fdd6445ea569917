import { parseArgs } from 'node:util';
// Not the whole room: reading the configuration loads a library that costs more time than starting the server.
import { createLogger } from '../../runtime/log';
import { onShutdown } from '../../runtime/shutdown';
import { PostgresProblem } from './problem';
import { type Postgres, startPostgres } from './start';

/**
 * The process that owns PostgreSQL: it goes when its parent goes, and takes the server with it. PostgreSQL by itself
 * would live on after a kill -9 of whoever started it.
 */
async function main(): Promise<void> {
  const options = { data: text, port: text, 'log-level': text };
  const { values } = parseArgs({ options });
  if (!values.data || !values.port)
    throw new Error('--data <folder> and --port <number> are needed');
  const [dataFolder, port] = [values.data, Number(values.port)];
  const logger = createLogger('postgresql', values['log-level'] ?? 'info');
  let stopping = false;
  const starting = startPostgres({ dataFolder, logger, port });
  const stop = async (how?: 'immediate'): Promise<void> => {
    stopping = true;
    const running = await starting.catch(() => undefined);
    await running?.stop(how);
  };
  onShutdown(() => stop(), STOP_MS);
  process.on('SIGQUIT', () => void stop('immediate').then(() => process.exit(1)));

  try {
    const postgres = await starting;
    logger.info({ server: postgres.pid, cluster: postgres.cluster }, 'PostgreSQL runs');
    tellParent({ ready: describe(postgres, port) });
    await postgres.exited;
    if (stopping) return;
    logger.error(`PostgreSQL ended unexpectedly, see ${postgres.logFile}`);
  } catch (error) {
    if (stopping) return;
    const message = error instanceof Error ? error.message : String(error);
    logger.error(message);
    tellParent({ failed: { message, retry: !(error instanceof PostgresProblem) || error.retry } });
  }
  process.exit(1);
}

const text = { type: 'string' } as const;

/** More than a checkpoint of a slow disk takes; see the limit in `stop` of the server itself. */
const STOP_MS = 60_000;

const describe = (postgres: Postgres, port: number): object => ({
  url: postgres.url,
  port,
  server: postgres.pid,
  serverLog: postgres.logFile,
  note: postgres.note,
});

function tellParent(message: object): void {
  // The parent may be gone at this very moment; then there is nobody to tell.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

void main();
