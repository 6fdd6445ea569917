import { ApiInProcess, storeId } from '../../../test/support/api-in-process';
import { positionToken, StoreUnavailableError } from '../../../libs/eventstore';
import { RefusalRecorder } from '../commands/refusals';

/** Everything that came with a correlation id, taken back over HTTP; the ledger is read off the scripted log. */

const now = new Date('2026-03-01T12:00:00.000Z');
let api: ApiInProcess;

type Json = Record<string, unknown>;
interface Told {
  readonly dryRun?: true;
  readonly reversed: readonly Json[];
  readonly alreadyReversed: number;
  readonly conflicts: readonly Json[];
  readonly remaining: number;
  readonly nextCursor: string | null;
  readonly position: string | null;
}

const post = (...asked: Parameters<ApiInProcess['post']>) => api.post(...asked);

const TYPES: Readonly<Record<string, string>> = {
  'StockReceived.v2': 'RECEIVE',
  'StockIssued.v2': 'ISSUE',
  StockDispatched: 'TRANSFER_OUT',
};

/** As the query gives them: the movements of the correlation id, the newest first. */
function correlated(parameters: readonly unknown[]): object[] {
  const [correlationId, before] = parameters;
  const limit = Number(parameters.at(-1));
  return [...api.log.streams.values()]
    .flat()
    .filter(({ type, metadata }) => {
      return TYPES[type] && (metadata as Json).correlationId === correlationId;
    })
    .filter(({ position }) => parameters.length < 3 || position < BigInt(String(before)))
    .sort((a, b) => Number(b.position - a.position))
    .slice(0, limit)
    .map(({ position, id, type, revision, data }) => {
      const { sku, location, lotCode, quantity, unit, decimals } = data as Json;
      const of = { sku, location, lotCode, quantity, unit, decimals };
      return { position: String(position), movementId: id, type: TYPES[type], revision, ...of };
    });
}

const IMPORT = { 'x-correlation-id': 'import-1' };
beforeEach(async () => {
  api = await ApiInProcess.start(now);
  api.database = (sql, parameters) => {
    if (!sql.includes('JOIN ledger')) return Promise.resolve([]);
    if (!sql.includes('count(*)')) return Promise.resolve(correlated(parameters));
    return Promise.resolve([{ movements: correlated([parameters[0], 1_000]).length }]);
  };
  for (const sku of ['TEA', 'RUM']) {
    await post('items', { sku });
    await post('inventory/receive', { sku, quantity: 10 }, IMPORT);
    await post('inventory/receive', { sku, quantity: 5 }, IMPORT);
  }
  await post('inventory/issue', { sku: 'TEA', quantity: 3 }, IMPORT);
});
afterEach(() => api.app.close());

const wanted = { correlationId: 'import-1', error: 'did_not_occur', reason: 'another shop' };
const KEY = { 'idempotency-key': 'k' };
async function reverse(more: object = {}, headers: Record<string, string> = {}, query = '') {
  const answer = await post(
    `inventory/reverse-correlation${query}`,
    { ...wanted, ...more },
    headers,
  );
  return { status: answer.statusCode, headers: answer.headers, ...answer.json<Told>() };
}
const refusal = async (body: object, headers: Record<string, string> = {}): Promise<unknown[]> => {
  const answer = await post('inventory/reverse-correlation', body, headers);
  const { code, errors = [] } = answer.json<{ code: string; errors?: { field: string }[] }>();
  return [answer.statusCode, code, ...errors.map(({ field }) => field)];
};
const eventsOf = (sku: string) => api.log.streams.get(`stock-default.${sku}@MAIN`) ?? [];
const reversalsOf = (sku: string): unknown[] =>
  eventsOf(sku)
    .filter(({ type }) => type === 'MovementReversed')
    .map(({ data }) => (data as Json).quantity);
const shown = (rows: readonly Json[]): unknown[] =>
  rows.map(({ sku, type, quantity }) => [sku, type, quantity]);

