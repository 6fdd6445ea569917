import type { Postgres } from '../../../libs/postgres';
import {
  findTransfer,
  IN_TRANSIT_SORTS,
  listInTransit,
  listPlaceSummaries,
  listSummaries,
  listTransfers,
  type ListQuery,
  readPage,
  statementOf,
  TRANSFER_SORTS,
} from '../../../libs/postgres/queries';
import { tableOf, views } from '../../../libs/projections';
import { tableNamed } from '../../support/tables';
import { openMigrated, TestServer } from '../projections/database';

/** The lists of transfers over ten thousand of them, on a real PostgreSQL. */

const ROWS = 10_000;
let server: TestServer;
let db: Postgres;

const insert = (name: string, columns: string, values: string): Promise<unknown> =>
  db.query(
    `INSERT INTO ${tableNamed(name)} (${columns}) SELECT ${values} FROM generate_series(1, ${ROWS}) n`,
  );
const SKU = `'S-' || lpad((n % 2500)::text, 5, '0')`;
const AT = `timestamptz '2026-01-01Z' + (n * 7919 % 10007) * interval '1 minute'`;
const WAY = `${SKU}, 'P' || n % 40, 'Q' || n % 50`;

beforeAll(async () => {
  server = await TestServer.start();
  db = await openMigrated(await server.database());
  await insert(
    'items',
    `sku, name, description, category, unit, decimals, attributes, aliases, barcodes, suppliers, tracking,
     qc_required, allocation_policy, units, active, reorder_threshold, registered_at, updated_at, revision, position`,
    `'S-' || lpad((n - 1)::text, 5, '0'), 'Name ' || n, '', 'C', 'kg', 2, '{}', '[]', '[]', '[]', 'lot', false, 'FIFO',
     '[]', true, 1, ${AT}, ${AT}, 0, n`,
  );
  await insert(
    'transfers',
    `sku, from_location, to_location, transfer_id, status, quantity, received, arrived, written_off, cancelled, outstanding,
     in_transit, lines, unit, decimals, reference, reason, actor, dispatched_at, ended_at, revision, position`,
    `${WAY}, 'T' || lpad(n::text, 5, '0'),
     (ARRAY['DISPATCHED', 'PARTIALLY_RECEIVED', 'RECEIVED', 'CANCELLED'])[1 + least(3, n % 100)], 7, 4, 3, 1, 0, 2, 3,
     '[{"lotCode": null, "quantity": 7, "received": 4, "arrived": 3, "writtenOff": 1, "cancelled": 0}]', 'kg', 2,
     'TO-' || n, NULL, 'ada', ${AT}, NULL, n % 9, n`,
  );
  await insert(
    'in_transit',
    `sku, from_location, to_location, lot_code, quantity, unit, decimals, since, position`,
    `${WAY}, CASE WHEN n < 2000 THEN '' ELSE 'L' || n END, n, 'kg', 2, ${AT}, n`,
  );
  await db.query(`VACUUM ANALYZE ${views.map(tableOf).join(', ')}`);
}, 120_000);
afterAll(async () => {
  await db.close();
  await server.stop();
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Node[];
}
/** Scans of whole tables of ten thousand rows. */
function scansIn(node: Node): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', Plans = [] } = node;
  const isWhole = /Seq Scan/.test(type) && /^(items|transfers|in_transit)_v/.test(table);
  return [...(isWhole ? [table] : []), ...Plans.flatMap(scansIn)];
}
const sortsIn = (node: Node): string[] => [
  ...(/Sort/.test(node['Node Type']) ? [node['Node Type']] : []),
  ...(node.Plans ?? []).flatMap(sortsIn),
];
async function planOf(list: ListQuery<object>, skipped: number): Promise<Node> {
  const after =
    skipped === 0
      ? undefined
      : (await readPage(db, list, { limit: skipped, after: undefined })).next;
  const { sql, parameters } = statementOf(list, { after, limit: 51, withKeys: true });
  const [row] = await db.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
    `EXPLAIN (FORMAT JSON) ${sql}`,
    parameters,
  );
  return row!['QUERY PLAN'][0]!.Plan;
}
async function everyRow<Row extends object>(list: ListQuery<Row>, limit = 400): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: readonly string[] | undefined; ;) {
    const page = await readPage(db, list, { limit, after });
    rows.push(...page.rows);
    if (!page.next) return rows;
    after = page.next;
  }
}

const bothWays = <Name extends string>(names: readonly Name[]): (Name | `-${Name}`)[] =>
  names.flatMap((name): (Name | `-${Name}`)[] => [name, `-${name}`]);

it.each(bothWays(TRANSFER_SORTS))('transfers by %s: each once, in order', async (sort) => {
  const rows = await everyRow(listTransfers({}, sort), 3_000);
  expect(new Set(rows.map(({ transferId }) => transferId)).size).toBe(ROWS);
  const keys = rows.map((row) =>
    sort.endsWith('transferId') ? row.transferId : `${row.dispatchedAt} ${row.transferId}`,
  );
  const sorted = [...keys].sort();
  expect(keys).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
});

