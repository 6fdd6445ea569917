import type { ThresholdKind } from '../../../libs/domain';
import { type LogEntry, Applier, type Postgres } from '../../../libs/postgres';
import {
  countLowStock,
  findItem,
  listLowStock,
  listThresholdHistory,
  LOW_STOCK_SORTS,
  type LowStockFilter,
  type LowStockSort,
  readPage,
} from '../../../libs/postgres/queries';
import { views } from '../../../libs/projections';
import { newId } from '../../../libs/runtime';
import { recorded } from '../../support/histories';
import { stockReceived } from '../../support/stock-events';
import { logger, openMigrated, TestServer } from '../projections/database';

/** States of stock and the history of thresholds, over tables that the product's own applier has filled. */

const TODAY = '2026-06-15';
const all = { limit: 500, after: undefined };
let server: TestServer;
let db: Postgres;

const log: LogEntry[] = [];
const revisions = new Map<string, number>();
function say(category: string, id: string, type: string, data: object, metadata = {}): void {
  const stream = `${category}-default.${id}`;
  const revision = (revisions.get(stream) ?? -1) + 1;
  revisions.set(stream, revision);
  const event = recorded({ type, data }, category, stream, revision, log.length, metadata);
  log.push({ kind: 'event', event });
}

const own = { unit: 'each', decimals: 0 };
function item(sku: string, more = {}): void {
  say('item', sku, 'ItemRegistered.v2', {
    ...{ sku, ...own, name: `Name of ${sku}`, description: '', category: null, attributes: {} },
    ...{ aliases: [], barcodes: [], suppliers: [], tracking: 'none', qcRequired: false },
    ...{ allocationPolicy: 'FIFO', units: [], countVarianceLimit: null, ...more },
  });
}
function threshold(
  sku: string,
  kind: ThresholdKind,
  units: number | null,
  location: string | null = null,
  metadata = {},
): void {
  say('item', sku, 'ThresholdSet', { sku, location, kind, threshold: units, ...own }, metadata);
}
function levels(sku: string, location: string | null, set: readonly (number | null)[]): void {
  (['SAFETY_STOCK', 'REORDER', 'MAXIMUM'] as const).forEach((kind, i) => {
    if (set[i] !== null && set[i] !== undefined) threshold(sku, kind, set[i], location);
  });
}
function receive(
  sku: string,
  location: string,
  quantity: number,
  qcStatus: 'APPROVED' | 'QUARANTINE' = 'APPROVED',
): void {
  const lotCode = qcStatus === 'APPROVED' ? null : 'Q';
  const { type, data } = stockReceived({ sku, location, quantity, lotCode, qcStatus });
  say('stock', `${sku}@${location}`, type, data);
}

