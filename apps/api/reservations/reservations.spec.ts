import type { LightMyRequestResponse } from 'fastify';
import { ApiInProcess } from '../../../test/support/api-in-process';

/** Reservations over HTTP, in this process: what is asked and how it is answered. The rules have cases of their own. */

const now = new Date('2026-03-01T12:00:00.000Z');
const LATER = '2026-03-01T13:00:00.000Z';
const STOCK = 'stock-default.TEA@MAIN';
const R1 = 'TEA@MAIN.R1';

let api: ApiInProcess;

type Json = Record<string, unknown>;
const post = (...asked: Parameters<ApiInProcess['post']>) => api.post(...asked);
const reserve = (body: Json, headers = {}) =>
  post('inventory/reserve', { sku: 'TEA', ...body }, headers);
const refusalOf = (answer: LightMyRequestResponse): unknown[] => {
  const { code, errors = [] } = answer.json<{ code: string; errors?: { field: string }[] }>();
  return [answer.statusCode, code, ...errors.map(({ field }) => field)];
};
const typesIn = (stream: string): string[] =>
  (api.log.streams.get(stream) ?? []).map(({ type }) => type);

beforeAll(async () => {
  api = await ApiInProcess.start(now);
});
beforeEach(async () => {
  await api.renew();
  await post('items', { sku: 'TEA', unit: 'kg', decimals: 3 });
  await post('inventory/receive', { sku: 'TEA', quantity: 5, lotCode: 'A' });
  await post('inventory/receive', { sku: 'TEA', quantity: '5.5', lotCode: 'B' });
});
afterAll(() => api.app.close());

