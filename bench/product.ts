import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { System } from '../test/support/system';
import { caughtUp } from './caught-up';
import type { Figures } from './figures';
import { measureGrowth } from './growth';
import { measure, rateOf, serve, type Rate } from './measure';
import { measureCatchUp } from './product-catch-up';
import { measureReservations } from './reservations';
import { say } from './say';

export interface Load extends Rate {
  readonly p50: number;
  readonly p99: number;
  readonly failures: Readonly<Record<string, number>>;
}

/** Movements of one request. */
const LIST = 50;
/** Rates of an open loop: nobody waits for an answer, so that no stall is left out. */
const OFFERED = [500, 1500];

/** The whole product over HTTP, beside what the official client alone does on the same node. */
export async function measureProduct(figures: Figures, seconds: number): Promise<void> {
  const system = await System.start();
  try {
    say('warming up');
    await measure('raw-client', ['appends', system.eventstoreUrl, 64, 2]);
    await measure('http-load', ['register', system.url, 1000]);
    await measure('http-load', ['closed', system.url, 64, 1000, 8]);
    // Reads as well: until V8 has compiled what they run, one core cannot keep up with what is offered below.
    await measure('http-load', ['reads', system.url, 16, 1000, 4]);
    await measure('http-load', ['visibility', system.url, 200, 1000, 4]);
    const commands = await measureCommands(figures, system, seconds);
    const tables = await measureTables(figures, system, seconds);
    noteParts(figures, commands, tables);
    await measureReads(figures, system, seconds);
    await measureGrowth(figures, system, seconds);
    await system.stop(true);
    say('second start');
    const again = await System.start(system.folder);
    figures.note('whole product', 'second start, everything ready', 's', again.readyMs / 1000, {
      atMost: 3,
    });
    await again.stop();
  } catch (error) {
    await system.stop();
    throw error;
  }
}

/** Rates per second, each measured alone. */
interface Commands {
  readonly raw: number;
  readonly bare: number;
  readonly many: number;
}

async function measureCommands(
  figures: Figures,
  system: System,
  seconds: number,
): Promise<Commands> {
  const { eventstoreUrl, url } = system;
  const section = 'commands over HTTP';
  say('raw appends');
  const raw = rateOf(await measure<Rate>('raw-client', ['appends', eventstoreUrl, 64, seconds]));
  figures.note(section, 'raw appends of the official client, 64 at a time', '/s', raw);

  say('commands on 1,000 SKUs');
  const many = await measure<Load>('http-load', ['closed', url, 64, 1000, seconds]);
  warnOf(many);
  figures.note(section, '1,000 SKUs, 64 clients', '/s', rateOf(many));
  figures.note(section, '  latency p99', 'ms', many.p99);
  figures.note(section, '  : raw appends', 'x', rateOf(many) / raw, { atLeast: 0.5 });

  say('commands on one SKU');
  const one = await measure<Load>('http-load', ['closed', url, 256, 1, seconds]);
  warnOf(one);
  figures.note(section, 'one SKU, 256 clients', '/s', rateOf(one));
  figures.note(section, '  its latency p99', 'ms', one.p99);
  figures.note(section, '  its rate : raw appends', 'x', rateOf(one) / raw, { atLeast: 1 });

  for (const skus of [1_000, 1]) {
    say(`movements in lists, ${skus.toLocaleString('en')} SKUs`);
    const lists = await measure<Load>('http-load', ['lists', url, 8, skus, seconds, LIST]);
    warnOf(lists);
    const movements = LIST * rateOf(lists);
    const name = skus === 1 ? 'one SKU' : `${skus.toLocaleString('en')} SKUs`;
    figures.note(section, `${name}, 8 clients, lists of ${LIST} movements`, '/s', movements);
    figures.note(section, `  movements in lists, ${name} : raw appends`, 'x', movements / raw);
  }

  await measureReservations(figures, system, seconds, raw);

  say('bare Fastify');
  const fastify = await serve('bench/bare-fastify', []);
  const bare = rateOf(await measure<Load>('http-load', ['closed', fastify.url, 64, 1000, seconds]));
  await fastify.stop();
  figures.note(section, 'bare Fastify, JSON in and out, 64 clients', '/s', bare);
  figures.note(section, '  1,000 SKUs : bare Fastify', 'x', rateOf(many) / bare);

  for (const perSecond of OFFERED) {
    say(`commands at a rate of ${perSecond}/s`);
    const open = await measure<Load>('http-load', ['open', url, perSecond, 1000, seconds]);
    warnOf(open);
    const name = `answers to ${perSecond.toLocaleString('en')}/s, each from when it was due`;
    figures.note(section, `${name}, p50`, 'ms', open.p50);
    figures.note(section, `${name}, p99`, 'ms', open.p99);
  }
  return { raw, bare, many: rateOf(many) };
}