describe('a whole correlation', () => {
  it('goes back from its end to its beginning, each movement by one that points at it', async () => {
    const told = await reverse();
    expect([told.status, told.alreadyReversed, told.conflicts]).toEqual([200, 0, []]);
    expect([told.remaining, told.nextCursor]).toEqual([0, null]);
    expect(shown(told.reversed)).toEqual([
      ['TEA', 'ISSUE', 3],
      ['RUM', 'RECEIVE', 5],
      ['RUM', 'RECEIVE', 10],
      ['TEA', 'RECEIVE', 5],
      ['TEA', 'RECEIVE', 10],
    ]);
    expect([reversalsOf('TEA'), reversalsOf('RUM')]).toEqual([
      [3, -5, -10],
      [-5, -10],
    ]);
    const newest = [...eventsOf('TEA'), ...eventsOf('RUM')].map(({ position }) => position);
    const last = newest.reduce((a, b) => (a > b ? a : b));
    expect(told.position).toBe(positionToken(storeId, last));
    expect(eventsOf('TEA').at(-1)).toMatchObject({
      data: { movementId: eventsOf('TEA')[0]!.id, error: 'did_not_occur' },
      metadata: { reason: 'another shop', actor: 'anonymous' },
    });
  });

  it('leaves what has moved on, and says of each why', async () => {
    await post('inventory/issue', { sku: 'RUM', quantity: 12 });
    const told = await reverse();
    expect(shown(told.reversed)).toEqual([
      ['TEA', 'ISSUE', 3],
      ['TEA', 'RECEIVE', 5],
      ['TEA', 'RECEIVE', 10],
    ]);
    expect(told.conflicts).toMatchObject([
      { sku: 'RUM', location: 'MAIN', quantity: 5, code: 'REVERSAL_CONFLICT' },
      { sku: 'RUM', location: 'MAIN', quantity: 10, code: 'REVERSAL_CONFLICT' },
    ]);
    expect(told.conflicts[0]).toMatchObject({
      movementId: eventsOf('RUM')[1]!.id,
      detail: expect.stringContaining('3 each of it are on hand') as string,
    });
    await api.app.get(RefusalRecorder).flush();
    expect(api.refused.map(({ code }) => code)).toEqual(['REVERSAL_CONFLICT', 'REVERSAL_CONFLICT']);
  });

  it('names what is never taken back among the conflicts', async () => {
    await post('locations', { code: 'SHOP' });
    await post('inventory/transfer', { sku: 'RUM', to: 'SHOP', quantity: 1 }, IMPORT);
    const { conflicts } = await reverse();
    expect(conflicts.map(({ type, code }) => [type, code])).toEqual([
      ['TRANSFER_OUT', 'MOVEMENT_NOT_REVERSIBLE'],
      ['RECEIVE', 'REVERSAL_CONFLICT'],
    ]);
  });

  it('once more, with another key, finds it taken back and writes nothing', async () => {
    await reverse();
    const { appends } = api.log;
    const again = await reverse();
    expect(again).toMatchObject({
      reversed: [],
      alreadyReversed: 5,
      conflicts: [],
      position: null,
    });
    expect(api.log.appends).toBe(appends);
  });

  it('once more with its key is answered alike, and nothing is written again', async () => {
    const first = await reverse({}, KEY);
    const { appends } = api.log;
    const again = await reverse({}, KEY);
    expect(again.reversed).toEqual(first.reversed);
    expect([again.alreadyReversed, again.position]).toEqual([0, first.position]);
    expect([again.headers['idempotency-key'], api.log.appends]).toEqual(['k', appends]);
    const replayed = [first, again].map(({ headers }) => headers['idempotent-replayed']);
    expect(replayed).toEqual([undefined, 'true']);
  });

  it('with its key for something else is refused, and nothing is written', async () => {
    await reverse({}, KEY);
    const { appends } = api.log;
    expect(await refusal({ ...wanted, reason: 'no reason' }, KEY)).toEqual([
      422,
      'IDEMPOTENCY_KEY_REUSED',
    ]);
    expect(api.log.appends).toBe(appends);
  });

  it('that breaks off half-way goes on where it stopped', async () => {
    api.log.script.push('ok', 'ok', () => {
      api.log.down = true;
      throw new StoreUnavailableError('down');
    });
    expect((await refusal(wanted, KEY))[0]).toBe(503);
    api.log.down = false;
    const before = reversalsOf('TEA').length + reversalsOf('RUM').length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(5);
    const told = await reverse({}, KEY);
    expect([told.reversed.length, told.alreadyReversed]).toEqual([5, 0]);
    expect(told.headers['idempotent-replayed']).toBeUndefined();
    expect([reversalsOf('TEA'), reversalsOf('RUM')]).toEqual([
      [3, -5, -10],
      [-5, -10],
    ]);
  });

  it('goes in parts of the size that is asked for, with the same key', async () => {
    const sizes: unknown[] = [];
    let cursor: string | null | undefined;
    do {
      const told = await reverse({ limit: 2, ...(cursor && { cursor }) }, KEY);
      sizes.push([told.reversed.length, told.remaining]);
      cursor = told.nextCursor;
    } while (cursor);
    expect(sizes).toEqual([
      [2, 3],
      [2, 1],
      [1, 0],
    ]);
    expect(reversalsOf('TEA')).toEqual([3, -5, -10]);
  });

  it('is tried without a trace, each movement alone', async () => {
    await post('inventory/issue', { sku: 'TEA', quantity: 4 });
    const { appends } = api.log;
    const told = await reverse({}, {}, '?dryRun=true');
    expect(told).toMatchObject({ dryRun: true, alreadyReversed: 0, position: null });
    expect(shown(told.reversed)).toEqual([
      ['TEA', 'ISSUE', 3],
      ['RUM', 'RECEIVE', 5],
      ['RUM', 'RECEIVE', 10],
      ['TEA', 'RECEIVE', 5],
    ]);
    expect(shown(told.conflicts)).toEqual([['TEA', 'RECEIVE', 10]]);
    expect([api.log.appends, api.refused]).toEqual([appends, []]);
  });

  it('begins when the tables show what was written before it', async () => {
    const { database } = api;
    await api.app.close();
    api = await ApiInProcess.start(now, { store: { storeId, head: () => Promise.resolve(7n) } });
    Object.defineProperty(api, 'reached', { get: () => (api.checkpointReads > 3 ? 7n : 6n) });
    let asked = 0;
    api.database = (sql, parameters) => {
      asked ||= api.checkpointReads;
      return database(sql, parameters);
    };
    expect((await refusal(wanted))[1]).toBe('MOVEMENT_NOT_FOUND');
    expect(asked).toBe(4);
  });

  it('keeps where it comes from: its own correlation id, not that of the import', async () => {
    await reverse({}, { 'x-correlation-id': 'undo-1', 'x-actor': 'marta' });
    expect(eventsOf('RUM').at(-1)?.metadata).toMatchObject({
      correlationId: 'undo-1',
      actor: 'marta',
    });
  });
});

