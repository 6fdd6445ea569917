import { ApiContract, type Told } from '../../../test/support/openapi';
import { bareApp } from '../../../test/support/openapi-document';
import { openApiOf } from './documentation';
import { exampleItem, exampleReadiness, exampleRegisteredItem } from './examples';
import { problemExamples } from './problem-examples';

/** The check of answers against the document bites: each answer below is right but for one thing. */

let contract: ApiContract;
beforeAll(async () => {
  const app = await bareApp();
  contract = new ApiContract(openApiOf(app));
  await app.close();
});

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const getItem = (body: unknown, change: Partial<Told> = {}): Told => ({
  method: 'GET',
  path: '/api/v1/items/WIDGET-001',
  status: 200,
  headers: [
    ['Content-Type', JSON_TYPE],
    ['etag', '"7"'],
    ['date', 'Sun, 01 Mar 2026 12:00:00 GMT'],
  ],
  body: JSON.stringify(body),
  ...change,
});
const registered: Told = {
  method: 'POST',
  path: '/api/v1/items/?dryRun=false',
  status: 201,
  headers: [
    ['content-type', JSON_TYPE],
    ['etag', '"0"'],
    ['idempotency-key', 'k'],
  ],
  body: JSON.stringify(exampleRegisteredItem),
};
const refused = (code: string, change: Partial<Told> = {}): Told => {
  const problem = problemExamples[code]?.value;
  return {
    method: 'POST',
    path: '/api/v1/inventory/issue',
    status: problem?.status ?? 0,
    headers: [['content-type', PROBLEM_TYPE]],
    body: JSON.stringify(problem),
    ...change,
  };
};
const elsewhere = { path: '/api/v1/nothing' };
const retrying = {
  headers: [
    ['content-type', PROBLEM_TYPE],
    ['retry-after', '1'],
  ] as const,
};

describe('an answer as it is documented passes', () => {
  it.each<[string, () => Told]>([
    ['a query', () => getItem(exampleItem)],
    ['a query whose path is encoded', () => getItem(exampleItem, { path: '/api/v1/items/%2F%3F' })],
    ['the same without a body', () => getItem(exampleItem, { method: 'HEAD', body: '' })],
    ['a command', () => registered],
    ['a refusal', () => refused('INSUFFICIENT_STOCK')],
    ['an outage', () => refused('STORE_UNAVAILABLE', retrying)],
    ['no address', () => refused('NOT_FOUND', elsewhere)],
    ['no method', () => refused('METHOD_NOT_ALLOWED', { method: 'DELETE' })],
    [
      'a list at an address that could be an id',
      () => ({
        ...getItem({ items: [], nextCursor: null }),
        path: '/api/v1/items',
        headers: [['content-type', JSON_TYPE]],
      }),
    ],
  ])('%s', (_what, told) => {
    expect(contract.differences(told())).toEqual([]);
  });
});

const { name: _name, ...nameless } = exampleItem;
const itemHeaders = (...headers: [string, string][]): Partial<Told> => ({ headers });

