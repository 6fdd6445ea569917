import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const RUNS = 600;
/** A bug that makes a rule go round for ever is seen by that. */
const HANGS_MS = 120_000;
const run = promisify(execFile);

/** What the simulation says to a planted bug (to none: ''); undefined when it finds nothing. */
export async function foundBySimulation(name: string): Promise<string | undefined> {
  const args = [join(__dirname, 'trial.js'), name, String(RUNS)];
  try {
    const { stdout } = await run(process.execPath, args, { timeout: HANGS_MS });
    return stdout === '' ? undefined : stdout.trim();
  } catch (error) {
    const { killed, stderr } = error as { readonly killed?: boolean; readonly stderr?: string };
    if (killed) return 'it does not end';
    throw new Error(`the simulation with '${name}' could not be run: ${stderr ?? ''}`, {
      cause: error,
    });
  }
}
