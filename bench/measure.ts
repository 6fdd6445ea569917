import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Runs a script of this folder in a process of its own and answers the JSON line that it prints. */
export async function measure<T>(script: string, args: readonly (string | number)[]): Promise<T> {
  const child = spawn(process.execPath, [join(__dirname, `${script}.js`), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return JSON.parse(output.trim().split('\n').at(-1)!) as T;
}
