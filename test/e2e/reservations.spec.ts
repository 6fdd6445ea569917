import { EventStoreDBClient } from '@eventstore/db-client';
import { lotOf, stock, type StockEvent, type StockState } from '../../libs/domain';
import { ApiProcess } from '../support/api-process';
import { Api, type Answer } from '../support/http';
import { readInventory } from '../support/log-replay';
import { System } from '../support/system';
import { setTimeout as wait } from 'node:timers/promises';

/** Reservations as clients see them, with two api processes on one log. */

const CLIENTS = 64;
const ROUNDS = 20;
const RECALLS = 8;

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

describe('a lot, its reservations and its quality control, step by step', () => {
  const SKU = 'R1-ITEM';
  let position = '';
  let reservationId = '';
  const code = async (answer: Promise<Answer>): Promise<unknown> => (await answer).body.code;
  async function did(path: string, body: Body): Promise<Body> {
    const { body: answer } = await done(path, body);
    position = answer.position ?? position;
    return answer;
  }
  const read = async (path: string): Promise<Body> =>
    (await api.after(position, `/api/v1/${path}`)).body;
  const judge = (lotCode: string, status: string): Promise<Answer> =>
    api.send('PUT', '/api/v1/lots/qc-status', { sku: SKU, lotCode, status, reason: 'laboratory' });
  async function judged(lotCode: string, status: string): Promise<void> {
    const { status: told, body } = await judge(lotCode, status);
    expect([told, body.qcStatus]).toEqual([200, status]);
    position = body.position ?? position;
  }

  /** onHand = received - issued; reserved = reserve - unreserve, out of the ledger; available = onHand - reserved. */
  async function holds(approved = true): Promise<Body> {
    const { items } = await read(`ledger/item/${SKU}?limit=500`);
    const sum = (type: string): number =>
      (items as { type: string; quantity: number }[])
        .filter((row) => row.type === type)
        .reduce((total, { quantity }) => total + quantity, 0);
    const summary = await read(`inventory/summary/${SKU}`);
    const onHand = sum('RECEIVE') + sum('ISSUE');
    const reserved = sum('RESERVE') - sum('UNRESERVE');
    expect(summary).toMatchObject({
      itemId: SKU,
      received: sum('RECEIVE'),
      issued: 0 - sum('ISSUE'),
      onHand,
      reserved,
      ...(approved && { available: onHand - reserved }),
    });
    return { onHand, reserved, available: summary.available };
  }

  it('an item that needs quality control is registered once', async () => {
    await register(SKU, { qcRequired: true });
    expect(await code(command('items', { sku: SKU, name: SKU }))).toBe('ITEM_CODE_ALREADY_EXISTS');
    expect(await code(command('inventory/receive', { itemId: 'NOPE', qty: 1 }))).toBe(
      'ITEM_NOT_FOUND',
    );
    expect(await code(command('inventory/reserve', { itemId: 'NOPE', qty: 1 }))).toBe(
      'ITEM_NOT_FOUND',
    );
  });

  it('what is received of it waits, and cannot be reserved before it is approved', async () => {
    const lot = { itemId: SKU, qcRequired: true };
    const first = { ...lot, lotCode: 'LOT-A', qty: 100, effectiveAt: '2026-03-01T08:00:00Z' };
    const second = { ...lot, lotCode: 'LOT-B', qty: 50, effectiveAt: '2026-03-02T08:00:00Z' };
    expect(await did('inventory/receive', second)).toMatchObject({
      movements: [{ type: 'RECEIVE', lotCode: 'LOT-B', qcStatus: 'QUARANTINE' }],
    });
    await did('inventory/receive', first);
    expect(await code(command('inventory/reserve', { itemId: SKU, qty: 10 }))).toBe(
      'NO_QC_APPROVED_LOT',
    );
    expect(await holds(false)).toEqual({ onHand: 150, reserved: 0, available: 0 });
    const { items } = await read(`lots?sku=${SKU}`);
    expect(items).toMatchObject([
      { lotCode: 'LOT-A', received: 100, qcStatus: 'QUARANTINE' },
      { lotCode: 'LOT-B', received: 50, qcStatus: 'QUARANTINE' },
    ]);
    expect(await code(api.get('/api/v1/lots/R1-ITEM.LOT-X'))).toBe('LOT_NOT_FOUND');
    expect(await code(judge('LOT-X', 'APPROVED'))).toBe('LOT_NOT_FOUND');
  });

  it('only what is approved can be reserved', async () => {
    await judged('LOT-A', 'APPROVED');
    expect(await code(command('inventory/reserve', { itemId: SKU, qty: 120 }))).toBe(
      'INSUFFICIENT_APPROVED_STOCK',
    );
    expect(await code(command('inventory/reserve', { itemId: SKU, qty: 151 }))).toBe(
      'INSUFFICIENT_STOCK',
    );
    await judged('LOT-B', 'APPROVED');
    expect(await holds()).toEqual({ onHand: 150, reserved: 0, available: 150 });
  });

  it('a reservation takes the oldest lot first', async () => {
    const made = await did('inventory/reserve', { itemId: SKU, qty: 120, batchId: 'BATCH-002' });
    reservationId = String(made.reservationId);
    expect(made).toMatchObject({
      status: 'ACTIVE',
      totalQuantity: 120,
      issuedQuantity: 0,
      allocations: [
        { lotCode: 'LOT-A', quantity: 100 },
        { lotCode: 'LOT-B', quantity: 20 },
      ],
    });
    expect(await holds()).toEqual({ onHand: 150, reserved: 120, available: 30 });
    const { items } = await read('reservations?batchId=BATCH-002');
    expect(items).toMatchObject([{ reservationId, status: 'ACTIVE', batchId: 'BATCH-002' }]);
    expect(await code(api.get(`/api/v1/reservations/${SKU}@MAIN.R99`))).toBe(
      'RESERVATION_NOT_FOUND',
    );
  });

  it('is issued in part, released in part, and issued to its end, never beyond', async () => {
    const status = async () => await read(`reservations/${reservationId}`);
    await did('inventory/issue', { reservationId, qty: 70 });
    expect(await status()).toMatchObject({
      status: 'PARTIAL',
      issuedQuantity: 70,
      allocatedQuantity: 50,
      allocations: [
        { lotCode: 'LOT-A', quantity: 30, issuedQuantity: 70 },
        { lotCode: 'LOT-B', quantity: 20, issuedQuantity: 0 },
      ],
    });
    expect(await holds()).toEqual({ onHand: 80, reserved: 50, available: 30 });
    expect(await code(command('inventory/issue', { reservationId, qty: 51 }))).toBe(
      'INSUFFICIENT_RESERVED_STOCK',
    );
    await did('inventory/release', { reservationId, qty: 10 });
    expect(await holds()).toEqual({ onHand: 80, reserved: 40, available: 40 });
    await did('inventory/issue', { reservationId });
    expect(await status()).toMatchObject({
      status: 'COMPLETED',
      totalQuantity: 120,
      issuedQuantity: 110,
      releasedQuantity: 10,
      allocatedQuantity: 0,
    });
    expect(await holds()).toEqual({ onHand: 40, reserved: 0, available: 40 });
    for (const path of ['inventory/issue', 'inventory/release']) {
      expect(await code(command(path, { reservationId }))).toBe('INSUFFICIENT_RESERVED_STOCK');
      expect(await code(command(path, { reservationId: `${SKU}@MAIN.R9` }))).toBe(
        'RESERVATION_NOT_FOUND',
      );
    }
  });

  it('a rejected lot gives its reservations to another, and what finds none is short', async () => {
    const made = await did('inventory/reserve', { itemId: SKU, qty: 35, reference: 'SO-9' });
    expect(made.allocations).toEqual([
      { lotCode: 'LOT-A', quantity: 10 },
      { lotCode: 'LOT-B', quantity: 25 },
    ]);
    await judged('LOT-A', 'RECALLED');
    expect(await read(`reservations/${String(made.reservationId)}`)).toMatchObject({
      allocations: [{ lotCode: 'LOT-B', quantity: 30 }],
      allocatedQuantity: 30,
      short: 5,
    });
    const { items } = await read(`reports/shortages?sku=${SKU}`);
    expect(items).toMatchObject([{ reference: 'SO-9', short: 5, available: 0, name: SKU }]);
    expect(await holds(false)).toEqual({ onHand: 40, reserved: 30, available: 0 });
  });

  it('each lot has its own figures and its own ledger', async () => {
    expect(await read(`inventory/lot/${SKU}.LOT-A`)).toMatchObject({ onHand: 10, reserved: 0 });
    expect(await read(`inventory/lot/${SKU}.LOT-B`)).toMatchObject({ onHand: 30, reserved: 30 });
    const { items } = await read(`ledger/lot/${SKU}.LOT-B?sort=position`);
    expect((items as Body[]).map(({ type, quantity }) => [type, quantity])).toEqual([
      ['RECEIVE', 50],
      ['RESERVE', 20],
      ['UNRESERVE', 20],
      ['ISSUE', -20],
      ['RESERVE', 25],
      ['RESERVE', 5],
    ]);
    const { items: all } = await read(`ledger?sku=${SKU}&type=UNRESERVE`);
    expect((all as Body[]).every(({ lotId, documentId }) => Boolean(lotId && documentId))).toBe(
      true,
    );
    expect(Number((await read('stats')).lots)).toBeGreaterThanOrEqual(2);
  });
});

