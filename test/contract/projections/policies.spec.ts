import { FactsReader, FollowUps } from '../../../libs/application';
import { type FollowUp, type Policy, type StockCommand, stockStream } from '../../../libs/domain';
import {
  createExecutor,
  type EventStore,
  type Executor,
  openEventStore,
} from '../../../libs/eventstore';
import { inv } from '../../support/inv';
import { receive, send, SKU } from '../../support/commands';
import { furnish, workshop } from '../../support/workshop';
import { logger } from './database';
import { Stage, until } from './stage';

/** What follows from events, driven by projectors on a real PostgreSQL and a real event node. */

let stage: Stage;
let store: EventStore;
let api: Executor;
beforeAll(async () => {
  stage = await Stage.start();
  store = await openEventStore({ url: `esdb://127.0.0.1:${stage.port}?tls=false`, logger });
  api = createExecutor({ store, logger });
  await furnish(api);
  await send(api, 'opening', receive(1_000));
  await stage.newDatabase();
}, 120_000);
afterAll(async () => {
  await stage.leaveDatabase();
  await store.close();
  await stage.stop();
});
afterEach(() => stage.stopProjectors());

/** What is sent to NOWHERE is refused there. */
let isLost = (_quantity: number): boolean => false;
const policy: Policy = (event) =>
  workshop(event).map((followUp) => {
    const { quantity } = event.data as { quantity: number };
    if (event.type !== 'StockIssued.v2' || !isLost(quantity)) return followUp;
    const data = { ...followUp.command.data, location: 'NOWHERE' };
    const command = { ...followUp.command, data };
    return { ...followUp, stream: at('NOWHERE'), command } as FollowUp;
  });
const run = (graceMs = 0) => stage.run({ policies: { policy, limits: { graceMs, keepMs: 20 } } });

const at = (place: string): string => stockStream('default', SKU, place);
const consume = (quantity: number): StockCommand => ({
  type: 'IssueStock',
  data: { sku: SKU, location: 'MAIN', quantity: String(quantity), purpose: 'CONSUMPTION' },
});
let keys = 0;
/** Issued at MAIN, and whoever did it was killed before the leg. */
const issue = (quantity: number) => send(api, `i${(keys += 1)}`, consume(quantity));

/** Quantities that have arrived, in their order. */
async function arrived(): Promise<number[]> {
  const quantities: number[] = [];
  for await (const { data } of store.client.readStream(at('WORKSHOP'), 0, 10_000, 5_000)) {
    quantities.push((data as { quantity: number }).quantity);
  }
  return quantities;
}

interface Row {
  readonly position: number;
  readonly open: number;
}
async function row(): Promise<Row | undefined> {
  const rows = await stage.postgres
    .query<Row>('SELECT commit_position AS position, open FROM control.policies')
    .catch(() => []);
  return rows[0];
}
const isThrough = async (): Promise<boolean> => {
  const [found, end] = await Promise.all([row(), store.lastOwn()]);
  return found?.open === 0 && BigInt(found.position) >= end!;
};
const health = async (url: string) => (await stage.health(url)).body.policies as Policies;
interface Policies {
  readonly state: string;
  readonly openLegs: number;
  readonly refusedLegs: readonly Record<string, unknown>[];
}
const status = async () => {
  const { code, out } = await inv(
    'policy',
    'status',
    '--json',
    '--database-url',
    stage.databaseUrl,
  );
  return { code, ...(JSON.parse(out) as { policy: object | null; refused: object[] }) };
};

describe('given commands whose legs nobody has done', () => {
  it('when projectors come, then each leg is done once, in order, however many projectors there are', async () => {
    const before = await arrived();
    for (const quantity of [3, 1, 4]) await issue(quantity);
    const all = await Promise.all([run(), run(), run()]);
    await until(isThrough);
    await issue(5);
    await until(async () => (await arrived()).length === before.length + 4 && (await isThrough()));
    expect((await arrived()).slice(before.length).sort()).toEqual([1, 3, 4, 5]);
    // Whoever loses the race for a checkpoint stands by for a moment, ...
    const standsBy = (): boolean =>
      all.some(({ projector }) => projector.policies.state === 'STANDBY');
    let count = before.length + 4;
    while (!standsBy()) {
      await issue(2);
      count += 1;
      await until(async () => standsBy() || (await arrived()).length === count);
    }
    // ... and takes over when the one at work is gone.
    const working = all.find(({ projector }) => projector.policies.state === 'DRIVING');
    await working?.stop();
    await issue(6);
    await until(async () => (await arrived()).at(-1) === 6 && (await isThrough()));
    expect(await arrived()).toHaveLength(count + 1);
  });

  it('then metrics, health and status tell what is owed', async () => {
    await issue(2);
    const { url } = await run(3_600_000);
    await until(async () => (await row())?.open === 1);
    expect(await health(url)).toMatchObject({ state: 'DRIVING', openLegs: 1, refusedLegs: [] });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/lotstream_policy_open_legs 1\n/);
    expect(metrics).toMatch(/lotstream_policy_oldest_seconds \d/);
    expect(await status()).toMatchObject({ code: 0, policy: { open: 1 }, refused: [] });
  });

  it('when a projector dies behind a leg and before its checkpoint, then the next one does not do it again', async () => {
    const before = await arrived();
    await issue(7);
    const first = await run();
    await until(isThrough);
    await first.stop();
    await stage.postgres.query('UPDATE control.policies SET commit_position = -1, event_id = NULL');
    await run();
    await until(isThrough);
    expect((await arrived()).length).toBeGreaterThanOrEqual(before.length + 1);
    expect((await arrived()).filter((quantity) => quantity === 7)).toHaveLength(1);
  });
});

