import { type LogEntry, Applier, type Postgres } from '../../../libs/postgres';
import type { QcStatus } from '../../../libs/domain';
import { stockIssued, stockReceived } from '../../support/stock-events';
import {
  countLowStock,
  findItem,
  findLocation,
  findLot,
  findSummary,
  listAudit,
  listItems,
  listLevels,
  listLocations,
  listLotMovements,
  listLots,
  listLowStock,
  listMovements,
  listPlaceSummaries,
  listSummaries,
  lotHistory,
  lotPlaces,
  type PageOf,
  type SummarySort,
  type LowStockSort,
  type LotSort,
  type LocationSort,
  type LevelSort,
  type ItemSort,
  type PageRequest,
  readPage,
  readStats,
} from '../../../libs/postgres/queries';
import type { ThresholdKind } from '../../../libs/domain';
import { views } from '../../../libs/projections';
import { newId } from '../../../libs/runtime';
import { recorded } from '../../support/histories';
import { logger, openMigrated, TestServer } from '../projections/database';

/** The SQL of the queries over tables that the product's own applier has filled, on a real PostgreSQL. */

const TODAY = '2026-06-15';
const all: PageRequest = { limit: 500, after: undefined };
let server: TestServer;
let db: Postgres;

const log: LogEntry[] = [];
const revisions = new Map<string, number>();
function say(
  category: string,
  id: string,
  type: string,
  data: object,
  effectiveAt = '2026-01-02T00:00:00.000Z',
  actor = 'someone',
  more: object = {},
): void {
  const stream = `${category}-default.${id}`;
  const revision = (revisions.get(stream) ?? -1) + 1;
  revisions.set(stream, revision);
  const metadata = { effectiveAt, actor, reason: 'because', ...more };
  const event = recorded({ type, data }, category, stream, revision, log.length, metadata);
  log.push({ kind: 'event', event });
}
const item = (sku: string, more: object = {}): void =>
  say('item', sku, 'ItemRegistered.v2', {
    sku,
    unit: 'each',
    decimals: 0,
    name: `Name of ${sku}`,
    description: '',
    category: null,
    attributes: {},
    aliases: [],
    barcodes: [],
    suppliers: [],
    tracking: 'none',
    qcRequired: false,
    allocationPolicy: 'FIFO',
    units: [],
    countVarianceLimit: null,
    ...more,
  });
const threshold = (
  sku: string,
  location: string | null,
  units: number | null,
  kind: ThresholdKind = 'REORDER',
): void =>
  say('item', sku, 'ThresholdSet', {
    sku,
    location,
    kind,
    threshold: units,
    unit: 'each',
    decimals: 0,
  });
const location = (code: string, more: object = {}): void =>
  say('location', code, 'LocationRegistered', {
    code,
    name: `Place ${code}`,
    kind: 'WAREHOUSE',
    parent: null,
    timeZone: 'UTC',
    ...more,
  });
interface Moved {
  readonly lotCode?: string;
  readonly expiresOn?: string;
  readonly qcStatus?: QcStatus;
  readonly at?: string;
  readonly reference?: string;
}
function move(sku: string, place: string, quantity: number, more: Moved = {}): void {
  const { lotCode = null, expiresOn = null, qcStatus = 'APPROVED', at, reference = null } = more;
  const moved = { sku, location: place, lotCode, reference };
  const { type, data } =
    quantity > 0
      ? stockReceived({ ...moved, quantity, expiresOn, qcStatus })
      : stockIssued({ ...moved, quantity: -quantity });
  say('stock', `${sku}@${place}`, type, data, at);
}

