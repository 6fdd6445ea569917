import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, statfsSync, writeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  UnavailableError,
  jsonEvent,
  type JSONEventType,
} from '@eventstore/db-client';
import { verifyFolder } from '../../../libs/embedded/eventstore';
import { callsIn } from './system-calls';
import {
  endLeftNodes,
  collect,
  newFolder,
  spawnReadyNode,
  until,
  type NodeProcess,
} from './support';

const canTrace = spawnSync('strace', ['-D', '-o', '/dev/null', 'true']).status === 0;
if (!canTrace) console.warn('skipped: there is no strace here, or it may not trace');
const SMALL_DISK = ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs'];
const canMount = mayMount();
if (!canMount) console.warn('skipped: this process may not mount a disk');

let folder: string;
let mounted: string | undefined;
let client: EventStoreDBClient;
let node: NodeProcess;
beforeEach(async () => (folder = await newFolder()));
afterEach(async () => {
  await client.dispose();
  await endLeftNodes();
  if (mounted) execFileSync('umount', [mounted]);
  mounted = undefined;
  await rm(folder, { recursive: true, force: true });
});

function mayMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'event-node-mount-'));
  const may = spawnSync('mount', [...SMALL_DISK, place]).status === 0;
  if (may) execFileSync('umount', [place]);
  rmdirSync(place);
  return may;
}

/** A small disk of its own at the folder. */
function mountSmallDisk(): void {
  execFileSync('mount', [...SMALL_DISK, folder]);
  mounted = folder;
}

const onSmallDisk = canMount ? test : test.skip;

/** Writes until nothing more fits. */
function fillDisk(file: string): void {
  const handle = openSync(file, 'w');
  const chunk = Buffer.alloc(65_536);
  try {
    for (;;) writeSync(handle, chunk);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  } finally {
    closeSync(handle);
  }
}

type StockReceived = JSONEventType<'StockReceived', { readonly n: number }>;

const event = (n: number) =>
  jsonEvent({ type: 'StockReceived', data: { n, note: 'x'.repeat(2_000) } });
const append = (n: number, events = [event(n), event(n)]) => client.appendToStream('stock', events);

interface Refused {
  /** The numbers of those that were acknowledged. */
  readonly done: number[];
  readonly error: unknown;
  /** Sends what was refused once more, ids and all. */
  readonly retry: () => Promise<number>;
}

/** Appends until one is refused. */
async function appendUntilRefused(first: number): Promise<Refused> {
  const done: number[] = [];
  for (let n = first; ; n += 1) {
    const events = [event(n), event(n)];
    try {
      await append(n, events);
      done.push(n);
    } catch (error) {
      return { done, error, retry: () => append(n, events).then(() => n) };
    }
  }
}

async function expectStored(numbers: readonly number[]): Promise<void> {
  const stored = await collect(client.readStream<StockReceived>('stock'));
  for (const n of numbers) {
    expect(stored.map(({ event: found }) => found?.data.n).filter((m) => m === n)).toEqual([n, n]);
  }
}

const accepted = (n: number): Promise<boolean> =>
  append(n).then(
    () => true,
    () => false,
  );

onSmallDisk(
  'given a disk that is full, when something is appended, then it is refused, reads go on, and appends too once there is space',
  async () => {
    mountSmallDisk();
    node = await spawnReadyNode(folder);
    client = EventStoreDBClient.connectionString(node.url);
    await append(0);
    fillDisk(join(folder, 'filler'));
    const { done, error } = await appendUntilRefused(1);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(String(error)).toContain('the disk is full; appends are refused until there is space');
    await expectStored([0, ...done]);
    await expect(append(1_000_001)).rejects.toThrow('the disk is full');
    await expectStored([0, ...done]);
    expect(statfsSync(folder).bavail * statfsSync(folder).bsize).toBeLessThan(1 << 20);

    await rm(join(folder, 'filler'));
    await until(() => accepted(1_000_002));
    process.kill(node.pid, 0);
    await expectStored([0, ...done, 1_000_002]);
    expect(await node.end('SIGTERM')).toBe(0);
    const findings = await verifyFolder(folder, () => undefined);
    expect(findings.damages).toEqual([]);
    // The one that was refused first may be there, but only as a whole.
    expect(findings.events % 2).toBe(0);
  },
);

onSmallDisk(
  'given a full disk, when a node is started on what it holds, then it serves reads and says why it refuses appends',
  async () => {
    mountSmallDisk();
    node = await spawnReadyNode(folder);
    client = EventStoreDBClient.connectionString(node.url);
    await append(0);
    await client.dispose();
    await node.end('SIGKILL');
    fillDisk(join(folder, 'filler'));
    node = await spawnReadyNode(folder);
    client = EventStoreDBClient.connectionString(node.url);
    await expectStored([0]);
    const { error } = await appendUntilRefused(1);
    expect(String(error)).toContain('the disk is full');
  },
);

(canTrace ? test : test.skip).each([
  ['a sync that fails', 'fdatasync', '12'],
  ['a write that fails', 'pwrite64', '30'],
  ['several writes in a row that fail, also those of the recovery', 'pwrite64', '28..34'],
])(
  'given %s, when something is appended, then it is refused, the file is opened anew and appends go on by themselves',
  async (_what, call, when) => {
    const tools = await mkdtemp(join(tmpdir(), 'event-node-trace-'));
    const trace = join(tools, 'trace');
    const options = ['-D', '-f', '-y', '-o', trace, '-e', 'trace=openat,close,fdatasync,pwrite64'];
    const inject = ['-e', `inject=${call}:error=EIO:when=${when}`];
    node = await spawnReadyNode(folder, 0, { runBy: ['strace', ...options, ...inject] });
    client = EventStoreDBClient.connectionString(node.url);
    const { done, error, retry } = await appendUntilRefused(0);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(String(error)).toMatch(/writing to the disk failed .* refused until it works again/);
    expect(done.length).toBeGreaterThan(0);
    await until(() => accepted(1_000_001));
    // The ids of what was not written must not count as known.
    await expectStored([...done, 1_000_001, await retry()]);
    expect(await node.end('SIGTERM')).toBe(0);
    expect((await verifyFolder(folder, () => undefined)).damages).toEqual([]);

    const calls = callsIn(await readFile(trace, 'latin1'));
    const failed = calls.findIndex(({ name, args }) => name === call && args.includes('EIO'));
    const after = calls.slice(failed + 1).filter(({ args }) => args.includes('events.mdb'));
    const opened = after.findIndex(({ name }) => name === 'openat');
    const synced = after.findIndex(({ name }) => name === 'fdatasync');
    expect(failed).toBeGreaterThan(0);
    expect(opened).toBeGreaterThanOrEqual(0);
    expect(synced).toBeGreaterThan(opened);
    await rm(tools, { recursive: true });
  },
);
