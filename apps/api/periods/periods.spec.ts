import type { LightMyRequestResponse } from 'fastify';
import { ApiInProcess } from '../../../test/support/api-in-process';
import { createExecutor } from '../../../libs/eventstore';
import { createLogger } from '../../../libs/runtime';

/** Closed books over HTTP, in this process; what the tables tell of them has contract tests. */

const now = new Date('2026-04-02T12:00:00.000Z');
let api: ApiInProcess;
const BALANCES = { lowestBalance: '-2', at: '2026-03-20T08:00:00.000Z', balanceNow: '7' };
beforeAll(async () => {
  api = await ApiInProcess.start(now);
});
beforeEach(async () => {
  await api.renew();
  api.database = () => Promise.resolve([BALANCES]);
  await post('items', { sku: 'W-1' });
});
afterAll(() => api.app.close());

const post = (url: string, payload: object, headers = {}, to = api) =>
  to.post(url, payload, headers);
const receive = (effectiveAt: string | undefined, to = api, query = '') =>
  post(`inventory/receive${query}`, { sku: 'W-1', quantity: 5, effectiveAt }, {}, to);
const codeOf = (answer: LightMyRequestResponse): unknown => answer.json<{ code?: string }>().code;

describe('closing', () => {
  it('tells through which day the books are closed, and were', async () => {
    const first = await post('periods/close', { through: '2026-02-28' });
    expect([first.statusCode, first.json()]).toMatchObject([
      201,
      { type: 'CLOSE', closedThrough: '2026-02-28', wasClosedThrough: null, reason: null },
    ]);
    const second = await post('periods/close', { through: '2026-03-31', reason: 'March' });
    expect(second.json()).toMatchObject({
      closedThrough: '2026-03-31',
      wasClosedThrough: '2026-02-28',
      reason: 'March',
      revision: 1,
    });
    const back = await post('periods/reopen', { from: '2026-03-01', reason: 'forgotten' });
    expect([back.statusCode, back.json()]).toMatchObject([
      201,
      { type: 'REOPEN', closedThrough: '2026-02-28', wasClosedThrough: '2026-03-31' },
    ]);
  });

  it('is answered again where it was done before', async () => {
    const key = { 'idempotency-key': 'k' };
    const first = await post('periods/close', { through: '2026-02-28' }, key);
    const again = await post('periods/close', { through: '2026-02-28' }, key);
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
    expect(api.log.streams.get('period-default')).toHaveLength(1);
  });

  it.each([
    ['close', {}],
    ['close', { through: '2026-02-30' }],
    ['close', { through: '2026-02' }],
    ['close', { through: null }],
    ['reopen', { from: '2026-02-01' }],
    ['reopen', { reason: 'why' }],
    ['reopen', { through: '2026-02-01', reason: 'why' }],
  ])('refused as no request at all: %s %j', async (verb, body) => {
    expect(codeOf(await post(`periods/${verb}`, body))).toBe('VALIDATION_FAILED');
  });
});

describe('a movement', () => {
  it.each([
    ['2026-03-31T23:59:59.999Z', 'PERIOD_CLOSED'],
    ['2026-04-01T00:59:59+01:00', 'PERIOD_CLOSED'],
    ['2020-01-01T00:00:00Z', 'PERIOD_CLOSED'],
    ['2026-04-01T00:00:00Z', undefined],
    ['2026-03-31T23:00:00-01:00', undefined],
    [undefined, undefined],
  ])('of %s, the books being closed through March: %s', async (effectiveAt, code) => {
    await post('periods/close', { through: '2026-03-31' });
    expect(codeOf(await receive(effectiveAt))).toBe(code);
    expect(codeOf(await receive(effectiveAt, api, '?dryRun=true'))).toBe(code);
  });

  it.each([
    ['inventory/issue', { quantity: 1 }],
    ['inventory/adjust', { quantity: 1, reason: 'found' }],
    ['inventory/return', { quantity: 1, reason: 'unused' }],
    ['inventory/hold', { quantity: 1, reason: 'damp' }],
    ['inventory/count', { counted: 4, revision: 0 }],
    ['stock-movements', { type: 'sale', quantity: 1 }],
  ])('of any kind: %s', async (path, body) => {
    await receive('2026-03-01T00:00:00Z');
    await post('periods/close', { through: '2026-03-31' });
    const moved = (effectiveAt: string) => post(path, { sku: 'W-1', ...body, effectiveAt });
    expect(codeOf(await moved('2026-03-31T23:59:59Z'))).toBe('PERIOD_CLOSED');
    expect(codeOf(await moved('2026-04-01T00:00:00Z'))).toBeUndefined();
  });

  it('is taken again once its day is open again, and no earlier one', async () => {
    await post('periods/close', { through: '2026-03-31' });
    expect(codeOf(await receive('2026-03-15T00:00:00Z'))).toBe('PERIOD_CLOSED');
    await post('periods/reopen', { from: '2026-03-15', reason: 'forgotten' });
    expect(codeOf(await receive('2026-03-15T00:00:00Z'))).toBeUndefined();
    expect(codeOf(await receive('2026-03-14T23:59:59Z'))).toBe('PERIOD_CLOSED');
  });

  it('that was taken in time is answered again behind the closing', async () => {
    const key = { 'idempotency-key': 'k' };
    const body = { sku: 'W-1', quantity: 5, effectiveAt: '2026-03-15T00:00:00Z' };
    const first = await post('inventory/receive', body, key);
    await post('periods/close', { through: '2026-03-31' });
    const again = await post('inventory/receive', body, key);
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
  });

  it('tells the first open day; one of an open day keeps nothing of the closing', async () => {
    await post('periods/close', { through: '2026-03-31' });
    await receive('2026-04-01T00:00:00Z');
    const [stored] = api.log.streams.get('stock-default.W-1@MAIN') ?? [];
    expect(stored?.metadata).not.toHaveProperty('facts.closedThrough');
    expect((await receive('2026-03-01T00:00:00Z')).json()).toMatchObject({
      detail: expect.stringContaining('of 2026-04-01 or later') as string,
    });
  });
});

