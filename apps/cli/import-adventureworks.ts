import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FailedError, UsageError } from './errors';
import type { Answer, HttpClient } from './http-client';
import { reportPathOf } from './import';
import {
  engineCommand,
  requireApplied,
  statsAt,
  tellResult,
  withEngine,
  type EngineOptions,
} from './import-options';
import type { ImportKindName } from './import/fields';
import { loadMapping } from './import/mapping';
import {
  prepareImport,
  runImport,
  type ImportResult,
  type ImportSettings,
  type PreparedImport,
} from './import/run-import';
import { importIdOf, jointIdOf } from './import/row-commands';
import { print } from './output';

interface Options extends EngineOptions {
  readonly reportDir?: string;
}

interface Step {
  readonly kind: ImportKindName;
  readonly table: string;
  readonly mapping: string;
}

const STEPS: readonly Step[] = [
  { kind: 'items', table: 'Product', mapping: 'items' },
  { kind: 'locations', table: 'Location', mapping: 'locations' },
  { kind: 'movements', table: 'ProductInventory', mapping: 'opening-stock' },
  { kind: 'movements', table: 'TransactionHistoryArchive', mapping: 'history' },
  { kind: 'movements', table: 'TransactionHistory', mapping: 'history' },
];

/** The data was never balanced: it sells what it does not have, and such a sale is refused whole. */
const EXPECTED_REFUSALS: ReadonlySet<string> = new Set(['INSUFFICIENT_STOCK', 'SEQUENCE_PASSED']);

/** Microsoft's AdventureWorks as CSV: catalogue, locations, opening stock and 200,000 movements. */
export function importAdventureworksCommand(): Command {
  return engineCommand(
    'import-adventureworks',
    'import the AdventureWorks sample data (docs/import.md)',
  )
    .argument('<folder>', 'where Product.csv, TransactionHistory.csv.gz and the others lie')
    .option('--report-dir <folder>', 'where the reports of refused rows go (default: here)')
    .action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  const { dryRun = false, json, reportDir } = options;
  const imports = await prepareAll(folder, reportDir);
  const started = performance.now();
  const results: ImportResult[] = [];
  const summary = await withEngine(options, async (settings, client) => {
    const { correlationId = jointIdOf(imports.map(({ importId }) => importId)) } = settings;
    for (const prepared of orderedAsOne(imports, results)) {
      const result = await runImport(prepared, { ...settings, correlationId });
      results.push(result);
      if (json && result.failure !== undefined) throw result.failure;
      if (!json) tellResult(basename(prepared.job.file), result, dryRun);
    }
    return dryRun ? undefined : summaryOf(client, results, settings);
  });
  const seconds = (performance.now() - started) / 1000;
  if (json)
    print(
      JSON.stringify({
        seconds,
        correlationId: results[0]?.correlationId,
        imports: results.map(({ totals }) => totals),
        ...summary,
      }),
    );
  else tellSummary(results, summary, seconds);
  results.forEach((result, i) =>
    requireApplied(result, EXPECTED_REFUSALS, imports[i]?.job.reportPath ?? ''),
  );
}

async function prepareAll(
  folder: string,
  reportDir: string | undefined,
): Promise<PreparedImport[]> {
  const files = STEPS.map(({ table }) => tableFile(folder, table));
  const missing = STEPS.filter((_, i) => files[i] === undefined).map(({ table }) => `${table}.csv`);
  if (missing.length > 0) throw new UsageError(`${folder} lacks ${missing.join(', ')}`);
  const prepared: PreparedImport[] = [];
  for (const [i, { kind, mapping: name }] of STEPS.entries()) {
    const file = files[i] as string;
    const mapping = await loadMapping(join(mappingsFolder(), `${name}.json`), kind);
    const report = reportPathOf(file);
    const reportPath = reportDir === undefined ? report : resolve(reportDir, basename(report));
    prepared.push(await prepareImport({ file, mapping, lookupFolder: folder, reportPath }));
  }
  return prepared;
}

const tableFile = (folder: string, table: string): string | undefined =>
  [`${table}.csv.gz`, `${table}.csv`].map((name) => join(folder, name)).find(existsSync);

/** The mappings are not compiled; they lie beside the sources, whether those or dist/ run. */
function mappingsFolder(): string {
  let root = __dirname;
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  return join(root, 'apps/cli/import/adventureworks');
}

/**
 * The history is one ordered source in two files. As two sources, the last refused sales of the first file would be
 * decided anew when the import is run again, on stock that only the second file brought.
 */
function* orderedAsOne(
  imports: readonly PreparedImport[],
  results: readonly ImportResult[],
): Generator<PreparedImport> {
  const history = imports.filter((_, i) => STEPS[i]?.mapping === 'history');
  const hashes = history.map(({ facts }) => facts.contentHash).join(' ');
  let offset = 0;
  for (const [i, prepared] of imports.entries()) {
    const { job } = prepared;
    if (!history.includes(prepared)) {
      yield prepared;
      continue;
    }
    const id = importIdOf(job.mapping, job.mapping.name, hashes);
    yield { ...prepared, job: { ...job, source: { id, offset } } };
    offset += results[i]?.totals.rows ?? 0;
  }
}

interface Summary {
  readonly unitsOnHand: number;
  readonly refusedRows: number;
  readonly stats: Readonly<Record<string, unknown>>;
}

/** What the tables say once they have seen the last row. */
async function summaryOf(
  client: HttpClient,
  results: readonly ImportResult[],
  { signal }: ImportSettings,
): Promise<Summary> {
  const position = results.map(({ totals }) => totals.position).findLast((at) => at !== undefined);
  let stats: Answer['body'] | undefined;
  while (!(stats = await statsAt(client, position))) {
    if (signal?.aborted) throw new FailedError('stopped before the tables showed all of it');
  }
  const units = stats.units as readonly { readonly onHand: number }[];
  const unitsOnHand = units.reduce((sum, { onHand }) => sum + onHand, 0);
  const refused = results.flatMap(({ totals }) => Object.values(totals.refused));
  return { unitsOnHand, refusedRows: refused.reduce((sum, n) => sum + n, 0), stats };
}

function tellSummary(
  results: readonly ImportResult[],
  summary: Summary | undefined,
  seconds: number,
): void {
  const rows = results.reduce((sum, { totals }) => sum + totals.rows, 0);
  const count = (n: number): string => n.toLocaleString('en-US');
  print(
    `\n${count(rows)} rows in ${seconds.toFixed(1)} s, ${count(Math.round(rows / seconds))} rows/s`,
  );
  if (!summary) return;
  const { unitsOnHand, refusedRows, stats } = summary;
  print(`${count(Number(stats.items))} items at ${count(Number(stats.locations))} locations`);
  print(`${count(unitsOnHand)} units on hand, ${count(refusedRows)} rows refused`);
}
