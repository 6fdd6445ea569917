import type { Connection } from './connection';
import { createModel } from './model';
import { namesFor } from './names';
import type { Operation } from './operations';
import { performRestart, type RestartNode } from './restarts';
import { performStep } from './steps';

/** The first operation at which the node and the model disagree. */
export interface Difference {
  /** Index of the operation. */
  readonly at: number;
  readonly what: string;
}

export interface Hooks {
  /** Restarts the node; undefined: there is nobody to do it, restarts are left out. */
  readonly restart: RestartNode | undefined;
  /** Called before each operation. */
  readonly onOperation?: (operation: Operation, index: number) => void;
}

const runNonce = Date.now().toString(36);
let runs = 0;

/** Runs the operations on the node and on a new model, under names that nobody has used. */
export async function runOperations(
  connection: Connection,
  operations: readonly Operation[],
  { restart, onOperation }: Hooks,
): Promise<Difference | undefined> {
  runs += 1;
  const names = namesFor(`d${runNonce}n${runs}_`);
  const run = { connection, names, model: createModel() };
  for (const [at, operation] of operations.entries()) {
    onOperation?.(operation, at);
    try {
      const what =
        operation.op !== 'restart'
          ? await performStep(run, operation)
          : restart && (await performRestart(run, operation, restart));
      if (what !== undefined) return { at, what };
    } catch (error) {
      return { at, what: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }
  return undefined;
}
