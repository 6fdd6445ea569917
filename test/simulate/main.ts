import { Command, InvalidArgumentError } from 'commander';
import { simulate, tellFailure, type Report } from './simulate';

const RUNS = 10_000;
const KERNEL_EVERY = 30;
const PROGRESS_EVERY_MS = 5_000;

interface Options {
  readonly runs?: number;
  readonly seed?: number;
}

async function run({ runs, seed }: Options): Promise<void> {
  // A seed alone is a run to look at.
  const count = runs ?? (seed === undefined ? RUNS : 1);
  const first = seed ?? Math.floor(Math.random() * 1_000_000_000);
  console.log(`${count} runs from seed ${first}`);
  const startedAt = Date.now();
  let toldAt = startedAt;
  const report = await simulate({
    runs: count,
    seed: first,
    kernelEvery: KERNEL_EVERY,
    onRun: (done) => {
      if (Date.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = Date.now();
      console.log(`${done} of ${count} runs`);
    },
  });
  await tell(report, (Date.now() - startedAt) / 1000);
  process.exitCode = report.failure ? 1 : 0;
}

async function tell({ runs, kernelRuns, tally, failure }: Report, seconds: number): Promise<void> {
  for (const [title, counts] of [
    ['accepted', tally.accepted],
    ['refused', tally.refused],
  ] as const) {
    console.log(`${title}:`);
    for (const [kind, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
      console.log(`${String(count).padStart(9)}  ${kind}`);
  }
  const accepted = sum(tally.accepted.values());
  const refused = sum(tally.refused.values());
  console.log(
    `${runs} runs, ${kernelRuns} of them through the kernel too; ${accepted + refused} commands: ` +
      `${accepted} accepted, ${refused} refused; ${seconds.toFixed(1)} s`,
  );
  console.log(failure ? await tellFailure(failure) : 'model and product agree');
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0);

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('this is a whole number of at most nine digits');
}

void new Command('simulate')
  .description('compare the rules of stock with a reference model, by random sequences of commands')
  .option('--runs <n>', `how many runs; ${RUNS} without a seed`, wholeNumber)
  .option('--seed <n>', 'seed of the first; alone: that run', wholeNumber)
  .action(run)
  .parseAsync(process.argv);
