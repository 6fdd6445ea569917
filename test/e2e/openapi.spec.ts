import { stockStream } from '../../libs/domain';
import { Api, type Answer } from '../support/http';
import { writeUnknownEvent } from '../support/newer-version';
import { System } from '../support/system';

/** Every operation answers a success as its document says: the running product, with something in every field. */
describe('the OpenAPI document and the running api', () => {
  let system: System;
  let api: Api;
  let position: string | undefined;
  let transfer: string;
  let reservation: string;
  let count: string;
  const LOT = 'lots/TEA%25201.L%252E1';
  const decision = (status: string) => ({ sku: 'TEA 1', lotCode: 'L.1', status, reason: 'smell' });

  /** A command, tried before it is done. */
  async function command(
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    body: object,
    actor = 'ada',
  ): Promise<Answer> {
    const headers = { 'x-actor': actor };
    const tried = await api.send(method, `/api/v1/${path}?dryRun=true`, body, headers);
    expect([path, tried.status]).toEqual([path, 200]);
    const done = await api.send(method, `/api/v1/${path}`, body, headers);
    expect([path, [200, 201].includes(done.status)]).toEqual([path, true]);
    position = done.body.position ?? position;
    return done;
  }

  /** What is set aside, held, brought back, counted and taken back. */
  async function promisesAndCounts(): Promise<void> {
    const kept = { sku: 'KEPT 1' };
    await command('POST', 'items', { ...kept, countVarianceLimit: 0 });
    const { movements } = (await command('POST', 'inventory/receive', { ...kept, quantity: 10 }))
      .body;
    await command('POST', 'inventory/return', { ...kept, quantity: 2, reason: 'too large' });
    await command('POST', 'inventory/unhold', { ...kept, quantity: 1, reason: 'looked at' });
    await command('POST', 'inventory/hold', { ...kept, quantity: 1, reason: 'damp' });
    const [{ movementId }] = movements as [{ movementId: string }];
    await api.after(position, '/api/v1/ledger');
    const wrong = { movementId, error: 'incorrect_data', reason: 'typed wrong' };
    await command('POST', 'inventory/reverse', wrong);
    const all = { correlationId: 'typed-twice', error: 'did_not_occur', reason: 'typed twice' };
    const twice = { ...kept, quantity: 1 };
    await api.post('/api/v1/inventory/receive', twice, { 'x-correlation-id': all.correlationId });
    const back = await api.post('/api/v1/inventory/reverse-correlation', all);
    expect(back.body).toMatchObject({ conflicts: [], remaining: 0 });
    await command('POST', 'inventory/receive', { ...kept, quantity: 8 });
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const wanted = { ...kept, quantity: 20, partial: true, batchId: 'BATCH-2', expiresAt: soon };
    const { reservationId } = (await command('POST', 'inventory/reserve', wanted)).body;
    reservation = `reservations/${String(reservationId)}`;
    await command('POST', 'inventory/release', { reservationId, quantity: 1 });
    await command('POST', `${reservation}/extend`, { expiresAt: soon.replace('Z', '1Z') });
    for (const way of ['approve', 'reject']) {
      const seen = { ...kept, counted: 9, revision: 0 };
      const { countId } = (await command('POST', 'inventory/count', seen)).body;
      count = `counts/${String(countId)}`;
      await command('POST', `${count}/${way}`, { reason: 'looked myself' }, 'bob');
    }
  }

  beforeAll(async () => {
    system = await System.start();
    api = new Api(system.url);
    await command('POST', 'locations', { code: 'SHOP-1', kind: 'STORE', parent: 'MAIN' });
    await command('PATCH', 'locations/SHOP-1', { name: 'Shop', timeZone: 'Europe/Vienna' });
    await command('POST', 'locations/SHOP-1/deactivate', { reason: 'holidays' });
    await command('POST', 'locations/SHOP-1/reactivate', {});
    await command('POST', 'items', {
      sku: 'TEA 1',
      name: 'Green tea',
      description: 'in a tin',
      category: 'Tea',
      unit: 'kg',
      decimals: 3,
      attributes: { colour: 'green' },
      aliases: ['T1'],
      barcodes: ['4006381333931'],
      suppliers: [{ supplier: 'ACME' }],
      units: [{ unit: 'chest', numerator: 45, denominator: 2 }],
      countVarianceLimit: 0.25,
      safetyStock: 1,
      reorderThreshold: 20,
      maximum: 100,
      reorderThresholds: [{ location: 'SHOP-1', reorderThreshold: '0.5' }],
    });
    await command('PATCH', 'items/TEA%201', {
      category: null,
      countVarianceLimit: '0.5',
      reorderThreshold: '12.5',
      thresholds: [{ location: 'SHOP-1', safetyStock: 0.25, maximum: 5 }],
    });
    await command('POST', 'items/TEA%201/deactivate', {});
    await command('POST', 'items/TEA%201/reactivate', {});
    const tea = { sku: 'TEA 1', location: 'SHOP-1', lotCode: 'L.1' };
    await command('POST', 'inventory/receive', {
      ...tea,
      quantity: 10,
      expiresOn: '2999-06-30',
      unitCost: '12.50',
      reference: 'PO-1',
      reason: 'first',
    });
    await command('POST', 'inventory/issue', { ...tea, quantity: 1.25, reference: 'SO-1' });
    await command('POST', 'inventory/adjust', { ...tea, quantity: '-0.25', reason: 'spilt' });
    await command('POST', 'batch-stock-movements', {
      movements: [
        { type: 'IN', ...tea, quantity: 2, idempotencyKey: 'row 1', source: 'file;1' },
        { type: 'SALE', ...tea, quantity: 2, reference: 'SO-2' },
        { type: 'SALE', ...tea, quantity: 5_000 },
        { type: 'SALE', ...tea, quantity: 'many' },
      ],
    });
    await command('PUT', 'lots/qc-status', decision('QUARANTINE'));
    await command('PUT', 'lots/qc-status', decision('APPROVED'));
    await command('PATCH', LOT, { expiresOn: '2999-05-31', reason: 'misread' });
    await command('POST', 'stock-movements', { type: 'IN', sku: 'TEA 1', quantity: 1 });
    const sent = { sku: 'TEA 1', from: 'SHOP-1', to: 'MAIN', quantity: 2, reference: 'TO-1' };
    const { transferId } = (await command('POST', 'inventory/transfer', sent)).body;
    transfer = `transfers/${String(transferId)}`;
    const come = { quantity: 1, missing: 0.25, reason: 'a torn bag' };
    await command('POST', `${transfer}/receive`, come);
    await command('POST', `${transfer}/cancel`, { reason: 'sent back' });
    await command('POST', 'inventory/transfer', sent);
    await command('POST', 'periods/close', { through: '2020-12-31' });
    await command('POST', 'periods/reopen', { from: '2020-12-01', reason: 'forgotten' });
    const past = { ...tea, sku: 'PAST 1' };
    await command('POST', 'items', { sku: 'PAST 1', unit: 'kg', decimals: 3 });
    await command('POST', 'inventory/receive', { ...past, quantity: 8.5 });
    const backdated = { ...past, quantity: 3, effectiveAt: '2020-12-24T18:00:00Z' };
    await command('POST', 'inventory/issue', { ...backdated, reference: 'SO-0' });
    await promisesAndCounts();
  });
  afterAll(() => system.stop());

  it.each([
    'items',
    'items/TEA%201/threshold-history',
    'locations',
    'locations/SHOP-1/stock-levels',
    'stock-levels',
    'stock-levels/TEA%201',
    'inventory/summary',
    'inventory/summary?location=SHOP-1',
    'reports/inventory',
    'reports/low-stock',
    'reports/in-transit?from=SHOP-1&to=MAIN',
    'transfers?from=SHOP-1&to=MAIN&status=CANCELLED',
    'reports/low-stock?location=SHOP-1&state=ABOVE_MAXIMUM',
    'lots',
    'stock-movements',
    'ledger?limit=1',
    'ledger/item/TEA%201',
    'ledger/lot/TEA%25201.L%252E1',
    'audit-logs',
    'periods',
    'counts',
    'reports/count-sheet',
    'reservations',
    'reports/shortages',
    'reports/reservations-at-risk',
    'reports/restatements?through=2020-12-31',
  ])('the list %s has rows', async (path) => {
    const { status, body } = await api.after(position, `/api/v1/${path}`);
    expect([status, body.items?.length === 0]).toEqual([200, false]);
  });

  it.each([
    '/api/v1/items/TEA%201',
    '/api/v1/locations/SHOP-1',
    '/api/v1/inventory/summary/TEA%201',
    '/api/v1/inventory/lot/TEA%25201.L%252E1',
    '/api/v1/lots/TEA%25201.L%252E1',
    '/api/v1/stats',
  ])('%s is found', async (path) => {
    expect((await api.after(position, path)).status).toBe(200);
  });

  it('a transfer, a reservation and a count are found', async () => {
    for (const document of [transfer, reservation, count])
      expect((await api.after(position, `/api/v1/${document}`)).status).toBe(200);
  });

  it('a backdated movement is tried with what it does to the past', async () => {
    await api.after(position, '/api/v1/ledger');
    const tried = await api.post('/api/v1/inventory/issue?dryRun=true', {
      sku: 'PAST 1',
      location: 'SHOP-1',
      lotCode: 'L.1',
      quantity: 0.5,
      effectiveAt: '2020-12-25T00:00:00Z',
    });
    // What has come since is there; on that day 3 had left before any came, and half a kilogram leaves with it.
    const lowest = { lowestBalance: -3.5, at: '2020-12-25T00:00:00.000Z', balanceNow: 5 };
    expect(tried.body.timeline).toEqual({ ...lowest, lot: { lotCode: 'L.1', ...lowest } });
  });

  it('a movement of a closed day is refused, and a restatement names the closing', async () => {
    const late = { sku: 'TEA 1', quantity: 1, effectiveAt: '2020-11-30T23:59:59Z' };
    expect((await api.post('/api/v1/inventory/receive', late)).body.code).toBe('PERIOD_CLOSED');
    const { body } = await api.after(position, '/api/v1/reports/restatements');
    const [{ position: closing } = {}] =
      (await api.get('/api/v1/periods?sort=position')).body.items ?? [];
    expect(body.items).toMatchObject([
      {
        reference: 'SO-0',
        cause: 'REOPENED',
        closedThrough: '2020-12-31',
        closingPosition: closing,
      },
    ]);
  });

  it.each(['/', '/health/live', '/health/ready', '/metrics'])('%s answers', async (path) => {
    expect((await api.get(path)).status).toBe(200);
    expect((await api.send('HEAD', path)).text).toBe('');
  });

  it('a decision that one place cannot take in is pending there', async () => {
    const stream = stockStream('default', 'TEA 1', 'SHOP-1');
    await writeUnknownEvent(system.eventstoreUrl, stream);
    const decided = await api.put('/api/v1/lots/qc-status', decision('RECALLED'));
    expect([decided.status, decided.body.pending]).toEqual([202, ['SHOP-1']]);
    const body = { expiresOn: null, reason: 'misread' };
    expect((await api.patch(`/api/v1/${LOT}`, body)).status).toBe(202);
  });

  it('no operation is left out, nor any success that one documents', async () => {
    const contract = await api.openApi();
    const documented = Object.values(contract.document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ operationId, responses }) =>
        Object.keys(responses)
          // 202 takes a place that cannot be written; the tests of those operations show it.
          .filter((status) => status.startsWith('2') && status !== '202')
          .map((status) => `${operationId} ${status}`),
      );
    expect(documented.length).toBeGreaterThan(35);
    expect(documented.filter((one) => !contract.seen.has(one))).toEqual([]);
  });
});
