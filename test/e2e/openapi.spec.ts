import { stockStream } from '../../libs/domain';
import { Api, type Answer } from '../support/http';
import { writeUnknownEvent } from '../support/newer-version';
import { System } from '../support/system';

/** Every operation answers a success as its document says: the running product, with something in every field. */
describe('the OpenAPI document and the running api', () => {
  let system: System;
  let api: Api;
  let position: string | undefined;
  const LOT = 'lots/TEA%25201.L%252E1';
  const decision = (status: string) => ({ sku: 'TEA 1', lotCode: 'L.1', status, reason: 'smell' });

  /** A command, tried before it is done. */
  async function command(
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    body: object,
  ): Promise<Answer> {
    const tried = await api.send(method, `/api/v1/${path}?dryRun=true`, body);
    expect([path, tried.status]).toEqual([path, 200]);
    const done = await api.send(method, `/api/v1/${path}`, body);
    expect([path, [200, 201].includes(done.status)]).toEqual([path, true]);
    position = done.body.position ?? position;
    return done;
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
      reorderThreshold: 20,
      reorderThresholds: [{ location: 'SHOP-1', reorderThreshold: '0.5' }],
    });
    await command('PATCH', 'items/TEA%201', { category: null, reorderThreshold: '12.5' });
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
    await command('PUT', 'lots/qc-status', decision('QUARANTINE'));
    await command('PATCH', LOT, { expiresOn: '2999-05-31', reason: 'misread' });
    await command('POST', 'stock-movements', { type: 'IN', sku: 'TEA 1', quantity: 1 });
  });
  afterAll(() => system.stop());

  it.each([
    'items',
    'locations',
    'locations/SHOP-1/stock-levels',
    'stock-levels',
    'stock-levels/TEA%201',
    'inventory/summary',
    'inventory/summary?location=SHOP-1',
    'reports/inventory',
    'reports/low-stock',
    'lots',
    'stock-movements',
    'ledger?limit=1',
    'ledger/item/TEA%201',
    'ledger/lot/TEA%25201.L%252E1',
    'audit-logs',
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

  it.each(['/', '/health/live', '/health/ready', '/metrics'])('%s answers', async (path) => {
    expect((await api.get(path)).status).toBe(200);
    expect((await api.send('HEAD', path)).text).toBe('');
  });

  it('a decision that one place cannot take in is pending there', async () => {
    const stream = stockStream('default', 'TEA 1', 'SHOP-1');
    await writeUnknownEvent(system.eventstoreUrl, stream);
    const decided = await api.put('/api/v1/lots/qc-status', decision('APPROVED'));
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
          .filter((status) => status.startsWith('2'))
          .map((status) => `${operationId} ${status}`),
      );
    expect(documented.length).toBeGreaterThan(35);
    expect(documented.filter((one) => !contract.seen.has(one))).toEqual([]);
  });
});
