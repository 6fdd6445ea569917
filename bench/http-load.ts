import { randomUUID } from 'node:crypto';
import { Connections, type Response } from './http-client';

/** Commands over HTTP from a process of its own: so many clients, each waiting for its answer, or a fixed rate. */

const run = randomUUID().slice(0, 8);
let sequence = 0;

const post = (pool: Connections, path: string, body: object): Promise<Response> =>
  pool.request(
    'POST',
    path,
    JSON.stringify(body),
    `content-type: application/json\r\nidempotency-key: ${run}-${(sequence += 1)}\r\n`,
  );

const receipt = (sku: string): object => ({ sku, quantity: 1, reason: 'bench' });
const skuOf = (n: number): string => `BENCH-${String(n).padStart(4, '0')}`;
const placeOf = (n: number): string => `PLACE-${n}`;

async function register(pool: Connections, skus: number, places: number): Promise<object> {
  for (let n = 0; n < places; n += 1) {
    const code = placeOf(n);
    const { status } = await post(pool, '/api/v1/locations', { code, name: code });
    if (status !== 201 && status !== 409) throw new Error(`registering ${code}: ${status}`);
  }
  for (let from = 0; from < skus; from += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, skus - from) }, async (_, i) => {
        const sku = skuOf(from + i);
        const { status } = await post(pool, '/api/v1/items', { sku, name: sku });
        if (status !== 201 && status !== 409) throw new Error(`registering ${sku}: ${status}`);
      }),
    );
  }
  return {};
}

const commands = (
  pool: Connections,
  clients: number,
  skus: number,
  seconds: number,
  places: number,
): Promise<object> =>
  closedLoop(clients, seconds, 201, (n) => {
    const place = places > 0 ? { location: placeOf(Math.floor(n / skus) % places) } : undefined;
    return post(pool, '/api/v1/inventory/receive', { ...receipt(skuOf(n % skus)), ...place });
  });

/** The same receipts in lists of so many, each of the next SKU. */
const lists = (
  pool: Connections,
  clients: number,
  skus: number,
  seconds: number,
  size: number,
): Promise<object> =>
  closedLoop(clients, seconds, 200, async (n) => {
    const movements = Array.from({ length: size }, (_, at) => ({
      type: 'receive',
      ...receipt(skuOf((n * size + at) % skus)),
    }));
    const answer = await post(pool, '/api/v1/batch-stock-movements', { movements });
    return answer.body.includes(`"applied":${size},`) ? answer : { ...answer, status: 0 };
  });

/** The levels of one item after the other. */
const reads = (
  pool: Connections,
  clients: number,
  skus: number,
  seconds: number,
): Promise<object> =>
  closedLoop(clients, seconds, 200, (n) =>
    pool.request('GET', `/api/v1/stock-levels/${skuOf(n % skus)}`),
  );

/** So many clients, each of which waits for its answer. */
async function closedLoop(
  clients: number,
  seconds: number,
  expected: number,
  request: (n: number) => Promise<Response>,
): Promise<object> {
  const tally = new Tally();
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, lane) => {
      for (let n = lane; performance.now() < until; n += clients) {
        const sent = performance.now();
        const { status } = await request(n);
        tally.add(status === expected, status, sent);
      }
    }),
  );
  return { seconds: (performance.now() - started) / 1000, ...tally.figures() };
}

const LOTS = 8;

/** Reservations of one unit of one SKU, until the time is over or there is nothing left. */
async function reservations(
  pool: Connections,
  clients: number,
  units: number,
  seconds: number,
): Promise<object> {
  const sku = `RESERVE-${run}`;
  await post(pool, '/api/v1/items', { sku, name: sku });
  for (let lot = 0; lot < LOTS; lot += 1) {
    const body = { sku, lotCode: `LOT-${lot}`, quantity: units / LOTS };
    await post(pool, '/api/v1/inventory/receive', body);
  }
  const tally = new Tally();
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let soldOut = false; !soldOut && performance.now() < until;) {
        const sent = performance.now();
        const { status, body } = await post(pool, '/api/v1/inventory/reserve', {
          sku,
          quantity: 1,
        });
        soldOut = body.includes('INSUFFICIENT_STOCK');
        if (!soldOut) tally.add(status === 201, status, sent);
      }
    }),
  );
  return { sku, seconds: (performance.now() - started) / 1000, ...tally.figures() };
}

/** From when a command was due to its answer: a server that stalls makes every request late that was due meanwhile. */
async function openLoop(
  pool: Connections,
  perSecond: number,
  skus: number,
  seconds: number,
): Promise<object> {
  const tally = new Tally();
  const started = performance.now();
  await atRate(perSecond, seconds, async (n, due) => {
    const { status } = await post(pool, '/api/v1/inventory/receive', receipt(skuOf(n % skus)));
    tally.add(status === 201, status, due);
  });
  return { seconds: (performance.now() - started) / 1000, ...tally.figures() };
}

/** Starts work at a fixed rate whatever the work before does; resolves when all is done. */
async function atRate(
  perSecond: number,
  seconds: number,
  begin: (n: number, due: number) => Promise<void>,
): Promise<void> {
  const work: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = started + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    work.push(begin(n, due));
  }
  await Promise.all(work);
}

/** From a command's answer to the first read that shows it; sent at a fixed rate whatever the answers do. */
async function visibility(
  pool: Connections,
  perSecond: number,
  skus: number,
  seconds: number,
): Promise<object> {
  const tally = new Tally();
  await atRate(perSecond, seconds, (n) => observe(pool, skuOf(n % skus), tally));
  return tally.figures();
}

async function observe(pool: Connections, sku: string, tally: Tally): Promise<void> {
  const { body } = await post(pool, '/api/v1/inventory/receive', receipt(sku));
  const answered = performance.now();
  const { position } = JSON.parse(body) as { readonly position: string };
  const path = `/api/v1/stock-levels/${sku}?after=${position}&wait=10000`;
  const { status } = await pool.request('GET', path);
  tally.add(status === 200, status, answered);
}

/** Milliseconds of what went well, and how often each other status was answered. */
class Tally {
  private readonly latencies: number[] = [];
  private readonly failures: Record<number, number> = {};

  add(isGood: boolean, status: number, since: number): void {
    if (isGood) this.latencies.push(performance.now() - since);
    else this.failures[status] = (this.failures[status] ?? 0) + 1;
  }

  figures(): object {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const at = (p: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
    const { failures } = this;
    return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1), failures };
  }
}

const MODES: Readonly<
  Record<
    string,
    (
      pool: Connections,
      first: number,
      skus: number,
      seconds: number,
      extent: number,
    ) => Promise<object>
  >
> = { register, closed: commands, lists, reads, open: openLoop, visibility, reservations };

async function main([mode, url, ...rest]: string[]): Promise<void> {
  const [first = 0, skus = 0, seconds = 0, extent = 0] = rest.map(Number);
  const isClosed = ['closed', 'lists', 'reads', 'reservations'].includes(mode!);
  const pool = new Connections(url!, isClosed ? first : 128);
  const measured = await MODES[mode!]!(pool, first, skus, seconds, extent);
  process.stdout.write(`${JSON.stringify(measured)}\n`);
  pool.close();
}

void main(process.argv.slice(2)).then(() => process.exit(0));
