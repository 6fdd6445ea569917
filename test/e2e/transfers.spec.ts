import * as fc from 'fast-check';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { StockEvent } from '../../libs/domain';
import { openPostgres } from '../../libs/postgres';
import { createLogger } from '../../libs/runtime';
import { Api, type Answer } from '../support/http';
import { readInventory } from '../support/log-replay';
import { System } from '../support/system';
import { expectTablesOf } from '../support/tables';

/** Rice goes from the warehouse to two shops: transfers as they are played over HTTP on the whole product. */

const SKU = 'RICE 5/kg';
const PLACES = ['MAIN', 'NORTH', 'SOUTH'];
let system: System;
let api: Api;

beforeAll(async () => {
  system = await System.start();
  api = new Api(system.url);
  const item = { sku: SKU, unit: 'kg', decimals: 2, tracking: 'lot', allocationPolicy: 'FEFO' };
  expect((await api.post('/api/v1/items', item)).status).toBe(201);
  for (const code of PLACES.slice(1)) {
    expect((await api.post('/api/v1/locations', { code })).status).toBe(201);
  }
}, 120_000);
afterAll(() => system.stop());

const receive = (lotCode: string, more: object = {}): Promise<Answer> =>
  api.post('/api/v1/inventory/receive', { sku: SKU, lotCode, quantity: 10, ...more });
const send = (body: object): Promise<Answer> =>
  api.post('/api/v1/inventory/transfer', { sku: SKU, from: 'MAIN', ...body });
const on = (id: unknown, what: 'receive' | 'cancel', body: object): Promise<Answer> =>
  api.post(`/api/v1/transfers/${String(id)}/${what}`, body);
const seen = async ({ body }: Answer, path: string) =>
  (await api.after(body.position, `/api/v1/${path}`)).body;
const summaryAfter = async (answer: Answer) =>
  seen(answer, `inventory/summary/${encodeURIComponent(SKU)}`);
const wayAfter = async (answer: Answer, query = '') =>
  (await seen(answer, `reports/in-transit?sku=${encodeURIComponent(SKU)}${query}`)).items;

