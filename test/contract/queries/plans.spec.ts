import type { Postgres } from '../../../libs/postgres';
import {
  dueReservations,
  type ItemSort,
  type LevelSort,
  listAudit,
  listItems,
  listLevels,
  listLots,
  listMovements,
  listRestatements,
  listReservations,
  listShortages,
  type ListQuery,
  listSummaries,
  readCorrelated,
  readPage,
  readTimeline,
  statementOf,
} from '../../../libs/postgres/queries';
import { tableNamed } from '../../support/tables';
import { openMigrated, TestServer } from '../projections/database';
import { fillTables } from './large-tables';

/** What grows large is read by an index: neither sorted nor read as a whole, wherever in the list a page begins. */

const TODAY = '2026-06-15';
const ROWS = 10_000;
let server: TestServer;
let db: Postgres;

beforeAll(async () => {
  server = await TestServer.start();
  db = await openMigrated(await server.database());
  await fillTables(db, ROWS);
});
afterAll(async () => {
  await db.close();
  await server.stop();
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Sort Key'?: readonly string[];
  readonly Plans?: readonly Node[];
}

/** Nodes of the plan that read every row: sorts, and scans of whole tables that are not empty. */
function wholeReads(node: Node): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', 'Sort Key': keys, Plans = [] } = node;
  // The few lots of one reservation are put in order, for each row of the page.
  const isOfOneRow = keys?.[0]?.endsWith('.since_position');
  const isWhole =
    (type === 'Sort' && isOfOneRow !== true) ||
    (/Seq Scan/.test(type) && !table.startsWith('item_thresholds'));
  return [...(isWhole ? [`${type} ${table}`.trim()] : []), ...Plans.flatMap(wholeReads)];
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: Node }[];
}

async function planOf(list: ListQuery<object>, skipped: number): Promise<Node> {
  const first = await readPage(db, list, { limit: skipped, after: undefined });
  expect(first.next).toBeDefined();
  const page = statementOf(list, { after: first.next, limit: 51, withKeys: true });
  const [row] = await db.query<Explained>(`EXPLAIN (FORMAT JSON) ${page.sql}`, page.parameters);
  return row!['QUERY PLAN'][0]!.Plan;
}

const bothWays = <Name extends string>(names: readonly Name[]): (Name | `-${Name}`)[] =>
  names.flatMap((name): (Name | `-${Name}`)[] => [name, `-${name}`]);

it.each<[string, ListQuery<object>]>([
  ...bothWays(['sku', 'name', 'updatedAt']).map((sort: ItemSort): [string, ListQuery<object>] => [
    `items by ${sort}`,
    listItems({}, sort),
  ]),
  ['items of a category', listItems({ category: 'C7' }, 'sku')],
  ...bothWays(['sku', 'location', 'expiresOn']).map(
    (sort: LevelSort): [string, ListQuery<object>] => [
      `stock levels by ${sort}`,
      listLevels({}, sort, TODAY),
    ],
  ),
  ...bothWays(['sku', 'name'] as const).map((sort): [string, ListQuery<object>] => [
    `summaries by ${sort}`,
    listSummaries({}, sort, TODAY),
  ]),
  ...bothWays(['lot', 'expiresOn'] as const).map((sort): [string, ListQuery<object>] => [
    `lots by ${sort}`,
    listLots({}, sort, TODAY),
  ]),
  ...bothWays(['position', 'effectiveAt'] as const).map((sort): [string, ListQuery<object>] => [
    `the ledger by ${sort}`,
    listMovements({}, sort),
  ]),
  ...bothWays(['reservedAt', 'sku'] as const).map((sort): [string, ListQuery<object>] => [
    `reservations by ${sort}`,
    listReservations({}, sort),
  ]),
  ['open reservations', listReservations({ status: 'ACTIVE' }, '-reservedAt')],
  ...bothWays(['position', 'recordedAt'] as const).map((sort): [string, ListQuery<object>] => [
    `the audit log by ${sort}`,
    listAudit({}, sort),
  ]),
])('%s', async (_, list) => {
  for (const skipped of [1, 90]) expect(wholeReads(await planOf(list, skipped))).toEqual([]);
});

it.each<[string, ListQuery<object>]>([
  ['an item by barcode', listItems({ barcode: '4000777' }, 'sku')],
  ['an item by alias', listItems({ alias: 'A777' }, 'sku')],
  ['what came with a correlation id', listAudit({ correlationId: 'c777' }, '-position')],
  ['a reservation by what it is for', listReservations({ batchId: 'B777' }, 'reservedAt')],
  ['the reservation that is short', listShortages({ sku: 'S-0000500' }, 'sku', TODAY)],
  ['a lot by its code alone', listLots({ lotCode: 'L777' }, 'lot', TODAY)],
  ['stock of a lot by its code alone', listLevels({ lotCode: 'L777' }, 'sku', TODAY)],
])('%s is found by an index', async (_, list) => {
  const { sql, parameters } = statementOf(list, { after: undefined, limit: 51 });
  const [row] = await db.query<Explained>(`EXPLAIN (FORMAT JSON) ${sql}`, parameters);
  const reads = wholeReads(row!['QUERY PLAN'][0]!.Plan).filter((read) => read !== 'Sort');
  expect(reads).toEqual([]);
  expect((await readPage(db, list, { limit: 50, after: undefined })).rows).toHaveLength(1);
});

