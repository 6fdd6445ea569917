import { requestRebuild } from '../../../libs/postgres';
import { tableNamed } from '../../support/tables';
import { type View, views } from '../../../libs/projections';
import { newId } from '../../../libs/runtime';
import { expectTablesToMatchLog } from '../../support/log-replay';
import { logger } from './database';
import { openPostgres } from '../../../libs/postgres';
import { received, Stage, until } from './stage';

/** Tables that are filled beside those that readers see, while the log grows and readers read. */

let stage: Stage;
let last: bigint;
beforeAll(async () => {
  stage = await Stage.start();
  for (let i = 0; i < 20; i++) last = await stage.receive(100, `SKU-${i}`);
}, 60_000);
afterAll(() => stage.stop());
beforeEach(() => stage.newDatabase());
afterEach(() => stage.leaveDatabase());

/** Movements come in until told to stop; answers the position of the last. */
function load(): () => Promise<bigint> {
  let going = true;
  const loading = (async () => {
    let position = 0n;
    for (let n = 0; going; n++) position = await stage.receive(5, `SKU-${n % 20}`);
    return position;
  })();
  return async () => {
    going = false;
    last = await loading;
    return last;
  };
}

/** Reads a view again and again; answers how many rows it had each time. */
function watch(view: string): () => Promise<number[]> {
  let going = true;
  const watching = (async () => {
    const counts: number[] = [];
    while (going) {
      const [row] = await stage.postgres.query<{ n: number }>(`SELECT count(*) AS n FROM ${view}`);
      counts.push(row?.n ?? NaN);
    }
    return counts;
  })();
  return () => {
    going = false;
    return watching;
  };
}

const caughtUp = (): Promise<void> => until(() => stage.reached(last, 'audit_log'));
const allReached = async (position: bigint): Promise<void> => {
  for (const { name } of views) await until(() => stage.reached(position, name));
};

it('a damaged table is found, filled anew beside, and switched, while readers and writers go on', async () => {
  await stage.run();
  await caughtUp();
  expect(await stage.inv('verify', '--all')).toMatchObject({ code: 0 });
  await stage.postgres.query(
    `UPDATE ${tableNamed('ledger')} SET balance = balance + 1 WHERE position % 7 = 0`,
  );
  await stage.postgres.query(
    `DELETE FROM ${tableNamed('stock_levels')} WHERE sku = 'SKU-3' RETURNING 1`,
  );
  const found = await stage.inv('verify', 'ledger', 'lots', '--json');
  expect(found).toMatchObject({
    code: 1,
    err: expect.stringContaining('not as the log tells: ledger;') as string,
  });
  expect(JSON.parse(found.out)).toMatchObject({
    outcome: { ledger: { same: false, rows: 2_000, oldRows: 2_000 }, lots: { same: true } },
  });

  const stopLoad = load();
  const stopWatching = watch('ledger');
  const rebuilt = await stage.inv('rebuild', 'ledger', 'stock_levels');
  expect(rebuilt).toMatchObject({ code: 0 });
  expect(rebuilt.out).toMatch(/ledger +\d+ +\d+ +different/);
  await allReached(await stopLoad());
  const counts = await stopWatching();
  expect(counts.length).toBeGreaterThan(3);
  expect(counts[0]).toBeGreaterThanOrEqual(2_000);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  await expectTablesToMatchLog(stage.postgres, stage.client);
  const left = await stage.postgres.query(
    `SELECT tablename FROM pg_tables WHERE tablename LIKE '%_next'`,
  );
  expect(left).toEqual([]);
  expect(await stage.inv('verify', '--all')).toMatchObject({ code: 0 });
});

it('all tables at once, with two projectors and the log growing', async () => {
  await Promise.all([stage.run(), stage.run()]);
  await caughtUp();
  const stopLoad = load();
  const [{ code }, again] = await Promise.all([
    stage.inv('rebuild', '--all'),
    until(async () => (await stage.inv('status')).out.includes('FILLING')).then(() => undefined),
  ]);
  expect([code, again]).toEqual([0, undefined]);
  await allReached(await stopLoad());
  await expectTablesToMatchLog(stage.postgres, stage.client);
});

