import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { createHealthServer } from '../../../apps/projector/health';
import { createMetrics, observe } from '../../../apps/projector/metrics';
import { Projector } from '../../../apps/projector/projector';
import { startEventNode } from '../../../libs/embedded/eventstore';
import { openPostgres, type Postgres, requestRebuild } from '../../../libs/postgres';
import { newId } from '../../../libs/runtime';
import { freePort, logger, TestServer } from './database';

/** The projector as its process runs it, on a real PostgreSQL and a real event node. */

type Node = Awaited<ReturnType<typeof startEventNode>>;
let server: TestServer;
let folder: string;
let port: number;
let node: Node;
let client: EventStoreDBClient;

const startNode = (dataFolder: string, at: number): Promise<Node> =>
  startEventNode({ dataFolder, host: '127.0.0.1', port: at, logger });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lotstream-projector-'));
  port = await freePort();
  [server, node] = await Promise.all([TestServer.start(), startNode(join(folder, 'one'), port)]);
  client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
});
afterAll(async () => {
  await client.dispose();
  await Promise.all([server.stop(), node.stop()]);
  await rm(folder, { recursive: true, force: true });
});

interface Running {
  readonly projector: Projector;
  readonly url: string;
  stop(): Promise<void>;
}
const running: Running[] = [];
let postgres: Postgres;
let databaseUrl: string;

beforeEach(async () => {
  databaseUrl = await server.database();
  postgres = await openPostgres({ url: databaseUrl, logger });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await postgres.close();
});

async function run(options: { eventstorePort?: number } = {}): Promise<Running> {
  const metrics = createMetrics();
  const stopping = new AbortController();
  const projector = new Projector({
    eventstoreUrl: `esdb://127.0.0.1:${options.eventstorePort ?? port}?tls=false`,
    databaseUrl,
    logger,
    metrics,
    onReady: () => undefined,
  });
  observe(metrics, projector);
  const health = createHealthServer(projector, metrics);
  const at = await freePort();
  await new Promise<void>((resolve) => health.listen(at, '127.0.0.1', resolve));
  const done = projector.run(stopping.signal);
  const one: Running = {
    projector,
    url: `http://127.0.0.1:${at}`,
    async stop() {
      stopping.abort();
      health.close();
      await done.catch(() => undefined);
    },
  };
  running.push(one);
  return one;
}

let expected = 0;
async function receive(count: number): Promise<void> {
  const sku = newId();
  const commandId = newId();
  const events = Array.from({ length: count }, () =>
    jsonEvent({
      id: newId(),
      type: 'StockReceived',
      data: {
        sku,
        location: 'MAIN',
        lotCode: null,
        unit: 'each',
        decimals: 0,
        reference: null,
        quantity: 2,
        purpose: 'PURCHASE',
        expiresOn: null,
        qcStatus: 'APPROVED',
        unitCost: null,
      },
      metadata: {
        commandId,
        commandHash: 'ab'.repeat(32),
        correlationId: commandId,
        causationId: commandId,
        tenant: 'default',
        actor: 'someone',
        effectiveAt: '2026-01-02T03:04:05.678Z',
        recordedAt: new Date().toISOString(),
        schema: 1,
      },
    }),
  );
  await client.appendToStream(`stock-default.${sku}@MAIN`, events);
  expected += count;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not reached: ${condition.toString()}`);
    await wait(10);
  }
}

const ledgerRows = async (): Promise<number> => {
  const rows = await postgres
    .query<{ n: number }>('SELECT count(*) AS n FROM ledger')
    .catch(() => []);
  return rows[0]?.n ?? 0;
};
const caughtUp = (): Promise<void> => until(async () => (await ledgerRows()) === expected);

async function ready(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}/health/ready`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

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
  expect(metrics).toContain('lotstream_projection_running{projection="ledger_v1"} 1');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
});

it('goes on after PostgreSQL was away, and tells while it is', async () => {
  const { url } = await run();
  await caughtUp();
  await server.restart(async () => {
    await receive(10);
    await until(async () => (await ready(url)).status === 503);
  });
  await caughtUp();
  await until(async () => (await ready(url)).status === 200);
});

it('goes on after the event store was away', async () => {
  await run();
  await caughtUp();
  await node.stop();
  node = await startNode(join(folder, 'one'), port);
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
  const lateNode = await startNode(join(folder, 'late'), late);
  await until(() => projector.state === 'RUNNING');
  await Promise.all(running.splice(0).map((one) => one.stop()));
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
  const other = await startNode(join(folder, 'other'), otherPort);
  const refused = await run({ eventstorePort: otherPort });
  await until(() => refused.projector.state === 'REFUSED');
  expect(await ready(refused.url)).toMatchObject({
    status: 503,
    body: { reason: expect.stringContaining('rebuild --all --store') as string },
  });
  expect(await ledgerRows()).toBe(expected);
  const { storeId } = refused.projector;
  await requestRebuild(postgres, { names: undefined, kind: 'REBUILD', actor: 'test', storeId });
  await until(() => refused.projector.state === 'RUNNING');
  expect(await ledgerRows()).toBe(0);
  await refused.stop();
  await other.stop();
});

it('refuses a log in which its last event is not where it was', async () => {
  const first = await run();
  await caughtUp();
  await first.stop();
  await postgres.query('UPDATE control.checkpoints SET event_id = $1', [newId()]);
  const { projector, url } = await run();
  await until(() => projector.state === 'REFUSED');
  expect(await ready(url)).toMatchObject({
    status: 503,
    body: { status: 'not ready', reason: expect.stringContaining('rebuild --all') as string },
  });
});

// The last one: its event stays in the log.
it('turns red when a projection stops, and names it', async () => {
  const { url } = await run();
  await caughtUp();
  const commandId = newId();
  const bad = jsonEvent({
    id: newId(),
    type: 'StockEvaporated',
    data: {},
    metadata: { commandId },
  });
  const stream = `stock-default.${newId()}@MAIN`;
  await client.appendToStream(stream, bad);
  await until(async () => (await ready(url)).status === 503);
  const { body } = await ready(url);
  expect(JSON.stringify(body)).toContain(bad.id);
  expect(JSON.stringify(body)).toContain('StockEvaporated');
});
