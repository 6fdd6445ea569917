import { InvalidArgumentError, Option, type Command } from 'commander';
import { clientCommand, openClient, type ClientOptions } from './client-command';
import { FailedError } from './errors';
import { bodyOf, type Answer, type HttpClient } from './http-client';
import type { ImportResult, ImportSettings } from './import/run-import';
import { totalsText } from './import/report';

export interface EngineOptions extends ClientOptions {
  readonly concurrency: number;
  readonly patience: number;
  readonly dryRun?: boolean;
  readonly correlationId?: string;
}

/** A command that sends the rows of files. */
export function engineCommand(name: string, description: string): Command {
  return clientCommand(name, description)
    .option('--dry-run', 'judge every row on the stock of today, change nothing')
    .option(
      '--correlation-id <id>',
      'of every event it leads to, to take them back by (default: made of the content)',
      correlationId,
    )
    .option('--concurrency <n>', 'rows under way at the same time', upTo(1_024, 1), 128)
    .addOption(patienceOption());
}

export const patienceOption = (): Option =>
  new Option('--patience <seconds>', 'how long to wait for a server that is away')
    .argParser(upTo(86_400, 0))
    .default(60);

/** As the api takes it in a header. */
export function correlationId(text: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/.test(text)) return text;
  throw new InvalidArgumentError('it is 1 to 200 visible ASCII characters');
}

const upTo =
  (most: number, least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`it is a whole number from ${least} to ${most}`);
  };

/** Runs with a client and ends early, but in order, when the user presses Ctrl-C. */
export async function withEngine<T>(
  options: EngineOptions,
  run: (settings: ImportSettings, client: HttpClient) => Promise<T>,
): Promise<T> {
  const { concurrency, patience, dryRun = false, correlationId: given } = options;
  const client = openClient(options, concurrency);
  const interrupt = new AbortController();
  // The second Ctrl-C ends the process at once.
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const settings: ImportSettings = {
      transport: ({ method, path, body }, headers) => client.request(method, path, body, headers),
      dryRun,
      concurrency,
      patienceMs: patience * 1_000,
      signal: interrupt.signal,
      correlationId: given,
    };
    return await run(settings, client);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await client.close();
  }
}

/** Prints how it went; throws when the import stopped before its end. */
export function tellResult(
  name: string,
  { totals, failure, correlationId: id }: ImportResult,
  dryRun: boolean,
): void {
  process.stdout.write(`${name}: ${totalsText(totals, dryRun)}\n`);
  if (!dryRun) process.stdout.write(`  correlation id   ${id}\n`);
  if (failure !== undefined) throw failure;
}

/** Throws when rows were not applied that should have been; `allowed` are the codes that are no surprise. */
export function requireApplied(
  { totals }: ImportResult,
  allowed: 'any' | ReadonlySet<string>,
  reportPath: string,
): void {
  const surprises = Object.entries(totals.refused)
    .filter(([code]) => allowed !== 'any' && !allowed.has(code))
    .reduce((sum, [, n]) => sum + n, 0);
  if (surprises + totals.broken === 0) return;
  throw new FailedError(
    `${surprises} rows were refused and ${totals.broken} are broken; ${reportPath} lists them`,
  );
}

const LONGEST_WAIT_MS = 30_000;

/** The stats of tables that show what was written at the position; undefined while they do not after 30 s. */
export async function statsAt(
  client: HttpClient,
  position: string | undefined,
): Promise<Answer['body'] | undefined> {
  const query = new URLSearchParams(
    position === undefined ? {} : { after: position, wait: String(LONGEST_WAIT_MS) },
  );
  const answer = await client.request('GET', `/api/v1/stats?${query.toString()}`);
  return answer.body.code === 'PROJECTION_BEHIND' ? undefined : bodyOf(answer, client.url);
}

/** Ends when the tables show what was written at the position, and says so where they do not yet. */
export async function waitForTables(
  client: HttpClient,
  position: string | undefined,
): Promise<void> {
  if (position !== undefined && !(await statsAt(client, position))) {
    process.stderr.write('The tables do not show all of it yet: inv projection list\n');
  }
}
