import { type LogEntry, Applier, type Postgres } from '../../../libs/postgres';
import {
  countCorrelated,
  dueReservations,
  findReservation,
  listReservations,
  listReservationsAtRisk,
  listShortages,
  type ListQuery,
  type ReservationFilter,
  type ReservationSort,
  type RiskFilter,
  readCorrelated,
  readPage,
} from '../../../libs/postgres/queries';
import type { StockEvent } from '../../../libs/domain';
import { views } from '../../../libs/projections';
import { newId } from '../../../libs/runtime';
import type { Happened } from '../../support/given';
import { recorded } from '../../support/histories';
import {
  allocationsMoved,
  expired,
  held,
  idOf,
  issued,
  LATER,
  received,
  released,
  reserved,
  statusApplied,
} from '../../support/stock-cases';
import { logger, openMigrated, TestServer } from '../projections/database';

/** The SQL about reservations over tables that the product's own applier has filled, on a real PostgreSQL. */

const TODAY = '2026-06-15';
const TOMORROW = '2026-06-16T00:00:00.000Z';
let server: TestServer;
let db: Postgres;

/** Tea in bags at NORTH: six lots of every kind, and reservations in every state. */
const story: readonly Happened<StockEvent>[] = [
  received('GOOD', 50),
  received('OLD', 50, 1, { expiresOn: '2026-06-14' }),
  received('TODAY', 50, 1, { expiresOn: '2026-06-15' }),
  received('SOON', 50, 1, { expiresOn: '2026-06-21' }),
  received('BAD', 50),
  received(null, 50),
  held(null, 30),
  reserved(1, { GOOD: 5, '': 2 }, { batchId: 'B-1', reference: 'SO-1' }),
  reserved(2, { OLD: 1, TODAY: 2, SOON: 3, BAD: 4 }, { batchId: 'B-1' }),
  reserved(3, { GOOD: 6 }, { expiresAt: LATER, short: 2 }),
  reserved(4, { GOOD: 7 }, { expiresAt: TOMORROW }),
  reserved(5, { GOOD: 8, SOON: 1 }),
  reserved(6, { GOOD: 9 }),
  reserved(7, { BAD: 5 }, { hard: true, reference: 'SO-7' }),
  issued('GOOD', 3, { reservationId: idOf(1) }),
  issued('GOOD', 8, { reservationId: idOf(5) }),
  issued('SOON', 1, { reservationId: idOf(5) }),
  released(6, { GOOD: 9 }),
  expired(4, { GOOD: 7 }, TOMORROW),
  statusApplied('BAD', 'REJECTED'),
  allocationsMoved(7, { BAD: 5 }, {}, 'LOT_NOT_APPROVED'),
];

beforeAll(async () => {
  server = await TestServer.start();
  db = await openMigrated(await server.database());
  const log = story.map((step, at): LogEntry => {
    const [effectiveAt, event] = Array.isArray(step) ? step : [`2026-06-02T08:00:00.000Z`, step];
    const metadata = { effectiveAt: effectiveAt as string };
    const one = recorded(event as StockEvent, 'stock', 'stock-default.TEA@NORTH', at, at, metadata);
    return { kind: 'event', event: one };
  });
  const applier = await Applier.open({ postgres: db, views, storeId: newId(), logger });
  await applier.apply(log);
  applier.close();
});
afterAll(async () => {
  await db.close();
  await server.stop();
});

/** The list at once, which must be what it is page by page. */
async function rowsOf<Row extends object>(list: ListQuery<Row>): Promise<Row[]> {
  const whole = await readPage(db, list, { limit: 500, after: undefined });
  const rows: Row[] = [];
  let after: readonly string[] | undefined;
  do {
    const page = await readPage(db, list, { limit: 1, after });
    rows.push(...page.rows);
    after = page.next;
  } while (after);
  expect(rows).toEqual(whole.rows);
  return rows;
}
const ordinals = (rows: readonly { readonly reservationId: string }[]): number[] =>
  rows.map(({ reservationId }) => Number(reservationId.split('.R')[1]));

