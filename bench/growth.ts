import type { System } from '../test/support/system';
import { medianOf, type Figures } from './figures';
import { Connection } from './http-client';
import { measure, rateOf, type Rate } from './measure';
import { say } from './say';

const SECTION = 'how cost grows';
const SKUS = { few: 1_000, many: 20_000 };
const PLACES = 50;
const CLIENTS = 64;
const READS = 200;

/** Commands on more SKUs, and at more places, than the same run has measured: each on streams of its own. */
export async function measureGrowth(
  figures: Figures,
  { url }: Pick<System, 'url'>,
  seconds: number,
): Promise<void> {
  say(`${SKUS.many.toLocaleString('en')} SKUs, ${PLACES} locations`);
  const load = async (skus: number, places = 0): Promise<number> => {
    const args = ['closed', url, CLIENTS, skus, seconds, places];
    return rateOf(await measure<Rate>('http-load', args));
  };
  await measure('http-load', ['register', url, SKUS.many, PLACES]);
  const [few, many] = [await load(SKUS.few), await load(SKUS.many)];
  const places = await load(SKUS.few, PLACES);
  figures.note(SECTION, 'commands on 20,000 SKUs : on 1,000', 'x', many / few);
  figures.note(
    SECTION,
    `commands at ${PLACES} locations of 1,000 SKUs : at one`,
    'x',
    places / few,
  );
}

/** Queries whose tables grow with the ledger; the SKU has few rows of its own. */
const QUERIES: Readonly<Record<string, (sku: string) => string>> = {
  'what is where, one SKU': (sku) => `stock-levels/${sku}`,
  'the newest 50 movements': () => 'stock-movements?limit=50',
  'the newest movements of one SKU': (sku) => `stock-movements?sku=${sku}&limit=50`,
  'the newest 50 entries of the audit log': () => 'audit-logs?limit=50',
  'low stock': () => 'reports/low-stock?limit=50',
};

/** Milliseconds of each query, the median of many. */
export async function queryTimes(url: string, sku: string): Promise<ReadonlyMap<string, number>> {
  const connection = new Connection(new URL(url));
  const times = new Map<string, number>();
  for (const [name, pathOf] of Object.entries(QUERIES)) {
    const took: number[] = [];
    for (let n = 0; n < READS; n += 1) {
      const began = performance.now();
      const { status } = await connection.request('GET', `/api/v1/${pathOf(sku)}`);
      if (status !== 200) throw new Error(`${pathOf(sku)}: ${status}`);
      took.push(performance.now() - began);
    }
    times.set(name, medianOf(took));
  }
  connection.close();
  return times;
}

/** The same queries before and after the ledger has grown. */
export function noteQueries(
  figures: Figures,
  rows: number,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): void {
  for (const [name, ms] of after) {
    figures.note(SECTION, `${name}, ${rows.toLocaleString('en')} ledger rows`, 'ms', ms);
    figures.note(SECTION, '  : with a hundred rows', 'x', ms / (before.get(name) ?? ms));
  }
}