describe('what is refused as a whole', () => {
  it.each<[string, object, (string | number)[]]>([
    ['an id that nothing came with', { correlationId: 'import-2' }, [404, 'MOVEMENT_NOT_FOUND']],
    ['no id', { correlationId: '' }, [400, 'VALIDATION_FAILED', 'correlationId']],
    ['no word for the error', { error: undefined }, [400, 'VALIDATION_FAILED', 'error']],
    ['another word for it', { error: 'typo' }, [400, 'VALIDATION_FAILED', 'error']],
    ['no reason', { reason: undefined }, [400, 'VALIDATION_FAILED', 'reason']],
    ['none at a time', { limit: 0 }, [400, 'VALIDATION_FAILED', 'limit']],
    ['too many at a time', { limit: 501 }, [400, 'VALIDATION_FAILED', 'limit']],
    ['a field of the other form', { movementId: 'x' }, [400, 'VALIDATION_FAILED', 'movementId']],
    ['a made-up cursor', { cursor: 'x' }, [400, 'CURSOR_INVALID']],
    [
      'a time that is to come',
      { effectiveAt: '2026-03-02T12:00:00Z' },
      [422, 'EFFECTIVE_AT_IN_FUTURE'],
    ],
  ])('%s', async (_what, more, expected) => {
    const { appends } = api.log;
    expect(await refusal({ ...wanted, ...more })).toEqual(expected);
    expect(api.log.appends).toBe(appends);
  });

  it('the cursor of another correlation', async () => {
    const { nextCursor } = await reverse({ limit: 1 });
    expect(await refusal({ ...wanted, correlationId: 'import-2', cursor: nextCursor })).toEqual([
      400,
      'CURSOR_INVALID',
    ]);
  });

  it.each([
    ['if-match', '"7"'],
    ['x-source', 'file;1'],
  ])('%s, which is of one command', async (name, value) => {
    expect(await refusal(wanted, { [name]: value })).toEqual([400, 'VALIDATION_FAILED', name]);
    expect(reversalsOf('TEA')).toEqual([]);
  });

  it('while the tables do not answer', async () => {
    api.database = () => Promise.reject(Object.assign(new Error('away'), { code: '57P01' }));
    expect(await refusal(wanted)).toEqual([503, 'READ_MODEL_UNAVAILABLE']);
  });

  it('while the store does not answer', async () => {
    api.log.readStream = () => {
      throw new StoreUnavailableError('down');
    };
    expect(await refusal(wanted)).toEqual([503, 'STORE_UNAVAILABLE']);
  });
});
