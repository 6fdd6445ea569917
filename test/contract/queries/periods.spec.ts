import { Applier, type LogEntry, type Postgres } from '../../../libs/postgres';
import {
  type LedgerSort,
  listPeriods,
  listRestatements,
  type ListQuery,
  type PageRequest,
  readPage,
  readTimeline,
  type RestatementFilter,
} from '../../../libs/postgres/queries';
import { dayBefore } from '../../../libs/domain';
import { views } from '../../../libs/projections';
import { newId } from '../../../libs/runtime';
import { randomFrom } from '../../differential/random';
import { recorded } from '../../support/histories';
import { logger, openMigrated, TestServer } from '../projections/database';

/** Closed books and timelines by SQL, beside plain loops over the same log that share no code with it. */

interface Movement {
  readonly place: number;
  readonly sku: string;
  readonly location: string;
  readonly lotCode: string | null;
  readonly quantity: number;
  readonly effectiveAt: string;
}
interface Turn {
  readonly place: number;
  readonly type: 'CLOSE' | 'REOPEN';
  readonly closedThrough: string;
  readonly was: string | null;
}

const log: LogEntry[] = [];
const movements: Movement[] = [];
const turns: Turn[] = [];

function say(
  category: string,
  id: string,
  type: string,
  data: object,
  effectiveAt: string,
): number {
  const place = log.length;
  const event = recorded({ type, data }, category, `${category}-${id}`, place, place, {
    effectiveAt,
  });
  log.push({ kind: 'event', event });
  return place;
}

function move(sku: string, location: string, quantity: number, at: string, lot: string | null) {
  const moved = { sku, location, lotCode: lot, unit: 'each', decimals: 0, reference: null };
  const place = say(
    'stock',
    `default.${sku}@${location}`,
    'StockAdjusted.v2',
    { ...moved, quantity, entered: null, purpose: 'CORRECTION', fromHold: 0 },
    at,
  );
  movements.push({ place, sku, location, lotCode: lot, quantity, effectiveAt: at });
}

/** Sets aside what is there: in the ledger, and no movement. */
function reserve(sku: string, location: string, at: string, lotCode: string | null): void {
  const promise = {
    reservationId: `${sku}@${location}.R1`,
    sku,
    location,
    unit: 'each',
    decimals: 0,
  };
  say(
    'stock',
    `default.${sku}@${location}`,
    'StockReserved',
    {
      ...promise,
      quantity: 1_000,
      entered: null,
      allocations: [{ lotCode, quantity: 1_000 }],
      short: 0,
      strategy: 'FIFO',
      hard: false,
      batchId: null,
      reference: null,
      expiresAt: null,
    },
    at,
  );
}

function turn(type: Turn['type'], day: string): void {
  const was = turns.at(-1)?.closedThrough ?? null;
  const data = type === 'CLOSE' ? { through: day, was } : { from: day, was };
  const event = type === 'CLOSE' ? 'PeriodClosed' : 'PeriodReopened';
  const place = say('period', 'default', event, data, '2026-05-01T00:00:00.000Z');
  turns.push({ place, type, closedThrough: type === 'CLOSE' ? day : dayBefore(day), was });
}

const MINUTE = 60_000;
const START = Date.parse('2026-03-01T00:00:00.000Z');
const random = randomFrom(7);
/** March by the minute, its first and last moments more often than others. */
function instant(): string {
  const day = random.int(0, 30);
  const within = random.chance(0.3)
    ? random.pick([0, 24 * 60 * MINUTE - 1])
    : random.int(0, 24 * 60 - 1) * MINUTE;
  return new Date(START + day * 24 * 60 * MINUTE + within).toISOString();
}
const dayOf = (at: string): string => at.slice(0, 10);

