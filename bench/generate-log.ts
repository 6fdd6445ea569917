import { resolve } from 'node:path';
import { fillLog } from './event-node/fill-log';

/** `node dist/bench/generate-log.js FOLDER EVENTS [STREAMS]`: a log to measure on, or to try things out on. */

const REPORT_EVERY = 1_000_000;

async function generate(folder: string, events: number, streams: number): Promise<void> {
  const begun = performance.now();
  await fillLog(folder, events, streams, (made) => {
    if (made !== events && made % REPORT_EVERY !== 0) return;
    const seconds = (performance.now() - begun) / 1000;
    console.error(`${made} events in ${seconds.toFixed(1)} s, ${Math.round(made / seconds)}/s`);
  });
}

const [folder, events, streams = '100000'] = process.argv.slice(2);
if (folder === undefined || !(Number(events) > 0) || !(Number(streams) > 0)) {
  console.error('usage: node dist/bench/generate-log.js FOLDER EVENTS [STREAMS]');
  process.exitCode = 2;
} else {
  generate(resolve(folder), Number(events), Number(streams)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
