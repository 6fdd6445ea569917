import { Api } from '../support/http';
import { System } from '../support/system';

/** The main job as a client sees it: every part a process of its own, real PostgreSQL, real HTTP. */
describe('the inventory over HTTP', () => {
  let system: System;
  let api: Api;

  beforeAll(async () => {
    system = await System.start();
    api = new Api(system.url);
  });
  afterAll(() => system.stop());

  const register = (sku: string, more: object = {}) =>
    api.post('/api/v1/items', { sku, name: `Item ${sku}`, ...more });
  const receive = (sku: string, quantity: unknown, more: object = {}) =>
    api.post('/api/v1/inventory/receive', { sku, quantity, ...more });
  const issue = (sku: string, quantity: unknown, more: object = {}) =>
    api.post('/api/v1/inventory/issue', { sku, quantity, ...more });

  it('receives, issues and tells what is on hand', async () => {
    await register('STORY-1', { reorderThreshold: 10 });
    await receive('STORY-1', 50, { reason: 'Initial stock' });
    const sold = await issue('STORY-1', 8, { purpose: 'SALE', reference: 'SO-1' });
    expect(sold.status).toBe(201);
    const { body } = await api.after(sold.body.position, '/api/v1/inventory/summary/STORY-1');
    expect(body).toMatchObject({
      sku: 'STORY-1',
      onHand: 42,
      available: 42,
      received: 50,
      issued: 8,
      reserved: 0,
    });
  });

  it('refuses an oversell and writes nothing', async () => {
    await register('STORY-2');
    const received = await receive('STORY-2', 5);
    const refused = await issue('STORY-2', 6);
    expect([refused.status, refused.body.code]).toEqual([409, 'INSUFFICIENT_STOCK']);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const { body } = await api.after(received.body.position, '/api/v1/ledger/item/STORY-2');
    expect(body.items).toHaveLength(1);
  });

  it('sells k units to exactly k of many buyers', async () => {
    await register('STORY-RACE');
    await receive('STORY-RACE', 20);
    const buyers = await Promise.all(Array.from({ length: 64 }, () => issue('STORY-RACE', 1)));
    expect(buyers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(buyers.filter(({ body }) => body.code === 'INSUFFICIENT_STOCK')).toHaveLength(44);
  });

  it('answers a retry with the first answer, and refuses the key for anything else', async () => {
    await register('STORY-3');
    const key = { 'idempotency-key': 'story-3-receipt' };
    const body = { sku: 'STORY-3', quantity: 3 };
    const first = await api.post('/api/v1/inventory/receive', body, key);
    const again = await api.post('/api/v1/inventory/receive', body, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await api.post('/api/v1/inventory/receive', { ...body, quantity: 4 }, key);
    expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    const { body: summary } = await api.after(
      first.body.position,
      '/api/v1/inventory/summary/STORY-3',
    );
    expect(summary.onHand).toBe(3);
  });

  it('dry runs tell the events and write none', async () => {
    await register('STORY-4');
    const told = await api.post('/api/v1/inventory/receive?dryRun=true', {
      sku: 'STORY-4',
      quantity: 3,
    });
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ dryRun: true, events: [{ type: 'StockReceived.v2' }] });
    expect((await issue('STORY-4', 1)).body.code).toBe('INSUFFICIENT_STOCK');
  });

  it('keeps a caller to the revision it saw', async () => {
    await register('STORY-5');
    const first = await receive('STORY-5', 3);
    const etag = first.headers.get('etag')!;
    await receive('STORY-5', 1);
    const late = await api.post(
      '/api/v1/inventory/issue',
      { sku: 'STORY-5', quantity: 1 },
      { 'if-match': etag },
    );
    expect([late.status, late.body.code]).toEqual([412, 'REVISION_MISMATCH']);
  });

  it('keeps lots, their expiry and their balance', async () => {
    await register('STORY-LOTS', { tracking: 'lot', allocationPolicy: 'FEFO' });
    await receive('STORY-LOTS', 10, { lotCode: 'L-2', expiresOn: '2999-06-30' });
    await receive('STORY-LOTS', 10, { lotCode: 'L-1', expiresOn: '2999-01-31' });
    const sold = await issue('STORY-LOTS', 12);
    expect(sold.body.movements).toMatchObject([
      { lotCode: 'L-1', quantity: 10 },
      { lotCode: 'L-2', quantity: 2 },
    ]);
    const { body } = await api.after(sold.body.position, '/api/v1/stock-levels/STORY-LOTS');
    const levels = Object.fromEntries(
      body.items!.map(({ lotCode, onHand }) => [lotCode, onHand]),
    ) as Record<string, number>;
    expect(levels).toMatchObject({ 'L-1': 0, 'L-2': 8 });
  });

  it('counts in the unit of the item to its last decimal', async () => {
    await register('STORY-RICE', { unit: 'kg', decimals: 3 });
    await receive('STORY-RICE', '0.1');
    const last = await receive('STORY-RICE', 0.2);
    const { body } = await api.after(last.body.position, '/api/v1/inventory/summary/STORY-RICE');
    expect(body.onHand).toBe(0.3);
  });

  it('reports what is low, by the threshold of the item or of the place', async () => {
    await api.post('/api/v1/locations', { code: 'SHOP-1', name: 'Shop', kind: 'STORE' });
    await register('STORY-LOW', {
      reorderThreshold: 10,
      reorderThresholds: [{ location: 'SHOP-1', reorderThreshold: 2 }],
    });
    await receive('STORY-LOW', 6);
    const last = await receive('STORY-LOW', 3, { location: 'SHOP-1' });
    const report = '/api/v1/reports/low-stock?sku=STORY-LOW';
    const everywhere = await api.after(last.body.position, report);
    expect(everywhere.body.items).toMatchObject([
      { sku: 'STORY-LOW', location: null, threshold: 10, available: 9, shortBy: 1 },
    ]);
    const main = await api.get(`${report}&location=MAIN`);
    expect(main.body.items).toMatchObject([{ location: 'MAIN', threshold: 10, available: 6 }]);
    expect((await api.get(`${report}&location=SHOP-1`)).body.items).toEqual([]);
  });

  it('tells how far stock is from its thresholds, and how these came to be', async () => {
    await register('STORY-LEVELS', {
      unit: 'kg',
      decimals: 3,
      units: [{ unit: 'sack', numerator: 25 }],
      countVarianceLimit: '0.5',
      safetyStock: 2,
      reorderThreshold: 5,
      maximum: 50,
    });
    await receive('STORY-LEVELS', 1.5);
    const wrong = await api.send('PATCH', '/api/v1/items/STORY-LEVELS', { safetyStock: 6 });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'THRESHOLDS_OUT_OF_ORDER']);
    const changed = await api.send(
      'PATCH',
      '/api/v1/items/STORY-LEVELS',
      { maximum: 60, thresholds: [{ location: 'MAIN', maximum: 1 }], reason: 'larger shelf' },
      { 'x-actor': 'user-42' },
    );
    const report = '/api/v1/reports/low-stock?sku=STORY-LEVELS';
    const low = await api.after(changed.body.position, report);
    expect(low.body.items).toMatchObject([
      { state: 'BELOW_SAFETY_STOCK', threshold: 5, safetyStock: 2, maximum: 60, shortBy: 3.5 },
    ]);
    const over = await api.get(`${report}&state=ABOVE_MAXIMUM`);
    expect(over.body.items).toMatchObject([{ location: 'MAIN', maximum: 1, onHand: 1.5 }]);
    expect((await api.get('/api/v1/items/STORY-LEVELS')).body).toMatchObject({
      units: [{ unit: 'sack', numerator: 25, denominator: 1 }],
      countVarianceLimit: 0.5,
      maximum: 60,
      thresholds: [{ location: 'MAIN', safetyStock: null, reorderThreshold: null, maximum: 1 }],
    });
    const history = '/api/v1/items/STORY-LEVELS/threshold-history';
    const told = await api.get(`${history}?kind=MAXIMUM`);
    expect(told.body.items).toMatchObject([
      { location: 'MAIN', was: null, threshold: 1, actor: 'user-42', reason: 'larger shelf' },
      { location: null, was: 50, threshold: 60, actor: 'user-42', reason: 'larger shelf' },
      { location: null, was: null, threshold: 50, reason: null },
    ]);
    const csv = await api.send('GET', history, undefined, { accept: 'text/csv' });
    expect(csv.text.split('\r\n')).toHaveLength(5 + 2);
    const nobody = await api.get('/api/v1/items/NOBODY/threshold-history');
    expect([nobody.status, nobody.body.code]).toEqual([404, 'ITEM_NOT_FOUND']);
  });

  it('tells a running balance, and who did what, when, where and why', async () => {
    await register('STORY-AUDIT');
    await api.post(
      '/api/v1/inventory/receive',
      {
        sku: 'STORY-AUDIT',
        quantity: 5,
        reason: 'delivery 7',
        effectiveAt: '2020-02-03T10:00:00+01:00',
      },
      { 'x-actor': 'user-42' },
    );
    await issue('STORY-AUDIT', 2);
    const last = await api.post('/api/v1/inventory/adjust', {
      sku: 'STORY-AUDIT',
      quantity: -1,
      reason: 'broken',
    });
    const ledger = await api.after(last.body.position, '/api/v1/ledger/item/STORY-AUDIT');
    const rows = ledger.body.items!.map(({ type, quantity, balance }) => [type, quantity, balance]);
    expect(rows.sort((a, b) => Number(b[2]) - Number(a[2]))).toEqual([
      ['RECEIVE', 5, 5],
      ['ISSUE', -2, 3],
      ['ADJUST', -1, 2],
    ]);
    const audit = await api.get('/api/v1/audit-logs?sku=STORY-AUDIT&type=StockReceived.v2');
    expect(audit.body.items).toMatchObject([
      {
        type: 'StockReceived.v2',
        actor: 'user-42',
        reason: 'delivery 7',
        sku: 'STORY-AUDIT',
        location: 'MAIN',
        effectiveAt: '2020-02-03T09:00:00.000Z',
      },
    ]);
  });

  it('takes the words of other systems for a movement, and none it does not know', async () => {
    await register('STORY-WORDS');
    const send = (type: string, quantity = 1) =>
      api.post('/api/v1/stock-movements', { type, sku: 'STORY-WORDS', quantity });
    const statuses = [];
    for (const type of ['IN', 'stock-in', 'receive', 'SALE', 'removal', 'issue']) {
      statuses.push((await send(type)).status);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201]);
    const unknown = await send('OUT');
    expect([unknown.status, unknown.body.code]).toEqual([400, 'UNKNOWN_MOVEMENT_TYPE']);
  });

  it('pages through a list without losing or repeating a row', async () => {
    await register('STORY-PAGES');
    let last: string | undefined;
    for (let n = 1; n <= 7; n += 1) last = (await receive('STORY-PAGES', n)).body.position;
    const seen: unknown[] = [];
    let page = await api.after(last, '/api/v1/ledger/item/STORY-PAGES?limit=3');
    for (;;) {
      seen.push(...page.body.items!.map(({ quantity }) => quantity));
      if (!page.body.nextCursor) break;
      const cursor = encodeURIComponent(page.body.nextCursor);
      page = await api.get(`/api/v1/ledger/item/STORY-PAGES?limit=3&cursor=${cursor}`);
    }
    expect(seen.map(Number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('deactivates an item: no receipts, but what is there can go', async () => {
    await register('STORY-OLD');
    await receive('STORY-OLD', 2);
    expect((await api.post('/api/v1/items/STORY-OLD/deactivate', {})).status).toBe(200);
    expect((await receive('STORY-OLD', 1)).body.code).toBe('ITEM_INACTIVE');
    expect((await issue('STORY-OLD', 2)).status).toBe(201);
    expect((await api.post('/api/v1/items/STORY-OLD/reactivate', {})).status).toBe(200);
    expect((await receive('STORY-OLD', 1)).status).toBe(201);
  });

  it.each([
    'A/B',
    'A.B',
    'A@B',
    'A-B',
    '$A',
    'A%2FB',
    'A B',
    '100%',
    'Ångström',
    '米-1',
    "it's",
    '🍚',
  ])('keeps the SKU %s apart from every other', async (sku) => {
    const path = encodeURIComponent(sku);
    expect((await register(sku)).status).toBe(201);
    const received = await receive(sku, 4);
    expect(received.status).toBe(201);
    const { body } = await api.after(received.body.position, `/api/v1/inventory/summary/${path}`);
    expect(body).toMatchObject({ sku: sku.normalize('NFC'), onHand: 4 });
    expect((await api.get(`/api/v1/items/${path}`)).body.sku).toBe(sku.normalize('NFC'));
  });
});
