import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { ApiProcess } from '../support/api-process';
import { Api, type Answer } from '../support/http';
import { System } from '../support/system';

const CLIENTS = 64;
const ROUNDS = 20;

describe('streams over two api processes', () => {
  let system: System;
  let other: ApiProcess;
  let here: Api;
  let there: Api;

  beforeAll(async () => {
    system = await System.start();
    other = await ApiProcess.start(system);
    here = new Api(system.url);
    there = new Api(other.url);
  }, 120_000);
  afterAll(async () => {
    await other.stop();
    await system.stop();
  });

  const register = (sku: string): Promise<Answer> => here.post('/api/v1/items', { sku, name: sku });
  const receive = (api: Api, sku: string, quantity: number, key = randomUUID()): Promise<Answer> =>
    api.post('/api/v1/inventory/receive', { sku, quantity }, { 'idempotency-key': key });
  const issue = (api: Api, sku: string): Promise<Answer> =>
    api.post('/api/v1/inventory/issue', { sku, quantity: 1 });

  it(`given k units, when ${CLIENTS} clients ask for one each at both at once, then exactly k get one, ${ROUNDS} times`, async () => {
    await register('RACE');
    for (let round = 0; round < ROUNDS; round += 1) {
      const units = 1 + ((round * 13) % (CLIENTS - 1));
      expect((await receive(here, 'RACE', units)).status).toBe(201);
      const answers = await Promise.all(
        Array.from({ length: CLIENTS }, (_, n) => issue(n % 2 === 0 ? here : there, 'RACE')),
      );
      const told = answers.map(({ status, body }) => (status === 201 ? 'won' : body.code));
      expect([round, told.filter((word) => word === 'won').length]).toEqual([round, units]);
      expect(new Set(told)).toEqual(new Set(['won', 'INSUFFICIENT_STOCK']));
    }
  }, 120_000);

  it('given a long stream, when PostgreSQL goes away and comes back, then commands go on and a fresh api begins with a snapshot', async () => {
    await register('LONG');
    const database = new Client({ connectionString: system.databaseUrl });
    await database.connect();
    const kept = randomUUID();
    const first = await receive(here, 'LONG', 7, kept);
    let sent = 1;
    const grow = async (api: Api): Promise<void> => {
      const many = Array.from({ length: 50 }, () => receive(api, 'LONG', 1));
      for (const { status } of await Promise.all(many)) expect(status).toBe(201);
      sent += many.length;
    };
    const revisionKept = async (): Promise<number> => {
      const { rows } = await database.query<{ revision: string }>(
        "SELECT revision FROM cache.snapshots WHERE stream LIKE '%.LONG@%'",
      );
      return Number(rows[0]?.revision ?? -1);
    };
    while (sent < 600) await grow(here);
    // Written behind the commands' back.
    while ((await revisionKept()) < 0) await wait(20);
    await database.end();

    // Gone while this goes on: the supervisor brings it back, the commands do not wait for that.
    await system.kill('postgresql');
    const third = await ApiProcess.start(system);
    await grow(here);
    await grow(new Api(third.url));
    await third.stop();
    await system.ready();

    const fresh = await ApiProcess.start(system);
    const api = new Api(fresh.url);
    const again = await receive(api, 'LONG', 7, kept);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    const reused = await receive(api, 'LONG', 8, kept);
    expect(reused.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    const last = await receive(api, 'LONG', 1);
    expect(last.headers.get('etag')).toBe(`"${sent}"`);
    await fresh.stop();
  }, 180_000);
});
