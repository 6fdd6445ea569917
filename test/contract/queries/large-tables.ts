import type { Postgres } from '../../../libs/postgres';
import { tableOf, views } from '../../../libs/projections';
import { tableNamed } from '../../support/tables';

const INSTANT = (n: string): string => `timestamptz '2020-01-01Z' + ${n} * interval '1 minute'`;

/** SKU `S-<n>` of the item n, padded so that the order of the text is the order of the numbers. */
const SKU = (n: string): string => `'S-' || lpad((${n})::text, 7, '0')`;

const SUMS = `on_hand, received, issued, adjusted, transferred_in, transferred_out, reserved, held`;
const SUMS_OF = (n: string): string => `${n} % 1000, ${n} % 1000 + 7, 7, 0, 0, 0, 0, 0`;

/** Rows as an installation of some years has them: as many items, lots, movements and events, each item at one place. */
export async function fillTables(postgres: Postgres, rows: number): Promise<void> {
  const insert = (table: string, columns: string, values: string): Promise<unknown> =>
    postgres.query(
      `INSERT INTO ${tableNamed(table)} (${columns}) SELECT ${values} FROM generate_series(1, ${rows}) n`,
    );
  await insert(
    'items',
    `sku, name, description, category, unit, decimals, attributes, aliases, barcodes, suppliers, tracking,
     qc_required, allocation_policy, units, active, reorder_threshold, registered_at, updated_at, revision, position`,
    `${SKU('n')}, 'Name ' || n * 7919 % ${rows}, '', 'C' || n % 100, 'each', 0, '{}', jsonb_build_array('A' || n),
     jsonb_build_array((4000000 + n)::text), '[]', 'lot', false, 'FIFO', '[]', true, n % 50, ${INSTANT('n')},
     ${INSTANT('n')}, 0, n`,
  );
  await insert(
    'stock_levels',
    `sku, location, lot_code, ${SUMS}, unit, decimals, qc_status, expires_on, received_at, last_movement_at,
     revision, position`,
    `${SKU('n')}, 'P' || n % 20, 'L' || n, ${SUMS_OF('n')}, 'each', 0, 'APPROVED',
     CASE WHEN n % 3 > 0 THEN date '2026-01-01' + n % 700 END, ${INSTANT('n')}, ${INSTANT('n')}, n % 9, n`,
  );
  await insert(
    'stock_by_location',
    `sku, location, ${SUMS}, unit, decimals, last_movement_at, revision, position`,
    `${SKU('n')}, 'P' || n % 20, ${SUMS_OF('n')}, 'each', 0, ${INSTANT('n')}, n % 9, n`,
  );
  await insert(
    'stock_by_item',
    `sku, ${SUMS}, unit, decimals, last_movement_at, position`,
    `${SKU('n')}, ${SUMS_OF('n')}, 'each', 0, ${INSTANT('n')}, n`,
  );
  await insert(
    'lots',
    `sku, lot_code, expires_on, qc_status, parent_lots, locations, received, first_received_at, last_received_at,
     unit, decimals, position`,
    `${SKU('n')}, 'L' || n, CASE WHEN n % 3 > 0 THEN date '2026-01-01' + n % 700 END, 'APPROVED', '[]', '[]',
     n % 1000 + 7, ${INSTANT('n')}, ${INSTANT('n')}, 'each', 0, n`,
  );
  await fillJournals(postgres, rows);
  await postgres.query(`VACUUM ANALYZE ${views.map(tableOf).join(', ')}`);
}

/** The ledger and the audit log: 200 movements of each SKU. */
async function fillJournals(postgres: Postgres, rows: number): Promise<void> {
  const sku = SKU('n / 200');
  await postgres.query(
    `INSERT INTO ${tableNamed('ledger')} (position, line, movement_id, stream, revision, sku, location, lot_code, type, quantity, balance,
       reserved, unit, decimals, purpose, actor, command_id, correlation_id, effective_at, recorded_at)
     SELECT n, 0, gen_random_uuid(), 'stock-default.' || ${sku} || '@P1', n % 200, ${sku}, 'P1', 'L' || n % 5, 'ADJUST',
       1, n % 200, 0, 'each', 0, 'OTHER', 'A' || n % 1000, gen_random_uuid(), 'c' || n, ${INSTANT('n * 7919 % 100003')},
       ${INSTANT('n')} FROM generate_series(1, ${rows}) n`,
  );
  await postgres.query(
    `INSERT INTO ${tableNamed('audit_log')} (position, event_id, stream, category, revision, type, sku, location, actor, command_id,
       command_hash, correlation_id, causation_id, effective_at, recorded_at, data)
     SELECT n, gen_random_uuid(), 'stock-default.' || ${sku} || '@P1', 'stock', n % 200, 'StockAdjusted', ${sku}, 'P1',
       'A' || n % 1000, gen_random_uuid(), '', 'c' || n, 'c', ${INSTANT('n')}, ${INSTANT('n')}, '{}'
     FROM generate_series(1, ${rows}) n`,
  );
}