describe('two lots on their way to a shop', () => {
  let sent: Answer;
  let id: unknown;

  it('have left, and are at no place', async () => {
    await receive('OLD', { expiresOn: '2040-01-31', effectiveAt: '2026-01-05T08:00:00Z' });
    await receive('NEW', { expiresOn: '2041-01-31', effectiveAt: '2026-01-09T08:00:00Z' });
    sent = await send({ to: 'NORTH', quantity: 12.5, reference: 'TO-1' });
    id = sent.body.transferId;
    expect(sent.body).toMatchObject({
      status: 'DISPATCHED',
      lines: [
        { lotCode: 'OLD', dispatched: 10 },
        { lotCode: 'NEW', dispatched: 2.5 },
      ],
    });
    expect(await summaryAfter(sent)).toMatchObject({
      ...{ onHand: 7.5, inTransit: 12.5, transferredOut: 12.5 },
      locations: [{ location: 'MAIN', onHand: 7.5, inTransit: 0 }],
    });
    expect(await wayAfter(sent, '&to=NORTH')).toMatchObject([
      { from: 'MAIN', to: 'NORTH', lotCode: 'NEW', quantity: 2.5 },
      { from: 'MAIN', to: 'NORTH', lotCode: 'OLD', quantity: 10 },
    ]);
  });

  it('come in part, with a torn sack; what has come is as old as it was', async () => {
    const torn = { lotCode: 'OLD', quantity: 6, missing: 1.5, reason: 'a torn sack' };
    const come = await on(id, 'receive', torn);
    expect(come.body).toMatchObject({
      ...{ status: 'PARTIALLY_RECEIVED', outstanding: 5, applied: ['NORTH'], pending: [] },
    });
    expect(await seen(come, 'stock-levels?location=NORTH&inStock=true')).toMatchObject({
      items: [
        {
          ...{ lotCode: 'OLD', onHand: 6, available: 6, transferredIn: 6 },
          ...{ expiresOn: '2040-01-31', receivedAt: '2026-01-05T08:00:00.000Z' },
        },
      ],
    });
    expect(await seen(come, `transfers/${String(id)}`)).toMatchObject({
      ...{ from: 'MAIN', to: 'NORTH', status: 'PARTIALLY_RECEIVED', reference: 'TO-1' },
      ...{ quantity: 12.5, received: 6, writtenOff: 1.5, outstanding: 5, inTransit: 5 },
      lines: [
        {
          lotCode: 'OLD',
          quantity: 10,
          received: 6,
          arrived: 6,
          writtenOff: 1.5,
          outstanding: 2.5,
        },
        { lotCode: 'NEW', quantity: 2.5, received: 0, arrived: 0, writtenOff: 0, outstanding: 2.5 },
      ],
      endedAt: null,
    });
    expect(await summaryAfter(come)).toMatchObject({ onHand: 13.5, inTransit: 5 });
    expect((await on(id, 'receive', { quantity: 5.01 })).body.code).toBe('TRANSFER_EXCEEDED');
  });

  it('the rest is called off and back, first in its order as before', async () => {
    const off = await on(id, 'cancel', { reason: 'the lorry broke down' });
    expect(off.body).toMatchObject({ status: 'CANCELLED', outstanding: 0 });
    expect(await summaryAfter(off)).toMatchObject({
      ...{ onHand: 18.5, inTransit: 0 },
      locations: [
        { location: 'MAIN', onHand: 12.5 },
        { location: 'NORTH', onHand: 6 },
      ],
    });
    const levels = await seen(off, 'stock-levels?location=MAIN');
    expect(levels.items).toMatchObject([
      { lotCode: 'NEW', onHand: 10, receivedAt: '2026-01-09T08:00:00.000Z' },
      { lotCode: 'OLD', onHand: 2.5, receivedAt: '2026-01-05T08:00:00.000Z' },
    ]);
    expect((await on(id, 'receive', {})).body.code).toBe('TRANSFER_ENDED');
    expect(await wayAfter(off)).toEqual([]);
  });

  it('a further one is there in the same breath, and every step is in the ledger', async () => {
    const there = await send({ to: 'SOUTH', quantity: 2.5, immediate: true });
    expect(there.body).toMatchObject({ status: 'RECEIVED', applied: ['SOUTH'] });
    expect(await summaryAfter(there)).toMatchObject({
      ...{ onHand: 18.5, inTransit: 0 },
      locations: [{ location: 'MAIN' }, { location: 'NORTH' }, { location: 'SOUTH', onHand: 2.5 }],
    });
    const { items = [] } = await seen(
      there,
      `ledger/item/${encodeURIComponent(SKU)}?sort=position`,
    );
    expect(items.map(({ type, location, quantity }) => [type, location, quantity])).toEqual([
      ['RECEIVE', 'MAIN', 10],
      ['RECEIVE', 'MAIN', 10],
      ['TRANSFER_OUT', 'MAIN', -10],
      ['TRANSFER_OUT', 'MAIN', -2.5],
      ['TRANSFER_IN', 'NORTH', 6],
      ['TRANSFER_IN', 'MAIN', 2.5],
      ['TRANSFER_IN', 'MAIN', 2.5],
      ['TRANSFER_OUT', 'MAIN', -2.5],
      ['TRANSFER_IN', 'SOUTH', 2.5],
    ]);
    const list = await seen(there, 'transfers?from=MAIN&sort=transferId');
    expect(list.items).toMatchObject([
      { transferId: id, status: 'CANCELLED' },
      { to: 'SOUTH', status: 'RECEIVED', outstanding: 0, inTransit: 0 },
    ]);
    const csv = await api.get('/api/v1/transfers?status=CANCELLED', { accept: 'text/csv' });
    expect(csv.text.split('\r\n')[1]).toContain(`${String(id)},`);
  });
});