it('a reader that holds the old table delays the switch, and is not disturbed', async () => {
  await stage.run();
  await caughtUp();
  const reader = await openPostgres({ url: stage.databaseUrl, logger });
  const analyst = reader.dataSource.createQueryRunner();
  await analyst.startTransaction();
  await analyst.query('SELECT count(*) FROM items');
  await analyst.query("SET LOCAL idle_in_transaction_session_timeout = '60s'");
  const id = await requestRebuild(stage.postgres, {
    ...{ names: ['items'], kind: 'REBUILD', actor: 'test', storeId: undefined },
  });
  const stateOf = async (): Promise<unknown> =>
    (
      await stage.postgres.query<{ state: string }>(
        `SELECT state FROM control.rebuilds WHERE id = ${id}`,
      )
    )[0]?.state;
  // It has tried, and has let go again: others read and write.
  await until(async () => {
    const waiting = await stage.postgres.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%VIEW public.items%'`,
    );
    return waiting.length > 0;
  });
  const after = await stage.receive(1);
  await allReached(after);
  expect(await stateOf()).toBe('FILLING');
  await analyst.rollbackTransaction();
  await analyst.release();
  await reader.close();
  await until(async () => (await stateOf()) === 'DONE');
});

it('an event that stops the table beside leaves readers with the old one, until it is skipped', async () => {
  const { url } = await stage.run();
  const bad = { type: 'ItemDeactivated', data: { sku: 'GHOST' } };
  const position = await stage.append('item-default.GHOST', bad);
  const skip = ['skip', 'items', '--position', String(position), '--reason', 'no item'];
  await until(async () => (await stage.inv('status')).out.includes('STOPPED'));
  // Before it is skipped for the table in use, the one beside stops at it too; one skip is for both.
  const asked = await stage.inv('rebuild', 'items', '--no-wait');
  expect(asked).toMatchObject({ code: 0 });
  await until(async () =>
    (await stage.inv('list')).out
      .split('\n')
      .some((line) => line.includes('items_v2_next') && line.includes('STOPPED')),
  );
  expect((await stage.inv(...skip)).code).toBe(0);
  await until(async () => (await stage.inv('status')).out.includes('DONE'));
  await until(async () => (await stage.health(url)).status === 200);
  const after = await stage.receive(1);
  await allReached(after);
  // The skip holds for every table of that version that is made later.
  expect(await stage.inv('rebuild', 'items')).toMatchObject({ code: 0 });
  await expectTablesToMatchLog(
    stage.postgres,
    stage.client,
    (event, view) => event.position === position && view === 'items',
  );
  last = after;
});

