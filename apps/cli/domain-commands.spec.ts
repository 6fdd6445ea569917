import { inv, wordsOf } from '../../test/support/inv';
import { ScriptedApi } from '../../test/support/scripted-api';

/** Reservations, counts, returns, holds and their reports: what a command line asks of the api. */

let api: ScriptedApi;
beforeEach(async () => {
  api = await ScriptedApi.start(() => ({ status: 201, body: { revision: 0, position: 'abc-1' } }));
  process.env.LOTSTREAM_URL = api.url;
});
afterEach(async () => {
  delete process.env.LOTSTREAM_URL;
  await api.stop();
});

it.each<[string, string, object]>([
  [
    'stock return --sku A --quantity 1 --lot X --disposition STOCK --reference SO-7 --reason "too large"',
    'inventory/return',
    {
      ...{ sku: 'A', quantity: '1', lotCode: 'X', disposition: 'STOCK' },
      ...{ reference: 'SO-7', reason: 'too large' },
    },
  ],
  [
    'stock hold --sku A --quantity 2 --unit box --location L --reason damp',
    'inventory/hold',
    { sku: 'A', quantity: '2', unit: 'box', location: 'L', reason: 'damp' },
  ],
  [
    'stock unhold --sku A --quantity 2 --reason dry',
    'inventory/unhold',
    { sku: 'A', quantity: '2', reason: 'dry' },
  ],
  [
    'stock reverse --movement-id m-1 --reason-code incorrect_data --reason typo',
    'inventory/reverse',
    { movementId: 'm-1', error: 'incorrect_data', reason: 'typo' },
  ],
  [
    'reservation reserve --sku A --quantity 3 --unit box --location L --strategy FEFO --partial --batch-id B-2 ' +
      '--reference SO-7 --expires-at 2031-03-01T12:00:00Z',
    'inventory/reserve',
    {
      ...{ sku: 'A', quantity: '3', unit: 'box', location: 'L', strategy: 'FEFO', partial: true },
      ...{ batchId: 'B-2', reference: 'SO-7', expiresAt: '2031-03-01T12:00:00Z' },
    },
  ],
  [
    'reservation reserve --sku A --lot L-1=2 --lot a=b=1.5',
    'inventory/reserve',
    {
      sku: 'A',
      lots: [
        { lotCode: 'L-1', quantity: '2' },
        { lotCode: 'a=b', quantity: '1.5' },
      ],
    },
  ],
  [
    'reservation issue --id A@MAIN.R1 --quantity 1 --unit box --purpose SALE --reference SO-7',
    'inventory/issue',
    { reservationId: 'A@MAIN.R1', quantity: '1', unit: 'box', purpose: 'SALE', reference: 'SO-7' },
  ],
  ['reservation release --id A@MAIN.R1', 'inventory/release', { reservationId: 'A@MAIN.R1' }],
  [
    'reservation extend --id A/1@MAIN.R1 --expires-at 2031-03-01T12:00:00Z',
    'reservations/A%2F1%40MAIN.R1/extend',
    { expiresAt: '2031-03-01T12:00:00Z' },
  ],
  [
    'reservation extend --id A@MAIN.R1 --expires-at ""',
    'reservations/A%40MAIN.R1/extend',
    { expiresAt: null },
  ],
  [
    'count record --sku A --counted 47.5 --revision 12 --location L --lot X --unit kg --kind STOCKTAKE --blind ' +
      '--id A@L.C1 --reference SHEET-7 --reason recount',
    'inventory/count',
    {
      ...{ sku: 'A', counted: '47.5', revision: 12, location: 'L', lotCode: 'X', unit: 'kg' },
      ...{ kind: 'STOCKTAKE', blind: true, countId: 'A@L.C1', reference: 'SHEET-7' },
      reason: 'recount',
    },
  ],
  [
    'count record --sku A --counted 0 --revision 0',
    'inventory/count',
    { sku: 'A', counted: '0', revision: 0 },
  ],
  ['count approve --id A@L.C1 --reason seen', 'counts/A%40L.C1/approve', { reason: 'seen' }],
  ['count reject --id A@L.C1 --reason no', 'counts/A%40L.C1/reject', { reason: 'no' }],
])('%s', async (line, path, body) => {
  const ran = await inv(...wordsOf(line));
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(api.requests.map((sent) => [sent.method, sent.path, sent.body])).toEqual([
    ['POST', `/api/v1/${path}`, body],
  ]);
});