describe('many at once, between three places', () => {
  const CLIENTS = 12;
  const COMMANDS = 20;
  const seed = Number(process.env.LOTSTREAM_SEED ?? Math.floor(Math.random() * 2 ** 31));

  /** One client sends, receives and calls off whatever it comes upon. */
  async function client(lane: number, open: string[], told: Map<string, number>): Promise<Answer> {
    const choose = fc.sample(fc.nat({ max: 2 ** 30 }), {
      seed: seed + lane,
      numRuns: 4 * COMMANDS,
    });
    const next = (below: number): number => (choose.pop() ?? 0) % below;
    let last: Answer | undefined;
    for (let n = 0; n < COMMANDS; n += 1) {
      const place = next(4) % 3;
      const from = PLACES[place];
      const to = PLACES[(place + 1 + next(2)) % 3];
      // Mostly of those that may still be on their way.
      const id = open.at(-1 - next(Math.min(6, open.length) || 1));
      const wish = next(10);
      let answer: Answer;
      if (id === undefined || wish < 4) {
        answer = await send({ from, to, quantity: 1 + wish, immediate: wish === 0 });
        if (answer.status === 201) open.push(String(answer.body.transferId));
      } else if (wish < 9) {
        const missing = wish === 8 ? { missing: 0.5, reason: 'crushed' } : {};
        answer = await on(id, 'receive', wish < 6 ? {} : { quantity: 1, ...missing });
      } else answer = await on(id, 'cancel', { reason: 'late' });
      const code = answer.body.code ?? String(answer.status);
      told.set(code, (told.get(code) ?? 0) + 1);
      if (answer.status < 300) last = answer;
    }
    if (!last) throw new Error('nothing was accepted');
    return last;
  }

  it(`nothing is at two places or at none, at any event of the log (seed ${seed})`, async () => {
    const stocked = [receive('OLD', { quantity: 200 }), receive('B1', { quantity: 200 })];
    for (const { status } of await Promise.all(stocked)) expect(status).toBe(201);
    const told = new Map<string, number>();
    const open: string[] = [];
    const lanes = Array.from({ length: CLIENTS }, (_, lane) => client(lane, open, told));
    const answers = await Promise.all(lanes);
    const done = [...told].filter(([code]) => code.startsWith('2'));
    expect(done.reduce((sum, [, n]) => sum + n, 0)).toBeGreaterThan(100);
    expect([...told.keys()].filter((code) => !EXPECTED.has(code))).toEqual([]);

    const last = await receive('B1', { quantity: 1 });
    for (const answer of [...answers, last]) await summaryAfter(answer);
    const store = EventStoreDBClient.connectionString(system.eventstoreUrl);
    const postgres = await openPostgres({
      url: system.databaseUrl,
      logger: createLogger('test', 'silent'),
      name: 'test',
    });
    try {
      const events = await readInventory(store);
      const { onHand, inTransit, writtenOff, received } = balanceOf(
        events.filter(({ category }) => category === 'stock') as never,
      );
      expect(onHand + inTransit + writtenOff).toBe(received);
      expect(await summaryAfter(last)).toMatchObject({
        onHand: onHand / 100,
        inTransit: inTransit / 100,
        received: received / 100,
      });
      await expectTablesOf(postgres, events);
    } finally {
      await postgres.close();
      await store.dispose();
    }
  }, 120_000);
});

const EXPECTED = new Set([
  ...['200', '201', 'INSUFFICIENT_STOCK', 'TRANSFER_ENDED', 'TRANSFER_EXCEEDED'],
]);

/** Adds up the log, and throws at the first event after which goods are at two places or at none. */
function balanceOf(events: readonly StockEvent[]) {
  const sums = { onHand: 0, inTransit: 0, writtenOff: 0, received: 0 };
  const places = new Map<string, number>();
  const ways = new Map<string, number>();
  const add = (to: Map<string, number>, key: string, change: number): void => {
    const after = (to.get(key) ?? 0) + change;
    if (after < 0) throw new Error(`${key} holds ${after}`);
    to.set(key, after);
  };
  for (const { type, data } of events) {
    if (!('lotCode' in data && 'quantity' in data)) continue;
    const { location, lotCode, quantity } = data;
    const isOut = type === 'StockDispatched';
    if (type === 'StockReceived.v2') sums.received += quantity;
    if (type === 'TransferWrittenOff') sums.writtenOff += quantity;
    if (type !== 'TransferReceived' && type !== 'TransferWrittenOff') {
      sums.onHand += isOut ? -quantity : quantity;
      add(places, `${location} ${lotCode}`, isOut ? -quantity : quantity);
    }
    if ('transferId' in data && type !== 'TransferReceived') {
      sums.inTransit += isOut ? quantity : -quantity;
      add(ways, `${data.transferId} ${lotCode}`, isOut ? quantity : -quantity);
    }
    if (sums.onHand + sums.inTransit + sums.writtenOff !== sums.received) {
      throw new Error(`after ${type} ${JSON.stringify(data)}: ${JSON.stringify(sums)}`);
    }
  }
  return sums;
}
