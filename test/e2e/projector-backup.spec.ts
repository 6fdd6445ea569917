import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../contract/projections/stage';
import { Api } from '../support/http';
import { inv } from '../support/inv';
import { System } from '../support/system';

/** The whole product on an event store that was restored from an older backup than its tables. */

it('starts, says what is wrong and how to go on, and goes on when the tables are made anew', async () => {
  let system = await System.start();
  const events = join(system.folder, 'eventstore');
  const backup = join(system.folder, 'backup');
  const receive = async (quantity: number): Promise<string | undefined> => {
    const api = new Api(system.url);
    await api.post('/api/v1/items', { sku: 'BACKUP', name: 'BACKUP' });
    const { body } = await api.post('/api/v1/inventory/receive', { sku: 'BACKUP', quantity });
    return body.position;
  };
  const restart = async (meanwhile: () => Promise<void>): Promise<Api> => {
    await system.stop(true);
    await meanwhile();
    system = await System.start(system.folder);
    return new Api(system.url);
  };
  const copy = (from: string, to: string): Promise<void> =>
    cp(from, to, { recursive: true, filter: (path) => !/[/]\.lock[^/]*$/.test(path) });
  const summary = '/api/v1/inventory/summary/BACKUP';
  try {
    const early = await receive(5);
    await new Api(system.url).after(early, summary);
    let api = await restart(() => copy(events, backup));
    const late = await receive(10);
    expect((await api.after(late, summary)).body.onHand).toBe(15);

    api = await restart(async () => {
      await rm(events, { recursive: true });
      await copy(backup, events);
    });
    const refused = await api.get('/health/ready');
    expect(refused).toMatchObject({ status: 503, body: { readModels: 'refused' } });
    expect(JSON.stringify(refused.body)).toContain('inv projection rebuild --all');
    const position = await receive(1);
    const behind = await api.get(`${summary}?after=${position}&wait=1`);
    expect(behind).toMatchObject({ status: 504, body: { code: 'PROJECTION_BEHIND' } });
    expect(JSON.stringify(behind.body)).toContain('made from another log');

    process.env.LOTSTREAM_DATA = system.folder;
    expect(await inv('projection', 'rebuild', '--all')).toMatchObject({ code: 0 });
    await until(async () => (await api.get('/health/ready')).status === 200);
    expect((await api.after(position, summary)).body.onHand).toBe(6);
  } finally {
    delete process.env.LOTSTREAM_DATA;
    await system.stop();
  }
}, 180_000);
