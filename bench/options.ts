import { Command, InvalidArgumentError, Option } from 'commander';
import { SLICE } from './event-node/log';

export interface BenchOptions {
  readonly runs: number;
  readonly seconds: number;
  readonly only?: 'event-node' | 'product' | 'long-streams';
  readonly streamEvents: number;
  readonly events?: number;
  readonly log?: string;
  readonly adventureworks?: string;
  readonly json?: string;
}

/** The command line of `npm run bench`. */
export function benchCommand(): Command {
  return new Command('npm run bench --')
    .description('measure Lotstream on this machine')
    .option('--runs <n>', 'how often everything is measured', count, 3)
    .option(
      '--seconds <n>',
      'length of each measurement; an eighth of it for each of the event node',
      length,
      6,
    )
    .addOption(
      new Option('--only <part>', 'measure one part').choices([
        'event-node',
        'product',
        'long-streams',
      ]),
    )
    .option('--stream-events <n>', 'length of the long stream', count, 1_000_000)
    .option('--events <n>', 'measure the event node on a log of so many events as well', size)
    .option('--log <folder>', 'the folder of that log; it is written to (default: a new one)')
    .option('--adventureworks <dir>', 'import this data set as well, once')
    .option('--json <file>', 'write every value here too');
}

function count(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

/** A log is read in slices, of which the smallest has one. */
function size(text: string): number {
  const events = count(text);
  if (events >= SLICE) return events;
  throw new InvalidArgumentError(`Expected at least ${SLICE}.`);
}

function length(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('Expected seconds, above 0.');
}
