import { spawnSync } from 'node:child_process';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import type { Trial } from '../../support/damaged-files';
import {
  endLeftNodes,
  build,
  collect,
  newFolder,
  received,
  spawnNode,
  spawnReadyNode,
} from './support';

const ROOT = resolve(__dirname, '../../..');
const SEED = 4;
const TRIALS = 120;

let folder: string;
let client: EventStoreDBClient | undefined;
beforeEach(async () => (folder = await newFolder()));
afterEach(async () => {
  await client?.dispose();
  client = undefined;
  await endLeftNodes();
  await rm(folder, { recursive: true, force: true });
});

test(`given ${TRIALS} copies of a file, each damaged somewhere (seed ${SEED}), when all is read, then nothing wrong is served and the process lives`, async () => {
  await build();
  const program = join(ROOT, 'dist/test/support/damaged-files.js');
  const args = [program, folder, String(SEED), '0', String(TRIALS)];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
  });
  const trials = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Trial);
  expect({ status, signal, last: trials.at(-1), stderr }).toMatchObject({
    status: 0,
    signal: null,
  });
  const ended = trials.filter(({ outcome }) => outcome !== undefined);
  expect(ended).toHaveLength(TRIALS);
  expect(ended.filter(({ outcome }) => outcome === 'wrong')).toEqual([]);
  const told = ended.filter(({ outcome }) => outcome === 'refused' || outcome === 'found');
  expect(told.length).toBeGreaterThan(TRIALS / 2);
  expect(told.filter(({ message }) => !message)).toEqual([]);
});

/** Changes a byte wherever a text is stored, also where it is no longer in use; answers in how many places. */
async function garble(text: string): Promise<number> {
  const file = join(folder, 'events.mdb');
  const bytes = await readFile(file);
  let places = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text)) {
    bytes.write('?', at);
    places += 1;
  }
  await writeFile(file, bytes);
  return places;
}

async function appendMany(url: string, count: number): Promise<EventStoreDBClient> {
  client = EventStoreDBClient.connectionString(url);
  for (let n = 0; n < count; n += 1) {
    await client.appendToStream(`stock-${n}`, received(1_000_000 + n));
  }
  return client;
}

test('given a damaged record in the middle, when it is read, then the call fails with its place, the rest is served and appends are refused', async () => {
  const first = await spawnReadyNode(folder);
  // Of the newest 100 records none is damaged, or the start would be refused.
  await (await appendMany(first.url, 150)).dispose();
  await first.end('SIGTERM');
  expect(await garble('1000010')).toBeGreaterThan(0);

  const second = await spawnReadyNode(folder);
  client = EventStoreDBClient.connectionString(second.url);
  await client.appendToStream('stock-before', received(1));
  await expect(collect(client.readStream('stock-10'))).rejects.toThrow(
    /is damaged at position \d+: its checksum does not match.*eventstore -- verify/,
  );
  await expect(
    collect(client.readAll({ fromPosition: START, direction: FORWARDS })),
  ).rejects.toThrow(/is damaged at position \d+/);
  expect(await collect(client.readStream('stock-11'))).toHaveLength(1);
  await expect(client.appendToStream('stock-after', received(1))).rejects.toThrow(
    /is damaged at position \d+/,
  );
  expect(await second.end('SIGTERM')).toBe(0);
});

test('given damage in the newest part, when a node is started, then it names the place and the next step and exits with 1', async () => {
  const first = await spawnReadyNode(folder);
  await (await appendMany(first.url, 20)).dispose();
  await first.end('SIGKILL');
  expect(await garble('1000015')).toBeGreaterThan(0);
  const second = await spawnNode(folder);
  expect(second).toMatchObject({ failed: { code: 1 } });
  const stderr = 'failed' in second ? second.failed.stderr : '';
  expect(stderr).toMatch(/events\.mdb is damaged at position \d+: its checksum does not match/);
  expect(stderr).toContain(`npm run eventstore -- verify ${folder}`);
});

test.each([
  ['cut short', (file: string) => truncate(file, 8192)],
  ['overwritten', (file: string) => writeFile(file, Buffer.alloc(65_536, 0xa5))],
  [
    'written by another version',
    async (file: string) => {
      const bytes = await readFile(file);
      // The newest state and the one before it both hold the name of the format.
      for (
        let at = bytes.indexOf('lotstream events');
        at >= 0;
        at = bytes.indexOf('lotstream events')
      ) {
        bytes.write('Lotstream events', at);
      }
      await writeFile(file, bytes);
    },
  ],
])(
  'given a file that was %s, when a node is started, then it says what to do and exits with 1',
  async (_how, damage) => {
    const first = await spawnReadyNode(folder);
    await first.end('SIGTERM');
    await damage(join(folder, 'events.mdb'));
    const second = await spawnNode(folder);
    expect(second).toMatchObject({ failed: { code: 1 } });
    expect('failed' in second && second.failed.stderr).toContain('Put a backup in its place');
  },
);