describe('reservations', () => {
  it.each<[ReservationSort, number[]]>([
    ['reservedAt', [1, 2, 3, 4, 5, 6, 7]],
    ['-reservedAt', [7, 6, 5, 4, 3, 2, 1]],
    ['expiresAt', [3, 4, 1, 2, 5, 6, 7]],
    ['-expiresAt', [7, 6, 5, 2, 1, 4, 3]],
    ['sku', [1, 2, 3, 4, 5, 6, 7]],
    ['-quantity', [2, 6, 5, 3, 4, 1, 7]],
  ])('by %s', async (sort, expected) => {
    expect(ordinals(await rowsOf(listReservations({}, sort)))).toEqual(expected);
  });

  it.each<[ReservationFilter, number[]]>([
    [{ status: 'ACTIVE' }, [2, 3, 7]],
    [{ status: 'PARTIAL' }, [1]],
    [{ status: 'COMPLETED' }, [5]],
    [{ status: 'RELEASED' }, [6]],
    [{ status: 'EXPIRED' }, [4]],
    [{ batchId: 'B-1' }, [1, 2]],
    [{ batchId: 'B-1', reference: 'SO-1' }, [1]],
    [{ reference: "'; --" }, []],
    [{ sku: 'TEA', location: 'NORTH', status: 'ACTIVE' }, [2, 3, 7]],
    [{ sku: 'tea' }, []],
    [{ location: 'SOUTH' }, []],
    [{ expiresBefore: LATER }, []],
    [{ expiresBefore: '2026-06-15T12:00:00.001Z' }, [3]],
    // What has ended does not end again.
    [{ expiresBefore: '2027-01-01T00:00:00.000Z' }, [3]],
  ])('that are %j', async (filter, expected) => {
    expect(ordinals(await rowsOf(listReservations(filter, 'reservedAt')))).toEqual(expected);
  });

  it('tell what has become of them, lot by lot in the order in which they are issued', async () => {
    expect(await findReservation(db, idOf(1))).toMatchObject({
      status: 'PARTIAL',
      totalQuantity: 7,
      allocatedQuantity: 4,
      issuedQuantity: 3,
      releasedQuantity: 0,
      expiredQuantity: 0,
      short: 0,
      endedAt: null,
      allocations: [
        { lotCode: 'GOOD', quantity: '2', issuedQuantity: '3' },
        { lotCode: null, quantity: '2', issuedQuantity: '0' },
      ],
    });
    expect(await findReservation(db, idOf(6))).toMatchObject({
      status: 'RELEASED',
      releasedQuantity: 9,
      allocations: [],
      endedAt: '2026-06-02T08:00:00.000Z',
    });
    const inOrder = (await findReservation(db, idOf(2)))?.allocations;
    expect(inOrder?.map(({ lotCode }) => lotCode)).toEqual(['OLD', 'TODAY', 'SOON', 'BAD']);
    expect(await findReservation(db, idOf(8))).toBeUndefined();
  });

  it('whose time is over are those that are open, from that instant on', async () => {
    const dueAt = async (now: string): Promise<number[]> =>
      ordinals(await dueReservations(db, now, 10));
    expect(await dueAt('2026-06-15T11:59:59.999Z')).toEqual([]);
    expect(await dueAt(LATER)).toEqual([3]);
    expect(await dueAt('2027-01-01T00:00:00.000Z')).toEqual([3]);
    expect(await dueReservations(db, LATER, 1)).toEqual([
      { reservationId: idOf(3), sku: 'TEA', location: 'NORTH', expiresAt: LATER },
    ]);
  });
});