/** Four items at two places: A in three lots, B without lots, C never moved, D inactive. */
function history(): void {
  location('MAIN');
  location('S_1', { kind: 'STORE', parent: 'MAIN', name: 'Corner 50%' });
  item('A', { category: 'food', aliases: ['apple'], barcodes: ['400'] });
  item('B', { name: 'Beta', category: 'food' });
  item('C%_\\', { name: 'Gamma' });
  item('D');
  threshold('A', null, 100);
  threshold('A', 'S_1', 5);
  threshold('B', null, 20);
  threshold('C%_\\', null, 0);
  threshold('D', null, 9);
  threshold('B', 'S_1', 7);
  threshold('B', 'S_1', null);
  move('A', 'MAIN', 10, { lotCode: 'L1', expiresOn: '2026-06-14', at: '2026-01-03T00:00:00.000Z' });
  move('A', 'MAIN', 20, { lotCode: 'L2', expiresOn: '2026-06-15', at: '2026-01-01T00:00:00.000Z' });
  move('A', 'S_1', 7, { lotCode: 'L3', qcStatus: 'QUARANTINE' });
  move('A', 'S_1', 4, { lotCode: 'L2', expiresOn: '2026-06-15' });
  move('A', 'MAIN', -5, { lotCode: 'L2', reference: 'SO-1', at: '2026-02-01T00:00:00.000Z' });
  move('B', 'MAIN', 30);
  move('B', 'MAIN', -9, { at: '2026-02-02T00:00:00.000Z' });
  move('D', 'S_1', 1);
  say('item', 'D', 'ItemDeactivated', { sku: 'D' }, undefined, 'ann');
  judgedLot();
}

/** L3 as its own stream tells it; its receipt alone would leave it in quarantine. */
function judgedLot(): void {
  const lot = { sku: 'A', lotCode: 'L3' };
  const received = { qcStatus: 'QUARANTINE', expiresOn: null };
  const rejected = { qcStatus: 'REJECTED', expiresOn: '2026-12-31', locations: ['S_1', 'MAIN'] };
  const origin = { supplierLot: 'S-9', manufacturedOn: '2025-12-01', parentLots: ['P.1'] };
  const said = (type: string, data: object, actor?: string, more?: object): void =>
    say('lot', 'A.L3', type, { ...lot, ...data }, undefined, actor, more);
  said('LotRegistered', { location: 'S_1', ...received, ...origin });
  said('LotNotedAt', {
    location: 'MAIN',
    ...received,
    notedAs: 'QUARANTINE',
    notedExpiry: null,
  });
  said('LotExpiryCorrected', { ...rejected, qcStatus: 'QUARANTINE', was: null }, 'ann');
  // At very many places a decision is several events of one command.
  const command = { commandId: '00000009-0000-4000-8000-000000000001' };
  for (const locations of [['S_1'], ['MAIN']]) {
    said('LotRejected', { ...rejected, locations, inspector: 'i-7' }, 'bob', command);
  }
}

beforeAll(async () => {
  server = await TestServer.start();
  db = await openMigrated(await server.database());
  history();
  const applier = await Applier.open({ postgres: db, views, storeId: newId(), logger });
  await applier.apply(log);
  applier.close();
});
afterAll(async () => {
  await db.close();
  await server.stop();
});

/** Every page of a list, one row at a time: together they must be the list read at once. */
async function paged<Row>(read: (page: PageRequest) => Promise<PageOf<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  let after: PageRequest['after'];
  do {
    const page = await read({ limit: 1, after });
    expect(page.rows.length).toBeLessThanOrEqual(1);
    rows.push(...page.rows);
    after = page.next;
  } while (after);
  return rows;
}
async function steady<Row>(read: (page: PageRequest) => Promise<PageOf<Row>>): Promise<Row[]> {
  const whole = await read(all);
  expect(whole.next).toBeUndefined();
  expect(whole.rows.length).toBeGreaterThan(1);
  expect(await paged(read)).toEqual(whole.rows);
  return [...whole.rows];
}
const skus = (rows: readonly { readonly sku: string }[]): string[] => rows.map(({ sku }) => sku);

describe('items', () => {
  it.each<[ItemSort, string[]]>([
    ['sku', ['A', 'B', 'C%_\\', 'D']],
    ['-sku', ['D', 'C%_\\', 'B', 'A']],
    ['name', ['B', 'C%_\\', 'A', 'D']],
    ['updatedAt', ['A', 'C%_\\', 'B', 'D']],
    ['-updatedAt', ['D', 'B', 'C%_\\', 'A']],
    ['category', ['C%_\\', 'D', 'A', 'B']],
  ])('by %s', async (sort, expected) => {
    expect(skus(await steady((page) => readPage(db, listItems({}, sort), page)))).toEqual(expected);
  });

  it.each([
    [{ q: 'name OF' }, ['A', 'D']],
    [{ q: '%_\\' }, ['C%_\\']],
    [{ q: '_' }, ['C%_\\']],
    [{ category: 'food' }, ['A', 'B']],
    [{ active: false }, ['D']],
    [{ alias: 'apple' }, ['A']],
    [{ alias: 'appl' }, []],
    [{ barcode: '400', active: true }, ['A']],
    [{ barcode: '400', active: false }, []],
    [{ tracking: 'lot' }, []],
    [{ tracking: 'none', updatedTo: '2000-01-01T00:00:00.000Z' }, []],
    [{ q: "'; DROP TABLE items_v1; --" }, []],
  ])('that are %j', async (filter, expected) => {
    expect(skus((await readPage(db, listItems(filter, 'sku'), all)).rows)).toEqual(expected);
  });

  it('are found with their thresholds in base units; one that was taken away is gone', async () => {
    expect(await findItem(db, 'A')).toMatchObject({
      sku: 'A',
      thresholds: { '': { REORDER: 100 }, S_1: { REORDER: 5 } },
      active: true,
      revision: 2,
    });
    expect((await findItem(db, 'B'))?.thresholds).toEqual({ '': { REORDER: 20 } });
    expect(await findItem(db, 'a')).toBeUndefined();
  });
});

