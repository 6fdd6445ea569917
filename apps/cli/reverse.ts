import { Option, type Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { REVERSAL_ERRORS } from '../../libs/domain';
import { write, writeCommand, type WriteOptions } from './client-command';
import { FailedError, UsageError } from './errors';
import { bodyOf, type HttpClient } from './http-client';
import {
  correlationId as checkedId,
  patienceOption,
  waitForTables,
  withEngine,
} from './import-options';
import { startProgress, type Progress } from './import/progress';
import { ReportFile, Tally, totalsText, type Totals } from './import/report';
import type { ImportSettings } from './import/run-import';
import { type Again, againOf, patiently } from './import/sender';
import { print } from './output';

interface Options extends WriteOptions {
  readonly movementId?: string;
  readonly correlationId?: string;
  readonly reasonCode: string;
  readonly report?: string;
  readonly patience: number;
}

/** A member of `inv stock`, beside the other movements. */
export const reverseCommand = (): Command =>
  writeCommand('reverse', 'take a movement back, or all that came with a correlation id')
    .option('--movement-id <id>', 'this movement, as the ledger tells it')
    .option(
      '--correlation-id <id>',
      'everything that came with it, such as an import; newest first',
      checkedId,
    )
    .addOption(
      new Option('--reason-code <code>', 'it never happened, or what was recorded is wrong')
        .choices(REVERSAL_ERRORS)
        .makeOptionMandatory(),
    )
    .option('--report <path>', 'CSV of the movements that stay (default: one for the id, here)')
    .addOption(patienceOption())
    .action((options: Options) => {
      const { movementId, correlationId, reasonCode } = options;
      if ((movementId === undefined) === (correlationId === undefined)) {
        throw new UsageError('give either a --movement-id or a --correlation-id');
      }
      return correlationId === undefined
        ? write('POST', '/api/v1/inventory/reverse', { movementId, error: reasonCode }, options)
        : reverseAll(correlationId, options);
    });

const REPORT_COLUMNS = [
  'movementId',
  'type',
  'sku',
  'location',
  'lotCode',
  'quantity',
  'unit',
  'code',
  'detail',
];

type Reported = Readonly<Record<string, string | number | null>>;

interface Part {
  readonly reversed: readonly Reported[];
  readonly alreadyReversed: number;
  readonly conflicts: readonly Reported[];
  readonly remaining: number;
  readonly nextCursor: string | null;
  readonly position: string | null;
}

const WORDS = {
  unit: 'movements',
  applied: 'reversed',
  wouldBeApplied: 'would be reversed',
  repeated: 'reversed earlier',
  refused: 'staying',
};

/** Part by part until there is none left; what stays is told by the report. */
async function reverseAll(correlationId: string, options: Options): Promise<void> {
  const { dryRun = false, json } = options;
  const name = `reversal-${correlationId.replace(/[^\w.-]+/g, '-')}.report.csv`;
  const reportPath = resolve(options.report ?? name);
  if (dryRun) {
    process.stderr.write(
      'Dry run: each movement is judged alone, as if those after it stayed; nothing is written.\n',
    );
  }
  const totals = await withEngine({ ...options, concurrency: 1 }, async (settings, client) => {
    const told = await sendParts(settings, client, options, reportPath);
    if (!dryRun) await waitForTables(client, told.position);
    return told;
  });
  const { rows, applied, repeated, refused, seconds, position } = totals;
  if (json) {
    const counts = { movements: rows, reversed: applied, alreadyReversed: repeated };
    const told = { correlationId, ...counts, conflicts: refused, seconds, position };
    print(JSON.stringify({ ...told, report: reportPath }));
  } else print(`${correlationId}: ${totalsText(totals, dryRun, WORDS)}`);
  const staying = rows - applied - repeated;
  if (staying > 0) throw new FailedError(`${staying} movements stay; ${reportPath} lists them`);
}

async function sendParts(
  settings: ImportSettings,
  client: HttpClient,
  options: Options,
  reportPath: string,
): Promise<Totals> {
  const { correlationId, reasonCode, reason, effectiveAt, dryRun, idempotencyKey } = options;
  const body = {
    correlationId,
    error: reasonCode,
    ...(reason !== undefined && { reason }),
    ...(effectiveAt !== undefined && { effectiveAt }),
  };
  const path = `/api/v1/inventory/reverse-correlation${dryRun ? '?dryRun=true' : ''}`;
  // One key for all parts: a part whose answer was lost is sent again, and nothing goes back twice.
  const headers = { 'idempotency-key': idempotencyKey ?? randomUUID() };
  const report = await ReportFile.create(reportPath, REPORT_COLUMNS);
  const tally = new Tally();
  const started = performance.now();
  let progress: Progress | undefined;
  let cursor: string | null = null;
  try {
    do {
      const sent = { method: 'POST', path, body: { ...body, ...(cursor && { cursor }) } } as const;
      const ask = async (): Promise<Part | Again> => {
        const answer = await settings.transport(sent, headers);
        return againOf(answer) ?? (bodyOf(answer, client.url) as unknown as Part);
      };
      const part: Part = await patiently<Part>(ask, settings, stoppedAt(tally));
      add(part, tally, report);
      progress ??= startProgress('reversal', tally.rows + part.remaining, { unit: WORDS.unit });
      progress.update(tally.rows);
      cursor = part.nextCursor;
      if (cursor !== null && settings.signal?.aborted) {
        throw new FailedError(stoppedAt(tally)('interrupted'));
      }
    } while (cursor !== null);
  } finally {
    progress?.stop();
    await report.close();
  }
  return tally.totals((performance.now() - started) / 1_000);
}

const stoppedAt =
  ({ rows }: Tally) =>
  (why: string): string =>
    `stopped after ${rows} movements: ${why}\n` +
    'What was reversed stays so; run the same again and it goes on where it stopped.';

function add(part: Part, tally: Tally, report: ReportFile): void {
  const position = part.position ?? undefined;
  for (const _ of part.reversed) tally.add({ kind: 'applied', position });
  for (let n = 0; n < part.alreadyReversed; n += 1) tally.add({ kind: 'repeated', position });
  for (const conflict of part.conflicts) {
    tally.add({ kind: 'refused', code: String(conflict.code), why: String(conflict.detail) });
    report.add(REPORT_COLUMNS.map((column) => conflict[column] ?? ''));
  }
}