interface Tables {
  readonly raw: number;
  readonly bulk: number;
}

async function measureTables(figures: Figures, system: System, seconds: number): Promise<Tables> {
  const section = 'tables';
  say('answer to visible');
  // What the loads before have left is not of this rate.
  await caughtUp(system, 'BENCH-0000');
  const visible = await measure<Load>('http-load', ['visibility', system.url, 500, 1000, seconds]);
  warnOf(visible);
  const name = 'answer of a command → visible in the tables, 500/s';
  figures.note(section, `${name}, p50`, 'ms', visible.p50);
  figures.note(section, `${name}, p99`, 'ms', visible.p99, { atMost: 50 });

  say('catching up');
  const { raw, projector } = await measureCatchUp(system);
  figures.note(section, 'raw catch-up of the official client', 'events/s', raw);
  figures.note(section, 'projector catch-up into all tables', 'events/s', projector);
  figures.note(section, '  : raw catch-up', 'x', projector / raw, { atLeast: 0.5 });

  say('PostgreSQL in bulk');
  const bulk = rateOf(await measure<Rate>('raw-postgres', [system.databaseUrl, seconds / 2]));
  figures.note(section, 'PostgreSQL bulk upsert, rows of stock levels', 'rows/s', bulk);
  figures.note(section, '  catch-up events : rows of bulk upsert', 'x', projector / bulk);
  return { raw, bulk };
}

/** Of a receipt: three balances, ledger and audit log. */
const ROWS_OF_A_COMMAND = 5;

/** What libraries, stores and machine leave for a command, if nothing is decided and nothing folded. */
function noteParts(figures: Figures, { raw, bare, many }: Commands, tables: Tables): void {
  const section = 'what these cores leave for commands on 1,000 SKUs';
  const parts = 1 / (1 / bare + 1 / raw + 1 / tables.raw + ROWS_OF_A_COMMAND / tables.bulk);
  figures.note(
    section,
    `a bare request, an append, an event read, ${ROWS_OF_A_COMMAND} rows, each at its rate alone`,
    '/s',
    parts,
  );
  figures.note(section, '  : raw appends', 'x', parts / raw);
  figures.note(section, '  1,000 SKUs, 64 clients : that', 'x', many / parts);
}

async function measureReads(figures: Figures, { url }: System, seconds: number): Promise<void> {
  say('reads');
  const reads = await measure<Load>('http-load', ['reads', url, 16, 1000, seconds]);
  warnOf(reads);
  const section = 'tables';
  figures.note(section, 'levels of one item, 16 clients', '/s', rateOf(reads));
  figures.note(section, '  latency p99', 'ms', reads.p99);
}

function warnOf({ failures }: Load): void {
  if (Object.keys(failures).length > 0) say(`unexpected answers: ${JSON.stringify(failures)}`);
}

/** A real data set through the command line, once. */
export async function importAdventureWorks(figures: Figures, folder: string): Promise<void> {
  say('importing AdventureWorks');
  const system = await System.start();
  const started = performance.now();
  const { status } = spawnSync(
    process.execPath,
    [join(resolve(__dirname, '../..'), 'bin/inv.mjs'), 'import-adventureworks', resolve(folder)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LOTSTREAM_URL: system.url },
      cwd: system.folder,
    },
  );
  if (status !== 0) throw new Error(`the import ended with ${status}`);
  const seconds = (performance.now() - started) / 1000;
  figures.note('whole product', 'AdventureWorks import', 's', seconds, { atMost: 120 });
  await system.stop();
}
