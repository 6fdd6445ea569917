import { spawn } from 'node:child_process';
import { tableNamed } from '../support/tables';
import { once } from 'node:events';
import { openPostgres, type Postgres } from '../../libs/postgres';
import { createLogger } from '../../libs/runtime';
import { Api } from '../support/http';
import { SlowReader } from '../support/streaming-client';
import { System } from '../support/system';

/** A ledger that is larger than what the api may hold of it, for readers who are slow, leave, or are left. */

const ROWS = 200_000;
/** What the garbage of 43 MB of text may come to; all rows at once take twice as much. */
const WHOLE_LIST_MB = 256;
/** Four lists that nobody reads are 170 MB. */
const UNREAD_LISTS_MB = 100;
const MAX_STREAMS = 4;
let system: System;
let api: Api;
let db: Postgres;
let ledger: string;

beforeAll(async () => {
  system = await System.start();
  api = new Api(system.url);
  ledger = `${system.url}/api/v1/ledger`;
  db = await openPostgres({ url: system.databaseUrl, logger: createLogger('test', 'silent') });
  await addMovements(1, ROWS);
});
afterAll(async () => {
  await db.close();
  await system.stop();
});

/** Where the log is of no matter; positions lie beyond every real one. */
const addMovements = (first: number, last: number): Promise<unknown> =>
  db.query(
    `INSERT INTO ${tableNamed('ledger')} (position, line, movement_id, stream, revision, sku, location, lot_code, type, quantity, balance,
       reserved, unit, decimals, purpose, reference, actor, command_id, correlation_id, effective_at, recorded_at)
     SELECT 1000000000 + n, 0, gen_random_uuid(), 'stock-default.BULK@MAIN', n, 'BULK', 'MAIN', '', 'ADJUST', 1, n, 0, 'each',
       0, 'OTHER', 'DOC-' || n, 'someone', gen_random_uuid(), 'c', now(), now() FROM generate_series(${first}, ${last}) n`,
  );

async function memoryMb(): Promise<number> {
  const text = await (await fetch(`${system.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
}

/** Asks until it is let in; a stream that was left gives its place back as soon as that is noticed. */
async function openWhenFree(): Promise<SlowReader> {
  for (;;) {
    const reader = await SlowReader.open(ledger, 'text/csv');
    if (reader.status === 200) return reader;
    expect(reader.status).toBe(503);
    await reader.text();
  }
}

const sessions = async (): Promise<number[]> => {
  const rows = await db.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'lotstream-api' AND xact_start IS NOT NULL`,
  );
  return rows.map(({ pid }) => pid);
};
async function noSessions(): Promise<void> {
  while ((await sessions()).length > 0);
}

/** As an administrator would; returns when the session of the one stream there is has gone. */
async function endSession(): Promise<void> {
  const there = await sessions();
  expect(there).toHaveLength(1);
  await db.query('SELECT pg_terminate_backend($1, 10000)', there);
  await noSessions();
}

it('goes out whole, in order, within bounded memory', async () => {
  const before = await memoryMb();
  let highest = before;
  let rows = -1;
  let bytes = 0;
  let nextLook = 0;
  let rest = '';
  let last = 0;
  const response = await fetch(`${ledger}?sort=position`, { headers: { accept: 'text/csv' } });
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    const lines = (rest + Buffer.from(chunk).toString()).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      rows += 1;
      if (rows === 0) continue;
      const n = Number(/,DOC-(\d+),/.exec(line)?.[1]);
      if (n !== last + 1) throw new Error(`row ${n} follows row ${last}`);
      last = n;
    }
    if (bytes < nextLook) continue;
    nextLook += 4_000_000;
    highest = Math.max(highest, await memoryMb());
  }
  expect([rows, rest]).toEqual([ROWS, '']);
  expect(highest - before).toBeLessThan(WHOLE_LIST_MB);
});

it('waits for slow readers at no cost; one too many is asked to come again', async () => {
  const before = await memoryMb();
  const readers = [];
  for (let n = 0; n < MAX_STREAMS; n += 1) readers.push(await openWhenFree());
  const refused = await fetch(ledger, { headers: { accept: 'application/x-ndjson' } });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_STREAMS' });

  // Whoever wants a page, or the first rows, is not kept waiting.
  const pages = await Promise.all(Array.from({ length: 40 }, () => api.get('/api/v1/ledger')));
  expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200));
  // What is written now is not of the moment that the lists show.
  await addMovements(ROWS + 1, ROWS + 500);
  const after = await memoryMb();
  expect(after - before).toBeLessThan(UNREAD_LISTS_MB);

  const [first, ...others] = readers;
  const text = await first!.text();
  expect(text.split('\r\n')).toHaveLength(ROWS + 2);
  for (const reader of others) reader.abort();
  await noSessions();
  const next = await openWhenFree();
  next.abort();
  await noSessions();
});

it('never looks complete when it is not: PostgreSQL ends the session half-way', async () => {
  const reader = await openWhenFree();
  await endSession();
  await expect(reader.text()).rejects.toThrow();
  expect((await api.get('/api/v1/ledger?limit=1')).status).toBe(200);
});

// By curl, because Node may take a reset for the end when it has read something before.
it('nor to a client that knows no chunks', async () => {
  const curl = spawn('curl', ['-s', '--http1.0', '-H', 'accept: text/csv', ledger]);
  const exit = once(curl, 'exit');
  await once(curl.stdout, 'readable');
  await endSession();
  for await (const _chunk of curl.stdout);
  const [code] = (await exit) as [number];
  expect(code).toBe(RECEIVE_FAILED);
});
const RECEIVE_FAILED = 56;

it('is cut off when the api stops', async () => {
  const reader = await openWhenFree();
  const { api: pid } = system.pids();
  process.kill(pid!, 'SIGTERM');
  await expect(reader.text()).rejects.toThrow();
});
