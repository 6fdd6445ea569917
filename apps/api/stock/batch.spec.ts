import { ApiInProcess } from '../../../test/support/api-in-process';
import { AppendError } from '../../../libs/eventstore/client';
import { Load } from '../http/load';
import { MOST_IN_BATCH } from './batch.dto';

/** Many movements in one request, over HTTP. */

const now = new Date('2026-03-01T12:00:00.000Z');
let api: ApiInProcess;

type Json = Record<string, unknown>;
interface Result {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: Json;
}
interface Told {
  readonly dryRun?: true;
  readonly results: readonly Result[];
  readonly applied: number;
  readonly refused: number;
  readonly undecided: number;
  readonly position: string | null;
}

const post = (...asked: Parameters<ApiInProcess['post']>) => api.post(...asked);

beforeAll(async () => {
  api = await ApiInProcess.start(now);
});
beforeEach(async () => {
  await api.renew();
  for (const sku of ['TEA', 'RUM']) await post('items', { sku });
});
afterAll(() => api.app.close());

const KEY = { 'idempotency-key': 'k' };
async function record(movements: unknown, headers: Record<string, string> = {}, query = '') {
  const answer = await post(`batch-stock-movements${query}`, { movements }, headers);
  return { http: answer.statusCode, headers: answer.headers, ...answer.json<Told>() };
}
const verdicts = ({ results }: Pick<Told, 'results'>): unknown[] =>
  results.map(({ status, body }) => body.code ?? status);
const movementsOf = (sku: string): unknown[] =>
  (api.log.streams.get(`stock-default.${sku}@MAIN`) ?? []).map(
    ({ type, data }) => `${type} ${String((data as Json).quantity)}`,
  );

const receive = (sku: string, quantity: number) => ({ type: 'receive', sku, quantity });
const sale = (sku: string, quantity: number) => ({ type: 'SALE', sku, quantity });