it.each<[string, ListQuery<object>]>([
  ...bothWays(TRANSFER_SORTS).map((sort): [string, ListQuery<object>] => [
    `transfers by ${sort}`,
    listTransfers({}, sort),
  ]),
  ...bothWays(['sku', 'from', 'to'] as const).map((sort): [string, ListQuery<object>] => [
    `in transit by ${sort}`,
    listInTransit({}, sort),
  ]),
])('%s: no page reads or sorts the whole', async (_, list) => {
  for (const skipped of [0, 90]) {
    const plan = await planOf(list, skipped);
    expect([scansIn(plan), sortsIn(plan)]).toEqual([[], []]);
  }
});

it.each<[string, ListQuery<object>]>([
  ['transfers of an item', listTransfers({ sku: 'S-00007' }, '-dispatchedAt')],
  ['transfers from a place', listTransfers({ from: 'P7' }, 'transferId')],
  ['transfers to a place', listTransfers({ to: 'Q7' }, 'transferId')],
  ['transfers of a status', listTransfers({ status: 'DISPATCHED' }, '-dispatchedAt')],
  ['what is in transit of an item', listInTransit({ sku: 'S-00007' }, 'sku')],
  ['what is in transit to a place', listInTransit({ to: 'Q7' }, 'to')],
  ['what is in transit from a place', listInTransit({ from: 'P7' }, 'from')],
  ['what is in transit, for a page of summaries', listSummaries({}, 'sku', '2026-06-15')],
])('%s: found by an index', async (_, list) => {
  expect(scansIn(await planOf(list, 0))).toEqual([]);
});

it.each([
  [{ sku: 'S-00007' }, 4],
  [{ from: 'P7' }, 250],
  [{ to: 'Q7' }, 200],
  [{ status: 'PARTIALLY_RECEIVED' }, 100],
  [{ status: 'DISPATCHED', to: 'Q0' }, 100],
  [{ status: 'DISPATCHED', to: 'Q7' }, 0],
  [{ sku: 'S-00007', from: 'P7', to: 'Q7' }, 2],
])('transfers with %j', async (filter, count) => {
  const rows = await everyRow(listTransfers(filter, 'transferId'));
  expect(rows).toHaveLength(count);
  for (const row of rows) expect(row).toMatchObject(filter);
});

it.each(IN_TRANSIT_SORTS)('in transit by %s: each way and lot once, in order', async (sort) => {
  const rows = await everyRow(listInTransit({ from: 'P3' }, sort), 60);
  expect(rows).toHaveLength(250);
  const keys = rows.map((row) => String(row[sort]));
  expect(keys).toEqual([...keys].sort());
  const ways = rows.map(({ sku, from, to, lotCode }) => `${sku} ${from} ${to} ${lotCode}`);
  expect(new Set(ways).size).toBe(250);
});

it('tells of a transfer all there is, and of none that is not', async () => {
  expect(await findTransfer(db, 'T00007')).toEqual({
    transferId: 'T00007',
    ...{ sku: 'S-00007', from: 'P7', to: 'Q7', status: 'CANCELLED' },
    ...{ quantity: 7, received: 4, writtenOff: 1, cancelled: 0, outstanding: 2, inTransit: 3 },
    lines: [{ lotCode: null, quantity: 7, received: 4, arrived: 3, writtenOff: 1, cancelled: 0 }],
    ...{ unit: 'kg', decimals: 2, reference: 'TO-7', reason: null, actor: 'ada', revision: 7 },
    dispatchedAt: '2026-01-04T17:58:00.000Z',
    endedAt: null,
  });
  expect(await findTransfer(db, 'T10001')).toBeUndefined();
});

it('summaries tell what is in transit, of an item and to a place', async () => {
  const [item] = await everyRow(listSummaries({ sku: 'S-00007' }, 'sku', '2026-06-15'));
  expect(item).toMatchObject({ onHand: 0, inTransit: String(7 + 2507 + 5007 + 7507) });
  const [none] = await everyRow(listSummaries({ sku: 'S-09998' }, 'sku', '2026-06-15'));
  expect(none).toMatchObject({ inTransit: '0' });
  await db.query(
    `INSERT INTO ${tableNamed('stock_by_location')} SELECT i.sku, 'Q7', 0, 0, 0, 0, 0, 0, 0, 0, 'kg', 2, now(), 0, 1
     FROM items i WHERE i.sku IN ('S-00007', 'S-00008')`,
  );
  const places = await everyRow(listPlaceSummaries({ location: 'Q7' }, 'sku', '2026-06-15'));
  expect(places.map(({ sku, inTransit }) => [sku, inTransit])).toEqual([
    ['S-00007', String(7 + 2507 + 5007 + 7507)],
    ['S-00008', '0'],
  ]);
});