describe('reserving', () => {
  it('tells what was set aside of which lot', async () => {
    const demand = {
      batchId: 'BATCH-002',
      reference: 'SO-7',
      expiresAt: '2026-03-01T14:00:00+01:00',
    };
    const answer = await reserve({ quantity: 6.25, ...demand, reason: 'tasting' });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      reservationId: R1,
      sku: 'TEA',
      location: 'MAIN',
      status: 'ACTIVE',
      totalQuantity: 6.25,
      issuedQuantity: 0,
      allocations: [
        { lotCode: 'A', quantity: 5 },
        { lotCode: 'B', quantity: 1.25 },
      ],
      short: 0,
      unit: 'kg',
      strategy: 'FIFO',
      hard: false,
      batchId: 'BATCH-002',
      reference: 'SO-7',
      expiresAt: LATER,
      reservedAt: now.toISOString(),
    });
  });

  it('takes itemId and qty for sku and quantity: the same command', async () => {
    const key = { 'idempotency-key': 'k' };
    const first = await post('inventory/reserve', { itemId: 'TEA', qty: 1, batchId: 'B' }, key);
    const again = await reserve({ quantity: 1, batchId: 'B' }, key);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.body).toBe(first.body);
    expect(refusalOf(await reserve({ quantity: 2, batchId: 'B' }, key))).toEqual([
      422,
      'IDEMPOTENCY_KEY_REUSED',
    ]);
  });

  it('is told again as it was, though reservations that were over ended with it', async () => {
    await reserve({ quantity: 10, expiresAt: LATER });
    now.setHours(now.getHours() + 2);
    try {
      const key = { 'idempotency-key': 'late' };
      const first = await reserve({ quantity: 4 }, key);
      expect(first.json()).toMatchObject({ reservationId: 'TEA@MAIN.R2', totalQuantity: 4 });
      expect(typesIn(STOCK).slice(-2)).toEqual(['ReservationExpired', 'StockReserved']);
      const again = await reserve({ quantity: 4 }, key);
      expect(again.body).toBe(first.body);
      const late = await post('inventory/issue', { reservationId: R1 });
      expect(refusalOf(late)).toEqual([409, 'INSUFFICIENT_RESERVED_STOCK']);
    } finally {
      now.setHours(now.getHours() - 2);
    }
  });

  it('of named lots, in part, by another strategy', async () => {
    const lots = [
      { lotCode: 'B', quantity: 2 },
      { lotCode: 'A', quantity: 9 },
    ];
    expect((await reserve({ lots, partial: true })).json()).toMatchObject({
      totalQuantity: 11,
      short: 4,
      hard: true,
      allocations: [
        { lotCode: 'B', quantity: 2 },
        { lotCode: 'A', quantity: 5 },
      ],
    });
    expect((await reserve({ quantity: 1, strategy: 'lifo' })).json()).toMatchObject({
      strategy: 'LIFO',
      allocations: [{ lotCode: 'B', quantity: 1 }],
    });
  });

  it('only tells, in a dry run', async () => {
    const answer = await post('inventory/reserve?dryRun=true', { sku: 'TEA', quantity: 1 });
    expect(answer.json()).toMatchObject({ dryRun: true, events: [{ type: 'StockReserved' }] });
    expect(typesIn(STOCK)).not.toContain('StockReserved');
  });

  it.each<[Json, readonly unknown[]]>([
    [{ sku: undefined }, [400, 'VALIDATION_FAILED', 'sku']],
    [{ quantity: 1, itemId: 'TEA' }, [400, 'VALIDATION_FAILED', 'itemId']],
    [{ quantity: 1, qty: 1 }, [400, 'VALIDATION_FAILED', 'qty']],
    [{ quantity: 1, expiresAt: 'soon' }, [400, 'VALIDATION_FAILED', 'expiresAt']],
    [{ quantity: 1, strategy: 'BEST' }, [400, 'VALIDATION_FAILED', 'strategy']],
    [{ quantity: 1, lots: [{ lotCode: 'A' }] }, [400, 'VALIDATION_FAILED', 'lots[0].quantity']],
    [
      { lots: ['A', 'A'].map((lotCode) => ({ lotCode, quantity: 1 })) },
      [400, 'VALIDATION_FAILED', 'lots'],
    ],
    [{}, [422, 'QUANTITY_INVALID']],
    [{ quantity: 0 }, [422, 'QUANTITY_INVALID']],
    [{ quantity: 2, lots: [{ lotCode: 'A', quantity: 1 }] }, [422, 'QUANTITY_INVALID']],
    [{ quantity: 1, unit: 'box' }, [422, 'UNIT_UNKNOWN']],
    [{ quantity: 1, expiresAt: now.toISOString() }, [422, 'EXPIRES_AT_PASSED']],
    [{ sku: 'COFFEE', quantity: 1 }, [404, 'ITEM_NOT_FOUND']],
    [{ quantity: 11 }, [409, 'INSUFFICIENT_STOCK']],
  ])('%j is refused', async (body, refusal) => {
    expect(refusalOf(await reserve(body))).toEqual(refusal);
    expect(typesIn(STOCK)).not.toContain('StockReserved');
  });
});

