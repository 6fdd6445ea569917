import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { InventoryEvent } from '../../../libs/domain';
import { openEventStoreWithRetry } from '../../../libs/eventstore';
import { openPostgres } from '../../../libs/postgres';
import { Api, type Answer } from '../../support/http';
import { System } from '../../support/system';
import { expectTablesOf } from '../../support/tables';
import { until } from '../event-node/support';
import { logger, seedsOr } from './support';

/** The whole product, api and projector in processes of their own, on a node of full hostility. */

const SKUS = ['ROUGH-1', 'ROUGH-2', 'ROUGH-3'];
const CLIENTS = 8;
const COMMANDS_PER_CLIENT = 12;

/** Sends a command with its key until a definite answer comes, as a careful client does. */
async function insist(api: Api, path: string, body: object, key: string): Promise<Answer> {
  for (;;) {
    const answer = await api.post(path, body, { 'idempotency-key': key });
    if (answer.status < 500) return answer;
    expect(answer.status).toBe(503);
    await wait(Number(answer.headers.get('retry-after') ?? 0) * 20);
  }
}

interface Told {
  readonly sku: string;
  readonly change: number;
  readonly answer: Answer;
}

async function client(api: Api, lane: number): Promise<Told[]> {
  const told: Told[] = [];
  for (let n = 0; n < COMMANDS_PER_CLIENT; n += 1) {
    const sku = SKUS[(lane + n) % SKUS.length]!;
    const sells = n % 3 === 2;
    const quantity = 1 + (n % 4);
    const path = `/api/v1/inventory/${sells ? 'issue' : 'receive'}`;
    const key = randomUUID();
    const answer = await insist(api, path, { sku, quantity }, key);
    if (answer.status !== 201) {
      expect(answer.body.code).toBe('INSUFFICIENT_STOCK');
      continue;
    }
    told.push({ sku, change: sells ? -quantity : quantity, answer });
    if (n % 4 !== 0) continue;
    const again = await insist(api, path, { sku, quantity }, key);
    expect(again.body.position).toBe(answer.body.position);
    const seen = await api.after(answer.body.position, `/api/v1/inventory/summary/${sku}`);
    expect(seen.status).toBe(200);
  }
  return told;
}

/** The log as it is told to a reader who is cut off again and again, up to the last command. */
async function eventsUpTo(url: string, commandId: string): Promise<InventoryEvent[]> {
  const store = await openEventStoreWithRetry({ url, logger });
  const stop = new AbortController();
  const events: InventoryEvent[] = [];
  for await (const entry of store.readLog({ from: undefined, signal: stop.signal })) {
    if (entry.kind === 'event') events.push(entry.event);
    if (events.at(-1)?.metadata.commandId === commandId) break;
  }
  stop.abort();
  await store.close();
  return events;
}

async function expectHealthy(system: System): Promise<void> {
  const api = new Api(system.url);
  await until(async () => {
    const ready = await api.get('/health/ready');
    const projecting = await fetch(`${system.projectorUrl}/health/ready`);
    const { status } = (await projecting.json()) as { readonly status: string };
    const reached = (ready.body.projections ?? []) as readonly {
      readonly positionsBehind: number;
    }[];
    const isThere =
      reached.length > 0 && reached.every(({ positionsBehind }) => positionsBehind === 0);
    return ready.body.status === 'ok' && status === 'ready' && isThere;
  });
}

describe.each(seedsOr([1]))('given the product on a node of full hostility, seed %i', (seed) => {
  let system: System;
  afterEach(() => system.stop());

  test('when commands are sent until they are answered, then tables, log and answers agree and no process has ended', async () => {
    system = await System.start(undefined, { LOTSTREAM_HOSTILE: String(seed) });
    const before = system.pids();
    const api = new Api(system.url);
    for (const sku of SKUS) {
      const answer = await insist(api, '/api/v1/items', { sku, name: sku }, randomUUID());
      expect(answer.status).toBe(201);
    }
    const lanes = Array.from({ length: CLIENTS }, (_, lane) => client(api, lane));
    const told = (await Promise.all(lanes)).flat();
    // The last command of all has a position behind every other.
    const sku = SKUS[0]!;
    const answer = await insist(
      api,
      '/api/v1/inventory/receive',
      { sku, quantity: 1 },
      randomUUID(),
    );
    told.push({ sku, change: 1, answer });

    for (const each of SKUS) {
      const { body } = await api.after(answer.body.position, `/api/v1/inventory/summary/${each}`);
      const mine = told.filter((one) => one.sku === each);
      expect([each, body.onHand]).toEqual([
        each,
        mine.reduce((sum, { change }) => sum + change, 0),
      ]);
    }
    const events = await eventsUpTo(system.eventstoreUrl, answer.body.commandId as string);
    expect(events.filter(({ category }) => category === 'stock')).toHaveLength(told.length);
    const postgres = await openPostgres({ url: system.databaseUrl, logger });
    await expectTablesOf(postgres, events);
    await postgres.close();
    await expectHealthy(system);
    expect(system.pids()).toEqual(before);
    expect(system.logOf('eventstore')).toMatch(`"seed":${seed}`);
    // Some answers were lost on the way.
    expect(system.logOf('api')).toContain('an append was not answered');
    for (const part of ['api', 'projector']) {
      expect(system.logOf(part)).not.toMatch(/"level":[56]0|TypeError|[Uu]nhandled/);
    }
  });
});