it.each<[string, string, Record<string, string>]>([
  [
    'reservation list --sku A --location L --status ACTIVE --batch-id B --reference R --expires-before 2031-01-01T00:00:00Z',
    'reservations',
    {
      ...{ sku: 'A', location: 'L', status: 'ACTIVE', batchId: 'B', reference: 'R' },
      expiresBefore: '2031-01-01T00:00:00Z',
    },
  ],
  [
    'count list --sku A --location L --lot X --status PENDING --kind STOCKTAKE --counted-by u --reference R --from 2026-01-01T00:00:00Z',
    'counts',
    {
      ...{ sku: 'A', location: 'L', lotCode: 'X', status: 'PENDING', kind: 'STOCKTAKE' },
      ...{ countedBy: 'u', reference: 'R', from: '2026-01-01T00:00:00Z' },
    },
  ],
  ['count sheet --location L --sku A', 'reports/count-sheet', { location: 'L', sku: 'A' }],
  [
    'report shortages --sku A --location L --batch-id B --reference R',
    'reports/shortages',
    { sku: 'A', location: 'L', batchId: 'B', reference: 'R' },
  ],
  [
    'report at-risk --sku A --lot X --risk LOT_EXPIRES --before 2031-01-01',
    'reports/reservations-at-risk',
    { sku: 'A', lotCode: 'X', risk: 'LOT_EXPIRES', before: '2031-01-01' },
  ],
  ['audit --correlation-id import-1', 'audit-logs', { correlationId: 'import-1' }],
])('%s', async (line, path, query) => {
  api.script = () => ({ status: 200, body: { items: [], nextCursor: null } });
  const ran = await inv(...wordsOf(line));
  expect([ran.code, ran.out]).toEqual([0, 'nothing found\n']);
  expect(api.requests.map((sent) => [sent.path, Object.fromEntries(sent.query)])).toEqual([
    [`/api/v1/${path}`, { ...query, limit: '50' }],
  ]);
});

it.each([
  ['reservation show --id A/1@L.R1', '/api/v1/reservations/A%2F1%40L.R1'],
  ['count show --id A@L.C1', '/api/v1/counts/A%40L.C1'],
])('%s', async (line, path) => {
  api.script = () => ({ status: 200, body: { status: 'ACTIVE', short: 0 } });
  expect((await inv(...wordsOf(line))).out).toBe('status  ACTIVE\nshort   0\n');
  expect((await inv(...wordsOf(line), '--json')).out).toBe('{"status":"ACTIVE","short":0}\n');
  expect(api.requests.map((sent) => [sent.method, sent.path])).toEqual([
    ['GET', path],
    ['GET', path],
  ]);
});

it.each<[string, RegExp]>([
  ['stock return --sku A --quantity 1 --disposition BIN', /Allowed choices are QUARANTINE, STOCK/],
  ['stock hold --sku A --reason x', /required option '--quantity/],
  ['stock hold --sku A --quantity 1 --purpose SALE', /unknown option '--purpose'/],
  ['stock reverse --movement-id m --reason x', /required option '--reason-code/],
  ['stock reverse --movement-id m --reason-code typo', /Allowed choices are did_not_occur/],
  ['stock reverse --reason-code did_not_occur', /either a --movement-id or a --correlation-id/],
  [
    'stock reverse --reason-code did_not_occur --movement-id m --correlation-id c',
    /either a --movement-id or a --correlation-id/,
  ],
  ['reservation reserve --quantity 1', /required option '--sku/],
  ['reservation reserve --sku A --lot L-1', /it looks like L-2026-03=4/],
  ['reservation reserve --sku A --lot =4', /it looks like L-2026-03=4/],
  ['reservation reserve --sku A --quantity 1 --strategy RANDOM', /Allowed choices are FIFO/],
  ['reservation issue --quantity 1', /required option '--id/],
  ['reservation release --id R --purpose SALE', /unknown option '--purpose'/],
  ['reservation extend --id R', /required option '--expires-at/],
  ['reservation list --status OPEN', /Allowed choices are ACTIVE/],
  ['count record --sku A --counted 1', /required option '--revision/],
  ['count record --sku A --counted 1 --revision -1', /whole number from 0 on/],
  ['count record --sku A --counted 1 --revision 1.5', /whole number from 0 on/],
  ['count approve', /required option '--id/],
  ['count list --kind ALL', /Allowed choices are CYCLE_COUNT, STOCKTAKE/],
  ['report at-risk --risk FIRE', /Allowed choices are LOT_NOT_APPROVED/],
])('%s ends with 2', async (line, message) => {
  const ran = await inv(...wordsOf(line));
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toMatch(message);
  expect(api.requests).toEqual([]);
});