/** Items named by what is available of them at MAIN, over safety stock 10, reorder threshold 20, maximum 50. */
const AVAILABLE = [0, 9, 10, 19, 20, 21, 50, 51];
const named = (available: number): string => `S${String(available).padStart(2, '0')}`;
function history(): void {
  for (const available of AVAILABLE) {
    item(named(available));
    levels(named(available), null, [10, 20, 50]);
    if (available > 0) receive(named(available), 'MAIN', available);
  }
  item('HELD', { units: [{ unit: 'box', numerator: 12, denominator: 1 }], countVarianceLimit: 5 });
  levels('HELD', null, [null, 20, 50]);
  receive('HELD', 'MAIN', 30);
  receive('HELD', 'MAIN', 60, 'QUARANTINE');
  item('ONLY-SAFETY');
  levels('ONLY-SAFETY', null, [10, null, null]);
  receive('ONLY-SAFETY', 'MAIN', 3);
  item('ONLY-MAXIMUM');
  levels('ONLY-MAXIMUM', null, [null, null, 10]);
  receive('ONLY-MAXIMUM', 'MAIN', 11);
  item('NONE');
  item('OFF');
  levels('OFF', null, [10, 20, 50]);
  say('item', 'OFF', 'ItemDeactivated', { sku: 'OFF' });
  // A place with a maximum of its own, and the item's own reorder threshold over both places.
  item('PLACES');
  levels('PLACES', null, [5, 40, null]);
  levels('PLACES', 'SHOP', [null, null, 15]);
  levels('PLACES', 'EMPTY', [1, 2, null]);
  receive('PLACES', 'MAIN', 30);
  receive('PLACES', 'SHOP', 16);
  threshold('PLACES', 'REORDER', 45, null, { actor: 'ann', reason: 'summer' });
  threshold('PLACES', 'REORDER', 3, 'SHOP');
  threshold('PLACES', 'REORDER', null, 'SHOP', { actor: 'bob', reason: 'autumn' });
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

const rowsOf = async (filter: LowStockFilter, sort: LowStockSort = 'sku') =>
  (await readPage(db, listLowStock(filter, sort, TODAY), all)).rows;
const namesIn = async (filter: LowStockFilter): Promise<string[]> =>
  (await rowsOf(filter)).map(({ sku, location }) =>
    location === null ? sku : `${sku}@${location}`,
  );

describe('the state of stock', () => {
  it.each<[LowStockFilter['state'], string[]]>([
    ['OUT_OF_STOCK', ['PLACES@EMPTY', 'S00']],
    ['BELOW_SAFETY_STOCK', ['ONLY-SAFETY', 'S09']],
    ['BELOW_REORDER', ['S10', 'S19', 'S20']],
    ['ABOVE_MAXIMUM', ['HELD', 'ONLY-MAXIMUM', 'PLACES@SHOP', 'S51']],
    // As ever: everything at or below its reorder threshold.
    [undefined, ['PLACES@EMPTY', 'S00', 'S09', 'S10', 'S19', 'S20']],
  ])('%s', async (state, expected) => {
    expect(await namesIn({ state })).toEqual(expected);
  });

  it('is told with every threshold, and what is missing', async () => {
    expect((await rowsOf({ sku: 'S09' }))[0]).toMatchObject({
      state: 'BELOW_SAFETY_STOCK',
      threshold: 20,
      safetyStock: 10,
      maximum: 50,
      shortBy: '11',
    });
    const [tooMuch] = await rowsOf({ sku: 'S51', state: 'ABOVE_MAXIMUM' });
    expect([tooMuch?.threshold, tooMuch?.shortBy]).toEqual([20, '0']);
    const [safetyOnly] = await rowsOf({ sku: 'ONLY-SAFETY', state: 'BELOW_SAFETY_STOCK' });
    expect([safetyOnly?.threshold, safetyOnly?.shortBy]).toEqual([null, null]);
  });

  it('counts what is held for the maximum, and not for the reorder threshold', async () => {
    expect(await rowsOf({ sku: 'HELD', state: 'ABOVE_MAXIMUM' })).toMatchObject([
      { onHand: '90', available: '30' },
    ]);
  });

  it('of one place takes from the item what the place lacks', async () => {
    const shop = { sku: 'PLACES', location: 'SHOP' };
    // Nothing of its own but a maximum: the item's reorder threshold stands in, and is worse.
    expect(await rowsOf(shop)).toMatchObject([
      { state: 'BELOW_REORDER', threshold: 45, safetyStock: 5, maximum: 15 },
    ]);
    const empty = { sku: 'PLACES', location: 'EMPTY' };
    expect(await rowsOf(empty)).toMatchObject([
      { state: 'OUT_OF_STOCK', threshold: 2, safetyStock: 1, maximum: null, onHand: '0' },
    ]);
    const [tooMuch] = await rowsOf({ sku: 'S51', location: 'MAIN', state: 'ABOVE_MAXIMUM' });
    expect(tooMuch).toMatchObject({
      location: 'MAIN',
      threshold: 20,
      safetyStock: 10,
      maximum: 50,
    });
    expect(await rowsOf({ sku: 'S00', location: 'SHOP' })).toEqual([]);
  });

  it('knows nothing of inactive items, nor of those without a threshold', async () => {
    for (const state of ['OUT_OF_STOCK', 'BELOW_REORDER', undefined] as const) {
      expect(await namesIn({ state, sku: 'OFF' })).toEqual([]);
      expect(await namesIn({ state, sku: 'NONE' })).toEqual([]);
      expect(await namesIn({ state, sku: 'NONE', location: 'MAIN' })).toEqual([]);
    }
  });

  it('counts in the statistics what the report shows', async () => {
    expect(await countLowStock(db, TODAY)).toBe((await rowsOf({})).length);
  });

  it.each(LOW_STOCK_SORTS.flatMap((sort): LowStockSort[] => [sort, `-${sort}`]))(
    'page by page by %s is the whole report',
    async (sort) => {
      for (const state of ['ABOVE_MAXIMUM', 'BELOW_SAFETY_STOCK', undefined] as const) {
        const whole = await rowsOf({ state }, sort);
        const seen: object[] = [];
        let after: readonly string[] | undefined;
        do {
          const page = await readPage(db, listLowStock({ state }, sort, TODAY), {
            limit: 1,
            after,
          });
          seen.push(...page.rows);
          after = page.next;
        } while (after);
        expect(seen).toEqual(whole);
      }
    },
  );
});

describe('an item', () => {
  it('has its thresholds by place and kind', async () => {
    expect((await findItem(db, 'PLACES'))?.thresholds).toEqual({
      '': { SAFETY_STOCK: 5, REORDER: 45 },
      SHOP: { MAXIMUM: 15 },
      EMPTY: { SAFETY_STOCK: 1, REORDER: 2 },
    });
    expect((await findItem(db, 'NONE'))?.thresholds).toEqual({ '': {} });
  });

  it('has its packs and its limit', async () => {
    expect(await findItem(db, 'HELD')).toMatchObject({
      units: [{ unit: 'box', numerator: 12, denominator: 1 }],
      countVarianceLimit: 5,
    });
  });
});

describe('the history of thresholds', () => {
  const lines = async (filter = {}, sort: 'position' | '-position' = 'position') =>
    (await readPage(db, listThresholdHistory('PLACES', filter, sort), all)).rows.map(
      ({ location, kind, was, threshold: to, actor, reason }) => [
        ...[location, kind, was, to],
        ...(reason === null ? [] : [actor, reason]),
      ],
    );
  const told = [
    [null, 'SAFETY_STOCK', null, 5],
    [null, 'REORDER', null, 40],
    ['SHOP', 'MAXIMUM', null, 15],
    ['EMPTY', 'SAFETY_STOCK', null, 1],
    ['EMPTY', 'REORDER', null, 2],
    [null, 'REORDER', 40, 45, 'ann', 'summer'],
    ['SHOP', 'REORDER', null, 3],
    ['SHOP', 'REORDER', 3, null, 'bob', 'autumn'],
  ];

  it('tells who, why, from what to what, either way', async () => {
    expect(await lines()).toEqual(told);
    expect(await lines({}, '-position')).toEqual([...told].reverse());
  });

  it.each<[object, number[]]>([
    [{ location: 'SHOP' }, [2, 6, 7]],
    [{ kind: 'REORDER' }, [1, 4, 5, 6, 7]],
    [{ location: 'SHOP', kind: 'MAXIMUM' }, [2]],
    [{ location: 'MAIN' }, []],
    [{ from: '2100-01-01T00:00:00.000Z' }, []],
    [{ to: '2100-01-01T00:00:00.000Z', location: 'EMPTY' }, [3, 4]],
  ])('of %j', async (filter, expected) => {
    expect(await lines(filter)).toEqual(expected.map((i) => told[i]));
  });

  it('is of one item, page by page', async () => {
    const list = listThresholdHistory('PLACES', {}, 'position');
    const first = await readPage(db, list, { limit: 5, after: undefined });
    const rest = await readPage(db, list, { limit: 5, after: first.next });
    expect([first.rows.length, rest.rows.length, rest.next]).toEqual([5, 3, undefined]);
    expect(new Set([...first.rows, ...rest.rows].map(({ sku }) => sku))).toEqual(
      new Set(['PLACES']),
    );
  });
});
