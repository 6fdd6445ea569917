import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { answersBeforeSync } from './system-calls';
import { endLeftNodes, build, newFolder, received, spawnReadyNode } from './support';

/*
 * The order of system calls shows what no reading of the code can: that an append is told as done only after the sync of
 * the page it lies on. Each append goes to a stream of its own, whose name is found in the page and in the answer.
 */
const ROOT = resolve(__dirname, '../../..');
const canTrace = spawnSync('strace', ['-D', '-o', '/dev/null', 'true']).status === 0;
if (!canTrace) console.warn('skipped: there is no strace here, or it may not trace');
const traced = canTrace ? test : test.skip;

let folder: string;
let tools: string;
let client: EventStoreDBClient | undefined;
beforeEach(async () => {
  folder = await newFolder();
  tools = await mkdtemp(join(tmpdir(), 'event-node-trace-'));
});
afterEach(async () => {
  await client?.dispose();
  client = undefined;
  await endLeftNodes();
  await rm(folder, { recursive: true, force: true });
  await rm(tools, { recursive: true, force: true });
});

/** Appends to so many streams, `ways` at a time; answers the trace of it. */
async function traceAppends(count: number, ways: number, dist?: string): Promise<string> {
  const trace = join(tools, 'trace');
  const calls = 'openat,close,fdatasync,fsync,msync,pwrite64,pwritev,write,writev,sendmsg,sendto';
  const runBy = ['strace', '-D', '-f', '-y', '-s', '300000', '-e', `trace=${calls}`, '-o', trace];
  const node = await spawnReadyNode(folder, 0, { runBy, ...(dist ? { dist } : {}) });
  client = EventStoreDBClient.connectionString(node.url);
  const writer = async (first: number): Promise<void> => {
    for (let n = first; n < count; n += ways) {
      await client?.appendToStream(nameOf(n), received(n));
    }
  };
  await Promise.all(Array.from({ length: ways }, (_, way) => writer(way)));
  await node.end('SIGTERM');
  return readFile(trace, 'latin1');
}

const nameOf = (n: number): string => `synced-${String(n).padStart(5, '0')}`;
const namesOf = (count: number): string[] => Array.from({ length: count }, (_, n) => nameOf(n));

traced.each([
  [300, 1],
  [700, 64],
])(
  'given %i appends, %i at a time, when the system calls are traced, then none is answered before its sync',
  async (count, ways) => {
    const trace = await traceAppends(count, ways);
    expect(answersBeforeSync(trace, namesOf(count))).toEqual([]);
  },
);

traced.each([
  [
    'answers before it writes',
    'libs/embedded/eventstore/log/writer.js',
    'if (commit) store.commit(commit);',
    'if (commit) setImmediate(() => store.commit(commit));',
  ],
  [
    'writes without a sync',
    'libs/embedded/eventstore/log/tables.js',
    'overlappingSync: false',
    'overlappingSync: false, noSync: true',
  ],
])(
  'given a node that %s, when it is traced, then the check finds it',
  async (_how, file, from, to) => {
    await build();
    const dist = join(tools, 'dist');
    await cp(join(ROOT, 'dist'), dist, { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(tools, 'node_modules'));
    const source = await readFile(join(dist, file), 'utf8');
    expect(source.split(from)).toHaveLength(2);
    await writeFile(join(dist, file), source.replace(from, to));
    const trace = await traceAppends(20, 1, dist);
    expect(answersBeforeSync(trace, namesOf(20)).length).toBeGreaterThan(0);
  },
);