describe('locations', () => {
  it.each<[LocationSort, string[]]>([
    ['code', ['MAIN', 'S_1']],
    ['-code', ['S_1', 'MAIN']],
    ['name', ['S_1', 'MAIN']],
    ['kind', ['S_1', 'MAIN']],
    ['-updatedAt', ['S_1', 'MAIN']],
  ])('by %s', async (sort, expected) => {
    const rows = await steady((page) => readPage(db, listLocations({}, sort), page));
    expect(rows.map(({ code }) => code)).toEqual(expected);
  });

  it.each([
    [{ kind: 'STORE' }, ['S_1']],
    [{ parent: 'MAIN' }, ['S_1']],
    [{ q: '50%' }, ['S_1']],
    [{ q: 'place' }, ['MAIN']],
    [{ active: false }, []],
  ])('that are %j', async (filter, expected) => {
    const { rows } = await readPage(db, listLocations(filter, 'code'), all);
    expect(rows.map(({ code }) => code)).toEqual(expected);
  });

  it('are found by code', async () => {
    expect(await findLocation(db, 'S_1')).toMatchObject({ kind: 'STORE', parent: 'MAIN' });
    expect(await findLocation(db, 'S-1')).toBeUndefined();
  });
});

describe('stock', () => {
  it('per SKU, location and lot: usable to the end of the last day', async () => {
    const rows = await steady((page) => readPage(db, listLevels({ sku: 'A' }, 'sku', TODAY), page));
    expect(
      rows.map((r) => [r.location, r.lotCode, r.onHand, r.available, r.quarantined, r.expired]),
    ).toEqual([
      ['MAIN', 'L1', 10, 0, 0, 10],
      ['MAIN', 'L2', 15, 15, 0, 0],
      ['S_1', 'L2', 4, 4, 0, 0],
      ['S_1', 'L3', 7, 0, 7, 0],
    ]);
    expect(rows[0]?.expiresOn).toBe('2026-06-14');
  });

  it.each<[LevelSort, string[]]>([
    ['sku', ['A.L1', 'A.L2', 'A.L2', 'A.L3', 'B.', 'D.']],
    ['location', ['A.L1', 'A.L2', 'B.', 'A.L2', 'A.L3', 'D.']],
    ['expiresOn', ['A.L1', 'A.L2', 'A.L2', 'A.L3', 'B.', 'D.']],
    ['-onHand', ['B.', 'A.L2', 'A.L1', 'A.L3', 'A.L2', 'D.']],
    ['-lastMovementAt', ['B.', 'A.L2', 'A.L1', 'D.', 'A.L3', 'A.L2']],
  ])('levels by %s', async (sort, expected) => {
    const rows = await steady((page) => readPage(db, listLevels({}, sort, TODAY), page));
    expect(rows.map(({ sku, lotCode }) => `${sku}.${lotCode ?? ''}`)).toEqual(expected);
  });

  it.each<[SummarySort, string[]]>([
    ['-sku', ['D', 'C%_\\', 'B', 'A']],
    ['name', ['B', 'C%_\\', 'A', 'D']],
    ['-onHand', ['A', 'B', 'D', 'C%_\\']],
    ['lastMovementAt', ['C%_\\', 'D', 'A', 'B']],
  ])('items by %s', async (sort, expected) => {
    const rows = await steady((page) => readPage(db, listSummaries({}, sort, TODAY), page));
    expect(skus(rows)).toEqual(expected);
    await steady((page) => readPage(db, listPlaceSummaries({}, sort, TODAY), page));
  });

  it.each([
    [{ q: 'gam' }, ['C%_\\']],
    [{ inStock: true }, ['A', 'B', 'D']],
    [{ inStock: false }, ['C%_\\']],
  ])('items that are %j', async (filter, expected) => {
    const { rows } = await readPage(db, listSummaries(filter, 'sku', TODAY), all);
    expect(skus(rows)).toEqual(expected);
  });

  it.each([
    [{ qcStatus: 'QUARANTINE' }, ['A']],
    [{ expiresFrom: '2026-06-14', expiresBefore: '2026-06-15' }, ['A']],
    [{ location: 'S_1' }, ['A', 'A', 'D']],
    [{ location: 'S_1', lotCode: 'L2' }, ['A']],
    [{ lotCode: 'L2' }, ['A', 'A']],
    [{ inStock: false }, []],
    [{ sku: 'X' }, []],
  ])('levels that are %j', async (filter, expected) => {
    expect(skus((await readPage(db, listLevels(filter, 'sku', TODAY), all)).rows)).toEqual(
      expected,
    );
  });

  const sums = (row: object | undefined) =>
    Object.fromEntries(Object.entries(row ?? {}).map(([name, v]) => [name, Number(v)]));

  it('per item: every item, with zeros where nothing ever moved', async () => {
    const rows = await steady((page) => readPage(db, listSummaries({}, 'sku', TODAY), page));
    expect(skus(rows)).toEqual(['A', 'B', 'C%_\\', 'D']);
    expect(sums(rows[0])).toMatchObject({
      onHand: 36,
      available: 19,
      quarantined: 7,
      expired: 10,
      received: 41,
      issued: 5,
      reserved: 0,
    });
    expect(sums(rows[2])).toMatchObject({ onHand: 0, available: 0, received: 0 });
    expect(rows[2]?.lastMovementAt).toBeNull();
  });

  it('per item and place, filtered', async () => {
    const rows = await steady((page) =>
      readPage(db, listPlaceSummaries({ sku: 'A' }, 'sku', TODAY), page),
    );
    expect(rows.map((r) => [r.location, Number(r.onHand), Number(r.available)])).toEqual([
      ['MAIN', 25, 15],
      ['S_1', 11, 4],
    ]);
    const active = await readPage(
      db,
      listPlaceSummaries({ location: 'S_1', active: true }, 'sku', TODAY),
      all,
    );
    expect(skus(active.rows)).toEqual(['A']);
    const food = await readPage(db, listSummaries({ category: 'food' }, 'sku', TODAY), all);
    expect(skus(food.rows)).toEqual(['A', 'B']);
  });

  it('of one item with its places; the places add up to the item', async () => {
    const found = await findSummary(db, 'A', TODAY);
    const places = found?.locations.map(({ onHand }) => Number(onHand)) ?? [];
    expect(places.reduce((a, b) => a + b)).toBe(Number(found?.item.onHand));
    expect(await findSummary(db, 'X', TODAY)).toBeUndefined();
  });

  it('of lots, by code or by expiry', async () => {
    const byCode = await steady((page) => readPage(db, listLots({}, 'lot', TODAY), page));
    expect(byCode.map(({ lotCode }) => lotCode)).toEqual(['L1', 'L2', 'L3']);
    const byExpiry = await steady((page) => readPage(db, listLots({}, 'expiresOn', TODAY), page));
    expect(byExpiry.map(({ lotCode }) => lotCode)).toEqual(['L1', 'L2', 'L3']);
    const lastDays = ['2026-06-14', '2026-06-15', '2026-12-31'];
    expect(byExpiry.map(({ expiresOn }) => expiresOn)).toEqual(lastDays);
  });

  it.each([
    [
      { location: 'MAIN' },
      [
        ['L1', 10],
        ['L2', 15],
      ],
    ],
    [
      { location: 'S_1' },
      [
        ['L2', 4],
        ['L3', 7],
      ],
    ],
    [{ expiresFrom: '2026-06-14', expiresBefore: '2026-06-15' }, [['L1', 10]]],
    [{ qcStatus: 'QUARANTINE' }, []],
    [{ qcStatus: 'REJECTED' }, [['L3', 7]]],
    [{ inStock: true, sku: 'A', lotCode: 'L2' }, [['L2', 19]]],
    [{ inStock: false }, []],
  ])('of lots that are %j', async (filter, expected) => {
    const { rows } = await readPage(db, listLots(filter, 'lot', TODAY), all);
    expect(rows.map(({ lotCode, onHand }) => [lotCode, Number(onHand)])).toEqual(expected);
  });

  it.each<[LotSort, string[]]>([
    ['-lot', ['L3', 'L2', 'L1']],
    ['-expiresOn', ['L3', 'L2', 'L1']],
    ['firstReceivedAt', ['L2', 'L3', 'L1']],
    ['lastReceivedAt', ['L2', 'L3', 'L1']],
  ])('lots by %s', async (sort, expected) => {
    const rows = await steady((page) => readPage(db, listLots({}, sort, TODAY), page));
    expect(rows.map(({ lotCode }) => lotCode)).toEqual(expected);
  });

  it('of one lot over all places', async () => {
    const lot = await findLot(db, 'A', 'L2', TODAY);
    expect(sums(lot)).toMatchObject({ onHand: 19, received: 24, available: 19 });
    expect(await findLot(db, 'B', '', TODAY)).toBeUndefined();
  });

  it('of one lot as its own stream tells it', async () => {
    const unjudged = await findLot(db, 'A', 'L2', TODAY);
    expect(unjudged).toMatchObject({ supplierLot: null, manufacturedOn: null, parentLots: [] });
    expect(await findLot(db, 'A', 'L3', TODAY)).toMatchObject({
      qcStatus: 'REJECTED',
      expiresOn: '2026-12-31',
      supplierLot: 'S-9',
      manufacturedOn: '2025-12-01',
      parentLots: ['P.1'],
    });
  });

  it('of the places of a lot, each with what it goes by', async () => {
    const places = await lotPlaces(db, { sku: 'A', lotCode: 'L2' }, TODAY);
    expect(places.map(({ location, onHand }) => [location, Number(onHand)])).toEqual([
      ['MAIN', 15],
      ['S_1', 4],
    ]);
    const pending = await lotPlaces(db, { sku: 'A', lotCode: 'L3' }, TODAY);
    expect(pending.map(({ location, qcStatus }) => [location, qcStatus])).toEqual([
      ['S_1', 'QUARANTINE'],
    ]);
  });

  it('of what was said of a lot, in order: who, why, and what it made of it; a decision once', async () => {
    const history = await lotHistory(db, 'lot-default.A.L3');
    const why = { reason: 'because', effectiveAt: '2026-01-02T00:00:00.000Z' };
    expect(history).toMatchObject([
      { revision: 0, type: 'LotRegistered', qcStatus: 'QUARANTINE', expiresOn: null, ...why },
      {
        revision: 2,
        type: 'LotExpiryCorrected',
        qcStatus: 'QUARANTINE',
        expiresOn: '2026-12-31',
        inspector: null,
        actor: 'ann',
        ...why,
      },
      { revision: 3, type: 'LotRejected', qcStatus: 'REJECTED', inspector: 'i-7', actor: 'bob' },
    ]);
    expect(await lotHistory(db, 'lot-default.A.L2')).toEqual([]);
  });
});

