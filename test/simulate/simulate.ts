import fc from 'fast-check';
import { randomFrom } from '../differential/random';
import { runKernel } from './kernel-run';
import { runPure } from './pure-run';
import { Disagreement, Tally } from './tally';

/** Through the rules alone, or through the kernel over a log that loses things. */
export type Way = 'rules' | 'kernel';

export interface Failure {
  readonly seed: number;
  readonly way: Way;
  readonly what: string;
}

export interface Report {
  readonly runs: number;
  readonly kernelRuns: number;
  readonly tally: Tally;
  readonly failure: Failure | undefined;
}

export interface Wish {
  readonly runs: number;
  /** Of the first run; the others follow. */
  readonly seed: number;
  /** One run in so many goes through the kernel as well. */
  readonly kernelEvery: number;
  readonly onRun?: (done: number) => void;
}

const MAX_STEP = 2 ** 31 - 1;
const MOST_STEPS = 60;
/** Side by side: a log that loses an answer makes the kernel wait. */
const KERNEL_RUNS_AT_ONCE = 24;
const SHRINKING_MS = 20_000;

/** What a run with this seed tries, one number for each step. */
export function stepsOf(seed: number): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: random.int(10, MOST_STEPS) }, () => random.int(0, MAX_STEP));
}

/** Runs with the seeds from `seed` on, until one shows a disagreement between model and product. */
export async function simulate({ runs, seed, kernelEvery, onRun }: Wish): Promise<Report> {
  const tally = new Tally();
  let [done, kernelRuns] = [0, 0];
  let waiting: number[] = [];
  const report = (failure?: Failure): Report => ({ runs: done, kernelRuns, tally, failure });
  for (; done < runs; done += 1) {
    const at = seed + done;
    const what = problemOfRules(stepsOf(at), tally);
    if (what !== undefined) return report({ seed: at, way: 'rules', what });
    if (done % kernelEvery === 0) waiting.push(at);
    if (waiting.length === KERNEL_RUNS_AT_ONCE || done === runs - 1) {
      const problems = await Promise.all(
        waiting.map((each) => problemOfKernel(stepsOf(each), tally)),
      );
      const bad = problems.findIndex((problem) => problem !== undefined);
      if (bad >= 0) return report({ seed: waiting[bad]!, way: 'kernel', what: problems[bad]! });
      kernelRuns += waiting.length;
      waiting = [];
    }
    onRun?.(done + 1);
  }
  return report();
}

function problemOfRules(steps: readonly number[], tally: Tally): string | undefined {
  try {
    runPure(steps, tally);
    return undefined;
  } catch (error) {
    return told(error);
  }
}

async function problemOfKernel(
  steps: readonly number[],
  tally: Tally,
): Promise<string | undefined> {
  try {
    await runKernel(steps, tally);
    return undefined;
  } catch (error) {
    return told(error);
  }
}

/** What the product throws is as wrong as what it says. */
function told(error: unknown): string {
  if (error instanceof Disagreement) return `step ${error.step}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

interface Shrunk {
  readonly steps: readonly number[];
  readonly told: readonly string[];
  readonly what: string;
}

/**
 * The fewest and smallest steps found that still show something. A step means the same wherever it stands, as far as that
 * goes: so steps can be left out.
 */
async function shrink({ seed, way }: Failure): Promise<Shrunk> {
  const problemOf = way === 'rules' ? problemOfRules : problemOfKernel;
  const steps = stepsOf(seed);
  const some = fc.array(fc.integer({ min: 0, max: MAX_STEP }), { maxLength: MOST_STEPS });
  const property = fc.asyncProperty(some, async (fewer) => {
    return (await problemOf(fewer, new Tally())) === undefined;
  });
  const options = { numRuns: 1, examples: [[steps]], interruptAfterTimeLimit: SHRINKING_MS };
  const found = await fc.check(property, options as fc.Parameters<[number[]]>);
  const fewest = found.counterexample?.[0] ?? steps;
  const told: string[] = [];
  const what = await problemOf(fewest, new Tally(told));
  return { steps: fewest, told, what: what ?? 'it does not show again' };
}

/** For a person to read. */
export async function tellFailure(failure: Failure): Promise<string> {
  const { steps, told, what } = await shrink(failure);
  return [
    `seed ${failure.seed}, through the ${failure.way}: ${failure.what}`,
    `shown by ${steps.length} steps:`,
    ...told.map((line) => `  ${line}`),
    what,
    `again: npm run simulate -- --seed ${failure.seed}`,
  ].join('\n');
}
