import { ScriptedApi, type ScriptedAnswer } from '../../../test/support/scripted-api';
import { HttpClient } from '../http-client';
import { play } from './player';
import { jsonText, painter } from './show';
import { ANY, type Chapter, type Expected, says, type Step } from './step';

const sale: Step = {
  tell: 'Three are sold.',
  method: 'POST',
  path: '/api/v1/inventory/issue',
  headers: { 'Idempotency-Key': 'so-1' },
  body: { sku: 'A', quantity: 3 },
  status: 201,
  answer: { movements: [{ lotCode: 'L-1', quantity: 3 }] },
};
const report: Step = {
  tell: 'What is left?',
  method: 'GET',
  path: '/api/v1/stock-levels?sku=A',
  status: 200,
  answer: { items: [{ sku: 'A', onHand: 4, lastMovementAt: ANY }] },
};
const story = (...steps: Step[]): readonly Chapter[] => [{ title: 'A day', steps }];

const sold = {
  movements: [{ lotCode: 'L-1', quantity: 3, unit: 'each' }],
  position: 'abcdef01-7',
};
const left = { items: [{ sku: 'A', onHand: 4, lastMovementAt: '2025-03-03T08:00:00.000Z' }] };
const replayed = { 'idempotent-replayed': 'true' };

describe('the player of the demo', () => {
  let api: ScriptedApi;
  let client: HttpClient;
  let said: string[];

  /** Plays against an api that gives these answers, one by one. */
  async function playing(chapters: readonly Chapter[], ...answers: ScriptedAnswer[]) {
    api.script = () => answers.shift() ?? { status: 500, body: {} };
    await play(chapters, client, (line) => said.push(line), painter(false));
    return said.join('\n');
  }

  beforeAll(async () => {
    api = await ScriptedApi.start(() => 'hang up');
  });
  beforeEach(() => {
    said = [];
    api.requests.length = 0;
    client = new HttpClient(api.url);
  });
  afterEach(() => client.close());
  afterAll(() => api.stop());

  it('shows what is asked, what is answered and no more of it than was told', async () => {
    const text = await playing(
      story(sale, report),
      { status: 201, body: sold },
      { status: 200, body: left },
    );
    expect(text.split('\n')).toEqual([
      '',
      'A day',
      '',
      ' 1. Three are sold.',
      '    POST /api/v1/inventory/issue',
      '    Idempotency-Key: so-1',
      '      { "sku": "A", "quantity": 3 }',
      '    201 Created',
      '      { "movements": [{ "lotCode": "L-1", "quantity": 3 }] }',
      '',
      ' 2. What is left?',
      '    GET /api/v1/stock-levels?sku=A&after=abcdef01-7&wait=20000',
      '    200 OK',
      '      sku  on hand  last movement at',
      '      ---  -------  ------------------------',
      '      A          4  2025-03-03T08:00:00.000Z',
      '',
      '2 requests, each answered as told.',
    ]);
    expect(api.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
      'so-1',
      undefined,
    ]);
  });

  it.each<[string, Step[], ScriptedAnswer[], RegExp]>([
    ['another status', [sale], [{ status: 200, body: sold }], /step 1 .*status is not 201/],
    [
      'a refusal',
      [sale],
      [{ status: 409, body: { code: 'INSUFFICIENT_STOCK' } }],
      /answered: 409\n.*INSUFFICIENT_STOCK/,
    ],
    ['no field', [sale], [{ status: 201, body: {} }], /does not say what it should/],
    [
      'another figure',
      [sale],
      [{ status: 201, body: { movements: [{ lotCode: 'L-1', quantity: 2 }] } }],
      /does not say what it should/,
    ],
    [
      'one movement more',
      [sale],
      [{ status: 201, body: { movements: [...sold.movements, { lotCode: 'L-2', quantity: 1 }] } }],
      /does not say what it should/,
    ],
    ['no row', [report], [{ status: 200, body: { items: [] } }], /does not say what it should/],
    [
      'no instant',
      [report],
      [{ status: 200, body: { items: [{ ...left.items[0], lastMovementAt: null }] } }],
      /does not say what it should[^]*\(anything\)/,
    ],
    [
      'a first answer that is marked as replayed',
      [sale],
      [{ status: 201, body: sold, headers: replayed }],
      /is marked as replayed/,
    ],
    [
      'a retry that acts again',
      [sale, { ...sale, replayed: true }],
      [
        { status: 201, body: sold },
        { status: 201, body: sold },
      ],
      /step 2 .*not marked as replayed/,
    ],
    [
      'a retry that is told something else',
      [sale, { ...sale, replayed: true }],
      [
        { status: 201, body: sold },
        { status: 201, body: { ...sold, position: 'abcdef01-8' }, headers: replayed },
      ],
      /step 2 .*differs from the first/,
    ],
  ])('ends at %s', async (_, steps, answers, message) => {
    await expect(playing(story(...steps), ...answers)).rejects.toThrow(message);
    expect(said.join('\n')).not.toContain('as told');
  });

  it('takes a retry with the first answer', async () => {
    const text = await playing(
      story(sale, { ...sale, replayed: true }),
      { status: 201, body: sold },
      { status: 201, body: sold, headers: replayed },
    );
    expect(text).toContain('201 Created  Idempotent-Replayed: true');
  });
});

it.each<[unknown, Expected, boolean]>([
  [{ a: 1, b: { c: 'x' } }, { a: 1 }, true],
  [{ a: 1, b: { c: 'x' } }, { b: { c: 'x' } }, true],
  [{ a: null }, { a: null }, true],
  [{ a: '' }, { a: ANY }, true],
  [{ a: null }, { a: ANY }, false],
  [{}, { a: null }, false],
  [{ a: '1' }, { a: 1 }, false],
  [{ a: [1, 2] }, { a: [1] }, false],
  [{ a: { 0: 1 } }, { a: [1] }, false],
  [{ a: 1 }, { a: { b: 1 } }, false],
  [null, { a: 1 }, false],
])('%j says %j: %s', (actual, expected, verdict) => {
  expect(says(actual, expected)).toBe(verdict);
});

it('writes JSON over as few lines as it fits into, and never tears a short object', () => {
  const lot = { lotCode: 'L-2026-03', quantity: 12 };
  const text = jsonText({ sku: 'WIDGET-001', lots: [lot, lot], none: [], nothing: {} }, 60);
  expect(text).toBe(
    [
      '{ "sku": "WIDGET-001",',
      '  "lots": [{ "lotCode": "L-2026-03", "quantity": 12 },',
      '  { "lotCode": "L-2026-03", "quantity": 12 }], "none": [],',
      '  "nothing": {} }',
    ].join('\n'),
  );
  expect(JSON.parse(text)).toEqual({ sku: 'WIDGET-001', lots: [lot, lot], none: [], nothing: {} });
});

it('colours for people only', () => {
  expect(painter(true)('green', 'ok')).toBe('\x1b[32mok\x1b[0m');
  expect(painter(false)('green', 'ok')).toBe('ok');
});