describe('the ledger', () => {
  const lines = (rows: readonly { sku: string; quantity: unknown; balance: unknown }[]) =>
    rows.map(({ sku, quantity, balance }) => [sku, Number(quantity), Number(balance)]);

  it('has every movement with the balance of its place, either way', async () => {
    const up = await steady((page) => readPage(db, listMovements({}, 'position'), page));
    expect(lines(up)).toEqual([
      ['A', 10, 10],
      ['A', 20, 30],
      ['A', 7, 7],
      ['A', 4, 11],
      ['A', -5, 25],
      ['B', 30, 30],
      ['B', -9, 21],
      ['D', 1, 1],
    ]);
    expect(await steady((page) => readPage(db, listMovements({}, '-position'), page))).toEqual(
      up.reverse(),
    );
  });

  it('by the time in the world, with movements of the same instant in log order', async () => {
    const rows = await steady((page) => readPage(db, listMovements({}, 'effectiveAt'), page));
    expect(lines(rows).map(([sku, quantity]) => `${sku}${quantity}`)).toEqual([
      'A20',
      'A7',
      'A4',
      'B30',
      'D1',
      'A10',
      'A-5',
      'B-9',
    ]);
  });

  it.each([
    [{ from: '2026-01-03T00:00:00.000Z', to: '2026-02-02T00:00:00.000Z' }, 2],
    [{ type: 'ISSUE' }, 2],
    [{ purpose: 'SALE', sku: 'B' }, 1],
    [{ location: 'S_1' }, 3],
    [{ lotCode: 'L2' }, 3],
    [{ reference: 'SO-1' }, 1],
    [{ actor: 'nobody' }, 0],
    [{ commandId: '00000001-0000-4000-8000-000000000013' }, 1],
  ])('of movements that are %j', async (filter, count) => {
    const { rows } = await readPage(db, listMovements(filter, 'position'), all);
    expect(rows).toHaveLength(count);
  });

  it('of a lot runs over all places, and a filter or a page leaves its balance alone', async () => {
    const lot = { sku: 'A', lotCode: 'L2' };
    const balances = (rows: readonly { lotBalance: unknown }[]) =>
      rows.map(({ lotBalance }) => Number(lotBalance));
    const rows = await steady((page) => readPage(db, listLotMovements(lot, {}, 'position'), page));
    expect(balances(rows)).toEqual([20, 24, 19]);
    const main = await readPage(db, listLotMovements(lot, { location: 'MAIN' }, '-position'), all);
    expect(balances(main.rows)).toEqual([19, 20]);
    const pool = await readPage(
      db,
      listLotMovements({ sku: 'B', lotCode: '' }, {}, 'position'),
      all,
    );
    expect(pool.rows).toEqual([]);
  });
});

