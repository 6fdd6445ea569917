import { spawn } from 'node:child_process';
import { open, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openGroup, type EventContent } from '../../../libs/embedded/eventstore/log/group';
import { encodeHead, encodeNumber } from '../../../libs/embedded/eventstore/log/heads';
import { emptyRow, linkOf } from '../../../libs/embedded/eventstore/log/record';
import { openStore, type Store } from '../../../libs/embedded/eventstore/log/store';
import {
  encodePosition,
  headKey,
  nameKey,
  openTables,
  readTail,
  writeTail,
  type Tables,
} from '../../../libs/embedded/eventstore/log/tables';
import { verifyFolder } from '../../../libs/embedded/eventstore';
import { endLeftNodes, build, newFolder, spawnReadyNode } from './support';

const ROOT = resolve(__dirname, '../../..');
const quietly = (): void => undefined;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await newFolder();
  file = join(folder, 'events.mdb');
});
afterEach(async () => {
  await endLeftNodes();
  await rm(folder, { recursive: true, force: true });
});

const content = (n: number, bytes = 300): EventContent => ({
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  type: Buffer.from('StockReceived'),
  isJson: true,
  data: Buffer.from(JSON.stringify({ n, note: 'x'.repeat(bytes) })),
  metadata: Buffer.alloc(0),
});

/** Ten events each in `stock-0` to `stock-9`, in turn; answers where they lie. */
function fill(store: Store): number[] {
  const group = openGroup(store, 1_700_000_000_000);
  const positions = Array.from({ length: 100 }, (_, n) => {
    const stream = `stock-${n % 10}`;
    const head = group.head(stream) ?? group.createHead();
    group.setHead(stream, { ...head, last: head.last + 1 });
    return group.add(stream, head, head.last + 1, content(n));
  });
  const commit = group.commit();
  if (commit) store.commit(commit);
  return positions;
}

async function filled(change?: (store: Store, positions: number[]) => void): Promise<number[]> {
  const store = openStore(file);
  const positions = fill(store);
  change?.(store, positions);
  await store.close();
  return positions;
}

/** Changes tables behind the node's back. */
async function tamper(change: (tables: Tables) => void): Promise<void> {
  const tables = openTables(file);
  tables.env.transactionSync(() => change(tables));
  await tables.env.close();
}

const verify = () => verifyFolder(folder, quietly);

