import { binaryEvent, jsonEvent } from '@eventstore/db-client';
import { type EventType, tableOf, type View, views } from '../../../libs/projections';
import { newId } from '../../../libs/runtime';
import { expectTablesToMatchLog } from '../../support/log-replay';
import { tableNamed } from '../../support/tables';
import { metadataOf, received, registered, Stage, until } from './stage';

/** Events that projections cannot take, in the log of a projector at work; each stays in the log for the next case. */

let stage: Stage;
let url: string;
beforeAll(async () => {
  stage = await Stage.start();
  await stage.newDatabase();
  ({ url } = await stage.run());
  const position = await stage.receive(3);
  await until(() => stage.reached(position));
}, 60_000);
afterAll(async () => {
  await stage.leaveDatabase();
  await stage.stop();
});

type Written = Parameters<Stage['appendRaw']>[1];
interface Case {
  readonly stream: string;
  readonly events: Written;
  /** Views that stop; of all others nothing changes. */
  readonly stops: readonly string[];
  readonly reason: RegExp;
}

const json = (type: string, data: object, metadata: object = metadataOf()): Written => [
  jsonEvent({ id: newId(), type, data: data as never, metadata: metadata as never }),
];
const everyView = views.map(({ name }) => name);
const viewsOf = (type: EventType): string[] =>
  views.filter(({ handles }) => Object.hasOwn(handles, type)).map(({ name }) => name);
const stock = 'stock-default.POISON@MAIN';

const cases: Readonly<Record<string, Case>> = {
  'of an unknown type': {
    stream: stock,
    events: json('StockEvaporated', {}),
    stops: everyView,
    reason: /StockEvaporated is unknown/,
  },
  'of a future version of a known type': {
    stream: stock,
    events: json('StockReceived.v9', received('POISON').data),
    stops: everyView,
    reason: /StockReceived\.v9 is unknown/,
  },
  'whose payload is not as its type says': {
    stream: 'item-default.POISON',
    events: json('ItemUpdated', { sku: 'POISON', changes: { name: 7 } }),
    stops: viewsOf('ItemUpdated'),
    reason: /ItemUpdated: .*name/,
  },
  'of an old type whose payload is not as it was': {
    stream: 'item-default.POISON',
    events: json('ItemRegistered', { sku: 'POISON' }),
    stops: viewsOf('ItemRegistered.v2'),
    reason: /ItemRegistered\.v2: .*name/,
  },
  'of a type that every object of JavaScript has': {
    stream: stock,
    events: json('constructor', {}),
    stops: everyView,
    reason: /constructor is unknown/,
  },
  'that is not JSON': {
    stream: stock,
    events: [
      binaryEvent({
        id: newId(),
        type: 'StockReceived.v2',
        data: Buffer.from([0xff, 0xfe, 0]),
        metadata: metadataOf(),
      }),
    ],
    stops: viewsOf('StockReceived.v2'),
    reason: /StockReceived\.v2/,
  },
  'whose metadata are of another kind': {
    stream: stock,
    events: json('StockReceived.v2', received('POISON').data, { ...metadataOf(), schema: 2 }),
    stops: viewsOf('StockReceived.v2'),
    reason: /metadata of schema 2/,
  },
  'of 1 MiB that is wrong': {
    stream: stock,
    events: json('StockReceived.v2', { sku: 'x'.repeat(1_000_000) }),
    stops: viewsOf('StockReceived.v2'),
    reason: /StockReceived\.v2: /,
  },
  'whose SKU is not that of its stream': {
    stream: stock,
    events: json('StockReceived.v2', received('OTHER').data),
    stops: viewsOf('StockReceived.v2'),
    reason: /payload belongs to the stream stock-default\.OTHER@MAIN/,
  },
  'whose tenant is not that of its stream': {
    stream: stock,
    events: json('StockReceived.v2', received('POISON').data, { ...metadataOf(), tenant: 'other' }),
    stops: viewsOf('StockReceived.v2'),
    reason: /stock-other\.POISON@MAIN/,
  },
  'that a fold throws on': {
    stream: 'item-default.GHOST',
    events: json('ItemDeactivated', { sku: 'GHOST' }),
    stops: ['items'],
    reason: /GHOST, which is not registered/,
  },
  'that PostgreSQL refuses': {
    stream: stock,
    events: json('StockReceived.v2', received('POISON').data, metadataOf('no-uuid')),
    stops: ['audit_log', 'ledger'],
    reason: /uuid/,
  },
};

/** Which views leave out which events, as the operator decided. */
const leftOut = new Map<bigint, readonly string[]>();

