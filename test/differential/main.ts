import { Command, InvalidArgumentError } from 'commander';
import type { Operation } from './operations';
import { runSequences, type Failure } from './run';

const SEQUENCES = 3_000;
const MANY_SEQUENCES = 300_000;
const FIRST_SEED = 1;
/** 1 says that there is a difference. */
const BAD_USE = 2;
const INTERRUPTED = 130;
/** Sequences that may be under way together, more or less. */
const MOST_AT_ONCE = 250;
const PROGRESS_EVERY_MS = 5_000;

interface Options {
  readonly sequences?: number;
  readonly seed?: number;
  readonly big?: boolean;
  readonly url?: string;
  readonly lanes?: number;
}

/** Long names are told by their first letters. */
const print = (text: string): void =>
  void process.stdout.write(`${text.replace(/(x{8})x+/g, '$1..')}\n`);

const inOneLine = (operation: Operation): string => {
  const { op, ...rest } = operation;
  return `${op} ${JSON.stringify(rest)}`;
};

/** How one sequence is run again. */
const replayCommand = (seed: number): string => `npm run differential -- --seed ${seed}`;

async function run({ sequences, seed, big, url, lanes }: Options): Promise<void> {
  // A seed alone is a sequence to look at.
  const isReplay = seed !== undefined && sequences === undefined && !big;
  const count = sequences ?? (isReplay ? 1 : big ? MANY_SEQUENCES : SEQUENCES);
  const first = seed ?? FIRST_SEED;
  print(`${count} sequences from seed ${first}`);
  let finished = 0;
  const crash = (error: unknown): never => {
    const from = first + Math.max(0, finished - MOST_AT_ONCE);
    print(`a reply made the official client throw outside of any call: ${String(error)}`);
    print(`again: npm run differential -- --seed ${from} --sequences ${2 * MOST_AT_ONCE}`);
    return process.exit(1);
  };
  process.once('uncaughtException', crash);
  let toldAt = Date.now();
  const startedAt = Date.now();
  const report = await runSequences({
    sequences: count,
    seed: first,
    ...(url === undefined ? {} : { url }),
    ...(lanes === undefined ? {} : { lanes }),
    ...(isReplay
      ? { onOperation: (one: Operation, i: number) => print(`${i + 1} ${inOneLine(one)}`) }
      : {}),
    onProgress: (done) => {
      finished = done.sequences;
      if (Date.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = Date.now();
      const perSecond = Math.round((done.operations / (toldAt - startedAt)) * 1000);
      print(`${done.sequences} of ${count} sequences, ${perSecond} operations a second`);
    },
  });
  const seconds = (report.elapsedMs / 1000).toFixed(1);
  print(`${report.sequences} sequences, ${report.operations} operations in ${seconds} s`);
  if (!report.failure) return print('no difference');
  tell(report.failure);
  process.exitCode = 1;
}

function tell({ seed, operations, difference, shrunk }: Failure): void {
  const culprit = operations[difference.at];
  print(`difference in seed ${seed}, operation ${difference.at + 1} of ${operations.length}:`);
  if (culprit) print(`  ${inOneLine(culprit)}`);
  print(`  ${difference.what}`);
  print(`shown by ${shrunk.operations.length} operations:`);
  for (const operation of shrunk.operations) print(`  ${inOneLine(operation)}`);
  print(`  ${shrunk.difference.what}`);
  print(`again: ${replayCommand(seed)}`);
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('this is a whole number of at most nine digits');
}

// The library notes the caller of every call for a stack that nobody reads here; that is a tenth of the work.
Error.stackTraceLimit = 0;

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => process.exit(INTERRUPTED));

void new Command('differential')
  .description('compare the event node with a model of the protocol, by random sequences')
  .option('--sequences <n>', `how many sequences; ${SEQUENCES} without a seed`, wholeNumber)
  .option('--seed <n>', 'seed of the first; alone: run this one and print it', wholeNumber)
  .option('--big', `run ${MANY_SEQUENCES} sequences`)
  .option('--url <url>', 'a running node, instead of one of its own; leaves restarts out')
  .option('--lanes <n>', 'sequences side by side', wholeNumber)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : BAD_USE))
  .action(run)
  .parseAsync(process.argv)
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = BAD_USE;
  });