it('movements behind a closing are found by an index', async () => {
  await db.query(
    `INSERT INTO periods_v1 (position, event_id, revision, type, closed_through, actor, command_id, correlation_id,
       effective_at, recorded_at)
     VALUES (9000, gen_random_uuid(), 0, 'CLOSE', '2020-02-15', 'A', gen_random_uuid(), 'c', now(), now())`,
  );
  await db.query('ANALYZE periods_v1');
  const list = listRestatements({}, '-position');
  const { sql, parameters } = statementOf(list, { after: undefined, limit: 51 });
  const [row] = await db.query<Explained>(`EXPLAIN (FORMAT JSON) ${sql}`, parameters);
  const { Plan: plan } = row!['QUERY PLAN'][0]!;
  expect(wholeReads(plan).filter((read) => !/^Sort|periods/.test(read))).toEqual([]);
  expect(JSON.stringify(plan)).toMatch(/ledger_v\d+_by_effective_at_position/);
  expect((await readPage(db, list, { limit: 50, after: undefined })).rows).toHaveLength(50);
});

it('a timeline is read by an index, and from the movement on', async () => {
  const plans: Node[] = [];
  const explaining = {
    query: async <R extends object>(sql: string, parameters?: readonly unknown[]) => {
      const [row] = await db.query<Explained>(`EXPLAIN (FORMAT JSON) ${sql}`, parameters);
      plans.push(row!['QUERY PLAN'][0]!.Plan);
      return db.query<R>(sql, parameters);
    },
  };
  const of = { sku: 'S-0000010', location: 'P1', effectiveAt: '2020-02-01T00:00:00Z', change: 1 };
  await readTimeline(explaining, of);
  await readTimeline(explaining, { ...of, lotCode: 'L1' });
  for (const plan of plans) {
    expect(wholeReads(plan).filter((read) => read !== 'Sort')).toEqual([]);
    expect(JSON.stringify(plan)).toMatch(/ledger_v\d+_by_sku_location_effective_at/);
  }
});

it('the movements of a large import are read by an index, wherever in it a part begins', async () => {
  for (const table of ['ledger', 'audit_log'] as const) {
    await db.query(
      `UPDATE ${tableNamed(table)} SET correlation_id = 'import' WHERE position % 2 = 0`,
    );
  }
  await db.query(`VACUUM ANALYZE ${tableNamed('ledger')}, ${tableNamed('audit_log')}`);
  const plans: Node[] = [];
  const explaining = {
    query: async <R extends object>(sql: string, parameters?: readonly unknown[]) => {
      const [row] = await db.query<Explained>(`EXPLAIN (FORMAT JSON) ${sql}`, parameters);
      plans.push(row!['QUERY PLAN'][0]!.Plan);
      return db.query<R>(sql, parameters);
    },
  };
  for (const before of [undefined, '9000', '1000']) {
    const rows = await readCorrelated(explaining, 'import', { before, limit: 50 });
    const newest = before === undefined ? ROWS : Number(before) - 2;
    expect([rows.length, rows[0]?.position]).toEqual([50, String(newest)]);
  }
  for (const plan of plans) {
    expect(wholeReads(plan)).toEqual([]);
    expect(JSON.stringify(plan)).toMatch(/audit_log_v\d+_by_correlation_id_position/);
  }
});

it('reservations whose time is over are found by an index', async () => {
  const asked: string[] = [];
  const due = await dueReservations(
    { query: (sql, values) => (asked.push(sql), db.query(sql, values)) },
    '2020-01-01T05:00:00.000Z',
    10,
  );
  expect(due.map(({ reservationId }) => reservationId)).toEqual([
    'S-0000100@P0.R1',
    'S-0000200@P0.R1',
    'S-0000300@P0.R1',
  ]);
  const [row] = await db.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
    `EXPLAIN (FORMAT JSON) ${asked[0]}`,
    ['2020-01-01T05:00:00.000Z', 10],
  );
  expect(wholeReads(row!['QUERY PLAN'][0]!.Plan)).toEqual([]);
});

it('a list that no index sorts is told by the same look', async () => {
  const list = listLevels({}, 'onHand', TODAY);
  expect(wholeReads(await planOf(list, 1))).not.toEqual([]);
});
