import type { Postgres } from '../../../libs/postgres';
import {
  type ItemSort,
  type LevelSort,
  listAudit,
  listItems,
  listLevels,
  listLots,
  listMovements,
  type ListQuery,
  listSummaries,
  readPage,
  statementOf,
} from '../../../libs/postgres/queries';
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
  readonly Plans?: readonly Node[];
}

/** Nodes of the plan that read every row: sorts, and scans of whole tables that are not empty. */
function wholeReads(node: Node): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', Plans = [] } = node;
  const isWhole =
    type === 'Sort' || (/Seq Scan/.test(type) && !table.startsWith('item_thresholds'));
  return [...(isWhole ? [`${type} ${table}`.trim()] : []), ...Plans.flatMap(wholeReads)];
}

async function planOf(list: ListQuery<object>, skipped: number): Promise<Node> {
  const first = await readPage(db, list, { limit: skipped, after: undefined });
  expect(first.next).toBeDefined();
  const page = statementOf(list, { after: first.next, limit: 51, withKeys: true });
  const [row] = await db.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
    `EXPLAIN (FORMAT JSON) ${page.sql}`,
    page.parameters,
  );
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
  ['a lot by its code alone', listLots({ lotCode: 'L777' }, 'lot', TODAY)],
  ['stock of a lot by its code alone', listLevels({ lotCode: 'L777' }, 'sku', TODAY)],
])('%s is found by an index', async (_, list) => {
  const { sql, parameters } = statementOf(list, { after: undefined, limit: 51 });
  const [row] = await db.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
    `EXPLAIN (FORMAT JSON) ${sql}`,
    parameters,
  );
  const reads = wholeReads(row!['QUERY PLAN'][0]!.Plan).filter((read) => read !== 'Sort');
  expect(reads).toEqual([]);
  expect((await readPage(db, list, { limit: 50, after: undefined })).rows).toHaveLength(1);
});

it('a list that no index sorts is told by the same look', async () => {
  const list = listLevels({}, 'onHand', TODAY);
  expect(wholeReads(await planOf(list, 1))).not.toEqual([]);
});