describe('reports', () => {
  it('shortages: what is missing, and what could be had now', async () => {
    const rows = await rowsOf(listShortages({}, 'reservedAt', TODAY));
    expect(ordinals(rows)).toEqual([3, 7]);
    // GOOD has 39 - 8 left of it, TODAY 48, SOON 46, the pool 50 - 30 - 2.
    expect(rows).toMatchObject([
      { short: 2, allocatedQuantity: 6, totalQuantity: 8, available: '143', name: null },
      { short: 5, allocatedQuantity: 0, totalQuantity: 5, available: '143' },
    ]);
    expect(ordinals(await rowsOf(listShortages({}, '-short', TODAY)))).toEqual([7, 3]);
    expect(ordinals(await rowsOf(listShortages({ reference: 'SO-7' }, 'sku', TODAY)))).toEqual([7]);
    expect(await rowsOf(listShortages({ location: 'SOUTH' }, 'sku', TODAY))).toEqual([]);
  });

  const risks = async (
    filter: Partial<RiskFilter>,
    before = '2026-06-22',
    today = TODAY,
  ): Promise<string[]> => {
    const rows = await rowsOf(listReservationsAtRisk({ before, ...filter }, 'sku', today));
    return rows.map(({ reservationId, lotCode, risk, quantity }) =>
      [reservationId.split('.')[1], lotCode, risk, quantity].join(' '),
    );
  };
  it.each<[Partial<RiskFilter>, string, string, string[]]>([
    [
      {},
      '2026-06-22',
      TODAY,
      [
        'R2 BAD LOT_NOT_APPROVED 4',
        'R2 OLD LOT_EXPIRED 1',
        'R2 SOON LOT_EXPIRES 3',
        'R2 TODAY LOT_EXPIRES 2',
        'R3 GOOD RESERVATION_EXPIRES 6',
      ],
    ],
    [{}, '2026-06-15', TODAY, ['R2 BAD LOT_NOT_APPROVED 4', 'R2 OLD LOT_EXPIRED 1']],
    [{ risk: 'LOT_EXPIRES' }, '2026-06-21', TODAY, ['R2 TODAY LOT_EXPIRES 2']],
    [
      { risk: 'LOT_EXPIRED' },
      '2026-06-22',
      '2026-06-16',
      ['R2 OLD LOT_EXPIRED 1', 'R2 TODAY LOT_EXPIRED 2'],
    ],
    [{ lotCode: 'SOON' }, '2026-06-22', TODAY, ['R2 SOON LOT_EXPIRES 3']],
    [{ reference: 'SO-1' }, '2026-06-22', TODAY, []],
    [{ batchId: 'B-1', risk: 'LOT_EXPIRED' }, '2026-06-22', TODAY, ['R2 OLD LOT_EXPIRED 1']],
    [{ location: 'SOUTH' }, '2026-06-22', TODAY, []],
  ])('reservations at risk: %j, before %s, on %s', async (filter, before, today, expected) => {
    expect(await risks(filter, before, today)).toEqual(expected);
  });

  it.each(['expiresOn', '-expiresOn', 'expiresAt', '-expiresAt', '-sku'] as const)(
    'reservations at risk page by page by %s',
    async (sort) => {
      const list = listReservationsAtRisk({ before: '2026-06-22' }, sort, TODAY);
      expect(await rowsOf(list)).toHaveLength(5);
    },
  );
});

describe('movements of a correlation', () => {
  const read = (before: string | undefined, limit = 100) =>
    readCorrelated(db, 'correlation', { before, limit });

  it('are those that changed what is on hand, the newest first', async () => {
    const rows = await read(undefined);
    expect(rows.map(({ type, lotCode, quantity }) => [type, lotCode, Number(quantity)])).toEqual([
      ['ISSUE', 'SOON', -1],
      ['ISSUE', 'GOOD', -8],
      ['ISSUE', 'GOOD', -3],
      ['RECEIVE', null, 50],
      ...['BAD', 'SOON', 'TODAY', 'OLD', 'GOOD'].map((lot) => ['RECEIVE', lot, 50]),
    ]);
    expect(rows.at(-1)).toMatchObject({ sku: 'TEA', location: 'NORTH', revision: 0, decimals: 0 });
    expect(await countCorrelated(db, 'correlation')).toBe(rows.length);
  });

  it('are read in parts', async () => {
    const [first, second] = await read(undefined, 2);
    expect(first).toBeDefined();
    expect((await read(second!.position, 1)).map(({ lotCode, type }) => [type, lotCode])).toEqual([
      ['ISSUE', 'GOOD'],
    ]);
    expect(await read((await read(undefined)).at(-1)!.position)).toEqual([]);
  });

  it('are none where nothing has moved', async () => {
    expect(await readCorrelated(db, 'other', { before: undefined, limit: 9 })).toEqual([]);
    expect(await countCorrelated(db, 'other')).toBe(0);
  });
});
