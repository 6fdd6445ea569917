import { once } from 'node:events';
import { connect } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { ApiInProcess, storeId } from '../../test/support/api-in-process';
import type { ScriptedLog } from '../../test/support/scripted-log';
import { positionToken } from '../../libs/eventstore';
import { problems } from './http/errors';

const now = new Date('2026-03-01T12:00:00.000Z');
let api: ApiInProcess;
let app: NestFastifyApplication;
let log: ScriptedLog;

beforeAll(async () => {
  api = await ApiInProcess.start(now);
});
beforeEach(async () => {
  await api.renew();
  ({ app, log } = api);
});
afterAll(() => app.close());

type Headers = Record<string, string>;
type Asked = InjectOptions & { readonly url: string };
/** Every answer is as the document says. */
const send = (options: Asked): Promise<LightMyRequestResponse> => api.send(options);
const post = (url: string, payload: object, headers: Headers = {}) =>
  api.post(url, payload, headers);
const patch = (url: string, payload: object, headers: Headers = {}) =>
  send({ method: 'PATCH', url: `/api/v1/${url}`, payload, headers });
const get = (url: string) => send({ method: 'GET', url });
const codeOf = (answer: LightMyRequestResponse): string => {
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const { code, status, instance } = answer.json<{
    code: keyof typeof problems;
    status: number;
    instance: string;
  }>();
  expect(answer.statusCode).toBe(status);
  expect(problems[code][0]).toBe(status);
  expect(instance).not.toBe('');
  return code;
};
const eventsIn = (stream: string): number => log.streams.get(stream)?.length ?? 0;
const STOCK = 'stock-default.W-1@MAIN';