it('another process takes a movement until it hears of the closing, and refuses none for one that was undone', async () => {
  const executor = createExecutor({
    store: { client: api.log },
    logger: createLogger('test', 'silent'),
    now: () => now.toISOString(),
  });
  const other = await ApiInProcess.start(now, { executor });
  try {
    expect(codeOf(await receive('2026-03-15T00:00:00Z', other))).toBeUndefined();
    await post('periods/close', { through: '2026-03-31' });
    // It has asked less than two seconds ago: this one slips in.
    expect(codeOf(await receive('2026-03-15T00:00:00Z', other))).toBeUndefined();
    const [closing] = api.log.streams.get('period-default') ?? [];
    const slipped = api.log.streams.get('stock-default.W-1@MAIN')?.at(-1);
    expect(slipped!.position).toBeGreaterThan(closing!.position);

    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 2_001);
    expect(codeOf(await receive('2026-03-15T00:00:00Z', other))).toBe('PERIOD_CLOSED');
    await post('periods/reopen', { from: '2026-03-01', reason: 'forgotten' });
    // What it knows of is closed; before it says no it asks again.
    expect(codeOf(await receive('2026-03-15T00:00:00Z', other))).toBeUndefined();
    clock.mockRestore();
  } finally {
    await other.app.close();
  }
});

describe('backdating', () => {
  it('further than the operator allows is refused; what needs no time is not', async () => {
    const config = {
      tenant: 'default',
      backdatingDays: 35,
      backdatingDaysByRole: 'MANAGER=90,STAFF=7',
    };
    const strict = await ApiInProcess.start(now, { config });
    try {
      await post('items', { sku: 'W-1' }, {}, strict);
      expect(codeOf(await receive('2026-02-26T11:59:59.999Z', strict))).toBe(
        'EFFECTIVE_AT_TOO_OLD',
      );
      expect(codeOf(await receive('2026-02-26T12:00:00Z', strict))).toBeUndefined();
      expect(codeOf(await receive(undefined, strict))).toBeUndefined();
      const by = async (role: string, effectiveAt: string) => {
        const body = { sku: 'W-1', quantity: 1, effectiveAt };
        return codeOf(await post('inventory/receive', body, { 'x-role': role }, strict));
      };
      expect(await by('MANAGER', '2026-02-26T11:59:59.999Z')).toBeUndefined();
      expect(await by('MANAGER', '2026-01-01T00:00:00Z')).toBe('EFFECTIVE_AT_TOO_OLD');
      expect(await by('STAFF', '2026-02-26T12:00:00Z')).toBe('EFFECTIVE_AT_TOO_OLD');
      expect(await by('ADMIN', '2026-02-26T11:59:59.999Z')).toBe('EFFECTIVE_AT_TOO_OLD');
      expect(await by('OWNER', '2026-04-01T00:00:00Z')).toBe('VALIDATION_FAILED');
    } finally {
      await strict.app.close();
    }
  });

  it('is tried with the timeline beside the events', async () => {
    const tried = await receive('2026-03-15T00:00:00Z', api, '?dryRun=true');
    const timeline = { lowestBalance: -2, at: '2026-03-20T08:00:00.000Z', balanceNow: 7 };
    expect(tried.json()).toMatchObject({ events: [{}], timeline: { ...timeline, lot: null } });
    const lot = { sku: 'W-1', quantity: 5, lotCode: 'L-1', effectiveAt: '2026-03-15T00:00:00Z' };
    expect((await post('inventory/receive?dryRun=true', lot)).json()).toMatchObject({
      timeline: { ...timeline, lot: { lotCode: 'L-1', ...timeline } },
    });
    expect((await receive(undefined, api, '?dryRun=true')).json()).not.toHaveProperty('timeline');
  });

  it.each([
    ['away', Object.assign(new Error(), { code: 'ECONNREFUSED' }), [200, null]],
    ['wrong', new Error('a fault'), [500, undefined]],
  ])('is tried while PostgreSQL is %s', async (_, fault, expected) => {
    api.database = () => Promise.reject(fault);
    const tried = await receive('2026-03-15T00:00:00Z', api, '?dryRun=true');
    expect([tried.statusCode, tried.json<{ timeline?: null }>().timeline]).toEqual(expected);
  });

  it('as far as one likes where nobody has said', async () => {
    expect(codeOf(await receive('1900-01-01T00:00:00Z'))).toBeUndefined();
  });
});
