import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inv, type Ran } from '../../test/support/inv';
import { problem, ScriptedApi, type ScriptedAnswer } from '../../test/support/scripted-api';

/** `inv stock reverse --correlation-id`: part by part, with a report of what stays. */

const movement = (n: number, more: object = {}): object => ({
  movementId: `m-${n}`,
  type: 'RECEIVE',
  sku: 'A, large',
  location: 'MAIN',
  lotCode: null,
  quantity: n,
  unit: 'each',
  ...more,
});
const conflict = (n: number): object =>
  movement(n, { code: 'REVERSAL_CONFLICT', detail: 'the stock has "moved on"' });
const part = (more: object): ScriptedAnswer => ({
  status: 200,
  body: {
    ...{ correlationId: 'import-1', reversed: [], alreadyReversed: 0, conflicts: [] },
    ...{ remaining: 0, nextCursor: null, position: null },
    ...more,
  },
});

let api: ScriptedApi;
let folder: string;
/** One after the other; the last one for good. */
let parts: (ScriptedAnswer | 'hang up')[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lotstream-reverse-'));
  api = await ScriptedApi.start(({ method }) =>
    method === 'GET'
      ? { status: 200, body: { items: 1 } }
      : ((parts.length > 1 ? parts.shift() : parts[0]) ?? problem(500, 'INTERNAL_ERROR')),
  );
});
afterEach(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

const reportPath = (): string => join(folder, 'stays.csv');
const reverse = (...more: string[]): Promise<Ran> =>
  inv(
    ...['stock', 'reverse', '--correlation-id', 'import-1', '--reason-code', 'did_not_occur'],
    ...['--reason', 'another shop', '--report', reportPath(), '--url', api.url, ...more],
  );
const sent = () => api.requests.filter(({ method }) => method === 'POST');
const report = (): string[] => readFileSync(reportPath(), 'utf8').trim().split('\n');

it('goes on until nothing is left, with one key, and waits for the tables', async () => {
  parts = [
    part({ reversed: [movement(5), movement(4)], remaining: 2, nextCursor: 'c1', position: 'a-9' }),
    part({ reversed: [movement(3)], remaining: 1, nextCursor: 'c2', position: 'a-12' }),
    part({ alreadyReversed: 1 }),
  ];
  const { code, out } = await reverse();
  expect(code).toBe(0);
  expect(out).toMatch(/^import-1: 4 movements in .*\n {2}reversed +3\n {2}reversed earlier +1\n$/);
  const asked = { correlationId: 'import-1', error: 'did_not_occur', reason: 'another shop' };
  expect(sent().map(({ path, body }) => [path, body])).toEqual([
    ['/api/v1/inventory/reverse-correlation', asked],
    ['/api/v1/inventory/reverse-correlation', { ...asked, cursor: 'c1' }],
    ['/api/v1/inventory/reverse-correlation', { ...asked, cursor: 'c2' }],
  ]);
  expect(new Set(sent().map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  const last = api.requests.at(-1)!;
  expect([last.path, last.query.get('after')]).toEqual(['/api/v1/stats', 'a-12']);
  expect(report()).toHaveLength(1);
});

it('lists what stays, and ends with 1', async () => {
  parts = [
    part({ conflicts: [conflict(7)], remaining: 1, nextCursor: 'c1' }),
    part({ reversed: [movement(3)], conflicts: [conflict(2)], position: 'a-9' }),
  ];
  const { code, out, err } = await reverse();
  expect(code).toBe(1);
  expect(out).toMatch(/reversed +1\n {2}staying +2 {2}REVERSAL_CONFLICT\n$/);
  expect(err).toContain(`2 movements stay; ${reportPath()} lists them`);
  expect(report()).toEqual([
    'movementId,type,sku,location,lotCode,quantity,unit,code,detail',
    'm-7,RECEIVE,"A, large",MAIN,,7,each,REVERSAL_CONFLICT,"the stock has ""moved on"""',
    'm-2,RECEIVE,"A, large",MAIN,,2,each,REVERSAL_CONFLICT,"the stock has ""moved on"""',
  ]);
});

it('tells it as JSON', async () => {
  parts = [part({ reversed: [movement(3)], alreadyReversed: 2, conflicts: [conflict(7)] })];
  const { code, out } = await reverse('--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    ...{ correlationId: 'import-1', movements: 4, reversed: 1, alreadyReversed: 2 },
    ...{ conflicts: { REVERSAL_CONFLICT: 1 }, report: reportPath() },
  });
});

it('tries without waiting for anything, and says how it is judged', async () => {
  parts = [part({ dryRun: true, reversed: [movement(3)] })];
  const { code, out, err } = await reverse('--dry-run');
  expect([code, out]).toEqual([0, expect.stringMatching(/would be reversed +1\n$/)]);
  expect(err).toContain('each movement is judged alone');
  expect(api.requests.map(({ query }) => query.get('dryRun'))).toEqual(['true']);
});

it.each<[string, ScriptedAnswer | 'hang up']>([
  ['a store that is away', problem(503, 'STORE_UNAVAILABLE')],
  ['tables that are behind', problem(504, 'PROJECTION_BEHIND')],
  ['an answer that is lost', 'hang up'],
])('sends the same part again after %s', async (_what, failure) => {
  parts = [failure, part({ reversed: [movement(3)], position: 'a-9' })];
  const { code, out } = await reverse('--idempotency-key', 'k');
  expect([code, out]).toEqual([0, expect.stringMatching(/reversed +1\n$/)]);
  const [first, second] = sent();
  expect([second?.body, second?.headers['idempotency-key']]).toEqual([first?.body, 'k']);
});

it('stops when patience ends, and says how to go on', async () => {
  parts = [
    part({ reversed: [movement(3)], conflicts: [conflict(2)], remaining: 1, nextCursor: 'c1' }),
    problem(503, 'STORE_UNAVAILABLE', 'the store is away'),
  ];
  const { code, err } = await reverse('--patience', '0');
  expect(code).toBe(1);
  expect(err).toMatch(
    /stopped after 2 movements: STORE_UNAVAILABLE: the store is away\n.*the same again/,
  );
  expect(report()).toHaveLength(2);
});

it('ends between two parts when it is interrupted', async () => {
  parts = [part({ reversed: [movement(3)], remaining: 1, nextCursor: 'c1' }), part({})];
  const { script } = api;
  api.script = (request) => {
    process.emit('SIGINT');
    return script(request);
  };
  const { code, err } = await reverse();
  expect([code, sent().length]).toEqual([1, 1]);
  expect(err).toContain('stopped after 1 movements: interrupted');
});

it('tells a refusal, and sends nothing where the report cannot be written', async () => {
  parts = [problem(404, 'MOVEMENT_NOT_FOUND', 'nothing moved under it')];
  const { code, err } = await reverse();
  expect([code, err]).toEqual([1, 'MOVEMENT_NOT_FOUND: nothing moved under it\n']);
  const nowhere = join(folder, 'no', 'r.csv');
  expect((await reverse('--report', nowhere)).code).toBe(2);
  expect([existsSync(nowhere), sent().length]).toEqual([false, 1]);
});
