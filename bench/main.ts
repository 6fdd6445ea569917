import { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { measureCatchUp } from './catch-up';
import { System } from '../test/support/system';
import { measure } from './measure';

/**
 * The figures of the product, each beside what it is compared with, in one run on one machine: absolute numbers mean
 * little elsewhere, the ratios do.
 */

interface Rate {
  readonly count: number;
  readonly seconds: number;
}
interface Load extends Rate {
  readonly p50: number;
  readonly p99: number;
  readonly failures: Readonly<Record<string, number>>;
}

interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly values: number[];
  readonly atLeast?: number;
  readonly atMost?: number;
}

const options = new Command('npm run bench --')
  .description('measure Lotstream on this machine')
  .option('--runs <n>', 'how often everything is measured', '3')
  .option('--seconds <n>', 'length of each measurement', '6')
  .option('--adventureworks <dir>', 'import this data set as well, once')
  .option('--json <file>', 'write every value here too')
  .parse()
  .opts<{ runs: string; seconds: string; adventureworks?: string; json?: string }>();

const figures = new Map<string, Figure>();

function note(name: string, unit: string, value: number, target: Partial<Figure> = {}): void {
  const figure = figures.get(name) ?? { name, unit, values: [], ...target };
  figure.values.push(value);
  figures.set(name, figure);
}

async function measureOnce(seconds: number): Promise<void> {
  const system = await System.start();
  try {
    const rate = ({ count, seconds: s }: Rate): number => count / s;
    say('warming up');
    await measure('raw-client', ['appends', system.eventstoreUrl, 64, 2]);
    await measure('http-load', ['register', system.url, 1000]);
    await measure('http-load', ['closed', system.url, 64, 1000, 8]);

    say('raw appends');
    const raw = rate(
      await measure<Rate>('raw-client', ['appends', system.eventstoreUrl, 64, seconds]),
    );
    note('raw appends of the official client, 64 at a time', '/s', raw);

    say('commands on 1,000 SKUs');
    const many = await measure<Load>('http-load', ['closed', system.url, 64, 1000, seconds]);
    note('commands over HTTP, 1,000 SKUs, 64 clients', '/s', rate(many));
    note('  latency p99', 'ms', many.p99);
    note('  : raw appends', 'x', rate(many) / raw, { atLeast: 0.3 });

    say('commands on one SKU');
    const one = await measure<Load>('http-load', ['closed', system.url, 256, 1, seconds]);
    note('commands over HTTP, one SKU, 256 clients', '/s', rate(one));
    note('  its latency p99', 'ms', one.p99);
    note('  its rate : raw appends', 'x', rate(one) / raw, { atLeast: 0.4 });

    say('answer to visible');
    const visible = await measure<Load>('http-load', [
      'visibility',
      system.url,
      300,
      1000,
      seconds,
    ]);
    note('answer of a command → visible in the tables, 300/s, p50', 'ms', visible.p50);
    note('answer of a command → visible in the tables, 300/s, p99', 'ms', visible.p99, {
      atMost: 100,
    });

    say('catching up');
    const { raw: rawCatchUp, projector } = await measureCatchUp(system);
    note('raw catch-up of the official client', 'events/s', rawCatchUp);
    note('projector catch-up into all tables', 'events/s', projector);
    note('  : raw catch-up', 'x', projector / rawCatchUp, { atLeast: 0.25 });
    for (const { failures } of [many, one, visible]) {
      if (Object.keys(failures).length > 0) say(`unexpected answers: ${JSON.stringify(failures)}`);
    }
    await system.stop(true);
    say('second start');
    const again = await System.start(system.folder);
    note('second start, everything ready', 's', again.readyMs / 1000, { atMost: 5 });
    await again.stop();
  } catch (error) {
    await system.stop();
    throw error;
  }
}

async function importAdventureWorks(folder: string): Promise<void> {
  say('importing AdventureWorks');
  const system = await System.start();
  const started = performance.now();
  const { status } = spawnSync(
    process.execPath,
    [join(resolve(__dirname, '../..'), 'bin/inv.mjs'), 'import-adventureworks', resolve(folder)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LOTSTREAM_URL: system.url },
      cwd: system.folder,
    },
  );
  if (status !== 0) throw new Error(`the import ended with ${status}`);
  note('whole AdventureWorks import', 's', (performance.now() - started) / 1000, { atMost: 300 });
  await system.stop();
}

const say = (text: string): void => console.error(`  ${text}`);

function table(): string {
  const rows = [...figures.values()].map(({ name, unit, values, atLeast, atMost }) => {
    const sorted = [...values].sort((a, b) => a - b);
    const shown = [sorted[0]!, sorted[Math.floor((sorted.length - 1) / 2)]!, sorted.at(-1)!].map(
      short,
    );
    const median = sorted[Math.floor((sorted.length - 1) / 2)]!;
    const target =
      atLeast !== undefined ? `≥ ${atLeast}` : atMost !== undefined ? `≤ ${atMost}` : '';
    const met =
      (atLeast === undefined || median >= atLeast) && (atMost === undefined || median <= atMost);
    return [name, ...shown, unit, target, target === '' ? '' : met ? 'ok' : 'MISSED'];
  });
  const all = [['figure', 'min', 'median', 'max', '', 'target', ''], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (i >= 1 && i <= 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  '),
    )
    .join('\n');
}

const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);

async function main(): Promise<void> {
  for (let run = 1; run <= Number(options.runs); run += 1) {
    say(`run ${run} of ${options.runs}`);
    await measureOnce(Number(options.seconds));
  }
  if (options.adventureworks) await importAdventureWorks(options.adventureworks);
  console.log(
    `\n${cpus().length} × ${cpus()[0]?.model ?? 'cpu'}, Node ${process.version}\n\n${table()}`,
  );
  if (options.json)
    writeFileSync(options.json, JSON.stringify([...figures.values()], undefined, 2));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