describe('reserving at the moment a lot is recalled', () => {
  it('leaves nothing reserved in the lot, whichever came first', async () => {
    const sku = 'RECALL';
    await register(sku);
    await done('inventory/receive', { sku, lotCode: 'SAFE', quantity: 100 });
    for (let round = 0; round < RECALLS; round++) {
      const lotCode = `LOT-${round}`;
      await done('inventory/receive', {
        sku,
        lotCode,
        quantity: 50,
        effectiveAt: '2026-01-01T00:00:00Z',
      });
      const reserve = (_: unknown, i: number): Promise<Answer> =>
        command('inventory/reserve', { sku, quantity: 2 }, i % 2 ? api : other);
      const verdict = { sku, lotCode, status: 'RECALLED', reason: 'laboratory' };
      // Half of them are on their way when the word comes.
      const earlier = Array.from({ length: 12 }, reserve);
      const recall = other.send('PUT', '/api/v1/lots/qc-status', verdict);
      const later = Array.from({ length: 12 }, reserve);
      const [told, ...answers] = await Promise.all([recall, ...earlier, ...later]);
      expect([told.status, told.body.applied]).toEqual([200, ['MAIN']]);
      const codes = new Set(answers.map(({ status, body }) => (status === 201 ? 201 : body.code)));
      codes.delete(201);
      for (const code of codes) expect(code).toMatch(/^INSUFFICIENT_(?:APPROVED_)?STOCK$/);
    }
    const { lots } = await replayed(sku);
    for (let round = 0; round < RECALLS; round++) {
      const lot = lotOf(lots, `LOT-${round}`);
      expect(lot).toMatchObject({ onHand: 50, reserved: 0, qcStatus: 'RECALLED' });
    }
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
