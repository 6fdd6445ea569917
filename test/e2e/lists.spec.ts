import { Api } from '../support/http';
import { readRecords } from '../support/csv-records';
import { System } from '../support/system';

/** Lists and single things as analysts and client apps ask for them: formats, tags, sorts. */

let system: System;
let api: Api;
let position: string | undefined;

beforeAll(async () => {
  system = await System.start();
  api = new Api(system.url);
  await api.post('/api/v1/locations', { code: 'SHOP', name: 'Shop, "small"', kind: 'STORE' });
  for (const sku of ['A,1', 'B', 'C']) {
    await api.post('/api/v1/items', {
      sku,
      name: `Name "${sku}"\nin two lines`,
      decimals: 3,
      reorderThreshold: 100,
      attributes: { colour: 'red' },
    });
    for (const location of ['MAIN', 'SHOP']) {
      const receipt = { sku, location, quantity: '7.125', lotCode: `L,${sku}`, unitCost: '1.50' };
      await api.post('/api/v1/inventory/receive', { ...receipt, currency: 'EUR' });
    }
    const sold = await api.post('/api/v1/inventory/issue', { sku, quantity: 1 });
    expect(sold.status).toBe(201);
    position = sold.body.position;
  }
  // Every view is where the last command was.
  const reads = ['audit-logs', 'inventory/summary', 'reports/low-stock', 'lots', 'ledger'];
  for (const list of [...reads, 'locations']) {
    expect((await api.after(position, `/api/v1/${list}`)).status).toBe(200);
  }
});
afterAll(() => system.stop());