async function runVerify(
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  await build();
  const main = join(ROOT, 'dist/apps/cli/main.js');
  const child = spawn(process.execPath, [main, 'eventstore', 'verify', ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out, err };
}

test('given a folder that is sound, when it is verified, then all is counted', async () => {
  const positions = await filled();
  expect(await verify()).toEqual({
    events: 100,
    streams: 10,
    lastPosition: positions.at(-1),
    damages: [],
    damageCount: 0,
  });
});

test('given events that were removed for good, when the folder is verified, then their gaps are no damage', async () => {
  await filled((store, positions) => {
    const head = store.head('stock-3')!;
    const gone = [0, 1, 2].map((revision) => ({
      stream: head.number,
      revision,
      position: positions[revision * 10 + 3]!,
    }));
    const nothing = { rows: [], index: [], tail: store.tail() };
    const without = new Map([['stock-3', { ...head, first: 3 }]]);
    store.commit({ ...nothing, removed: gone, heads: without });
    const other = store.head('stock-4')!;
    const next = { stream: other.number, revision: 0, position: positions[4]! };
    const shorter = new Map([['stock-4', { ...other, first: 1 }]]);
    store.commit({ ...nothing, removed: [next], heads: shorter });
    expect(store.readLog(0, store.tail().position, 1_000)).toHaveLength(1 + 100 - 1);
    expect(store.readStream(head.number, 3, 9, 100)).toHaveLength(7);
    expect(() => store.readStream(head.number, 2, 9, 100)).toThrow('revision 2');
  });
  expect(await verify()).toMatchObject({ events: 96, streams: 10, damages: [] });
});

test.each<[string, string, (tables: Tables, positions: number[]) => void]>([
  ['an event is missing', 'records before it are missing', ({ log }, p) => log.removeSync(p[50]!)],
  [
    'the newest event is missing',
    'the newest records before it are missing',
    ({ log }, p) => log.removeSync(p[99]!),
  ],
  [
    'an event is there twice',
    'it belongs to position',
    ({ log }, p) => log.putSync(p[50]! + 1, log.get(p[50]!)!),
  ],
  [
    'an event is replaced by another',
    'records before it are missing or of another log',
    ({ log }, p) => log.putSync(p[50]!, emptyRow(1, p[50]!, linkOf(log.get(p[49]!)!))),
  ],
  [
    'a byte of an event is another',
    'its checksum does not match',
    ({ log }, p) => {
      const row = Buffer.from(log.get(p[50]!)!);
      row[200]! ^= 1;
      log.putSync(p[50]!, row);
    },
  ],
  [
    'a record lies beyond the end',
    'it lies beyond the end',
    ({ log }, p) => {
      const row = log.get(p[99]!)!;
      const beyond = p[99]! + row.length + 10;
      log.putSync(beyond, emptyRow(2e12, beyond, linkOf(row)));
    },
  ],
  [
    'the index lacks an event',
    'the index leads from revision 5 of stream stock-0 to position undefined',
    ({ index }) => index.removeSync([1, 5]),
  ],
  [
    'the index names another event',
    'the index leads from revision 5 of stream stock-0 to position',
    ({ index }, p) => index.putSync([1, 5], encodePosition(p[51]!)),
  ],
  [
    'the index has an event too many',
    'the index names a position without a record',
    ({ index }) => index.putSync([1, 10], encodePosition(7)),
  ],
  ['a stream has no name', 'has no head', ({ names }) => names.removeSync(nameKey('stock-0'))],
  ['a stream has no head', 'it has no head', ({ index }) => index.removeSync(headKey(1))],
  [
    'a name is that of another stream',
    'its name is damaged',
    ({ names }) => names.putSync(nameKey('stock-0'), names.get(nameKey('stock-1'))!),
  ],
  [
    'two names lead to one stream',
    'its head is damaged',
    ({ names }) => names.putSync(nameKey('stock-0'), encodeNumber(nameKey('stock-0'), 2)),
  ],
  [
    'a head is left that no name leads to',
    'the index has 11 heads, of 10 names',
    ({ index }) => index.putSync(headKey(4_000), index.get(headKey(1))!),
  ],
  [
    'a head is that of another stream',
    'its head is damaged',
    ({ index }) => index.putSync(headKey(1), index.get(headKey(2))!),
  ],
  [
    'a head is behind',
    'is not within its head',
    ({ index }) => {
      const key = nameKey('stock-0');
      const rules = { truncateBefore: 0, maxCount: Infinity, maxAgeMs: Infinity, deleted: false };
      const head = {
        ...rules,
        number: 1,
        first: 0,
        last: 8,
        tombstoned: false,
        hasMetadata: false,
      };
      index.putSync(headKey(1), encodeHead(key, head));
    },
  ],
  [
    'a stream number was never given out',
    'its number was never given out',
    (tables) => writeTail(tables, { ...readTail(tables)!, nextStream: 5 }),
  ],
  [
    'the note of the end is damaged',
    'the note of where its log ends is damaged',
    ({ state }) => state.putSync('tail', Buffer.alloc(32, 1)),
  ],
])(
  'given that %s, when the folder is verified, then it says so',
  async (_what, message, change) => {
    const positions = await filled();
    await tamper((tables) => change(tables, positions));
    const { damages, damageCount } = await verify();
    expect(damages.join('\n')).toContain(message);
    expect(damageCount).toBeGreaterThan(0);
  },
);

test('given many damages, when the folder is verified, then 20 are named and all are counted', async () => {
  const positions = await filled();
  await tamper(({ log }) => {
    for (const position of positions) {
      const row = Buffer.from(log.get(position)!);
      row[100]! ^= 4;
      log.putSync(position, row);
    }
  });
  const { damages, damageCount } = await verify();
  expect(damages).toHaveLength(20);
  expect(damageCount).toBeGreaterThanOrEqual(100);
});

test('given a page that is damaged, when the folder is verified, then the page and its table are named', async () => {
  await filled();
  const handle = await open(file, 'r+');
  const { size } = await stat(file);
  const page = Buffer.alloc(4096);
  for (let at = 8192; at < size; at += 4096) {
    await handle.read(page, 0, 4096, at);
    // The entries of a leaf of the log begin where its header says; one that points elsewhere misleads the engine.
    if (page.readUInt16LE(18) === 2 && page.includes('stock-5')) {
      await handle.write(Buffer.from([0xff, 0xff]), 0, 2, at + 24);
    }
  }
  await handle.close();
  const { damages } = await verify();
  expect(damages.join()).toMatch(/page \d+ of the table ".+".*: its entry 0 lies outside it/);
});

test('given the command, when a folder is sound, in use, damaged or none, then it says so and exits accordingly', async () => {
  const node = await spawnReadyNode(folder);
  const inUse = await runVerify(folder);
  expect(inUse).toMatchObject({ code: 1, out: '' });
  expect(inUse.err).toContain(`in use by process ${node.pid}`);
  await node.end('SIGKILL');

  const sound = await runVerify(folder);
  expect(sound).toMatchObject({ code: 0, err: '' });
  expect(sound.out).toMatch(/^sound: 0 events, 0 streams, last position none, \d+ ms\n$/);
  const positions = await filled();
  await tamper(({ log }) => log.removeSync(positions[50]!));
  const damaged = await runVerify(folder);
  expect(damaged.code).toBe(1);
  expect(damaged.err).toContain(`damaged: position ${positions[51]}: records before it`);
  expect(damaged.out).toMatch(/^damaged in \d places: 99 events, .* Restore \S+ from a copy\.\n$/);

  const none = await runVerify(join(folder, 'elsewhere'));
  expect(none).toMatchObject({ code: 1, out: '' });
  expect(none.err).toContain('There is no event store in');
});
