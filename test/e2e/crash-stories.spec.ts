import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { lotStream, stockStream, type InventoryEvent } from '../../libs/domain';
import { type EventStore, openEventStoreWithRetry } from '../../libs/eventstore';
import { createLogger } from '../../libs/runtime';
import { ApiProcess } from '../support/api-process';
import { Api, type Answer } from '../support/http';
import { root, System } from '../support/system';

/**
 * One product, and apis beside it that are killed between what a command appends to its own stream and what follows on
 * others. Then nobody does anything: what is missing appears, once.
 */

const logger = createLogger('test', 'silent');
const PLACES = ['MAIN', 'NORTH', 'SOUTH'];
let system: System;
let store: EventStore;
let api: Api;
beforeAll(async () => {
  system = await System.start();
  store = await openEventStoreWithRetry({ url: system.eventstoreUrl, logger });
  api = new Api(system.url);
  for (const code of PLACES.slice(1))
    await accepted(api.post('/api/v1/locations', { code, name: code }));
}, 180_000);
afterAll(async () => {
  await store.close();
  await system.stop();
});

async function accepted(sent: Promise<Answer>): Promise<Answer> {
  const answer = await sent;
  if (answer.status > 299) throw new Error(answer.text);
  return answer;
}

/** Sends a command to an api of its own, which dies right before the n-th leg; then there is no answer. */
async function sendAndDie(
  send: (api: Api) => Promise<Answer>,
  before: { readonly leg: number } = { leg: 0 },
): Promise<void> {
  const dying = await ApiProcess.start(system, {
    NODE_OPTIONS: `--require ${join(root, 'dist/test/support/kill-before-leg.js')}`,
    KILL_BEFORE_LEG: String(before.leg),
  });
  try {
    const told = new Api(dying.url);
    await told.openApi();
    await expect(send(told)).rejects.toThrow();
  } finally {
    await dying.kill();
  }
}

/** The events of a stream, as they stand there now. */
async function eventsOf(stream: string, type?: string): Promise<readonly InventoryEvent[]> {
  const events: InventoryEvent[] = [];
  for await (const event of store.client.readStream(stream, 0, 10_000, 5_000)) {
    if (type === undefined || event.type === type) events.push(event as unknown as InventoryEvent);
  }
  return events;
}

/** Waits for the first event of a type, however long it takes. */
async function appears(stream: string, type: string): Promise<InventoryEvent> {
  for (;;) {
    const [event] = await eventsOf(stream, type);
    if (event) return event;
    await wait(50);
  }
}

/** The policy owes nothing up to the end of the log: whatever was to come has come. */
async function nothingIsOwed(): Promise<void> {
  const end = await store.lastOwn();
  for (;;) {
    const answer = await fetch(`${system.projectorUrl}/health/ready`).catch(() => undefined);
    const health = (await answer?.json()) as
      | { policies: { openLegs: number; position: string | null; refusedLegs: object[] } }
      | undefined;
    const { openLegs, position, refusedLegs } = health?.policies ?? { openLegs: 1, position: null };
    expect(refusedLegs ?? []).toEqual([]);
    if (openLegs === 0 && position && BigInt(position.slice(9)) >= end!) return;
    await wait(50);
  }
}

const stockAt = (sku: string, place: string): string => stockStream('default', sku, place);
const lotOf = (sku: string, lotCode: string): string => lotStream('default', sku, lotCode);

async function newItem(sku: string): Promise<void> {
  await accepted(api.post('/api/v1/items', { sku, name: sku, unit: 'each', tracking: 'lot' }));
}
const receipt = (sku: string, location: string, quantity = 10) => ({
  ...{ sku, location, quantity, lotCode: 'L-1', expiresOn: '2035-01-31' },
});

