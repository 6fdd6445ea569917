import { Api } from '../support/http';
import { System } from '../support/system';

const long = (length: number): string => 'x'.repeat(length);

/** What comes in wrong is refused with a stable code, and nothing of it is in the log. */
describe('bad input', () => {
  let system: System;
  let api: Api;
  let position: string | undefined;

  beforeAll(async () => {
    system = await System.start();
    api = new Api(system.url);
    await api.post('/api/v1/items', { sku: 'GOOD', name: 'Good' });
    await api.post('/api/v1/items', { sku: 'LOTS', name: 'Lots', tracking: 'lot' });
    await api.post('/api/v1/items', { sku: 'OLD', name: 'Old' });
    await api.post('/api/v1/items/OLD/deactivate', {});
    ({ position } = (
      await api.post('/api/v1/inventory/receive', { sku: 'GOOD', quantity: 5 })
    ).body);
  });

  afterAll(async () => {
    const { body } = await api.after(position, '/api/v1/audit-logs?limit=100');
    const types = body.items!.map(({ type }) => type).sort();
    await system.stop();
    expect(types).toEqual([
      'ItemDeactivated',
      'ItemRegistered',
      'ItemRegistered',
      'ItemRegistered',
      'LocationRegistered',
      'StockReceived',
    ]);
  });

  const movement = { sku: 'GOOD', quantity: 1 };
  const movements: [string, object, number, string][] = [
    ['no sku', { quantity: 1 }, 400, 'VALIDATION_FAILED'],
    ['an empty sku', { ...movement, sku: '' }, 400, 'VALIDATION_FAILED'],
    ['a blank sku', { ...movement, sku: '   ' }, 400, 'VALIDATION_FAILED'],
    ['a sku too long', { ...movement, sku: long(65) }, 400, 'VALIDATION_FAILED'],
    ['a sku that is a number', { ...movement, sku: 7 }, 400, 'VALIDATION_FAILED'],
    ['a sku that is a list', { ...movement, sku: ['GOOD'] }, 400, 'VALIDATION_FAILED'],
    [
      'a sku with a control character',
      { ...movement, sku: 'GO\u0000OD' },
      400,
      'VALIDATION_FAILED',
    ],
    ['a sku with half a character', { ...movement, sku: 'GO\ud800' }, 400, 'VALIDATION_FAILED'],
    ['no quantity', { sku: 'GOOD' }, 400, 'VALIDATION_FAILED'],
    ['a quantity of nothing', { ...movement, quantity: null }, 400, 'VALIDATION_FAILED'],
    ['a quantity in words', { ...movement, quantity: 'five' }, 400, 'VALIDATION_FAILED'],
    ['a quantity that is true', { ...movement, quantity: true }, 400, 'VALIDATION_FAILED'],
    ['a quantity of 0', { ...movement, quantity: 0 }, 422, 'QUANTITY_INVALID'],
    ['a quantity below 0', { ...movement, quantity: -1 }, 422, 'QUANTITY_INVALID'],
    ['a fraction of a whole unit', { ...movement, quantity: 1.5 }, 422, 'QUANTITY_TOO_PRECISE'],
    ['more than 2^53', { ...movement, quantity: '9007199254740993' }, 422, 'QUANTITY_TOO_LARGE'],
    ['an unknown field', { ...movement, colour: 'red' }, 400, 'VALIDATION_FAILED'],
    [
      'a prototype key',
      JSON.parse('{"sku":"GOOD","quantity":1,"__proto__":{"a":1}}') as object,
      400,
      'MALFORMED_JSON',
    ],
    ['an unknown item', { ...movement, sku: 'NOBODY' }, 404, 'ITEM_NOT_FOUND'],
    ['an item in other letters', { ...movement, sku: 'good' }, 404, 'ITEM_NOT_FOUND'],
    ['an unknown location', { ...movement, location: 'NOWHERE' }, 404, 'LOCATION_NOT_FOUND'],
    ['a location too long', { ...movement, location: long(33) }, 400, 'VALIDATION_FAILED'],
    ['a reason too long', { ...movement, reason: long(2001) }, 400, 'VALIDATION_FAILED'],
    ['a reference too long', { ...movement, reference: long(201) }, 400, 'VALIDATION_FAILED'],
    ['a purpose nobody knows', { ...movement, purpose: 'FUN' }, 400, 'VALIDATION_FAILED'],
    [
      'a day that is no instant',
      { ...movement, effectiveAt: 'yesterday' },
      400,
      'VALIDATION_FAILED',
    ],
    [
      'an instant that does not exist',
      { ...movement, effectiveAt: '2023-02-30T00:00:00Z' },
      400,
      'VALIDATION_FAILED',
    ],
    [
      'the future',
      { ...movement, effectiveAt: '2999-01-01T00:00:00Z' },
      422,
      'EFFECTIVE_AT_IN_FUTURE',
    ],
  ];
  const receipts: [string, object, number, string][] = [
    [
      'an expiry that is no date',
      { ...movement, expiresOn: '2023-02-30' },
      400,
      'VALIDATION_FAILED',
    ],
    ['a cost below 0', { ...movement, unitCost: '-1' }, 400, 'VALIDATION_FAILED'],
    ['a cost in words', { ...movement, unitCost: 'dear' }, 400, 'VALIDATION_FAILED'],
    ['no lot where lots are tracked', { sku: 'LOTS', quantity: 1 }, 422, 'LOT_CODE_REQUIRED'],
    ['an inactive item', { sku: 'OLD', quantity: 1 }, 409, 'ITEM_INACTIVE'],
  ];
  const issues: [string, object, number, string][] = [
    ['more than there is', { ...movement, quantity: 6 }, 409, 'INSUFFICIENT_STOCK'],
    ['a lot nobody knows', { ...movement, lotCode: 'L-0' }, 404, 'LOT_NOT_FOUND'],
  ];
  const adjustments: [string, object, number, string][] = [
    ['no reason', { ...movement }, 400, 'VALIDATION_FAILED'],
    ['a blank reason', { ...movement, reason: ' ' }, 400, 'VALIDATION_FAILED'],
    ['by nothing', { ...movement, reason: 'why', quantity: 0 }, 422, 'QUANTITY_INVALID'],
    ['below zero', { ...movement, reason: 'why', quantity: -6 }, 409, 'INSUFFICIENT_STOCK'],
  ];
  const withoutReason = movements.filter(([, body]) => !('reason' in body));

  const refuses = async (path: string, body: unknown, status: number, code: string) => {
    const answer = await api.post(path, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.status).toBe(status);
    expect(answer.body.title).toMatch(/./);
    expect(answer.body.detail).toMatch(/./);
  };

  it.each([...movements, ...receipts])('receive: %s', async (_, body, status, code) => {
    await refuses('/api/v1/inventory/receive', body, status, code);
  });
  it.each([...movements, ...issues])('issue: %s', async (_, body, status, code) => {
    await refuses('/api/v1/inventory/issue', body, status, code);
  });
  it.each([
    ...withoutReason
      .filter(([name]) => name !== 'a quantity below 0')
      .map(([name, body, status, code]): [string, object, number, string] => [
        name,
        { ...body, reason: 'why' },
        status,
        code,
      ]),
    ...adjustments,
  ])('adjust: %s', async (_, body, status, code) => {
    await refuses('/api/v1/inventory/adjust', body, status, code);
  });

  it.each<[string, object, number, string]>([
    ['a sku that is taken', { sku: 'GOOD', name: 'x' }, 409, 'ITEM_CODE_ALREADY_EXISTS'],
    ['no sku', { name: 'x' }, 400, 'VALIDATION_FAILED'],
    ['a blank name', { sku: 'NEW', name: ' ' }, 400, 'VALIDATION_FAILED'],
    ['a name too long', { sku: 'NEW', name: long(501) }, 400, 'VALIDATION_FAILED'],
    ['seven decimals', { sku: 'NEW', name: 'x', decimals: 7 }, 400, 'VALIDATION_FAILED'],
    [
      'a threshold below 0',
      { sku: 'NEW', name: 'x', reorderThreshold: -1 },
      422,
      'QUANTITY_INVALID',
    ],
    [
      'a threshold too precise',
      { sku: 'NEW', name: 'x', reorderThreshold: 0.5 },
      422,
      'QUANTITY_TOO_PRECISE',
    ],
    [
      'a threshold nowhere',
      { sku: 'NEW', name: 'x', reorderThresholds: [{ location: 'NOWHERE', reorderThreshold: 1 }] },
      404,
      'LOCATION_NOT_FOUND',
    ],
    [
      'a policy nobody knows',
      { sku: 'NEW', name: 'x', allocationPolicy: 'BEST' },
      400,
      'VALIDATION_FAILED',
    ],
    [
      'attributes that are no texts',
      { sku: 'NEW', name: 'x', attributes: { a: 1 } },
      400,
      'VALIDATION_FAILED',
    ],
  ])('register an item: %s', async (_, body, status, code) => {
    await refuses('/api/v1/items', body, status, code);
  });

  it.each<[string, object, number, string]>([
    ['a code that is taken', { code: 'MAIN', name: 'x' }, 409, 'LOCATION_CODE_ALREADY_EXISTS'],
    ['no code', { name: 'x' }, 400, 'VALIDATION_FAILED'],
    [
      'a parent nobody knows',
      { code: 'NEW', name: 'x', parent: 'NOWHERE' },
      422,
      'LOCATION_PARENT_INVALID',
    ],
    [
      'a time zone nobody knows',
      { code: 'NEW', name: 'x', timeZone: 'Mars/Base' },
      400,
      'VALIDATION_FAILED',
    ],
    ['a kind nobody knows', { code: 'NEW', name: 'x', kind: 'SHIP' }, 400, 'VALIDATION_FAILED'],
  ])('register a location: %s', async (_, body, status, code) => {
    await refuses('/api/v1/locations', body, status, code);
  });

  it.each<[string, string, number, string]>([
    ['broken JSON', '{"sku": "GOOD", ', 400, 'MALFORMED_JSON'],
    ['nothing', '', 400, 'VALIDATION_FAILED'],
    ['a list', '[]', 400, 'VALIDATION_FAILED'],
    ['a number', '7', 400, 'VALIDATION_FAILED'],
    ['10 MB', JSON.stringify({ sku: long(10_000_000) }), 413, 'BODY_TOO_LARGE'],
  ])('a body of %s', async (_, body, status, code) => {
    await refuses('/api/v1/inventory/receive', body, status, code);
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['an If-Match that is no revision', { 'if-match': 'yesterday' }, 400, 'VALIDATION_FAILED'],
    ['an Idempotency-Key too long', { 'idempotency-key': long(201) }, 400, 'VALIDATION_FAILED'],
    ['another media type', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a source without a row', { 'x-source': 'file' }, 400, 'VALIDATION_FAILED'],
  ])('a header: %s', async (_, headers, status, code) => {
    const answer = await api.post('/api/v1/inventory/receive', movement, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it.each<[string, number, string]>([
    ['/api/v1/items/NOBODY', 404, 'ITEM_NOT_FOUND'],
    ['/api/v1/locations/NOWHERE', 404, 'LOCATION_NOT_FOUND'],
    ['/api/v1/lots/GOOD.L-0', 404, 'LOT_NOT_FOUND'],
    ['/api/v1/inventory/summary/NOBODY', 404, 'ITEM_NOT_FOUND'],
    ['/api/v1/ledger?limit=0', 400, 'VALIDATION_FAILED'],
    ['/api/v1/ledger?limit=1000000', 400, 'VALIDATION_FAILED'],
    ['/api/v1/ledger?cursor=rubbish', 400, 'CURSOR_INVALID'],
    ['/api/v1/ledger?after=rubbish', 400, 'POSITION_INVALID'],
    ['/api/v1/ledger?after=00000000-5', 400, 'POSITION_OF_ANOTHER_STORE'],
    ['/api/v1/ledger?from=yesterday', 400, 'VALIDATION_FAILED'],
    ['/api/v1/ledger?colour=red', 400, 'VALIDATION_FAILED'],
    ['/api/v1/items/%', 400, 'MALFORMED_URL'],
    ['/api/v1/items/%FF', 400, 'MALFORMED_URL'],
    ['/api/v1/nothing', 404, 'NOT_FOUND'],
  ])('GET %s', async (path, status, code) => {
    const answer = await api.get(path);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});
