import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { measureEventNode } from './event-node';
import { newLog, removeLog, surveyLog, type Log } from './event-node/log';
import { collectFigures, tableOf } from './figures';
import { measureLongStreams } from './long-streams';
import { benchCommand, type BenchOptions } from './options';
import { importAdventureWorks, measureProduct } from './product';
import { say } from './say';

/**
 * The figures of the product, each beside what it is compared with, in one run on one machine: absolute numbers mean
 * little elsewhere, the ratios do.
 */

const options = benchCommand().parse().opts<BenchOptions>();

async function main(): Promise<void> {
  const { only, runs, seconds } = options;
  const measures = (part: BenchOptions['only']): boolean => only === undefined || only === part;
  const figures = collectFigures();
  const busy = loadavg()[0] ?? 0;
  const large = measures('event-node') ? await largeLog() : undefined;
  try {
    for (let run = 1; run <= runs; run += 1) {
      say(`run ${run} of ${runs}`);
      if (measures('event-node')) await measureEventNode(figures, seconds / 8, large);
      if (measures('product')) await measureProduct(figures, seconds);
    }
    if (measures('long-streams')) {
      await measureLongStreams(figures, { events: options.streamEvents, seconds });
    }
    if (options.adventureworks) await importAdventureWorks(figures, options.adventureworks);
  } finally {
    if (large && !options.log) await removeLog(large);
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'cpu'}, Node ${process.version}`;
  const load = `load of the machine before: ${busy.toFixed(1)}`;
  console.log(`\n${machine}, ${load}, ${runs} runs\n\n${tableOf(figures.all())}`);
  if (options.json) writeFileSync(options.json, JSON.stringify(figures.all(), undefined, 2));
}

async function largeLog(): Promise<Log | undefined> {
  const { events, log } = options;
  if (log !== undefined && events === undefined) {
    throw new Error('--log needs --events as well: how many events the folder holds.');
  }
  if (events === undefined) return undefined;
  if (log !== undefined) return surveyLog(log, events);
  say(`writing a log of ${events.toLocaleString('en')} events`);
  return newLog(events);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
