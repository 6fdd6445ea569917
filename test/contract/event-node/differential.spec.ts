import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
/** About a minute and a half on two cores of its own. */
const LIMIT_MS = 900_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `npm run differential` with these options, in a process of its own: it has an official client of its own. */
function differential(...options: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/differential.mjs'), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()));
  }
  return new Promise((settle) => child.once('close', (code) => settle({ code, output })));
}

test(
  'given 3,000 random sequences, when they run on the node and on the model of the protocol, then both answer alike',
  async () => {
    const { code, output } = await differential();
    // The output names the seed, the operations that show the difference and the command that runs them again.
    if (code !== 0) throw new Error(output);
    expect(output).toMatch(/^3000 sequences from seed 1\n/);
    expect(output).toMatch(/\n3000 sequences, \d+ operations in .*\nno difference\n$/);
  },
  LIMIT_MS,
);

test('given a seed, when it is run alone, then each of its operations is printed', async () => {
  const { code, output } = await differential('--seed', '8');
  expect(code).toBe(0);
  expect(output).toMatch(/\n1 [a-z-]+ \{/);
  expect(output).toMatch(/\n\d+ restart \{/);
  expect(output).toMatch(/\n42 read-log /);
});

test.each([
  [['--seed', 'x'], 'whole number'],
  [['--url', 'http://localhost'], 'no URL of a single event store node'],
])('given the options %j, when it is run, then it says what is wrong', async (options, words) => {
  const { code, output } = await differential(...options);
  expect(code).not.toBe(0);
  expect(output).toContain(words);
});
