import * as fc from 'fast-check';
import { tableNamed } from '../../support/tables';
import type { Postgres } from '../../../libs/postgres';
import {
  ITEM_SORTS,
  LEDGER_SORTS,
  LEVEL_SORTS,
  listItems,
  listLevels,
  listLots,
  listMovements,
  type ListQuery,
  listSummaries,
  LOT_SORTS,
  type PageRequest,
  readPage,
  statementOf,
  SUMMARY_SORTS,
} from '../../../libs/postgres/queries';
import { openMigrated, TestServer } from '../projections/database';

/** Pages that are read while rows come, change and go: what was there all along in its place is read once. */

const TODAY = '2026-06-15';
const RUNS = 40;
let server: TestServer;
let db: Postgres;

beforeAll(async () => {
  server = await TestServer.start();
  db = await openMigrated(await server.database());
});
afterAll(async () => {
  await db.close();
  await server.stop();
});

/** Few values, so that many rows are equal in what they are sorted by. */
const cell = fc.integer({ min: 0, max: 3 });
const change = fc.record({
  id: fc.integer({ min: 0, max: 24 }),
  value: cell,
  removes: fc.boolean(),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** One row in every table under the same id; `value` is what each list is sorted by. */
async function write(changes: readonly Change[]): Promise<void> {
  const statements = changes.flatMap(({ id, value, removes }) => {
    const key = `'S${id}'`;
    const tables = ['items', 'stock_by_item', 'stock_levels', 'lots', 'ledger'];
    const gone = tables.map((table) => `DELETE FROM ${tableNamed(table)} WHERE sku = ${key}`);
    return removes ? gone : [...gone, ...rowsOf(id, key, value)];
  });
  for (const statement of statements) await db.query(statement);
}

function rowsOf(id: number, key: string, value: number): string[] {
  const at = `'2026-01-0${value + 1}T00:00:00Z'`;
  const sums = `${value}, ${value}, 0, 0, 0, 0, 0, 0, 'each', 0`;
  const category = value === 0 ? 'NULL' : `'C${value}'`;
  const expiry = value === 0 ? 'NULL' : `'2027-01-0${value}'`;
  return [
    `INSERT INTO ${tableNamed('items')} VALUES (${key}, 'N${value}', '', ${category}, 'each', 0, '{}', '[]', '[]', '[]', 'none',
       false, 'FIFO', '[]', NULL, true, NULL, NULL, NULL, ${at}, ${at}, 0, 1)`,
    `INSERT INTO ${tableNamed('stock_by_item')} VALUES (${key}, ${sums}, ${at}, 1)`,
    `INSERT INTO ${tableNamed('stock_levels')} VALUES (${key}, 'P${value}', 'L', ${sums}, 'APPROVED', ${expiry}, ${at}, ${at}, 0, 1)`,
    `INSERT INTO ${tableNamed('lots')} VALUES (${key}, 'L', ${expiry}, 'APPROVED', NULL, NULL, '[]', '[]', 1, ${at}, ${at},
       'each', 0, NULL, 1)`,
    `INSERT INTO ${tableNamed('ledger')} VALUES (${id}, 0, gen_random_uuid(), 's', 0, ${key}, 'P', '', 'ADJUST', 1, 1, 0, 'each', 0,
       'OTHER', NULL, NULL, NULL, NULL, NULL, NULL, 'a', gen_random_uuid(), 'c', ${at}, ${at})`,
  ];
}

const bothWays = <Name extends string>(names: readonly Name[]): (Name | `-${Name}`)[] =>
  names.flatMap((name): (Name | `-${Name}`)[] => [name, `-${name}`]);
const LISTS: Readonly<Record<string, ListQuery<{ readonly sku: string }>>> = Object.fromEntries([
  ...bothWays(ITEM_SORTS).map((sort) => [`items by ${sort}`, listItems({}, sort)]),
  ...bothWays(LEVEL_SORTS).map((sort) => [`levels by ${sort}`, listLevels({}, sort, TODAY)]),
  ...bothWays(SUMMARY_SORTS).map((sort) => [`summary by ${sort}`, listSummaries({}, sort, TODAY)]),
  ...bothWays(LOT_SORTS).map((sort) => [`lots by ${sort}`, listLots({}, sort, TODAY)]),
  ...bothWays(LEDGER_SORTS).map((sort) => [`ledger by ${sort}`, listMovements({}, sort)]),
]) as Record<string, ListQuery<{ readonly sku: string }>>;

/** The place of every row in the whole list, by its keys. */
async function placesIn(list: ListQuery<{ readonly sku: string }>): Promise<Map<string, string>> {
  const { sql, parameters } = statementOf(list, {
    after: undefined,
    limit: undefined,
    withKeys: true,
  });
  const rows = await db.query<Record<string, string>>(sql, parameters);
  const keys = list.order.columns.map((_column, i) => `key${i}`);
  return new Map(rows.map((row) => [row.sku!, JSON.stringify(keys.map((key) => row[key]))]));
}

it('repeats no row and misses none, whatever the list, its order and its pages', async () => {
  const reading = fc.record({
    list: fc.constantFrom(...Object.keys(LISTS)),
    limit: fc.integer({ min: 1, max: 7 }),
    first: fc.array(change, { minLength: 8, maxLength: 25 }),
    between: fc.array(fc.array(change, { maxLength: 3 }), { minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(reading, async ({ list: name, limit, first, between }) => {
      const list = LISTS[name]!;
      await write(first.map((each) => ({ ...each, removes: false })));
      const seen: string[] = [];
      let steady = await placesIn(list);
      let after: PageRequest['after'];
      for (let page = 0; page === 0 || after; page += 1) {
        if (page > 100) throw new Error('the pages do not end');
        const { rows, next } = await readPage(db, list, { limit, after });
        seen.push(...rows.map(({ sku }) => sku));
        after = next;
        await write(between[page % between.length]!);
        const places = await placesIn(list);
        steady = new Map([...steady].filter(([sku, place]) => places.get(sku) === place));
      }
      const times = (sku: string): number => seen.filter((each) => each === sku).length;
      expect([...steady.keys()].filter((sku) => times(sku) !== 1)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

it('has one order only: every sort ends with the whole key of the row', async () => {
  await write(Array.from({ length: 25 }, (_, id) => ({ id, value: 1, removes: false })));
  for (const list of Object.values(LISTS)) {
    const places = await placesIn(list);
    expect(new Set(places.values()).size).toBe(places.size);
  }
});