it.each(Object.entries(cases))(
  'an event %s stops those that it concerns, until it is skipped',
  async (_, { stream, events, stops, reason }) => {
    const [{ id = '' } = {}] = events as readonly { readonly id?: string }[];
    const position = await stage.appendRaw(stream, events);
    const after = await stage.receive(2);
    const others = everyView.filter((view) => !stops.includes(view));
    await until(async () => (await stage.health(url)).status === 503);
    for (const view of others) await until(() => stage.reached(after, view));

    // Health and status name the place, the event and the reason.
    const { body } = await stage.health(url);
    const told = body.projections as { name: string; state: string; stoppedAt?: object }[];
    expect(
      told
        .filter(({ state }) => state === 'STOPPED')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(stops.map((view) => tableNamed(view)).sort());
    for (const { stoppedAt } of told) {
      if (stoppedAt) expect(stoppedAt).toMatchObject({ eventId: id });
    }
    const status = await stage.inv('status', '--json');
    expect(status.code).toBe(1);
    const { projections } = JSON.parse(status.out) as { projections: Record<string, unknown>[] };
    const stopped = projections.filter(({ state }) => state === 'STOPPED');
    expect(stopped).toEqual(
      stops.map(
        () =>
          expect.objectContaining({
            stoppedAt: Number(position),
            stoppedEventId: id,
            reason: expect.stringMatching(reason) as string,
          }) as unknown,
      ),
    );

    for (const view of stops) {
      const skip = ['skip', view, '--position', String(position), '--reason', 'known', '--actor'];
      expect(await stage.inv(...skip, 'ada')).toMatchObject({ code: 0 });
    }
    leftOut.set(position, stops);
    for (const view of stops) await until(() => stage.reached(after, view));
    await until(async () => (await stage.health(url)).status === 200);
    await expectTablesToMatchLog(stage.postgres, stage.client, (event, view) =>
      Boolean(leftOut.get(event.position)?.includes(view)),
    );
  },
);

it('a valid event of 1 MiB is none of them', async () => {
  const big = registered('LARGE', 'x'.repeat(1_000_000));
  await stage.append('item-default.LARGE', big);
  const after = await stage.receive(1);
  for (const view of everyView) await until(() => stage.reached(after, view));
  expect((await stage.health(url)).status).toBe(200);
  const [row] = await stage.postgres.query<{ length: number }>(
    `SELECT length(description) AS length FROM items WHERE sku = 'LARGE'`,
  );
  expect(row).toEqual({ length: 1_000_000 });
});

it('skips are kept with who, when and why, and only what has stopped can be skipped', async () => {
  const rows = await stage.postgres.query<Record<string, unknown>>(
    `SELECT projection, actor, reason FROM control.skips WHERE position = $1 ORDER BY projection`,
    [String([...leftOut.keys()].at(-1))],
  );
  expect(rows).toEqual([
    { projection: tableNamed('audit_log'), actor: 'ada', reason: 'known' },
    { projection: tableNamed('ledger'), actor: 'ada', reason: 'known' },
  ]);
  expect((await stage.inv('status')).out).toMatch(/skipped events[^]*items_v\d+[^]*ada[^]*known/);

  const skip = (name: string, position: string, reason = 'why') =>
    stage.inv('skip', name, '--position', position, '--reason', reason);
  expect(await skip('items', '5')).toMatchObject({
    code: 1,
    err: expect.stringContaining('has not stopped') as string,
  });
  expect(await skip('nothing', '5')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there are audit_log, ledger') as string,
  });
  expect(await skip('items', 'five')).toMatchObject({ code: 2 });
  expect(await skip('items', '5', ' ')).toMatchObject({ code: 2 });

  const position = await stage.appendRaw(
    'item-default.GHOST',
    json('ItemDeactivated', { sku: 'GHOST' }),
  );
  await until(async () => (await stage.inv('status')).code === 1);
  expect(await skip('items', String(position + 1n))).toMatchObject({
    code: 1,
    err: expect.stringContaining(`has stopped at position ${position}`) as string,
  });
  expect(await skip(tableNamed('items'), String(position))).toMatchObject({ code: 0 });
  leftOut.set(position, ['items']);
  await until(async () => (await stage.health(url)).status === 200);
});

it('code that is repaired tries the event again after a restart, and the others never waited', async () => {
  const broken = views.map((view): View =>
    view.name === 'lots' && view.kind === 'table'
      ? {
          ...view,
          fold: (row, event, key) => {
            if ('sku' in event.data && event.data.sku === 'BUG')
              throw new Error('a bug in the fold');
            return view.fold(row, event, key);
          },
        }
      : view,
  );
  await stage.stopProjectors();
  const withBug = await stage.run({ views: broken });
  const { type, data } = received('BUG');
  await stage.append('stock-default.BUG@MAIN', { type, data: { ...data, lotCode: 'L1' } });
  const after = await stage.receive(1);
  await until(() => stage.reached(after, 'ledger'));
  await until(async () => (await stage.inv('status')).out.includes('a bug in the fold'));
  expect(await stage.reached(after, 'lots')).toBe(false);
  await withBug.stop();
  ({ url } = await stage.run());
  await until(() => stage.reached(after, 'lots'));
  expect((await stage.inv('status')).code).toBe(0);
  await expectTablesToMatchLog(stage.postgres, stage.client, (event, view) =>
    Boolean(leftOut.get(event.position)?.includes(view)),
  );
  expect(views.map(tableOf)).toContain(tableNamed('lots'));
});
