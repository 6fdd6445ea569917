import { Option } from 'commander';
import { readRunFile } from '../../libs/embedded/supervisor';
import { ControlError, openPostgres, type Postgres } from '../../libs/postgres';
import { createLogger } from '../../libs/runtime';
import { readConfig } from '../../libs/runtime/config';
import { FailedError, UsageError } from './errors';

export interface DatabaseOptions {
  readonly databaseUrl?: string;
}

export const databaseOption = (): Option =>
  new Option(
    '--database-url <url>',
    'PostgreSQL of the tables; without it that of the system which runs on LOTSTREAM_DATA',
  ).env('DATABASE_URL');

/** Works on the database of the tables: with the address that is given, or of the system that runs on the data folder. */
export async function withDatabase<T>(
  { databaseUrl }: DatabaseOptions,
  work: (postgres: Postgres) => Promise<T>,
): Promise<T> {
  const url = databaseUrl ?? runningUrl();
  const postgres = await connect(url);
  try {
    return await work(postgres);
  } catch (error) {
    throw error instanceof ControlError ? new FailedError(error.message) : error;
  } finally {
    await postgres.close();
  }
}

function runningUrl(): string {
  const { dataFolder } = readConfig();
  const url = readRunFile(dataFolder)?.parts?.postgresql?.url;
  if (url !== undefined) return url;
  throw new UsageError(
    `nothing runs on ${dataFolder}: start it with \`npm start\`, set LOTSTREAM_DATA to the folder of a running system, ` +
      'or give --database-url',
  );
}

async function connect(url: string): Promise<Postgres> {
  try {
    const logger = createLogger('cli', 'silent');
    return await openPostgres({ url, logger, name: 'lotstream cli', connections: 2 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FailedError(
      `PostgreSQL does not answer at ${url.replace(/(\/\/[^:/@]*):[^@/]*@/, '$1@')}: ${message || code}`,
    );
  }
}
