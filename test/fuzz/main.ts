import { Command, InvalidArgumentError } from 'commander';
import { INSPECTABLE } from './live-memory';
import { System } from '../support/system';
import { fuzz } from './run';
import { createWorld } from './world';

const REQUESTS = 20_000;

interface Options {
  readonly requests: number;
  readonly seed: number;
  readonly first: number;
}

async function run(wish: Options): Promise<void> {
  const system = await System.start(undefined, INSPECTABLE);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void system.stop().then(() => process.exit(130)));
  }
  try {
    await createWorld(system.url);
    console.log(`${wish.requests} requests of seed ${wish.seed} from ${wish.first}`);
    const { failures, ...figures } = await fuzz(system, wish);
    console.log(JSON.stringify(figures));
    for (const failure of failures) console.log(failure);
    console.log(failures.length === 0 ? 'nothing found' : `${failures.length} or more found`);
    process.exitCode = failures.length === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('this is a whole number of at most nine digits');
}

void new Command('fuzz')
  .description(
    'send the api requests made from its own document, and compare the log with the answers',
  )
  .option('--requests <n>', 'how many', wholeNumber, REQUESTS)
  .option('--seed <n>', 'what they are made from', wholeNumber, Date.now() % 1_000_000)
  .option('--first <n>', 'number of the first of them', wholeNumber, 0)
  .action(run)
  .parseAsync(process.argv)
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  });
