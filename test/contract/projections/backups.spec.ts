import { cp, rm } from 'node:fs/promises';
import { tableNamed } from '../../support/tables';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { newId } from '../../../libs/runtime';
import { expectTablesToMatchLog } from '../../support/log-replay';
import { Stage, until } from './stage';

/** Tables and log that do not belong together, made by copying real folders. */

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
}, 60_000);
afterAll(() => stage.stop());
beforeEach(() => stage.newDatabase());
afterEach(() => stage.leaveDatabase());

const backup = (): string => join(stage.folder, 'backup');

/** The lock of a folder is a socket. */
const copyOf = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, force: true, filter: (path) => !/[/]\.lock[^/]*$/.test(path) });

/** Stops the node, keeps a copy of its folder, and starts it again. */
const copyLog = (): Promise<void> => stage.restartNode(() => copyOf(stage.eventsFolder, backup()));

const restoreLog = (): Promise<void> =>
  stage.restartNode(async () => {
    await rm(stage.eventsFolder, { recursive: true });
    await copyOf(backup(), stage.eventsFolder);
  });

async function receive(count: number): Promise<bigint> {
  let position: bigint | undefined;
  await until(async () => {
    position = await stage.receive(count).catch(() => undefined);
    return position !== undefined;
  });
  return position ?? -1n;
}

const rows = async (): Promise<number> =>
  (await stage.postgres.query<{ n: number }>('SELECT count(*) AS n FROM ledger'))[0]?.n ?? NaN;

async function refusalOf(url: string): Promise<string> {
  await until(async () => (await stage.health(url)).body.state === 'REFUSED');
  const { status, body } = await stage.health(url);
  expect(status).toBe(503);
  return String(body.reason);
}

it('an older backup of the event store is refused, also once it has grown past the tables, until they are made anew', async () => {
  const first = await stage.run();
  const kept = await receive(20);
  await until(() => stage.reached(kept));
  await copyLog();
  const position = await receive(20);
  await until(() => stage.reached(position));
  const before = await rows();
  await first.stop();
  await restoreLog();

  const second = await stage.run();
  expect(await refusalOf(second.url)).toMatch(
    /where this log has none: .*older backup.*inv projection rebuild --all/,
  );
  expect(await rows()).toBe(before);
  const [told] = await stage.postgres.query<{ state: string; reason: string }>(
    `SELECT state, reason FROM control.projection_status WHERE projection = '${tableNamed('ledger')}'`,
  );
  expect(told).toMatchObject({
    state: 'REFUSED',
    reason: expect.stringMatching(/backup/) as string,
  });
  expect(await stage.inv('status')).toMatchObject({ code: 1 });
  await second.stop();

  // Other things happen than those that were lost.
  for (let n = 0; n < 20; n++) await receive(5);
  const third = await stage.run();
  await refusalOf(third.url);
  expect(await rows()).toBe(before);
  expect(await stage.inv('rebuild', '--all')).toMatchObject({ code: 0 });
  await until(async () => (await stage.health(third.url)).status === 200);
  const after = await receive(1);
  await until(() => stage.reached(after));
  await expectTablesToMatchLog(stage.postgres, stage.client);
});

it('a log that ends before what the tables know is refused, although their last event is in it', async () => {
  const first = await stage.run();
  const position = await receive(5);
  await until(() => stage.reached(position));
  await copyLog();
  // Nothing of ours: the checkpoints go on all the same.
  const others = Array.from({ length: 100 }, () => jsonEvent({ type: 'Other', data: {} }));
  await until(async () => {
    await stage.appendRaw(`other-${newId()}`, others).catch(() => undefined);
    return stage.reached(position + 1n);
  });
  await first.stop();
  await restoreLog();
  const second = await stage.run();
  expect(await refusalOf(second.url)).toMatch(
    /knows the log up to position \d+, where this log ends at \d+/,
  );
});

it('an older backup of the database catches up with the log', async () => {
  const first = await stage.run();
  const position = await receive(20);
  await until(() => stage.reached(position));
  await first.stop();
  await stage.server.copy();
  const second = await stage.run();
  const later = await receive(20);
  await until(() => stage.reached(later));
  await second.stop();
  await stage.server.restoreCopy();
  await stage.run();
  await until(() => stage.reached(later));
  await expectTablesToMatchLog(stage.postgres, stage.client);
});

it('a projector of another event store neither touches the tables nor takes up a rebuild that is not for it', async () => {
  const right = await stage.run();
  const position = await receive(20);
  await until(() => stage.reached(position));
  const other = await Stage.start();
  try {
    const wrong = await stage.run({ eventstorePort: other.port });
    expect(await refusalOf(wrong.url)).toContain(`--store ${wrong.projector.storeId}`);
    await right.stop();
    await stage.inv('rebuild', 'ledger', '--no-wait');
    // It has looked at the request more than once.
    const looked = wrong.projector.control;
    await until(() => (wrong.projector.control?.rebuilds.length ?? 0) > 0);
    expect(wrong.projector.control).not.toBe(looked);
    expect((await stage.inv('status')).out).toMatch(/REBUILD +ledger_v\d+ +WAITING/);
    const before = await rows();
    await stage.run();
    await until(async () => (await stage.inv('status')).out.includes('DONE'));
    expect(await rows()).toBe(before);
  } finally {
    await stage.stopProjectors();
    await other.stop();
  }
});