describe('any other answer does not, and it is told why', () => {
  it.each<[string, () => Told, string]>([
    [
      'an unknown field',
      () => getItem({ ...exampleItem, colour: 'red' }),
      'body must NOT have additional properties: colour',
    ],
    ['a missing field', () => getItem(nameless), "body must have required property 'name'"],
    [
      'a field of another type',
      () => getItem({ ...exampleItem, decimals: '0' }),
      'body/decimals must be integer',
    ],
    [
      'null where there must be something',
      () => getItem({ ...exampleItem, unit: null }),
      'body/unit must be string',
    ],
    [
      'a word that is none of those',
      () => getItem({ ...exampleItem, tracking: 'serial' }),
      'body/tracking must be equal to one of the allowed values: none, lot',
    ],
    [
      'an instant that is a day',
      () => getItem({ ...exampleItem, updatedAt: '2026-03-01' }),
      'body/updatedAt must match format "date-time"',
    ],
    [
      'an unknown field within',
      () =>
        getItem({
          ...exampleItem,
          suppliers: [{ supplier: 'A', supplierSku: null, leadTimeDays: null, x: 1 }],
        }),
      'body/suppliers/0 must NOT have additional properties: x',
    ],
    ['no JSON', () => getItem(exampleItem, { body: '{' }), 'body must be object'],
    ['no body', () => getItem(exampleItem, { body: '' }), 'body must be object'],
    [
      'another content type',
      () => getItem(exampleItem, itemHeaders(['content-type', 'text/html'], ['etag', '"7"'])),
      'content-type text/html is not documented, only application/json',
    ],
    [
      'no content type',
      () => getItem(exampleItem, itemHeaders(['etag', '"7"'])),
      'content-type none is not documented, only application/json',
    ],
    [
      'a missing header',
      () => getItem(exampleItem, itemHeaders(['content-type', JSON_TYPE])),
      'header ETag is missing',
    ],
    [
      'a header in another form',
      () => getItem(exampleItem, itemHeaders(['content-type', JSON_TYPE], ['etag', '7'])),
      'header ETag 7 must match pattern "^(W/)?"[^"]*"$"',
    ],
    [
      'an unknown header',
      () =>
        getItem(
          exampleItem,
          itemHeaders(['content-type', JSON_TYPE], ['etag', '"7"'], ['x-powered-by', 'us']),
        ),
      'header x-powered-by is not documented',
    ],
    [
      'another status',
      () => getItem(exampleItem, { status: 202 }),
      'status 202 is not documented, only 200, 304, 400, 404, 406, 500, 503, 504',
    ],
    [
      'a command that is answered with a query',
      () => ({ ...registered, body: JSON.stringify(exampleItem) }),
      "body must have required property 'position'",
    ],
    [
      'a dry run that tells its events under another name',
      () => ({
        ...registered,
        status: 200,
        headers: [
          ['content-type', JSON_TYPE],
          ['idempotency-key', 'k'],
        ],
        body: '{"dryRun":true,"event":[]}',
      }),
      'body must NOT have additional properties: event',
    ],
    [
      'an unavailable part with 200',
      () => ({
        ...getItem({ ...exampleReadiness, eventStore: 'gone' }),
        path: '/health/ready',
        headers: [['content-type', JSON_TYPE]],
      }),
      'body/eventStore must be equal to one of the allowed values: ok, unavailable',
    ],
    [
      'the code of another operation',
      () => refused('ITEM_CODE_ALREADY_EXISTS'),
      'body/code must be equal to one of the allowed values',
    ],
    [
      'a code that nobody knows',
      () =>
        refused('INSUFFICIENT_STOCK', {
          body: JSON.stringify({ ...problemExamples.INSUFFICIENT_STOCK?.value, code: 'NO_STOCK' }),
        }),
      'body/code must be equal to one of the allowed values',
    ],
    [
      'a code with the status of another',
      () => refused('INSUFFICIENT_STOCK', { status: 404 }),
      'body/status must be equal to constant: 404',
    ],
    [
      'a problem as plain JSON',
      () => refused('INSUFFICIENT_STOCK', itemHeaders(['content-type', JSON_TYPE])),
      'content-type application/json is not documented, only application/problem+json',
    ],
    [
      'an outage that does not say when to come back',
      () => refused('STORE_UNAVAILABLE'),
      'header Retry-After is missing',
    ],
    [
      'an outage that says it in words',
      () =>
        refused(
          'STORE_UNAVAILABLE',
          itemHeaders(['content-type', PROBLEM_TYPE], ['retry-after', 'soon']),
        ),
      'header Retry-After soon must be integer',
    ],
    [
      'an answer at an address that is not documented',
      () => getItem(exampleItem, elsewhere),
      'there is no such operation, and the answer is no problem',
    ],
    [
      'a method that is not documented',
      () => getItem(exampleItem, { method: 'DELETE' }),
      'there is no such operation, and the answer is no problem',
    ],
    [
      'the code of an operation where there is none',
      () => refused('ITEM_NOT_FOUND', elsewhere),
      'there is no such operation to answer ITEM_NOT_FOUND',
    ],
    [
      'no such address, at one that there is',
      () => refused('NOT_FOUND'),
      'body/code must be equal to one of the allowed values',
    ],
  ])('%s', (_what, told, difference) => {
    expect(contract.differences(told())).toContainEqual(expect.stringContaining(difference));
  });

  it('a failing test shows the request, what differs and what came', () => {
    const told = getItem({ ...exampleItem, colour: 'red' });
    expect(() => contract.check(told)).toThrow(
      /^GET \/api\/v1\/items\/WIDGET-001 answered 200, which is not as \/openapi.json says:\n {2}body .*: colour\n {2}body: \{"sku"/,
    );
  });
});
