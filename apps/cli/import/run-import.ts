import { basename } from 'node:path';
import { FailedError } from '../errors';
import { inspectCsv, readCsv, type CsvFacts } from './csv';
import { loadLookups } from './lookups';
import { kindNamed } from './fields';
import type { Mapping } from './mapping';
import { runOrdered, type Piece } from './ordered-run';
import { startProgress, type Progress } from './progress';
import { lineOf, ReportFile, ROW_COLUMNS, Tally, type Totals } from './report';
import { importIdOf, requireColumns, rowsToCommands, type PreparedRow } from './row-commands';
import { rowSender, type SenderOptions, type Transport } from './sender';

export interface ImportSettings {
  readonly transport: Transport;
  readonly dryRun: boolean;
  readonly concurrency: number;
  readonly patienceMs: number;
  readonly signal?: AbortSignal;
  /** Of every row; default: of each import its own id. */
  readonly correlationId?: string | undefined;
}

export interface ImportJob {
  readonly file: string;
  readonly mapping: Mapping;
  /** Where the mapping's lookup files lie. */
  readonly lookupFolder: string;
  readonly keyPrefix?: string | undefined;
  readonly reportPath: string;
  /** For a file that continues another: both are one ordered source. */
  readonly source?: SenderOptions['source'];
}

/** How an import ended: `failure` where it stopped before the end of the file. */
export interface ImportResult {
  readonly totals: Totals;
  /** By which all of it can be found, and taken back. */
  readonly correlationId: string;
  readonly failure?: Error;
}

/** Rows read ahead of the oldest one without an answer. */
const WINDOW_ROWS = 20_000;

/** Requests of many rows that are under way at the same time. */
const REQUESTS_AT_ONCE = 4;
/** As many as the api takes. */
const MOST_TOGETHER = 200;

const togetherOf = (kind: Mapping['kind'], concurrency: number): number =>
  kindNamed(kind).many === undefined
    ? 1
    : Math.min(MOST_TOGETHER, Math.ceil(concurrency / REQUESTS_AT_ONCE));

const INTERRUPTED = 'stopped before the end of the file; run the same import again and it goes on';

/** An import whose file, mapping and lookups are known to fit; nothing has been sent. */
export interface PreparedImport {
  readonly job: ImportJob;
  readonly facts: CsvFacts;
  readonly importId: string;
  readonly toCommand: ReturnType<typeof rowsToCommands>;
}

export async function prepareImport(job: ImportJob): Promise<PreparedImport> {
  const { mapping, file, lookupFolder } = job;
  const facts = await inspectCsv(file, mapping.delimiter);
  requireColumns(mapping, facts.columns, file);
  const lookups = await loadLookups(mapping, lookupFolder);
  const keyPrefix = job.keyPrefix ?? mapping.name;
  const importId = importIdOf(mapping, keyPrefix, facts.contentHash);
  const { columns } = facts;
  const toCommand = rowsToCommands(mapping, { columns, lookups, importId, keyPrefix });
  return { job, facts, importId, toCommand };
}

export async function runImport(
  prepared: PreparedImport,
  settings: ImportSettings,
): Promise<ImportResult> {
  const { job, facts, importId } = prepared;
  const { correlationId = importId } = settings;
  const report = await ReportFile.create(job.reportPath, ROW_COLUMNS);
  const progress = startProgress(basename(job.file), facts.rows);
  const tally = new Tally();
  const started = performance.now();
  let failure: Error | undefined;
  try {
    await sendAll(prepared, { ...settings, correlationId }, tally, report, progress);
    if (settings.signal?.aborted) throw new FailedError(INTERRUPTED);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  } finally {
    progress.stop();
    await report.close();
  }
  const totals = tally.totals((performance.now() - started) / 1000);
  return { totals, correlationId, ...(failure !== undefined && { failure }) };
}

async function sendAll(
  { job, importId, toCommand }: PreparedImport,
  {
    transport,
    dryRun,
    concurrency,
    patienceMs,
    signal,
    correlationId,
  }: ImportSettings & { readonly correlationId: string },
  tally: Tally,
  report: ReportFile,
  progress: Progress,
): Promise<void> {
  // One row that runs out of patience ends the waiting of all others as well.
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  signal?.addEventListener('abort', abort);
  const sendRows = rowSender({
    transport,
    source: job.source ?? { id: importId, offset: 0 },
    correlationId,
    dryRun,
    patienceMs,
    signal: stop.signal,
  });
  let answered = 0;
  const send = async (group: readonly Numbered[]): ReturnType<typeof sendRows> => {
    try {
      const verdicts = await sendRows(group.map(({ row }) => row));
      progress.update((answered += group.length));
      return verdicts;
    } catch (error) {
      stop.abort();
      throw error;
    }
  };
  try {
    await runOrdered(pieces(job, toCommand), {
      send,
      settled: ({ row }, verdict) => {
        tally.add(verdict);
        const line = lineOf(row, verdict);
        if (line) report.add(line);
      },
      concurrency,
      together: togetherOf(job.mapping.kind, concurrency),
      window: WINDOW_ROWS,
      signal: stop.signal,
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

interface Numbered extends Piece {
  readonly row: PreparedRow;
}

async function* pieces(
  { file, mapping }: ImportJob,
  toCommand: PreparedImport['toCommand'],
): AsyncGenerator<Numbered[]> {
  for await (const rows of readCsv(file, mapping.delimiter)) {
    yield rows.map((csvRow) => {
      const row = toCommand(csvRow);
      return { row, stream: row.kind === 'command' ? row.stream : undefined };
    });
  }
}