describe('issuing what is reserved', () => {
  beforeEach(() => reserve({ quantity: 6 }));

  it('goes by the reservation alone, in part, and then the rest', async () => {
    const issue = { reservationId: R1, qty: '5.5', purpose: 'SALE', reference: 'SO-7' };
    const answer = await post('inventory/issue', issue);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      sku: 'TEA',
      location: 'MAIN',
      reservationId: R1,
      movements: [
        { type: 'ISSUE', lotCode: 'A', quantity: 5, purpose: 'SALE', reference: 'SO-7' },
        { type: 'ISSUE', lotCode: 'B', quantity: 0.5 },
      ],
    });
    const rest = await post('inventory/issue', { reservationId: R1 });
    expect(rest.json()).toMatchObject({ movements: [{ lotCode: 'B', quantity: 0.5 }] });
    const more = await post('inventory/issue', { reservationId: R1 });
    expect(refusalOf(more)).toEqual([409, 'INSUFFICIENT_RESERVED_STOCK']);
  });

  it.each<[Json, readonly unknown[]]>([
    [{ reservationId: R1, sku: 'TEA' }, [400, 'VALIDATION_FAILED', 'sku']],
    [{ reservationId: R1, lotCode: 'A' }, [400, 'VALIDATION_FAILED', 'lotCode']],
    [{ reservationId: 7 }, [400, 'VALIDATION_FAILED', 'reservationId']],
    [{ quantity: 1 }, [400, 'VALIDATION_FAILED', 'sku']],
    [{ reservationId: 'RES-001' }, [404, 'RESERVATION_NOT_FOUND']],
    [{ reservationId: 'TEA@MAIN.R2' }, [404, 'RESERVATION_NOT_FOUND']],
    [{ reservationId: 'TEA@MAIN.T1' }, [404, 'RESERVATION_NOT_FOUND']],
    [{ reservationId: 'COFFEE@MAIN.R1' }, [404, 'RESERVATION_NOT_FOUND']],
    [{ reservationId: R1, quantity: 6.001 }, [409, 'INSUFFICIENT_RESERVED_STOCK']],
    [{ reservationId: R1, quantity: -1 }, [422, 'QUANTITY_INVALID']],
    [{ reservationId: R1, quantity: 0.0001 }, [422, 'QUANTITY_TOO_PRECISE']],
  ])('%j is refused', async (body, refusal) => {
    const release = refusalOf(await post('inventory/issue', body));
    expect(release.slice(0, refusal.length)).toEqual(refusal);
    expect(typesIn(STOCK)).not.toContain('StockIssued.v2');
  });
});

describe('releasing', () => {
  it('tells what was freed, the short part first', async () => {
    await reserve({ quantity: 12, partial: true });
    const part = await post('inventory/release', { reservationId: R1, quantity: 3 });
    expect([part.statusCode, part.json()]).toMatchObject([
      200,
      {
        reservationId: R1,
        releasedQuantity: 3,
        short: 1.5,
        allocations: [{ lotCode: 'A', quantity: 1.5 }],
        unit: 'kg',
      },
    ]);
    const rest = await post('inventory/release', { reservationId: R1 });
    expect(rest.json()).toMatchObject({ releasedQuantity: 9, short: 0 });
    const again = await post('inventory/release', { reservationId: R1 });
    expect(refusalOf(again)).toEqual([409, 'INSUFFICIENT_RESERVED_STOCK']);
  });
});

describe('extending', () => {
  const extend = (body: Json, id = R1) =>
    post(`reservations/${encodeURIComponent(id)}/extend`, body);

  it('changes when it ends, and changes nothing where it ended then already', async () => {
    await reserve({ quantity: 1, expiresAt: LATER });
    const later = await extend({ expiresAt: '2026-03-01T20:00:00Z' });
    expect([later.statusCode, later.json()]).toMatchObject([
      200,
      { reservationId: R1, expiresAt: '2026-03-01T20:00:00.000Z' },
    ]);
    const same = await extend({ expiresAt: '2026-03-01T21:00:00+01:00' });
    expect(same.json()).toMatchObject({ expiresAt: '2026-03-01T20:00:00.000Z' });
    expect((await extend({ expiresAt: null })).json()).toMatchObject({ expiresAt: null });
    expect(typesIn(STOCK).filter((type) => type === 'ReservationExtended')).toHaveLength(2);
  });

  it.each<[Json, string, readonly unknown[]]>([
    [{}, R1, [400, 'VALIDATION_FAILED', 'expiresAt']],
    [{ expiresAt: '2026-03-01' }, R1, [400, 'VALIDATION_FAILED', 'expiresAt']],
    [{ expiresAt: now.toISOString() }, R1, [422, 'EXPIRES_AT_PASSED']],
    [{ expiresAt: LATER }, 'TEA@MAIN.R9', [404, 'RESERVATION_NOT_FOUND']],
    [{ expiresAt: LATER }, 'nonsense', [404, 'RESERVATION_NOT_FOUND']],
  ])('%j of %s is refused', async (body, id, refusal) => {
    await reserve({ quantity: 1 });
    expect(refusalOf(await extend(body, id))).toEqual(refusal);
  });
});
