import { Argument, type Command } from 'commander';
import { basename, dirname, resolve } from 'node:path';
import {
  engineCommand,
  requireApplied,
  waitForTables,
  tellResult,
  withEngine,
  type EngineOptions,
} from './import-options';
import { IMPORT_KINDS, type ImportKindName } from './import/fields';
import { loadMapping, mappingOfColumns } from './import/mapping';
import { prepareImport, runImport } from './import/run-import';
import { print } from './output';

interface Options extends EngineOptions {
  readonly map?: string;
  readonly lookupDir?: string;
  readonly report?: string;
  readonly keyPrefix?: string;
  readonly allowRefused?: true | string;
}

/** `inv import`: any CSV file becomes commands, as a mapping file says. */
export function importCommand(): Command {
  return engineCommand('import', 'import rows of a CSV file (docs/import.md)')
    .addArgument(new Argument('<kind>', 'what the rows are').choices(IMPORT_KINDS))
    .argument('<file>', 'a .csv or .csv.gz file')
    .option(
      '--map <mapping>',
      'JSON file that says how rows become commands (default: columns are named as the fields are)',
    )
    .option('--lookup-dir <folder>', 'where the files of lookups lie (default: beside the file)')
    .option('--report <path>', 'CSV of refused and broken rows (default: <file>.report.csv here)')
    .option('--key-prefix <text>', "before every row's key instead of the mapping's name")
    .option(
      '--allow-refused [codes]',
      'exit with 0 although rows were refused (with these codes only)',
    )
    .action(run);
}

async function run(kind: ImportKindName, file: string, options: Options): Promise<void> {
  const { map, lookupDir, keyPrefix, dryRun = false, json } = options;
  const reportPath = options.report ?? reportPathOf(file);
  const mapping = await (map === undefined ? mappingOfColumns(file, kind) : loadMapping(map, kind));
  const lookupFolder = resolve(lookupDir ?? dirname(file));
  const prepared = await prepareImport({ file, mapping, lookupFolder, keyPrefix, reportPath });
  if (dryRun) {
    process.stderr.write(
      'Dry run: each row is judged alone, on the stock of today; nothing is written.\n',
    );
  }
  const result = await withEngine(options, async (settings, client) => {
    const ended = await runImport(prepared, settings);
    const { position } = ended.totals;
    if (ended.failure === undefined && !dryRun) await waitForTables(client, position);
    return ended;
  });
  if (json) {
    const { totals, correlationId } = result;
    print(JSON.stringify({ ...totals, correlationId, report: reportPath }));
    if (result.failure !== undefined) throw result.failure;
  } else tellResult(basename(file), result, dryRun);
  requireApplied(result, allowedBy(options.allowRefused), reportPath);
}

export const reportPathOf = (file: string): string => resolve(`${basename(file)}.report.csv`);

function allowedBy(option: Options['allowRefused']): 'any' | ReadonlySet<string> {
  if (option === true) return 'any';
  return new Set(option?.split(',').map((code) => code.trim()) ?? []);
}