describe('many movements in one request', () => {
  it('are decided in their order, each with the answer that it would have got alone', async () => {
    const told = await record([
      sale('TEA', 1),
      receive('TEA', 3),
      receive('RUM', 7),
      sale('TEA', 2),
      sale('TEA', 2),
      { ...sale('TEA', 1), reference: 'last' },
    ]);
    expect(verdicts(told)).toEqual([
      'INSUFFICIENT_STOCK',
      201,
      201,
      201,
      'INSUFFICIENT_STOCK',
      201,
    ]);
    expect([told.http, told.applied, told.refused, told.undecided]).toEqual([200, 4, 2, 0]);
    expect(movementsOf('TEA')).toEqual([
      'StockReceived.v2 3',
      'StockIssued.v2 2',
      'StockIssued.v2 1',
    ]);
    const alone = await post('stock-movements', sale('RUM', 2));
    const { results } = await record([sale('RUM', 2)]);
    expect(Object.keys(results[0]!.body)).toEqual(Object.keys(alone.json<object>()));
    expect(results[0]!.body).toMatchObject({ sku: 'RUM', revision: 2 });
  });

  it('of one stream are one append', async () => {
    const before = api.log.appends;
    await record(Array.from({ length: 50 }, () => receive('TEA', 1)));
    expect(api.log.appends - before).toBe(1);
  });

  it('are found at the position behind the last of them', async () => {
    const told = await record([receive('TEA', 1), receive('RUM', 1)]);
    const positions = told.results.map(({ body }) => String(body.position));
    expect(positions).toContain(told.position);
    expect(Number(told.position?.split('-')[1])).toBe(
      Math.max(...positions.map((position) => Number(position.split('-')[1]))),
    );
  });

  it('bring what follows from them: a lot is known to its own stream', async () => {
    await record([{ ...receive('TEA', 3), lotCode: 'L-1' }]);
    expect(api.log.streams.get('lot-default.TEA.L-1')).toHaveLength(1);
  });

  it.each<[unknown, string, string]>([
    [{ ...sale('TEA', 1), type: 'out' }, 'UNKNOWN_MOVEMENT_TYPE', 'type'],
    [sale('TEA', -1), 'QUANTITY_INVALID', ''],
    [{ ...sale('TEA', 1), quantity: 'x' }, 'VALIDATION_FAILED', 'quantity'],
    [{ ...sale('TEA', 1), movements: [] }, 'VALIDATION_FAILED', 'movements'],
    [{ ...sale('TEA', 1), idempotencyKey: '' }, 'VALIDATION_FAILED', 'idempotencyKey'],
    [{ ...sale('TEA', 1), idempotencyKey: 'a\nb' }, 'VALIDATION_FAILED', 'idempotencyKey'],
    [{ ...sale('TEA', 1), idempotencyKey: 7 }, 'VALIDATION_FAILED', 'idempotencyKey'],
    [{ ...sale('TEA', 1), source: 'no-number' }, 'VALIDATION_FAILED', 'source'],
    [null, 'VALIDATION_FAILED', 'movements[1]'],
    [[], 'VALIDATION_FAILED', 'movements[1]'],
    ['x', 'VALIDATION_FAILED', 'movements[1]'],
    [{ ...sale('TEA', 1), effectiveAt: '2027-01-01T00:00:00Z' }, 'EFFECTIVE_AT_IN_FUTURE', ''],
    [sale('GIN', 1), 'ITEM_NOT_FOUND', ''],
  ])('one that is wrong (%j) is refused alone, with %s', async (wrong, code, field) => {
    const told = await record([receive('TEA', 2), wrong, sale('TEA', 1)]);
    expect(verdicts(told)).toEqual([201, code, 201]);
    const { errors = [] } = told.results[1]!.body as { errors?: { field: string }[] };
    if (field !== '') expect(errors.map((error) => error.field)).toContain(field);
  });

  it.each<[object, string]>([
    [{}, 'movements'],
    [{ movements: [] }, 'movements'],
    [{ movements: receive('TEA', 1) }, 'movements'],
    [
      { movements: Array.from({ length: MOST_IN_BATCH + 1 }, () => receive('TEA', 1)) },
      'movements',
    ],
    [{ movements: [receive('TEA', 1)], dryRun: true }, 'dryRun'],
    [[receive('TEA', 1)], 'movements'],
  ])('a list that is none is refused whole: %#', async (body, field) => {
    const answer = await post('batch-stock-movements', body);
    expect(answer.json()).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(answer.json<{ errors: Json[] }>().errors[0]).toMatchObject({ field });
    expect(movementsOf('TEA')).toEqual([]);
  });

  it('what binds one command is a mistake before many', async () => {
    const headers = { 'if-match': '"3"', 'x-source': 'file;1' };
    const answer = await post('batch-stock-movements', { movements: [receive('TEA', 1)] }, headers);
    expect(answer.json<{ errors: Json[] }>().errors.map(({ field }) => field)).toEqual([
      'if-match',
      'x-source',
    ]);
  });

  it('count as what they are while they are under way: many', async () => {
    const load = api.app.get(Load);
    load.inFlight = load.limits.maxInFlight;
    const answer = await post('batch-stock-movements', { movements: [receive('TEA', 1)] });
    expect(answer.json()).toMatchObject({ code: 'OVERLOADED' });
    load.inFlight = 0;
    let most = 0;
    api.log.script.push(() => (most = load.inFlight));
    await record([receive('TEA', 1), receive('TEA', 1), receive('TEA', 1)]);
    expect([most, load.inFlight]).toEqual([3, 0]);
  });
});