it.each([
  [{ sku: 'D' }, 4],
  [{ actor: 'ann' }, 2],
  [{ type: 'ThresholdSet' }, 7],
  [{ category: 'location' }, 2],
  [{ stream: 'item-default.A' }, 3],
  [{ location: 'S_1', type: 'StockReceived.v2' }, 3],
  [{ from: '2100-01-01T00:00:00.000Z' }, 0],
  [{ to: '2100-01-01T00:00:00.000Z', correlationId: 'correlation' }, 27],
])('the audit log of %j', async (filter, count) => {
  const { rows } = await readPage(db, listAudit(filter, 'position'), all);
  expect(rows).toHaveLength(count);
  expect(await paged((page) => readPage(db, listAudit(filter, '-position'), page))).toEqual(
    [...rows].reverse(),
  );
});

describe('low stock', () => {
  const lines = async (filter: object) =>
    (await readPage(db, listLowStock(filter, 'sku', TODAY), all)).rows.map((row) => [
      row.sku,
      row.location,
      Number(row.threshold),
      Number(row.available),
      Number(row.shortBy),
    ]);

  it('is at or below the threshold: of the item over all places, of a place by its own', async () => {
    expect(await lines({})).toEqual([
      ['A', null, 100, 19, 81],
      ['A', 'S_1', 5, 4, 1],
      ['C%_\\', null, 0, 0, 0],
    ]);
    await steady((page) => readPage(db, listLowStock({}, 'sku', TODAY), page));
    expect(await countLowStock(db, TODAY)).toBe(3);
  });

  it.each<[LowStockSort, string[]]>([
    ['-sku', ['C%_\\', 'A', 'A']],
    ['name', ['C%_\\', 'A', 'A']],
    ['-shortBy', ['A', 'A', 'C%_\\']],
    ['available', ['C%_\\', 'A', 'A']],
  ])('by %s', async (sort, expected) => {
    const rows = await steady((page) => readPage(db, listLowStock({}, sort, TODAY), page));
    expect(skus(rows)).toEqual(expected);
  });

  it.each([
    [{ location: 'S_1' }, [['A', 'S_1', 5, 4, 1]]],
    [{ location: 'MAIN' }, [['A', 'MAIN', 100, 15, 85]]],
    [{ category: 'food', sku: 'B' }, []],
    [{ location: 'NOWHERE' }, []],
  ])('of %j', async (filter, expected) => {
    expect(await lines(filter)).toEqual(expected);
  });
});

it('the statistics count everything once', async () => {
  expect(await readStats(db, TODAY)).toEqual({
    items: 4,
    activeItems: 3,
    locations: 2,
    activeLocations: 2,
    lots: 3,
    stockedLevels: 4,
    movements: 8,
    lowStock: 3,
    units: [
      {
        unit: 'each',
        decimals: 0,
        onHand: '58',
        reserved: '0',
        received: '72',
        issued: '14',
        adjusted: '0',
      },
    ],
  });
});
