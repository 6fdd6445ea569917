import { inv } from '../../test/support/inv';
import { ScriptedApi } from '../../test/support/scripted-api';

/** Lists as CSV: what the api streams, byte for byte. */

const CSV = 'sku,name\r\nA,"é, ""x"""\r\n';
let api: ScriptedApi;
beforeEach(async () => {
  api = await ScriptedApi.start(() => ({ status: 200, body: CSV }));
});
afterEach(() => api.stop());

it.each([
  ['report inventory --category food', '/api/v1/reports/inventory', 'category=food'],
  ['report low-stock --location MAIN', '/api/v1/reports/low-stock', 'location=MAIN'],
  ['item list --inactive', '/api/v1/items', 'active=false'],
  ['location list', '/api/v1/locations', ''],
  ['stock level --lot L', '/api/v1/stock-levels', 'lotCode=L'],
  ['stock history --sku A', '/api/v1/stock-movements', 'sku=A'],
  ['audit --by ann', '/api/v1/audit-logs', 'actor=ann'],
])('inv %s --csv', async (words, path, query) => {
  const { code, out, err } = await inv(...words.split(' '), '--csv', '--url', api.url);
  expect([code, out, err]).toEqual([0, CSV, '']);
  const [request] = api.requests;
  expect([request?.path, request?.query.toString()]).toEqual([path, query]);
  expect(request?.headers.accept).toBe('text/csv');
});

it('a refusal is told as any other', async () => {
  const detail = '4 lists are being streamed';
  api.script = () => ({ status: 503, body: { code: 'TOO_MANY_STREAMS', detail } });
  const { code, out, err } = await inv('report', 'inventory', '--csv', '--url', api.url);
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain(`TOO_MANY_STREAMS: ${detail}`);
});

it('a list that breaks off is no success', async () => {
  const headers = { 'content-length': String(CSV.length + 100) };
  api.script = () => ({ status: 200, body: CSV, headers, breaksOff: true });
  const { code, out, err } = await inv('report', 'inventory', '--csv', '--url', api.url);
  expect([code, out]).toEqual([1, CSV]);
  expect(err).toContain('no whole answer');
});
