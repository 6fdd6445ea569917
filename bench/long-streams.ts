import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { System } from '../test/support/system';
import { ApiProcess } from '../test/support/api-process';
import { caughtUp } from './caught-up';
import { medianOf, type Figures } from './figures';
import { noteQueries, queryTimes } from './growth';
import { Connection } from './http-client';
import { fillStockStream } from './long-stream-log';
import { measure, rateOf, type Rate } from './measure';
import { say } from './say';

const SECTION = 'long streams';
const LONG = 'LONG';
const SHORT_EVENTS = 10;
const FRESH_PROCESSES = 7;
const WARM_COMMANDS = 300;
const WARM_UP_COMMANDS = 300;
const JSON_BODY = 'content-type: application/json\r\n';

/** What a command costs on a stream with a million events and 10,000 lots, beside one on a stream with ten. */
export async function measureLongStreams(
  figures: Figures,
  { events, seconds }: { readonly events: number; readonly seconds: number },
): Promise<void> {
  const lots = Math.max(1, Math.floor(events / 100));
  let system = await System.start();
  try {
    await prepare(system);
    await caughtUp(system, 'WARM');
    const before = await queryTimes(system.url, shortOf(0));
    await system.stop(true);
    say(`writing a stream of ${events.toLocaleString('en')} events and ${lots} lots`);
    const begun = performance.now();
    await fillStockStream(
      join(system.folder, 'eventstore'),
      { sku: LONG, events, lots },
      (made) => {
        if (made % 200_000 === 0) say(`  ${made.toLocaleString('en')} events`);
      },
    );
    say(`  written in ${((performance.now() - begun) / 1000).toFixed(0)} s; the tables catch up`);
    system = await System.start(system.folder);
    await caughtUp(system, 'WARM');
    noteQueries(figures, events, before, await queryTimes(system.url, shortOf(0)));
    await measureCosts(figures, system);
    await measureTwoProcesses(figures, system, seconds);
  } finally {
    await system.stop();
  }
}

/** Items for the long stream, for short ones of ten events, one for each fresh process, and to warm up with. */
async function prepare(system: System): Promise<void> {
  const connection = new Connection(new URL(system.url));
  for (const sku of [
    LONG,
    'WARM',
    'HOT',
    ...Array.from({ length: FRESH_PROCESSES }, (_, n) => shortOf(n)),
  ]) {
    await send(connection, 'items', { sku });
  }
  for (let n = 0; n < FRESH_PROCESSES; n += 1) {
    for (let k = 0; k < SHORT_EVENTS; k += 1) await receive(connection, shortOf(n));
  }
  connection.close();
}

const shortOf = (n: number): string => `SHORT-${n}`;
const receive = (connection: Connection, sku: string): Promise<number> =>
  send(connection, 'inventory/receive', { sku, quantity: 1 });
/** The oldest lot that holds something is the one to take from, among all of them. */
const issue = (connection: Connection, sku: string): Promise<number> =>
  send(connection, 'inventory/issue', { sku, quantity: 1 });

/** Milliseconds until the answer, with a key of its own as a careful client sends it. */
async function send(connection: Connection, path: string, body: object): Promise<number> {
  const began = performance.now();
  const { status, body: answer } = await connection.request(
    'POST',
    `/api/v1/${path}`,
    JSON.stringify(body),
    `${JSON_BODY}idempotency-key: ${randomUUID()}\r\n`,
  );
  if (status !== 201) throw new Error(`${path} ${JSON.stringify(body)}: ${status} ${answer}`);
  return performance.now() - began;
}

async function measureCosts(figures: Figures, system: System): Promise<void> {
  const database = new Client({ connectionString: system.databaseUrl });
  await database.connect();
  try {
    say('the first command on the long stream, without a snapshot');
    const whole = await withoutSnapshot(system, database);
    figures.note(SECTION, 'without a snapshot, until a command is accepted', 'ms', whole);
    say('cold and warm commands');
    const short = { cold: [] as number[], warm: [] as number[] };
    const long = { cold: [] as number[], warm: [] as number[] };
    for (let n = 0; n < FRESH_PROCESSES; n += 1) {
      const api = await ApiProcess.start(system);
      const connection = new Connection(new URL(api.url));
      for (let k = 0; k < WARM_UP_COMMANDS; k += 1) await receive(connection, 'WARM');
      short.cold.push(await issue(connection, shortOf(n)));
      long.cold.push(await issue(connection, LONG));
      for (let k = 0; k < WARM_COMMANDS / FRESH_PROCESSES; k += 1) {
        // A pair in either order, so that what else the machine does falls on both.
        await receive(connection, shortOf(n));
        short.warm.push(await issue(connection, shortOf(n)));
        await receive(connection, LONG);
        long.warm.push(await issue(connection, LONG));
      }
      connection.close();
      await api.stop();
    }
    for (const kind of ['cold', 'warm'] as const) {
      const [ten, many] = [medianOf(short[kind]), medianOf(long[kind])];
      figures.note(SECTION, `${kind} command, 10 events`, 'ms', ten);
      figures.note(SECTION, `${kind} command, the long stream`, 'ms', many);
      const atMost = kind === 'cold' ? 1.5 : 1.2;
      figures.note(SECTION, `  ${kind} : 10 events`, 'x', many / ten, { atMost });
    }
  } finally {
    await database.end();
  }
}

/** Until a fresh process has read the whole stream; it leaves a snapshot behind. */
async function withoutSnapshot(system: System, database: Client): Promise<number> {
  await database.query('truncate cache.snapshots, cache.snapshot_parts');
  const api = await ApiProcess.start(system);
  const connection = new Connection(new URL(api.url));
  await receive(connection, 'WARM');
  const began = performance.now();
  for (;;) {
    // The deadline of a command passes before so much is read; what was read serves the next one.
    const body = JSON.stringify({ sku: LONG, quantity: 1 });
    const { status } = await connection.request(
      'POST',
      '/api/v1/inventory/receive',
      body,
      JSON_BODY,
    );
    if (status === 201) break;
    if (status !== 503) throw new Error(`the long stream without a snapshot: ${status}`);
  }
  const took = performance.now() - began;
  for (;;) {
    const { rowCount } = await database.query(
      'select 1 from cache.snapshots where stream like $1',
      [`%.${LONG}@%`],
    );
    if (rowCount) break;
    await wait(20);
  }
  connection.close();
  await api.stop();
  return took;
}

/** One SKU over one api process and over two, each with half of the clients. */
async function measureTwoProcesses(
  figures: Figures,
  system: System,
  seconds: number,
): Promise<void> {
  say('one SKU over two api processes');
  const other = await ApiProcess.start(system);
  const load = async (url: string, clients: number): Promise<number> =>
    rateOf(await measure<Rate>('http-load', ['closed', url, clients, 1, seconds]));
  for (const url of [system.url, other.url]) await measure('http-load', ['register', url, 1]);
  await load(system.url, 64);
  await load(other.url, 64);
  const one = await load(system.url, 128);
  const both = await Promise.all([load(system.url, 64), load(other.url, 64)]);
  const two = both[0] + both[1];
  figures.note(SECTION, 'one SKU, 128 clients, one api process', '/s', one);
  figures.note(SECTION, 'one SKU, 128 clients, two api processes', '/s', two);
  figures.note(SECTION, '  two : one process', 'x', two / one, { atLeast: 0.5 });
  figures.note(
    SECTION,
    '  the slower process : the faster',
    'x',
    Math.min(...both) / Math.max(...both),
  );
  await other.stop();
}