describe('a new version of a view', () => {
  /** As if the next release told the stock of an item in other columns. */
  const NOW = tableNamed('stock_by_item');
  const NEXT = NOW.replace(/\d+$/, (version) => String(Number(version) + 1));
  const next = views.map((view): View => {
    if (view.name !== 'stock_by_item' || view.kind !== 'table') return view;
    const { unit: _unit, ...columns } = view.columns;
    return {
      ...view,
      version: view.version + 1,
      columns: { ...columns, doubled: { kind: 'whole', nullable: false } },
      fold: (row, event, key) => {
        const { unit: _dropped, ...after } = view.fold(row, event, key) as { unit: string };
        const { on_hand: onHand } = after as unknown as { on_hand: number };
        return { ...after, doubled: 2 * onHand };
      },
    };
  });
  /** The poison event of the case before is in the log of all. */
  const withoutItems = (all: readonly View[]): View[] => all.filter(({ name }) => name !== 'items');

  const servedOf = async (): Promise<string | undefined> =>
    (
      await stage.postgres.query<{ projection: string }>(
        `SELECT projection FROM control.served WHERE view = 'stock_by_item'`,
      )
    )[0]?.projection;

  it('fills beside the old one and takes its place; an older release leaves it alone', async () => {
    const old = await stage.run({ views: withoutItems(views) });
    await caughtUp();
    await stage.postgres.query(
      `DO $$ BEGIN CREATE ROLE analyst; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    );
    await stage.postgres.query('GRANT SELECT ON stock_by_item TO analyst');
    const stopLoad = load();
    const stopWatching = watch('stock_by_item');
    await stage.run({ views: withoutItems(next) });
    await until(async () => (await servedOf()) === NEXT);
    const position = await stopLoad();
    for (const { name } of withoutItems(next)) await until(() => stage.reached(position, name));
    const counts = await stopWatching();
    expect(counts.every((n) => n >= 20)).toBe(true);

    const rows = await stage.postgres.query<{ on_hand: number; doubled: number }>(
      'SELECT * FROM stock_by_item',
    );
    expect(rows.length).toBeGreaterThanOrEqual(20);
    for (const row of rows) {
      expect(row).toEqual(expect.not.objectContaining({ unit: 'each' }));
      expect(row.doubled).toBe(2 * row.on_hand);
    }
    const [total] = await stage.postgres.query<{ n: number }>(
      'SELECT sum(on_hand)::int8 AS n FROM stock_by_item',
    );
    const [counted] = await stage.postgres.query<{ n: number }>(
      'SELECT sum(quantity)::int8 AS n FROM ledger',
    );
    expect(total).toEqual(counted);
    const [grant] = await stage.postgres.query<{ may: boolean }>(
      `SELECT has_table_privilege('analyst', 'stock_by_item', 'SELECT') AS may`,
    );
    expect(grant?.may).toBe(true);

    // The release before goes on with everything else, and does not bring its own table back.
    await until(() => old.projector.projections.every(({ view }) => view.name !== 'stock_by_item'));
    await stage.stopProjectors();
    const rolledBack = await stage.run({ views: withoutItems(views) });
    const after = await stage.receive(1);
    await until(() => stage.reached(after, 'ledger'));
    expect(rolledBack.projector.projections.map(({ name }) => name)).not.toContain(NOW);
    expect(await servedOf()).toBe(NEXT);
    // Until the operator asks for it.
    expect(await stage.inv('rebuild', 'stock_by_item')).toMatchObject({ code: 0 });
    expect(await servedOf()).toBe(NOW);
  });

  it('that is the first of its name is shown once it is filled', async () => {
    const before = views.filter(({ name }) => name !== 'lots' && name !== 'items');
    await (await stage.run({ views: before })).stop();
    await stage.append('stock-default.LOTS@MAIN', {
      ...received('LOTS'),
      data: { ...received('LOTS').data, lotCode: newId() },
    });
    await stage.run({ views: before });
    await until(() => stage.reached(last, 'ledger'));
    expect(await stage.postgres.query(`SELECT to_regclass('public.lots')::text AS name`)).toEqual([
      { name: null },
    ]);
    await stage.stopProjectors();
    await stage.run({ views: withoutItems(views) });
    await until(async () => (await servedLots()).length === 1);
    expect(await stage.postgres.query('SELECT sku FROM lots')).toEqual([{ sku: 'LOTS' }]);
  });

  const servedLots = (): Promise<object[]> =>
    stage.postgres.query(`SELECT FROM control.served WHERE view = 'lots'`);
});

it('requests that cannot be are refused with what can be done', async () => {
  expect(await stage.inv('rebuild', 'ledger')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no projector has made its tables') as string,
  });
  await stage.run({ views: views.filter(({ name }) => name !== 'items') });
  await caughtUp();
  expect(await stage.inv('rebuild')).toMatchObject({ code: 2 });
  expect(await stage.inv('rebuild', 'ledger', '--all')).toMatchObject({ code: 2 });
  expect(await stage.inv('rebuild', 'leger')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no projection leger; there are') as string,
  });
  expect(await stage.inv('rebuild', 'ledger', '--store', 'x')).toMatchObject({ code: 2 });
  // Two requests for one table: the later one counts.
  const ids = await Promise.all(
    [1, 2].map(() =>
      requestRebuild(stage.postgres, {
        ...{ names: ['ledger'], kind: 'REBUILD' as const, actor: 'test', storeId: newId() },
      }),
    ),
  );
  const states = await stage.postgres.query<{ state: string }>(
    `SELECT state FROM control.rebuilds WHERE id = ANY($1) ORDER BY state`,
    [ids],
  );
  expect(states.map(({ state }) => state)).toEqual(['REPLACED', 'WAITING']);
});