describe('sent again', () => {
  it('with the key of the request: nothing is written twice, and what was refused is decided anew', async () => {
    const rows = [receive('TEA', 3), sale('RUM', 1), sale('TEA', 1)];
    const first = await record(rows, KEY);
    await record([receive('RUM', 5)]);
    const again = await record(rows, KEY);
    expect(again.results.map(({ status, replayed }) => [status, replayed])).toEqual([
      [201, true],
      [201, false],
      [201, true],
    ]);
    expect([again.results[0]!.body, again.results[2]!.body]).toEqual([
      first.results[0]!.body,
      first.results[2]!.body,
    ]);
    expect(again.headers).not.toHaveProperty('idempotent-replayed');
    const third = await record(rows, KEY);
    expect(third.headers).toMatchObject({ 'idempotent-replayed': 'true', 'idempotency-key': 'k' });
    expect(movementsOf('TEA')).toEqual(['StockReceived.v2 3', 'StockIssued.v2 1']);
  });

  it('with keys of their own: alone, in another list, in another order', async () => {
    const row = { ...receive('TEA', 3), idempotencyKey: 'row 1' };
    await record([row]);
    expect((await record([receive('RUM', 1), row])).results[1]).toMatchObject({ replayed: true });
    const alone = await post(
      'inventory/receive',
      { sku: 'TEA', quantity: 3 },
      { 'idempotency-key': 'row 1' },
    );
    expect(alone.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(movementsOf('TEA')).toHaveLength(1);
  });

  it('a key that came twice in one list is one movement, or a mistake', async () => {
    const row = { ...receive('TEA', 3), idempotencyKey: 'row 1' };
    const told = await record([row, row, { ...row, quantity: 4 }, { ...row, sku: 'RUM' }]);
    expect(verdicts(told)).toEqual([201, 201, 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_REUSED']);
    expect(told.results.map(({ replayed }) => replayed)).toEqual([false, true, false, false]);
    expect(movementsOf('TEA')).toHaveLength(1);
  });

  it('a list whose rows were given other ones under the same key is told so', async () => {
    await record([receive('TEA', 3)], KEY);
    expect(verdicts(await record([receive('TEA', 4)], KEY))).toEqual(['IDEMPOTENCY_KEY_REUSED']);
  });

  it('rows of an ordered source do not come out of their order', async () => {
    const row = (n: number) => ({ ...receive('TEA', n), source: `file;${n}` });
    expect(verdicts(await record([row(1), row(3), row(2)]))).toEqual([201, 201, 'SEQUENCE_PASSED']);
  });
});

describe('when the store is away', () => {
  it('nothing behind a gap is written, other stock goes on, and sent again the rest is', async () => {
    const lost = (stream: string): void => {
      if (stream.includes('TEA')) throw new AppendError('ambiguous', 'lost');
    };
    // More than fit into one append. That of TEA is sent twice, and that of RUM between.
    const rows = Array.from({ length: 190 }, (_, at) => ({
      ...receive('TEA', 1),
      reference: `${at} `.padEnd(190, '.'),
    }));
    api.log.script.push(lost, lost, lost);
    const movements = [...rows, receive('RUM', 1)];
    const told = await record(movements, KEY);
    expect([told.applied, told.refused, told.undecided]).toEqual([1, 0, 190]);
    expect(new Set(verdicts(told).slice(0, 190))).toEqual(
      new Set(['OUTCOME_UNKNOWN', 'EARLIER_UNDECIDED']),
    );
    expect(movementsOf('TEA')).toEqual([]);
    expect(await record(movements, KEY)).toMatchObject({ applied: 191, undecided: 0 });
    const written = api.log.streams.get('stock-default.TEA@MAIN')!.map(({ data }) => data as Json);
    expect(written.map(({ reference }) => parseInt(String(reference), 10))).toEqual([
      ...rows.keys(),
    ]);
  });
});

describe('a dry run', () => {
  it('writes nothing and judges each alone', async () => {
    await record([receive('TEA', 1)]);
    const told = await record([sale('TEA', 1), sale('TEA', 1), sale('TEA', 2)], {}, '?dryRun=true');
    expect(verdicts(told)).toEqual([200, 200, 'INSUFFICIENT_STOCK']);
    expect(told).toMatchObject({ dryRun: true, applied: 2, refused: 1, position: null });
    expect(told.results[0]!.body).toMatchObject({
      dryRun: true,
      events: [{ type: 'StockIssued.v2', data: { quantity: 1 } }],
    });
    expect(movementsOf('TEA')).toHaveLength(1);
  });
});
