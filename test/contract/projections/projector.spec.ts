import { join } from 'node:path';
import { requestRebuild } from '../../../libs/postgres';
import { newId } from '../../../libs/runtime';
import { expectTablesToMatchLog } from '../../support/log-replay';
import { freePort } from './database';
import { Stage, startNode, until } from './stage';

/** The projector as its process runs it, on a real PostgreSQL and a real event node. */

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());
beforeEach(() => stage.newDatabase());
afterEach(() => stage.leaveDatabase());

let expected = 0;
async function receive(count: number): Promise<void> {
  await stage.receive(count);
  expected += count;
}

const ledgerRows = async (): Promise<number> => {
  const rows = await stage.postgres
    .query<{ n: number }>('SELECT count(*) AS n FROM ledger')
    .catch(() => []);
  return rows[0]?.n ?? 0;
};
const caughtUp = (): Promise<void> => until(async () => (await ledgerRows()) === expected);
const run = (options?: Parameters<Stage['run']>[0]): ReturnType<Stage['run']> => stage.run(options);
const ready = (url: string): ReturnType<Stage['health']> => stage.health(url);

it('catches up, follows live, and says so', async () => {
  await receive(300);
  const { url } = await run();
  await caughtUp();
  await receive(5);
  await caughtUp();
  expect(await ready(url)).toMatchObject({
    status: 200,
    body: { status: 'ready', state: 'RUNNING', lagEvents: 0, lagSeconds: 0 },
  });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain(`lotstream_projector_events_applied_total ${expected}`);
  expect(metrics).toMatch(/lotstream_projection_running\{projection="ledger_v\d+"\} 1/);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
});

it('goes on after PostgreSQL was away, and tells while it is', async () => {
  const { url } = await run();
  await caughtUp();
  await stage.server.restart(async () => {
    await receive(10);
    await until(async () => (await ready(url)).status === 503);
  });
  await caughtUp();
  await until(async () => (await ready(url)).status === 200);
});

it('goes on after the event store was away', async () => {
  await run();
  await caughtUp();
  await stage.restartNode();
  await until(() =>
    receive(10).then(
      () => true,
      () => false,
    ),
  );
  await caughtUp();
});

it('waits at its start until both are there', async () => {
  const late = await freePort();
  const { projector, url } = await run({ eventstorePort: late });
  expect(await ready(url)).toMatchObject({ status: 503, body: { state: 'CONNECTING' } });
  const lateNode = await startNode(join(stage.folder, 'late'), late);
  await until(() => projector.state === 'RUNNING');
  await stage.stopProjectors();
  await lateNode.stop();
});

it('stands by while another one works, and takes over when that one is gone', async () => {
  const first = await run();
  const second = await run();
  await until(async () => {
    await receive(1);
    return [first, second].some(({ projector }) => projector.state === 'STANDBY');
  });
  await caughtUp();
  const standby = first.projector.state === 'STANDBY' ? first : second;
  const working = standby === first ? second : first;
  expect((await ready(standby.url)).status).toBe(200);
  await working.stop();
  await receive(20);
  await caughtUp();
});

it('refuses a log that its tables were not made from, until it is told to rebuild', async () => {
  const first = await run();
  await caughtUp();
  await first.stop();
  const otherPort = await freePort();
  const other = await startNode(join(stage.folder, 'other'), otherPort);
  const refused = await run({ eventstorePort: otherPort });
  await until(() => refused.projector.state === 'REFUSED');
  expect(await ready(refused.url)).toMatchObject({
    status: 503,
    body: { reason: expect.stringContaining('rebuild --all --store') as string },
  });
  expect(await ledgerRows()).toBe(expected);
  const { storeId } = refused.projector;
  await requestRebuild(stage.postgres, {
    names: undefined,
    kind: 'REBUILD',
    actor: 'test',
    storeId,
  });
  await until(() => refused.projector.state === 'RUNNING');
  expect(await ledgerRows()).toBe(0);
  await refused.stop();
  await other.stop();
});

it('refuses a log in which its last event is not where it was', async () => {
  const first = await run();
  await caughtUp();
  await first.stop();
  await stage.postgres.query('UPDATE control.checkpoints SET event_id = $1', [newId()]);
  const { projector, url } = await run();
  await until(() => projector.state === 'REFUSED');
  expect(await ready(url)).toMatchObject({
    status: 503,
    body: { status: 'not ready', reason: expect.stringContaining('rebuild --all') as string },
  });
});

it('turns red when the event store is away for some seconds, says so, and tells the lag in seconds', async () => {
  const { projector, url } = await run();
  await caughtUp();
  await until(async () => (await ready(url)).status === 200);
  const beganMs = Date.now();
  await stage.restartNode(async () => {
    await until(async () => (await ready(url)).status === 503);
    expect(Date.now() - beganMs).toBeLessThan(15_000);
    expect(await ready(url)).toMatchObject({
      body: {
        status: 'not ready',
        eventStore: 'unavailable',
        reason: expect.stringMatching(/event store has not answered for \d+ seconds/) as string,
      },
    });
  });
  await until(async () => (await ready(url)).status === 200);
  expect(projector.state).toBe('RUNNING');

  // PostgreSQL keeps the checkpoints from moving: the end of the log goes away from the tables.
  const holder = stage.postgres.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('SELECT * FROM control.checkpoints FOR UPDATE');
  await receive(1);
  await until(async () => Number((await ready(url)).body.lagSeconds) > 1);
  await holder.rollbackTransaction();
  await holder.release();
  await caughtUp();
  await until(async () => (await ready(url)).body.lagSeconds === 0);
  await expectTablesToMatchLog(stage.postgres, stage.client);
});
