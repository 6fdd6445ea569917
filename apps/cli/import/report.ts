import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { FailedError, UsageError } from '../errors';
import type { PreparedRow } from './row-commands';
import type { Verdict } from './sender';

export const ROW_BROKEN = 'ROW_BROKEN';

export interface Totals {
  readonly rows: number;
  readonly applied: number;
  readonly repeated: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly broken: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** The newest place in the log that an answer told of. */
  readonly position: string | undefined;
}

/** Counts verdicts. */
export class Tally {
  rows = 0;
  private applied = 0;
  private repeated = 0;
  private broken = 0;
  private readonly refused = new Map<string, number>();
  private readonly skipped = new Map<string, number>();
  private position: string | undefined;

  add(verdict: Verdict): void {
    this.rows += 1;
    switch (verdict.kind) {
      case 'applied':
      case 'repeated':
        this[verdict.kind] += 1;
        this.position = later(this.position, verdict.position);
        return;
      case 'refused':
        increment(this.refused, verdict.code);
        return;
      case 'broken':
        this.broken += 1;
        return;
      case 'skipped':
        increment(this.skipped, verdict.why);
    }
  }

  totals(seconds: number): Totals {
    const { rows, applied, repeated, broken, position } = this;
    const refused = Object.fromEntries([...this.refused].sort());
    const skipped = Object.fromEntries([...this.skipped].sort());
    const rowsPerSecond = Math.round(rows / Math.max(seconds, 0.001));
    return { rows, applied, repeated, refused, broken, skipped, seconds, rowsPerSecond, position };
  }
}

const increment = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

/** Positions of one store end in a number that only rises. */
function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [x, y] = [a, b].map((position) => BigInt(/\d+$/.exec(position)?.[0] ?? 0)) as [
    bigint,
    bigint,
  ];
  return y > x ? b : a;
}

/** A CSV file with a line for everything that was not done and should have been. */
export class ReportFile {
  private constructor(
    readonly path: string,
    private readonly stream: WriteStream,
  ) {
    // A full disk is told by close(); unheard it would end the process between two rows.
    stream.on('error', () => undefined);
  }

  static async create(path: string, columns: readonly string[]): Promise<ReportFile> {
    const stream = createWriteStream(path);
    try {
      await once(stream, 'open');
    } catch (error) {
      throw new UsageError(`cannot write the report ${path}: ${(error as Error).message}`);
    }
    const report = new ReportFile(path, stream);
    report.add(columns);
    return report;
  }

  add(cells: readonly (string | number)[]): void {
    this.stream.write(cells.map(csvCell).join(',') + '\n');
  }

  async close(): Promise<void> {
    this.stream.end();
    await finished(this.stream).catch((error: unknown) => {
      throw new FailedError(`the report ${this.path} is not whole: ${(error as Error).message}`);
    });
  }
}

export const ROW_COLUMNS = ['row', 'code', 'why', 'key'];

/** The line of a row that was not applied and should have been. */
export function lineOf(row: PreparedRow, verdict: Verdict): (string | number)[] | undefined {
  if (verdict.kind !== 'refused' && verdict.kind !== 'broken') return undefined;
  const code = verdict.kind === 'refused' ? verdict.code : ROW_BROKEN;
  const key = row.kind === 'command' ? row.key : '';
  return [row.row, code, verdict.why, key];
}

export const csvCell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const OF_ROWS = {
  unit: 'rows',
  applied: 'applied',
  wouldBeApplied: 'would be applied',
  repeated: 'applied earlier',
  refused: 'refused',
};

/** The totals for people. */
export function totalsText(totals: Totals, dryRun: boolean, words = OF_ROWS): string {
  const count = (n: number): string => n.toLocaleString('en-US');
  const lines: [string, number, string][] = [
    [dryRun ? words.wouldBeApplied : words.applied, totals.applied, ''],
    [words.repeated, totals.repeated, ''],
    ...Object.entries(totals.refused).map(([code, n]): [string, number, string] => [
      words.refused,
      n,
      code === 'SEQUENCE_PASSED' ? `${code} (refused in an earlier run)` : code,
    ]),
    ['broken', totals.broken, ''],
    ...Object.entries(totals.skipped).map(([why, n]): [string, number, string] => [
      'skipped',
      n,
      why,
    ]),
  ];
  const told = lines
    .filter(([, n]) => n > 0)
    .map(([word, n, what]) => `  ${word.padEnd(17)}${count(n).padStart(11)}  ${what}`.trimEnd());
  const speed = `${totals.seconds.toFixed(1)} s, ${count(totals.rowsPerSecond)} ${words.unit}/s`;
  return [`${count(totals.rows)} ${words.unit} in ${speed}`, ...told].join('\n');
}
