import { Client } from 'pg';
import { arrayOf } from '../libs/postgres/encode';
import { statementsOf } from '../libs/postgres/statements';
import { type Row, tableOf, type View, views } from '../libs/projections';

/** What PostgreSQL takes in bulk when nobody has to fold anything first: rows of stock levels, in batches of the projector's size. */

const BATCH = 4_096;
const ITEMS = 20_000;

async function upserts(url: string, seconds: number): Promise<{ count: number; seconds: number }> {
  const levels = views.find(({ name }) => name === 'stock_levels')!;
  const copy: View = { ...levels, name: 'bench_levels' };
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `CREATE TABLE public.${tableOf(copy)} (LIKE public.${tableOf(levels)} INCLUDING ALL)`,
    );
    const { upsert: text } = statementsOf(copy);
    const started = performance.now();
    let count = 0;
    for (; performance.now() < started + seconds * 1000; count += BATCH) {
      const rows = Array.from({ length: BATCH }, (_, i) => rowOf(count + i));
      const values = Object.keys(copy.columns).map((column) => arrayOf(rows, column));
      await client.query('BEGIN');
      await client.query({ name: 'upsert', text, values });
      await client.query('COMMIT');
    }
    return { count, seconds: (performance.now() - started) / 1000 };
  } finally {
    await client.query(`DROP TABLE IF EXISTS public.${tableOf(copy)}`);
    await client.end();
  }
}

const rowOf = (n: number): Row => ({
  sku: `BENCH-${n % ITEMS}`,
  location: 'MAIN',
  lot_code: '',
  on_hand: n,
  received: n,
  issued: 0,
  adjusted: 0,
  transferred_in: 0,
  transferred_out: 0,
  reserved: 0,
  held: 0,
  unit: 'each',
  decimals: 0,
  qc_status: 'APPROVED',
  expires_on: null,
  received_at: '2026-01-01T00:00:00.000Z',
  last_movement_at: '2026-01-01T00:00:00.000Z',
  revision: n,
  position: n,
});

async function main([url, seconds]: string[]): Promise<void> {
  process.stdout.write(`${JSON.stringify(await upserts(url!, Number(seconds)))}\n`);
}

void main(process.argv.slice(2));