describe('commands', () => {
  it('MAIN is registered once, however often the api starts', () => {
    expect(eventsIn('location-default.MAIN')).toBe(1);
  });

  it('a retry gets the same answer, told as one, and writes nothing', async () => {
    await post('items', { sku: 'W-1' });
    const key = { 'idempotency-key': 'k' };
    const first = await post('inventory/receive', { sku: 'W-1', quantity: 5 }, key);
    const again = await post('inventory/receive/', { quantity: '5.0', sku: ' W-1 ' }, key);
    expect(first.statusCode).toBe(201);
    expect(first.headers).toMatchObject({ etag: '"0"', 'idempotency-key': 'k' });
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(eventsIn(STOCK)).toBe(1);
  });

  it("a key is the actor's own", async () => {
    await post('items', { sku: 'W-1' });
    const body = { sku: 'W-1', quantity: 5 };
    await post('inventory/receive', body, { 'idempotency-key': 'k', 'x-actor': 'ann' });
    await post('inventory/receive', body, { 'idempotency-key': 'k', 'x-actor': 'bob' });
    expect(eventsIn(STOCK)).toBe(2);
  });

  it.each([
    [{ sku: 'W-1', quantity: 6 }],
    [{ sku: 'W-1', quantity: 5, location: 'MAIN' }],
    [{ sku: 'W-1', quantity: 5, reason: 'again' }],
    [{ sku: 'W-1', quantity: 5, effectiveAt: '2026-01-01T00:00:00Z' }],
  ])('a key with another body is refused: %j', async (body) => {
    await post('items', { sku: 'W-1' });
    const key = { 'idempotency-key': 'k' };
    await post('inventory/receive', { sku: 'W-1', quantity: 5 }, key);
    expect(codeOf(await post('inventory/receive', body, key))).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('a dry run tells what would be, and writes nothing', async () => {
    await post('items', { sku: 'W-1' });
    const asked = { sku: 'W-1', quantity: 5 };
    const told = await post('inventory/receive?dryRun=true', asked);
    expect(told.statusCode).toBe(200);
    expect(told.json()).toMatchObject({ dryRun: true, events: [{ type: 'StockReceived.v2' }] });
    expect(codeOf(await post('inventory/issue?dryRun=true', asked))).toBe('INSUFFICIENT_STOCK');
    expect(eventsIn(STOCK)).toBe(0);
  });

  it('what changes nothing answers 200, with the revision there is', async () => {
    await post('items', { sku: 'W-1', name: 'Widget' });
    const same = await patch('items/W-1', { name: 'Widget' });
    expect(same.statusCode).toBe(200);
    expect(same.headers.etag).toBe('"0"');
    expect(same.json()).toMatchObject({ sku: 'W-1', changes: {}, revision: 0 });
  });

  it('If-Match binds the revision', async () => {
    await post('items', { sku: 'W-1' });
    const stale = await patch('items/W-1', { name: 'x' }, { 'if-match': '"3"' });
    expect(codeOf(stale)).toBe('REVISION_MISMATCH');
    const bound = await patch('items/W-1', { name: 'x' }, { 'if-match': '"0"' });
    expect(bound.json()).toMatchObject({ changes: { name: 'x' }, revision: 1 });
  });

  it('a SKU may hold anything, in a path percent-encoded', async () => {
    const sku = '$@-/.% ü螺丝?#';
    await post('items', { sku });
    const path = encodeURIComponent(sku);
    expect((await patch(`items/${path}`, { name: 'x' })).json()).toMatchObject({ sku });
    expect((await post(`items/${path}/deactivate`, {})).json()).toMatchObject({
      changes: { active: false },
    });
    const received = await post('inventory/receive', { sku, quantity: 1 });
    expect(codeOf(received)).toBe('ITEM_INACTIVE');
  });

  it('a row of an ordered source that its stream has gone past is refused', async () => {
    await post('items', { sku: 'W-1' });
    const row = (n: number) =>
      post('inventory/receive', { sku: 'W-1', quantity: n }, { 'x-source': `f;${n}` });
    await row(2);
    expect(codeOf(await row(1))).toBe('SEQUENCE_PASSED');
  });

  it('metadata says who, why and when, and what led to it', async () => {
    await post('items', { sku: 'W-1' });
    await post(
      'inventory/receive',
      { sku: 'W-1', quantity: 5, reason: 'opening', effectiveAt: '2026-01-01T01:00:00+01:00' },
      { 'x-actor': 'ann', 'x-correlation-id': 'cor', 'x-causation-id': 'cau' },
    );
    expect(log.streams.get(STOCK)?.[0]?.metadata).toMatchObject({
      actor: 'ann',
      reason: 'opening',
      correlationId: 'cor',
      causationId: 'cau',
      effectiveAt: '2026-01-01T00:00:00.000Z',
      recordedAt: now.toISOString(),
      tenant: 'default',
      command: { type: 'ReceiveStock' },
    });
  });

  it('five minutes ahead are allowed and no more', async () => {
    await post('items', { sku: 'W-1' });
    const at = (effectiveAt: string) =>
      post('inventory/receive', { sku: 'W-1', quantity: 1, effectiveAt });
    expect((await at('2026-03-01T12:05:00Z')).statusCode).toBe(201);
    expect(codeOf(await at('2026-03-01T12:05:00.001Z'))).toBe('EFFECTIVE_AT_IN_FUTURE');
  });

  it('a refusal is written down behind the answer, a dry run is not', async () => {
    const closing = await ApiInProcess.start(now);
    await closing.post('inventory/receive?dryRun=true', { sku: 'NO', quantity: 1 });
    const answer = await closing.post(
      'inventory/receive',
      { sku: 'NO', quantity: 1 },
      { 'x-actor': 'ann' },
    );
    expect(codeOf(answer)).toBe('ITEM_NOT_FOUND');
    await closing.app.close();
    expect(closing.refused).toEqual([
      expect.objectContaining({
        actor: 'ann',
        commandType: 'ReceiveStock',
        code: 'ITEM_NOT_FOUND',
      }),
    ]);
  });

  it('an event store that is away is told as that', async () => {
    log.down = true;
    const answer = await post('items', { sku: 'W-1' });
    expect(codeOf(answer)).toBe('STORE_UNAVAILABLE');
    expect(answer.headers['retry-after']).toBe('1');
  });

  it.each<[string, Headers]>([
    ['idempotency-key', { 'idempotency-key': '' }],
    ['idempotency-key', { 'idempotency-key': 'x'.repeat(201) }],
    ['x-actor', { 'x-actor': 'ä' }],
    ['if-match', { 'if-match': 'W/"x"' }],
    ['x-source', { 'x-source': 'file' }],
    ['x-source', { 'x-source': 'file;-1' }],
  ])('the header %s is checked: %j', async (field, headers) => {
    const answer = await post('items', { sku: 'W-1' }, headers);
    expect(codeOf(answer)).toBe('VALIDATION_FAILED');
    expect(answer.json()).toMatchObject({ errors: [{ field }] });
  });
});

describe('queries', () => {
  const item = {
    sku: 'A',
    name: 'A',
    description: '',
    category: null,
    unit: 'each',
    decimals: 0,
    attributes: {},
    aliases: [],
    barcodes: [],
    suppliers: [],
    tracking: 'none',
    qcRequired: false,
    allocationPolicy: 'FIFO',
    units: [],
    countVarianceLimit: null,
    active: true,
    thresholds: { '': { REORDER: 3 } },
    registeredAt: now.toISOString(),
    updatedAt: now.toISOString(),
    revision: 4,
  };
  const row = { ...item, key0: 'A' };

  it('wait until the tables have reached a position, and ask no more where they are', async () => {
    api.database = () => Promise.resolve(api.reached >= 7n ? [item] : []);
    const answer = get(`/api/v1/items/A?after=${positionToken(storeId, 7n)}`);
    api.reached = 7n;
    expect((await answer).json()).toMatchObject({ sku: 'A', reorderThreshold: 3 });
    expect(api.checkpointReads).toBe(1);
  });

  it.each([
    [`after=${positionToken(storeId, 7n)}&wait=20`, 'PROJECTION_BEHIND'],
    [`after=${positionToken('00000000', 7n)}`, 'POSITION_OF_ANOTHER_STORE'],
    ['after=7', 'POSITION_INVALID'],
    ['cursor=7', 'CURSOR_INVALID'],
    ['limit=0', 'VALIDATION_FAILED'],
    ['q=%00', 'VALIDATION_FAILED'],
  ])('%s: %s', async (query, code) => {
    expect(codeOf(await get(`/api/v1/items?${query}`))).toBe(code);
  });

  it('are tagged by where the tables were before they were read', async () => {
    const ask = (headers: Headers) => send({ method: 'GET', url: '/api/v1/items', headers });
    api.database = () => {
      // Another event is projected while the rows are on their way.
      api.reached += 1n;
      return Promise.resolve([]);
    };
    const old = (await ask({})).headers.etag as string;
    const { statusCode, headers } = await ask({ 'if-none-match': old });
    expect(statusCode).toBe(200);
    expect(headers.etag).not.toBe(old);
    api.database = () => Promise.resolve([]);
    const tag = (await ask({})).headers.etag as string;
    const again = await ask({ 'if-none-match': tag });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', tag]);
  });

  it('give the next page for the cursor of the same list only', async () => {
    api.database = () => Promise.resolve([row, { ...row, sku: 'B', key0: 'B' }]);
    const { nextCursor } = (await get('/api/v1/items?limit=1')).json<{ nextCursor: string }>();
    expect((await get(`/api/v1/items?limit=1&cursor=${nextCursor}`)).statusCode).toBe(200);
    const other = await get(`/api/v1/items?limit=1&q=x&cursor=${nextCursor}`);
    expect(codeOf(other)).toBe('CURSOR_INVALID');
  });

  it.each<[Error, string]>([
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'READ_MODEL_UNAVAILABLE'],
    [Object.assign(new Error('shutdown'), { code: '57P01' }), 'READ_MODEL_UNAVAILABLE'],
    [Object.assign(new Error('no table'), { code: '42P01' }), 'READ_MODEL_UNAVAILABLE'],
    [Object.assign(new Error('no column'), { code: '42703' }), 'READ_MODEL_UNAVAILABLE'],
    [new Error('Connection terminated unexpectedly'), 'READ_MODEL_UNAVAILABLE'],
    [Object.assign(new Error('syntax'), { code: '42601' }), 'INTERNAL_ERROR'],
  ])('a database that says %p is %s', async (error, code) => {
    api.database = () => Promise.reject(error);
    const answer = await get('/api/v1/items');
    expect(codeOf(answer)).toBe(code);
    expect(answer.body).not.toContain(error.message);
  });
});

describe('whatever is sent', () => {
  it.each<[string, Asked, string]>([
    ['a method', { method: 'DELETE', url: '/api/v1/items' }, 'METHOD_NOT_ALLOWED'],
    ['an address', { method: 'GET', url: '/api/v1/nothing' }, 'NOT_FOUND'],
    ['bad encoding', { method: 'GET', url: '/api/v1/items/%E0%A4%A' }, 'MALFORMED_URL'],
    ['a long path', { method: 'GET', url: `/api/v1/items/${'x'.repeat(9_000)}` }, 'MALFORMED_URL'],
    [
      'a large body',
      { method: 'POST', url: '/api/v1/items', payload: { sku: 'x'.repeat(70_000) } },
      'BODY_TOO_LARGE',
    ],
    [
      'a form',
      {
        method: 'POST',
        url: '/api/v1/items',
        payload: 'sku=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'broken JSON',
      {
        method: 'POST',
        url: '/api/v1/items',
        payload: '{',
        headers: { 'content-type': 'application/json; charset=utf-8' },
      },
      'MALFORMED_JSON',
    ],
    [
      'a body in another character set',
      {
        method: 'POST',
        url: '/api/v1/items',
        payload: '{"sku":"A"}',
        headers: { 'content-type': 'application/json; charset=utf-16' },
      },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a body that is packed',
      {
        method: 'POST',
        url: '/api/v1/items',
        payload: '{"sku":"A"}',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ...['q=%', 'q=%ff', 'q=%ED%A0%80', '%C0%80=1'].map((query): [string, Asked, string] => [
      `a query of ${query}`,
      { method: 'GET', url: `/api/v1/items?${query}` },
      'MALFORMED_URL',
    ]),
    ...['dryrun=true', 'dryRun[]=true', 'dryRun=true&dryRun=true', '__proto__=1', 'toString=1'].map(
      (query): [string, Asked, string] => [
        `a command with ${query}`,
        { method: 'POST', url: `/api/v1/items?${query}`, payload: { sku: 'A' } },
        'VALIDATION_FAILED',
      ],
    ),
    ...['__proto__', 'constructor', 'toString', 'sku[]', 'sku[a]'].map(
      (name): [string, Asked, string] => [
        `a list with ${name}`,
        { method: 'GET', url: `/api/v1/stock-levels?${name}=1` },
        'VALIDATION_FAILED',
      ],
    ),
    ...['A.%2500', 'A.%250A', 'A', 'A.', 'A.B.C', '%2500.B'].map((lot): [string, Asked, string] => [
      `a lot ${lot}`,
      { method: 'GET', url: `/api/v1/lots/${lot}` },
      'LOT_NOT_FOUND',
    ]),
    [
      'prototype keys',
      {
        method: 'POST',
        url: '/api/v1/items',
        payload: '{"sku":"A","__proto__":{"decimals":2}}',
        headers: { 'content-type': 'application/json' },
      },
      'MALFORMED_JSON',
    ],
  ])('%s is a problem', async (_what, options, code) => {
    expect(codeOf(await send(options))).toBe(code);
  });

  it('a client that sends far too much is heard out before it is answered', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect(Number(new URL(await app.getUrl()).port), '127.0.0.1');
    let answer = '';
    let failure: Error | undefined;
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', (error) => (failure = error));
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const chunks = 200;
    const type = 'content-type: application/json';
    const length = `content-length: ${chunks * chunk.length}`;
    socket.write(`POST /api/v1/items HTTP/1.1\r\nhost: x\r\n${type}\r\n${length}\r\n\r\n`);
    for (let sent = 0; sent < chunks && !failure; sent++) {
      expect(answer).toBe('');
      await new Promise<void>((next) => socket.write(chunk, () => setImmediate(next)));
    }
    await once(socket, 'close');
    expect(failure).toBeUndefined();
    expect(answer).toContain('413 Payload Too Large');
    expect(answer).toContain('BODY_TOO_LARGE');
  });

  it('the id of the request comes back in the problem', async () => {
    const headers = { 'x-correlation-id': 'mine' };
    const answer = await send({ method: 'GET', url: '/api/v1/nothing', headers });
    expect(answer.json()).toMatchObject({ instance: 'mine' });
  });
});