describe('given a command whose leg the api has done', () => {
  it('then the log settles it, and the projector appends nothing', async () => {
    const outcome = await issue(8);
    const followUps = new FollowUps({
      executor: api,
      facts: new FactsReader(api, 'default'),
      policy,
    });
    const events = outcome.kind === 'accepted' ? outcome.events : [];
    await followUps.run(followUps.legsOf(events), performance.now() + 5_000);
    const { url } = await run(1_000);
    await until(isThrough);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/lotstream_policy_legs_driven_total 0\n/);
    expect((await arrived()).filter((quantity) => quantity === 8)).toHaveLength(1);
  });
});

describe('given a leg that its follower refuses', () => {
  it('then health is red with position, event and code, the others go on, and an operator may leave it undone', async () => {
    isLost = (quantity) => quantity === 13;
    const outcome = await issue(13);
    const [event] = outcome.kind === 'accepted' ? outcome.events : [];
    await issue(9);
    const { url } = await run();
    await until(async () => (await arrived()).at(-1) === 9 && (await isThrough()));
    await until(async () => (await stage.health(url)).status === 503);
    const { refusedLegs } = await health(url);
    expect(refusedLegs).toMatchObject([
      {
        eventId: event!.id,
        position: `${store.storeId.slice(0, 8)}-${event!.position}`,
        code: 'LOCATION_NOT_FOUND',
        commandType: 'ReceiveStock',
        stream: at('NOWHERE'),
      },
    ]);
    const told = await status();
    expect(told).toMatchObject({ code: 1, refused: [{ eventId: event!.id }] });

    const { commandId } = refusedLegs[0] as { commandId: string };
    const skip = ['policy', 'skip', commandId, '--reason', 'never came', '--database-url'];
    expect(await inv(...skip, stage.databaseUrl)).toMatchObject({ code: 0 });
    await until(async () => (await stage.health(url)).status === 200);
    expect(await status()).toMatchObject({
      code: 0,
      refused: [{ commandId, skippedBy: 'operator', skipReason: 'never came' }],
    });
    const again = await inv(...skip, stage.databaseUrl);
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toContain('inv policy status lists them');
  });

  it('then a projector that starts later, where it is possible, does it, and health is green again', async () => {
    isLost = (quantity) => [13, 14].includes(quantity);
    await issue(14);
    const first = await run();
    await until(async () => (await stage.health(first.url)).status === 503);
    await first.stop();
    isLost = (quantity) => quantity === 13;
    const second = await run();
    await until(async () => (await arrived()).includes(14));
    await until(async () =>
      (await status()).refused.every((one) => 'skippedBy' in one && one.skippedBy !== null),
    );
    await until(async () => (await stage.health(second.url)).status === 200);
    expect((await arrived()).filter((quantity) => quantity === 14)).toHaveLength(1);
  });
});

describe('given a log that is not the one of the checkpoint', () => {
  it('then it is gone through from its start: what is owed there is done, and nothing twice', async () => {
    await issue(15);
    const first = await run();
    await until(isThrough);
    await first.stop();
    const before = await arrived();
    // As after a restore of the event store: the checkpoint is further than this leg, and its event is not there.
    await issue(17);
    await stage.postgres.query(
      `UPDATE control.policies SET event_id = '00000000-0000-4000-8000-000000000000',
         commit_position = $1, prepare_position = $1, event_position = $1`,
      [String(await store.lastOwn())],
    );
    await run();
    await until(async () => (await arrived()).length > before.length && (await isThrough()));
    expect(await arrived()).toEqual([...before, 17]);
  });
});

describe('given a follower away for a while', () => {
  it('when PostgreSQL and the event store come back, then the leg is done once', async () => {
    const { url } = await run();
    await until(isThrough);
    const before = await arrived();
    await issue(16);
    await stage.restartNode();
    await stage.server.restart();
    await until(async () => (await stage.health(url)).status === 200);
    await until(async () => (await arrived().catch(() => [])).length === before.length + 1);
    await until(isThrough);
  });
});
