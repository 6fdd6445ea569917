import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiInProcess } from '../../../test/support/api-in-process';

/** Packs, limits and thresholds of items as clients send and read them; every answer is as the document says. */

let app: NestFastifyApplication;
let api: ApiInProcess;
beforeAll(async () => {
  api = await ApiInProcess.start(new Date('2026-03-01T12:00:00.000Z'));
  ({ app } = api);
});
beforeEach(() => api.renew());
afterAll(() => app.close());

const post = (url: string, payload: object, headers = {}) => api.post(url, payload, headers);
const patch = (payload: object, headers = {}) =>
  api.send({ method: 'PATCH', url: '/api/v1/items/RICE', payload, headers });
const changesOf = async (payload: object): Promise<unknown> =>
  (await patch(payload)).json<{ changes: unknown }>().changes;

const rice = {
  sku: 'RICE',
  unit: 'kg',
  decimals: 3,
  units: [{ unit: 'sack', numerator: 25 }],
  countVarianceLimit: 0.5,
  safetyStock: 1,
  reorderThreshold: '2.50',
  maximum: 100,
  thresholds: [{ location: 'MAIN', maximum: 40, reorderThreshold: 1 }],
};

describe('an item that is registered', () => {
  it('tells packs, limit and thresholds in its unit', async () => {
    const answer = await post('items', rice);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      decimals: 3,
      units: [{ unit: 'sack', numerator: 25, denominator: 1 }],
      countVarianceLimit: 0.5,
      safetyStock: 1,
      reorderThreshold: 2.5,
      maximum: 100,
      thresholds: [{ location: 'MAIN', safetyStock: null, reorderThreshold: 1, maximum: 40 }],
      reorderThresholds: [{ location: 'MAIN', reorderThreshold: 1 }],
    });
  });

  it('has none of them where none was sent', async () => {
    const answer = await post('items', { sku: 'RICE' });
    expect(answer.json()).toMatchObject({
      units: [],
      countVarianceLimit: null,
      safetyStock: null,
      reorderThreshold: null,
      maximum: null,
      thresholds: [],
      reorderThresholds: [],
    });
  });

  it('with a place that has a maximum only is no reorder threshold', async () => {
    const answer = await post('items', {
      sku: 'A',
      thresholds: [{ location: 'MAIN', maximum: 4 }],
    });
    expect(answer.json()).toMatchObject({
      thresholds: [{ location: 'MAIN', safetyStock: null, reorderThreshold: null, maximum: 4 }],
      reorderThresholds: [],
    });
  });

  it.each<[object, string]>([
    [{ units: [{ unit: 'kg', numerator: 1 }] }, 'ITEM_UNIT_INVALID'],
    [{ units: [rice.units[0], { unit: 'sack', numerator: 20 }] }, 'ITEM_UNIT_INVALID'],
    [{ countVarianceLimit: -1 }, 'QUANTITY_INVALID'],
    [{ countVarianceLimit: 0.0001 }, 'QUANTITY_TOO_PRECISE'],
    [{ safetyStock: 3 }, 'THRESHOLDS_OUT_OF_ORDER'],
    [{ thresholds: [{ location: 'MAIN', safetyStock: 2, maximum: 1 }] }, 'THRESHOLDS_OUT_OF_ORDER'],
    [{ thresholds: [{ location: 'NOWHERE', maximum: 1 }] }, 'LOCATION_NOT_FOUND'],
    [{ reorderThresholds: [{ location: 'NOWHERE', reorderThreshold: 1 }] }, 'LOCATION_NOT_FOUND'],
  ])('is refused with %j: %s', async (more, code) => {
    const answer = await post('items', { ...rice, ...more });
    expect(answer.json()).toMatchObject({ code });
    expect((await post('items', rice)).statusCode).toBe(201);
  });
});

describe('an item that is changed', () => {
  beforeEach(async () => void (await post('items', rice)));

  it.each<[object, object]>([
    [{ units: [] }, { units: [] }],
    [{ countVarianceLimit: '0.250' }, { countVarianceLimit: 0.25 }],
    [{ countVarianceLimit: null }, { countVarianceLimit: null }],
    [{ countVarianceLimit: '0.500', safetyStock: 1 }, {}],
    [
      { safetyStock: 1.5, maximum: null },
      { safetyStock: 1.5, maximum: null },
    ],
    [
      { thresholds: [{ location: 'MAIN', safetyStock: 0.5, maximum: null }] },
      { thresholds: [{ location: 'MAIN', safetyStock: 0.5, maximum: null }] },
    ],
    [
      { thresholds: [{ location: 'MAIN', reorderThreshold: 2, maximum: 40 }] },
      {
        thresholds: [{ location: 'MAIN', reorderThreshold: 2 }],
        reorderThresholds: [{ location: 'MAIN', reorderThreshold: 2 }],
      },
    ],
    [
      { reorderThresholds: [{ location: 'MAIN', reorderThreshold: null }] },
      {
        thresholds: [{ location: 'MAIN', reorderThreshold: null }],
        reorderThresholds: [{ location: 'MAIN', reorderThreshold: null }],
      },
    ],
  ])('by %j tells %j', async (payload, changes) => {
    expect(await changesOf(payload)).toEqual(changes);
  });

  it('is not changed where one of its thresholds would lie wrong', async () => {
    const answer = await patch({ name: 'Rice', safetyStock: 2.501 });
    expect(answer.json()).toMatchObject({
      code: 'THRESHOLDS_OUT_OF_ORDER',
      detail:
        'the safety stock of the item, 2.501 kg, would lie above its reorder threshold, 2.5 kg; ' +
        'send a lower safetyStock or a higher reorderThreshold',
    });
    expect(await changesOf({ name: 'Rice' })).toEqual({ name: 'Rice' });
  });

  it('answers a retry with the first answer, the limit in its unit too', async () => {
    const key = { 'idempotency-key': 'once' };
    const payload = { countVarianceLimit: '1.25', name: 'Rice', safetyStock: 2 };
    const first = await patch(payload, key);
    const again = await patch(payload, key);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.body).toBe(first.body);
    expect(first.json()).toMatchObject({
      changes: { name: 'Rice', countVarianceLimit: 1.25, safetyStock: 2 },
    });
  });

  it('tells in a dry run the events it would be changed by', async () => {
    const { statusCode, body } = await api.send({
      method: 'PATCH',
      url: '/api/v1/items/RICE?dryRun=true',
      payload: { maximum: 50, countVarianceLimit: 2 },
    });
    expect([statusCode, JSON.parse(body)]).toEqual([
      200,
      {
        dryRun: true,
        events: [
          { type: 'ItemUpdated', data: { sku: 'RICE', changes: { countVarianceLimit: 2_000 } } },
          {
            type: 'ThresholdSet',
            data: {
              ...{ sku: 'RICE', location: null, kind: 'MAXIMUM', threshold: 50_000 },
              ...{ unit: 'kg', decimals: 3 },
            },
          },
        ],
      },
    ]);
  });
});