/** Movements of March over two SKUs at two places, and books that are closed and reopened meanwhile. */
function history(): void {
  for (const [day, quantity] of [5, -5, 5, -5].entries()) {
    move('T', 'MAIN', quantity, `2026-03-0${day + 2}T00:00:00.000Z`, null);
  }
  for (let n = 0; n < 600; n += 1) {
    if (n % 30 === 29) {
      const closed = turns.at(-1)?.closedThrough ?? null;
      const day = dayOf(instant());
      if (closed === null || day > closed) turn('CLOSE', day);
      else turn('REOPEN', day);
      continue;
    }
    const at = instant();
    // One of five knows nothing of what is closed.
    const closed = turns.at(-1)?.closedThrough ?? '';
    if (dayOf(at) <= closed && !random.chance(0.2)) continue;
    const quantity = random.int(1, 9) * (random.chance(0.45) ? -1 : 1);
    const [sku, location] = [random.pick(['A', 'B']), random.pick(['MAIN', 'SHOP'])];
    const lotCode = random.pick([null, 'L1', 'L2']);
    if (random.chance(0.1)) reserve(sku, location, at, lotCode);
    else move(sku, location, quantity, at, lotCode);
  }
}

let server: TestServer;
let db: Postgres;
beforeAll(async () => {
  history();
  server = await TestServer.start();
  db = await openMigrated(await server.database());
  const applier = await Applier.open({ postgres: db, views, storeId: newId(), logger });
  await applier.apply(log);
  applier.close();
});
afterAll(async () => {
  await db.close();
  await server.stop();
});

const positionOf = (place: number): string => String(1_000 + place * 317);

async function pages<Row extends object>(list: ListQuery<Row>, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  let after: PageRequest['after'];
  do {
    const page = await readPage(db, list, { limit, after });
    rows.push(...page.rows);
    after = page.next;
  } while (after);
  return rows;
}

it('periods: every closing and reopening, through which day, and through which before', async () => {
  const told = turns.map(({ place, type, closedThrough, was }) => [
    positionOf(place),
    type,
    closedThrough,
    was,
  ]);
  expect(told.length).toBeGreaterThan(12);
  const rows = await pages(listPeriods('position'), 5);
  expect(
    rows.map((row) => [row.position, row.type, row.closedThrough, row.wasClosedThrough]),
  ).toEqual(told);
  expect((await pages(listPeriods('-position'), 500)).map((row) => row.position)).toEqual(
    told.map(([position]) => position).reverse(),
  );
});

interface Restated {
  readonly movement: Movement;
  readonly closing: Turn;
  readonly cause: string;
}

/** Walks the log as it was written, and remembers which closing closed each day. */
function restated(): Restated[] {
  const found: Restated[] = [];
  const closingOf = new Map<string, Turn>();
  let closedThrough = '';
  const days = Array.from({ length: 40 }, (_day, n) =>
    dayOf(new Date(START + n * 24 * 60 * MINUTE).toISOString()),
  );
  const steps = [...turns, ...movements].sort((a, b) => a.place - b.place);
  for (const step of steps) {
    if ('type' in step) {
      for (const day of days) {
        const closesIt = step.type === 'CLOSE' && day > closedThrough && day <= step.closedThrough;
        if (closesIt) closingOf.set(day, step);
      }
      closedThrough = step.closedThrough;
      continue;
    }
    const day = dayOf(step.effectiveAt);
    const closing = closingOf.get(day);
    if (!closing) continue;
    const cause = day <= closedThrough ? 'SLIPPED_IN' : 'REOPENED';
    found.push({ movement: step, closing, cause });
  }
  return found;
}

const told = ({ movement, closing, cause }: Restated): unknown[] => [
  positionOf(movement.place),
  cause,
  positionOf(closing.place),
  closing.closedThrough,
];