const LISTS = [
  'items',
  'locations',
  'locations/MAIN/stock-levels',
  'stock-levels',
  'stock-levels/A%2C1',
  'inventory/summary',
  'inventory/summary?location=SHOP',
  'reports/inventory',
  'reports/low-stock',
  'lots',
  'stock-movements',
  'ledger',
  'ledger/item/A%2C1',
  'ledger/lot/A%252C1.L%252CA%252C1',
  'audit-logs',
];
const ONES = [
  'items/A%2C1',
  'locations/SHOP',
  'lots/A%252C1.L%252CA%252C1',
  'inventory/lot/A%252C1.L%252CA%252C1',
  'inventory/summary/A%2C1',
  'stats',
];

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${system.url}/api/v1/${path}`, { method, headers });
const textOf = async (path: string, accept: string): Promise<string> =>
  (await ask(path, { accept })).text();
const linesOf = async (path: string): Promise<Record<string, unknown>[]> =>
  (await textOf(path, 'application/x-ndjson'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const refusal = async (answer: Response): Promise<[number, unknown]> => {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.headers.get('etag')).toBeNull();
  return [answer.status, ((await answer.json()) as { code: unknown }).code];
};

describe.each(LISTS)('the list %s', (path) => {
  const sign = path.includes('?') ? '&' : '?';

  it('has the same rows as JSON, NDJSON and CSV', async () => {
    const { items } = (await api.get(`/api/v1/${path}`)).body;
    expect(items!.length).toBeGreaterThan(0);
    expect(await linesOf(path)).toEqual(items);
    const [header, ...records] = readRecords(await textOf(path, 'text/csv'));
    expect(header).toEqual(Object.keys(items![0]!));
    const cell = (value: unknown): string | null =>
      value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);
    expect(records).toEqual(items!.map((row) => Object.values(row).map(cell)));
  });

  it('goes on as a stream where a page ended, and takes a limit', async () => {
    const whole = await linesOf(path);
    const { items, nextCursor } = (await api.get(`/api/v1/${path}${sign}limit=1`)).body;
    const rest = nextCursor ? await linesOf(`${path}${sign}cursor=${nextCursor}`) : [];
    expect([...items!, ...rest]).toEqual(whole);
    expect(await linesOf(`${path}${sign}limit=2`)).toEqual(whole.slice(0, 2));
  });

  it('is not sent again while nothing was projected, in either format', async () => {
    const tags = new Set<string>();
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
      const first = await ask(path, { accept });
      await first.arrayBuffer();
      expect(first.headers.get('vary')).toBe('accept');
      const tag = first.headers.get('etag')!;
      expect(tag).toMatch(/^W\/"/);
      tags.add(tag);
      const again = await ask(path, { accept, 'if-none-match': `"x", ${tag}` });
      expect([again.status, await again.text()]).toEqual([304, '']);
      expect(again.headers.get('etag')).toBe(tag);
    }
    expect(tags.size).toBe(3);
  });

  it('refuses what it cannot be', async () => {
    expect(await refusal(await ask(path, { accept: 'image/png' }))).toEqual([
      406,
      'NOT_ACCEPTABLE',
    ]);
    const csv = { accept: 'text/csv' };
    const bad = (query: string) => ask(`${path}${sign}${query}`, csv).then(refusal);
    expect(await bad('sort=colour')).toEqual([400, 'VALIDATION_FAILED']);
    expect(await bad('limit=501')).toEqual([400, 'VALIDATION_FAILED']);
    expect(await bad('cursor=rubbish')).toEqual([400, 'CURSOR_INVALID']);
    const { nextCursor } = (await api.get(`/api/v1/${path}${sign}limit=1`)).body;
    if (!nextCursor) return;
    const [bound, ...keys] = JSON.parse(
      Buffer.from(nextCursor, 'base64url').toString(),
    ) as string[];
    const forged = (parts: unknown[]) =>
      bad(`cursor=${Buffer.from(JSON.stringify([bound, ...parts])).toString('base64url')}`);
    expect(await forged([...keys, 'x'])).toEqual([400, 'CURSOR_INVALID']);
    expect(await bad(`active=true&inStock=true&cursor=${nextCursor}`)).toEqual([
      400,
      expect.stringMatching(/CURSOR_INVALID|VALIDATION_FAILED/),
    ]);
  });

  it('tells its headers alone', async () => {
    const head = await ask(path, { accept: 'text/csv' }, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-disposition')).toMatch(
      /^attachment; filename="[a-z-]+-\d{4}-\d\d-\d\d\.csv"$/,
    );
  });
});

describe.each(ONES)('%s', (path) => {
  it('is not sent again while it is the same', async () => {
    const first = await ask(path);
    const tag = first.headers.get('etag')!;
    const again = await ask(path, { 'if-none-match': tag });
    expect([first.status, again.status, await again.text()]).toEqual([200, 304, '']);
    const other = await ask(path, { 'if-none-match': '"other"' });
    expect([other.status, await other.json()]).toEqual([200, await first.json()]);
    expect(await refusal(await ask(path, { accept: 'text/csv' }))).toEqual([406, 'NOT_ACCEPTABLE']);
    expect((await ask(path, {}, 'HEAD')).headers.get('etag')).toBe(tag);
  });
});

it.each([
  ['items/NOBODY', 'ITEM_NOT_FOUND'],
  ['stock-levels/NOBODY', 'ITEM_NOT_FOUND'],
  ['inventory/summary/NOBODY', 'ITEM_NOT_FOUND'],
  ['ledger/item/NOBODY', 'ITEM_NOT_FOUND'],
  ['locations/NOWHERE', 'LOCATION_NOT_FOUND'],
  ['locations/NOWHERE/stock-levels', 'LOCATION_NOT_FOUND'],
  ['lots/B.NONE', 'LOT_NOT_FOUND'],
  ['ledger/lot/B.NONE', 'LOT_NOT_FOUND'],
])('%s is a problem in every format', async (path, code) => {
  for (const accept of ['*/*', 'text/csv;q=0.9, application/x-ndjson;q=0.9, */*;q=0.1']) {
    expect(await refusal(await ask(path, { accept }))).toEqual([404, code]);
  }
});

describe('a change', () => {
  it('of an item gives it another tag; the tag is what If-Match takes', async () => {
    const tag = (await ask('items/C')).headers.get('etag')!;
    const match = { 'if-match': tag };
    const changed = await api.patch('/api/v1/items/C', { name: 'Changed' }, match);
    expect(changed.status).toBe(200);
    const late = await api.patch('/api/v1/items/C', { name: 'Late' }, match);
    expect([late.status, late.body.code]).toEqual([412, 'REVISION_MISMATCH']);
    const after = `after=${changed.body.position}&wait=20000`;
    const seen = await ask(`items/C?${after}`, { 'if-none-match': tag });
    expect([seen.status, seen.headers.get('etag')]).toEqual([200, changed.headers.get('etag')]);
  });

  it('is in every list that is asked for it, whatever tag is sent along', async () => {
    const tag = (await ask('ledger?sku=C')).headers.get('etag')!;
    const moved = await api.post('/api/v1/inventory/receive', {
      sku: 'C',
      quantity: 2,
      lotCode: 'N',
    });
    const after = `after=${moved.body.position}&wait=20000`;
    const seen = await ask(`ledger?sku=C&${after}`, { 'if-none-match': tag });
    expect(seen.status).toBe(200);
    expect(((await seen.json()) as { items: object[] }).items[0]).toMatchObject({ lotCode: 'N' });
    const stream = await textOf(`ledger?sku=C&limit=1&${after}`, 'application/x-ndjson');
    expect(JSON.parse(stream)).toMatchObject({ sku: 'C', lotCode: 'N', quantity: 2 });
  });
});