describe('given an api that is killed', () => {
  it('between a receipt and its lot, then the lot learns of the place, and a retry is the same receipt', async () => {
    await newItem('TABLETS');
    const headers = { 'idempotency-key': 'delivery-1', 'x-actor': 'marta' };
    const send = (to: Api) =>
      to.post('/api/v1/inventory/receive', receipt('TABLETS', 'MAIN'), headers);
    await sendAndDie(send);
    expect(await eventsOf(stockAt('TABLETS', 'MAIN'))).toHaveLength(1);

    const registered = await appears(lotOf('TABLETS', 'L-1'), 'LotRegistered');
    expect(registered.metadata).toMatchObject({
      actor: 'marta',
      causationId: (await eventsOf(stockAt('TABLETS', 'MAIN')))[0]!.id,
    });
    const retry = await accepted(send(api));
    expect(retry.headers.get('idempotent-replayed')).toBe('true');
    await nothingIsOwed();
    expect(await eventsOf(lotOf('TABLETS', 'L-1'))).toHaveLength(1);
    expect(await eventsOf(stockAt('TABLETS', 'MAIN'))).toHaveLength(1);
  }, 300_000);

  it('within the word on a lot, after one of three places, then the others learn of it, each once', async () => {
    await newItem('SYRUP');
    for (const place of PLACES) {
      await accepted(api.post('/api/v1/inventory/receive', receipt('SYRUP', place)));
    }
    const decision = { sku: 'SYRUP', lotCode: 'L-1', status: 'RECALLED', reason: 'glass in it' };
    await sendAndDie((to) => to.send('PUT', '/api/v1/lots/qc-status', decision), { leg: 1 });
    const [recalled] = await eventsOf(lotOf('SYRUP', 'L-1'), 'LotRecalled');
    await nothingIsOwed();
    for (const place of PLACES) {
      const applied = await eventsOf(stockAt('SYRUP', place), 'LotStatusApplied');
      // A further place has heard what the lot is when it was noted.
      const told = applied.map(({ data }) => data as { lotRevision: number });
      expect(told.filter(({ lotRevision }) => lotRevision >= recalled!.revision)).toMatchObject([
        { qcStatus: 'RECALLED', lotRevision: recalled!.revision },
      ]);
    }
    const sale = { sku: 'SYRUP', location: 'NORTH', quantity: 1, purpose: 'SALE' };
    expect((await api.post('/api/v1/inventory/issue', sale)).body.code).toBe('NO_QC_APPROVED_LOT');
  }, 300_000);

  it('between the ends of a transfer, then the goods arrive, once', async () => {
    await newItem('VIALS');
    await accepted(api.post('/api/v1/inventory/receive', receipt('VIALS', 'MAIN', 20)));
    const sent = await accepted(
      api.post('/api/v1/inventory/transfer', {
        sku: 'VIALS',
        from: 'MAIN',
        to: 'SOUTH',
        quantity: 12,
      }),
    );
    const { transferId } = sent.body as { transferId: string };
    const path = `/api/v1/transfers/${encodeURIComponent(transferId)}/receive`;
    await sendAndDie((to) => to.post(path, { quantity: 7 }));
    expect(await eventsOf(stockAt('VIALS', 'MAIN'), 'TransferReceived')).toHaveLength(1);

    const arrived = await appears(stockAt('VIALS', 'SOUTH'), 'StockArrived');
    expect(arrived.data).toMatchObject({ quantity: 7, from: 'MAIN', transferId, lotCode: 'L-1' });
    await nothingIsOwed();
    expect(await eventsOf(stockAt('VIALS', 'SOUTH'), 'StockArrived')).toHaveLength(1);
    // And the lot knew where it goes before it was there.
    expect(await eventsOf(lotOf('VIALS', 'L-1'), 'LotNotedAt')).toHaveLength(1);
  }, 300_000);

  it('and the projector with it, again and again, then each leg is done once all the same', async () => {
    await newItem('DROPS');
    await sendAndDie((to) => to.post('/api/v1/inventory/receive', receipt('DROPS', 'NORTH')));
    await system.kill('projector');
    await sendAndDie((to) => to.post('/api/v1/inventory/receive', receipt('DROPS', 'SOUTH')));
    await system.ready();
    await appears(lotOf('DROPS', 'L-1'), 'LotRegistered');
    await system.kill('projector');
    await system.ready();
    await appears(lotOf('DROPS', 'L-1'), 'LotNotedAt');
    await nothingIsOwed();
    expect((await eventsOf(lotOf('DROPS', 'L-1'))).map(({ type }) => type)).toEqual([
      'LotRegistered',
      'LotNotedAt',
    ]);
  }, 300_000);
});

it('given a reservation whose time is over while api and projector are dead, then it is ended, once', async () => {
  await newItem('GAUZE');
  await accepted(api.post('/api/v1/inventory/receive', receipt('GAUZE', 'MAIN')));
  const expiresAt = new Date(Date.now() + 2_000).toISOString();
  const body = { sku: 'GAUZE', location: 'MAIN', quantity: 4, expiresAt };
  await accepted(api.post('/api/v1/inventory/reserve', body));
  await Promise.all([system.kill('api'), system.kill('projector')]);
  const ended = await appears(stockAt('GAUZE', 'MAIN'), 'ReservationExpired');
  expect(Date.parse(ended.metadata.recordedAt)).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  expect(ended.metadata.actor).toBe('system');
  await system.ready();
  await nothingIsOwed();
  expect(await eventsOf(stockAt('GAUZE', 'MAIN'), 'ReservationExpired')).toHaveLength(1);
}, 300_000);