describe('restatements', () => {
  const list = (filter: RestatementFilter, sort: LedgerSort = 'position', limit = 500) =>
    pages(listRestatements(filter, sort), limit).then((rows) =>
      rows.map((row) => [row.position, row.cause, row.closingPosition, row.closedThrough]),
    );

  it('are the movements of closed days behind the closing, each with the last one that closed its day', async () => {
    const all = restated();
    const causes = all.map(({ cause }) => cause);
    expect(causes.filter((cause) => cause === 'SLIPPED_IN').length).toBeGreaterThan(20);
    expect(causes.filter((cause) => cause === 'REOPENED').length).toBeGreaterThan(20);
    expect(all.length).toBeLessThan(movements.length);
    expect(await list({})).toEqual(all.map(told));
  });

  it('are the same page by page, either way and by time', async () => {
    const all = restated();
    expect(await list({}, 'position', 7)).toEqual(all.map(told));
    expect(await list({}, '-position', 7)).toEqual(all.map(told).reverse());
    const byTime = [...all].sort(
      ({ movement: a }, { movement: b }) =>
        Date.parse(a.effectiveAt) - Date.parse(b.effectiveAt) || a.place - b.place,
    );
    expect(await list({}, 'effectiveAt', 7)).toEqual(byTime.map(told));
  });

  it.each<[RestatementFilter, (one: Restated) => boolean]>([
    [{ through: '2026-03-10' }, ({ movement }) => dayOf(movement.effectiveAt) <= '2026-03-10'],
    [{ through: '2026-02-28' }, () => false],
    [{ cause: 'REOPENED' }, ({ cause }) => cause === 'REOPENED'],
    [{ cause: 'SLIPPED_IN' }, ({ cause }) => cause === 'SLIPPED_IN'],
    [
      { sku: 'A', location: 'SHOP' },
      ({ movement }) => movement.sku === 'A' && movement.location === 'SHOP',
    ],
  ])('that are %j', async (filter, isAsked) => {
    expect(await list(filter)).toEqual(restated().filter(isAsked).map(told));
  });
});

describe('a timeline', () => {
  /** Adds up, for each moment from the movement on, everything that had taken effect by then. */
  function reckoned(of: Parameters<typeof readTimeline>[1]) {
    const here = movements.filter(
      ({ sku, location, lotCode }) =>
        sku === of.sku &&
        location === of.location &&
        (of.lotCode === undefined || (lotCode ?? '') === of.lotCode),
    );
    const onHandAt = (at: string): number =>
      here
        .filter(({ effectiveAt }) => effectiveAt <= at)
        .reduce((sum, { quantity }) => sum + quantity, of.change);
    const later = here.map(({ effectiveAt }) => effectiveAt).filter((at) => at > of.effectiveAt);
    const moments = [of.effectiveAt, ...[...new Set(later)].sort()];
    const balances = moments.map(onHandAt);
    const lowestBalance = Math.min(...balances);
    return {
      lowestBalance,
      at: moments[balances.indexOf(lowestBalance)],
      balanceNow: balances.at(-1),
    };
  }

  it('tells the lowest balance from a movement on, since when, and what is left', async () => {
    for (let n = 0; n < 60; n += 1) {
      const of = {
        sku: random.pick(['A', 'B']),
        location: random.pick(['MAIN', 'SHOP']),
        effectiveAt: random.chance(0.5) ? instant() : random.pick(movements).effectiveAt,
        change: random.int(-20, 20),
        ...random.pick([{}, { lotCode: 'L1' }, { lotCode: '' }]),
      };
      const { lowestBalance, at, balanceNow } = await readTimeline(db, of);
      expect({
        of,
        lowestBalance: Number(lowestBalance),
        at,
        balanceNow: Number(balanceNow),
      }).toEqual({ of, ...reckoned(of) });
    }
  });

  it('tells the first time at which it is that low', async () => {
    const of = { sku: 'T', location: 'MAIN', effectiveAt: '2026-03-02T12:00:00.000Z', change: 0 };
    expect(await readTimeline(db, of)).toMatchObject({ at: '2026-03-03T00:00:00.000Z' });
    const later = { ...of, effectiveAt: '2026-03-04T12:00:00.000Z' };
    expect(await readTimeline(db, later)).toMatchObject({ at: '2026-03-05T00:00:00.000Z' });
  });

  it.each([
    ['after everything', { sku: 'A', location: 'MAIN', effectiveAt: '2027-01-01T00:00:00.000Z' }],
    [
      'of what never moved',
      { sku: 'X', location: 'MAIN', effectiveAt: '2026-03-01T00:00:00.000Z' },
    ],
    [
      'of a lot that is not there',
      { sku: 'A', location: 'MAIN', lotCode: 'L9', effectiveAt: '2026-03-01T00:00:00.000Z' },
    ],
  ])('%s begins with the movement itself', async (_, of) => {
    const { lowestBalance, at, balanceNow } = await readTimeline(db, { ...of, change: -3 });
    expect(at).toBe(of.effectiveAt);
    expect(Number(lowestBalance)).toBe(Number(balanceNow));
  });
});
