import { EventStoreDBClient } from '@eventstore/db-client';
import { stock, type StockEvent, type StockState } from '../../libs/domain';
import { ApiProcess } from '../support/api-process';
import { Api, type Answer } from '../support/http';
import { readInventory } from '../support/log-replay';
import { System } from '../support/system';
import { setTimeout as wait } from 'node:timers/promises';

/** Reservations as clients see them, with two api processes on one log. */

const CLIENTS = 64;
const ROUNDS = 20;

let system: System;
let second: ApiProcess;
let api: Api;
let other: Api;

beforeAll(async () => {
  system = await System.start();
  second = await ApiProcess.start(system);
  api = new Api(system.url);
  other = new Api(second.url);
});
afterAll(async () => {
  await second.stop();
  await system.stop();
});

type Body = Record<string, unknown>;
const command = (path: string, body: Body, at = api): Promise<Answer> =>
  at.post(`/api/v1/${path}`, body);

async function done(path: string, body: Body, at = api): Promise<Answer> {
  const answer = await command(path, body, at);
  if (answer.status > 201) throw new Error(`${path}: ${answer.text}`);
  return answer;
}
const register = (sku: string, more: Body = {}): Promise<Answer> =>
  done('items', { sku, name: sku, ...more });

/** Every stream of the SKU folded anew, with what must hold after each of its events. */
async function replayed(sku: string): Promise<StockState> {
  const client = EventStoreDBClient.connectionString(system.eventstoreUrl);
  let state = stock.initial;
  try {
    for (const event of await readInventory(client)) {
      if (event.category !== 'stock' || (event.data as { sku: string }).sku !== sku) continue;
      state = stock.evolve(state, event as unknown as StockEvent, event.metadata);
      const { lots } = stock.form.pack(state) as { lots: { known: (number | string | null)[] } };
      for (let at = 0; at < lots.known.length; at += 9) {
        const [, onHand, reserved, held] = lots.known.slice(at) as number[];
        expect([onHand! >= 0, reserved! >= 0, reserved! + held! <= onHand!]).toEqual([
          true,
          true,
          true,
        ]);
      }
    }
  } finally {
    await client.dispose();
  }
  return state;
}

describe('of k units exactly k clients reserve one', () => {
  it(`${CLIENTS} clients at two processes, ${ROUNDS} rounds`, async () => {
    await register('RACE');
    for (let round = 0; round < ROUNDS; round++) {
      const units = round === 0 ? 1 : 1 + ((round * 7) % 40);
      await done('inventory/receive', { sku: 'RACE', quantity: units });
      const answers = await Promise.all(
        Array.from({ length: CLIENTS }, (_, i) =>
          command('inventory/reserve', { sku: 'RACE', quantity: 1 }, i % 2 ? api : other),
        ),
      );
      const won = answers.filter(({ status }) => status === 201);
      const lost = answers.filter(({ body }) => body.code === 'INSUFFICIENT_STOCK');
      expect([round, won.length, lost.length]).toEqual([round, units, CLIENTS - units]);
      expect(new Set(won.map(({ body }) => body.reservationId)).size).toBe(units);
    }
    const { onHand, lots } = await replayed('RACE');
    expect(onHand).toBe(
      Array.from({ length: ROUNDS }, (_, r) => (r ? 1 + ((r * 7) % 40) : 1)).reduce(
        (a, b) => a + b,
      ),
    );
    expect(lots.byReceipt?.summary.reserved).toBe(onHand);
  });
});

describe('a reservation ends by itself', () => {
  /** What the list of reservations says, once it says so. */
  async function seen(id: string, status: string): Promise<Body> {
    for (;;) {
      const { body } = await api.get(`/api/v1/reservations/${encodeURIComponent(id)}`);
      if (body.status === status) return body;
      await wait(50);
    }
  }
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

  it('with nobody asking', async () => {
    await register('TIMED');
    await done('inventory/receive', { sku: 'TIMED', quantity: 10 });
    const expiresAt = inMs(1_000);
    const { body } = await done('inventory/reserve', { sku: 'TIMED', quantity: 7, expiresAt });
    const ended = await seen(String(body.reservationId), 'EXPIRED');
    expect(ended).toMatchObject({ allocatedQuantity: 0, expiredQuantity: 7, allocations: [] });
    expect(String(ended.endedAt) >= expiresAt).toBe(true);
    const { body: summary } = await api.get('/api/v1/inventory/summary/TIMED');
    expect(summary).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
  });

  it('once, though api and projector are killed when it is time', async () => {
    const skus = Array.from({ length: 6 }, (_, i) => `KILLED-${i}`);
    for (const sku of skus) {
      await register(sku);
      await done('inventory/receive', { sku, quantity: 5 });
    }
    const made = await Promise.all(
      skus.map((sku) => done('inventory/reserve', { sku, quantity: 3, expiresAt: inMs(1_500) })),
    );
    await Promise.all([system.kill('api'), system.kill('projector')]);
    await system.ready();
    for (const { body } of made) await seen(String(body.reservationId), 'EXPIRED');
    const client = EventStoreDBClient.connectionString(system.eventstoreUrl);
    const ends = (await readInventory(client))
      .filter(({ type }) => type === 'ReservationExpired')
      .map(({ data }) => (data as { sku: string }).sku)
      .filter((sku) => skus.includes(sku));
    await client.dispose();
    expect(ends.sort()).toEqual(skus);
  });
});
