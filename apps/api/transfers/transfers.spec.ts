import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { ApiInProcess, storeId } from '../../../test/support/api-in-process';
import { stockStream } from '../../../libs/domain';
import { positionToken } from '../../../libs/eventstore';

/** Transfers over HTTP, on a scripted log; every answer is held to the document. */

const now = new Date('2026-03-01T12:00:00.000Z');
let api: ApiInProcess;

beforeAll(async () => {
  api = await ApiInProcess.start(now);
});
beforeEach(async () => {
  await api.renew();
  await post('items', { sku: 'A', unit: 'kg', decimals: 3, allocationPolicy: 'FEFO' });
  for (const code of ['SHOP', 'CLOSED']) await post('locations', { code });
  await post('locations/CLOSED/deactivate', {});
  for (const [lotCode, expiresOn] of [
    ['L1', '2027-01-31'],
    ['L2', '2026-12-31'],
  ]) {
    await post('inventory/receive', { sku: 'A', quantity: 5, lotCode, expiresOn });
  }
});
afterAll(() => api.app.close());

const send = (options: InjectOptions & { url: string }) =>
  api.send({ ...options, url: `/api/v1/${options.url}` });
const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  api.post(url, payload, headers);
const told = async (answer: Promise<LightMyRequestResponse>): Promise<[number, unknown]> => {
  const { statusCode, json } = await answer;
  const body = json<{ code?: string }>();
  return [statusCode, body.code ?? body];
};
/** But for what places hear of a lot itself. */
const stored = (place: string) =>
  (api.log.streams.get(stockStream('default', 'A', place)) ?? []).filter(
    ({ type }) => type !== 'LotStatusApplied',
  );

const transfer = (more: object = {}, headers: Record<string, string> = {}) =>
  post('inventory/transfer', { sku: 'A', to: 'SHOP', quantity: 6.5, ...more }, headers);
const T1 = 'transfers/A@MAIN.T1';
const line = (lotCode: string, did: object) => ({
  ...{ lotCode, dispatched: 0, received: 0, writtenOff: 0, cancelled: 0 },
  ...did,
});

describe('sending', () => {
  it('answers with what has left, by the policy of the item', async () => {
    const answer = await transfer({ reference: 'TO-1', reason: 'sale' });
    expect([answer.statusCode, answer.headers.etag]).toEqual([201, '"3"']);
    expect(answer.json()).toMatchObject({
      ...{ transferId: 'A@MAIN.T1', sku: 'A', from: 'MAIN', to: 'SHOP', status: 'DISPATCHED' },
      lines: [line('L2', { dispatched: 5 }), line('L1', { dispatched: 1.5 })],
      ...{ unit: 'kg', outstanding: 6.5, pending: [], revision: 3 },
    });
    expect(stored('MAIN').at(-1)).toMatchObject({
      type: 'StockDispatched',
      data: { reference: 'TO-1', quantity: 1_500 },
      metadata: { reason: 'sale' },
    });
    expect(stored('SHOP')).toEqual([]);
  });

  it('in the same breath it has arrived, and the position is behind the arrival', async () => {
    const answer = await transfer({ immediate: true, lotCode: 'L1', quantity: 2 });
    expect(answer.json()).toMatchObject({
      ...{ status: 'RECEIVED', outstanding: 0, applied: ['SHOP'], pending: [] },
      lines: [line('L1', { dispatched: 2, received: 2 })],
      position: positionToken(storeId, stored('SHOP').at(-1)!.position),
    });
    expect(stored('SHOP')).toMatchObject([
      {
        type: 'StockArrived',
        data: { lotCode: 'L1', quantity: 2_000, from: 'MAIN', expiresOn: '2027-01-31' },
      },
    ]);
  });

  it('again with its key, it is answered alike and done once', async () => {
    const key = { 'idempotency-key': 'k' };
    const first = await transfer({ immediate: true }, key);
    const again = await transfer({ immediate: true }, key);
    expect([again.statusCode, again.headers['idempotent-replayed']]).toEqual([201, 'true']);
    expect(again.body).toBe(first.body);
    expect(stored('SHOP')).toHaveLength(2);
    expect(await told(transfer({ immediate: false }, key))).toEqual([
      422,
      'IDEMPOTENCY_KEY_REUSED',
    ]);
  });

  it('as a trial it leaves nothing anywhere', async () => {
    const before = api.log.appends;
    const answer = await post('inventory/transfer?dryRun=true', {
      ...{ sku: 'A', to: 'SHOP', quantity: 2, immediate: true },
    });
    expect(answer.json<{ events: { type: string }[] }>().events.map(({ type }) => type)).toEqual([
      'StockDispatched',
      'TransferReceived',
    ]);
    expect(api.log.appends).toBe(before);
  });

  it.each<[string, object, number, string]>([
    ['without a destination', { to: undefined }, 400, 'VALIDATION_FAILED'],
    ['with a word that is no field', { location: 'MAIN' }, 400, 'VALIDATION_FAILED'],
    ['immediate as a text', { immediate: 'yes' }, 400, 'VALIDATION_FAILED'],
    ['of an unknown item', { sku: 'B' }, 404, 'ITEM_NOT_FOUND'],
    ['from an unknown place', { from: 'NOWHERE' }, 404, 'LOCATION_NOT_FOUND'],
    ['to an unknown place', { to: 'NOWHERE' }, 404, 'LOCATION_NOT_FOUND'],
    ['to a closed place', { to: 'CLOSED' }, 409, 'LOCATION_INACTIVE'],
    ['to where it is', { to: 'MAIN' }, 422, 'TRANSFER_TO_ITSELF'],
    ['of an unknown lot', { lotCode: 'L9' }, 404, 'LOT_NOT_FOUND'],
    ['in an unknown unit', { unit: 'box' }, 422, 'UNIT_UNKNOWN'],
    ['of more than there is', { quantity: 10.001 }, 409, 'INSUFFICIENT_STOCK'],
  ])('%s is refused', async (_, more, status, code) => {
    expect(await told(transfer(more))).toEqual([status, code]);
  });
});

describe('receiving', () => {
  beforeEach(async () => void (await transfer()));

  it('in part and with goods missing', async () => {
    const answer = await post(`${T1}/receive`, {
      ...{ lotCode: 'L2', quantity: 3, missing: 0.5, reason: 'crushed' },
    });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      {
        ...{ status: 'PARTIALLY_RECEIVED', outstanding: 3, applied: ['SHOP'], pending: [] },
        lines: [line('L2', { received: 3, writtenOff: 0.5 })],
      },
    ]);
    expect(stored('SHOP')).toMatchObject([{ data: { lotCode: 'L2', quantity: 3_000 } }]);
    const rest = await post(`${T1}/receive`, { missing: '0.00' });
    expect(rest.json()).toMatchObject({
      ...{ status: 'RECEIVED', outstanding: 0 },
      lines: [line('L2', { received: 1.5 }), line('L1', { received: 1.5 })],
    });
    expect(stored('SHOP').map(({ data }) => (data as { quantity: number }).quantity)).toEqual([
      3_000, 1_500, 1_500,
    ]);
  });

  it('while the destination cannot be written it is pending, and a retry brings it there', async () => {
    const append = api.log.append.bind(api.log);
    api.log.append = (stream, events, revision) => {
      if (stream.endsWith('@SHOP')) api.log.script.push('requestLost');
      return append(stream, events, revision);
    };
    const key = { 'idempotency-key': 'k' };
    const first = await post(`${T1}/receive`, { quantity: 2 }, key);
    expect([first.statusCode, first.json()]).toMatchObject([
      202,
      { status: 'PARTIALLY_RECEIVED', applied: [], pending: ['SHOP'] },
    ]);
    expect(stored('SHOP')).toEqual([]);
    api.log.append = append;
    const again = await post(`${T1}/receive`, { quantity: 2 }, key);
    expect([again.statusCode, again.json()]).toMatchObject([
      200,
      { status: 'PARTIALLY_RECEIVED', outstanding: 4.5, applied: ['SHOP'], pending: [] },
    ]);
    expect(stored('SHOP')).toHaveLength(1);
    expect(api.contract.seen).toContain('receiveTransfer 202');
  });

  it('with the key of another transfer is refused', async () => {
    await transfer({ quantity: 1 });
    const key = { 'idempotency-key': 'k' };
    expect((await post(`${T1}/receive`, {}, key)).statusCode).toBe(200);
    const other = post('transfers/A@MAIN.T2/receive', {}, key);
    expect(await told(other)).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const third = post('transfers/A@MAIN.T2/cancel', { reason: 'late' }, key);
    expect(await told(third)).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('goes on at a place that has closed meanwhile: it lands on hold', async () => {
    await post('locations/SHOP/deactivate', {});
    expect((await post(`${T1}/receive`, {})).statusCode).toBe(200);
    expect(stored('SHOP')).toMatchObject([{ data: { onHold: true } }, { data: { onHold: true } }]);
  });

  it.each<[string, string, object, number, string]>([
    ['goods missing without a reason', T1, { missing: 1 }, 400, 'VALIDATION_FAILED'],
    ['more than is outstanding', T1, { quantity: 7 }, 409, 'TRANSFER_EXCEEDED'],
    ['a lot that it has not', T1, { lotCode: 'L9' }, 404, 'LOT_NOT_FOUND'],
    ['a transfer that is not', 'transfers/A@MAIN.T2', {}, 404, 'TRANSFER_NOT_FOUND'],
    ['one of another place', 'transfers/A@SHOP.T1', {}, 404, 'TRANSFER_NOT_FOUND'],
    ['one of no place', 'transfers/A@NOWHERE.T1', {}, 404, 'LOCATION_NOT_FOUND'],
    ['one of no item', 'transfers/B@MAIN.T1', {}, 404, 'ITEM_NOT_FOUND'],
    ['no id', 'transfers/7', {}, 404, 'TRANSFER_NOT_FOUND'],
    ['the id of a reservation', 'transfers/A@MAIN.R1', {}, 404, 'TRANSFER_NOT_FOUND'],
    ['a number that is none', T1, { quantity: 'x' }, 400, 'VALIDATION_FAILED'],
    ['parts of parts', T1, { quantity: '0.0001' }, 422, 'QUANTITY_TOO_PRECISE'],
  ])('%s is refused', async (_, url, body, status, code) => {
    expect(await told(post(`${url}/receive`, body))).toEqual([status, code]);
    expect(stored('SHOP')).toEqual([]);
  });
});

describe('calling off', () => {
  beforeEach(async () => void (await transfer()));

  it('brings the rest back, and ends it', async () => {
    await post(`${T1}/receive`, { quantity: 6 });
    const answer = await post(`${T1}/cancel`, { reason: 'late' });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { status: 'CANCELLED', outstanding: 0, lines: [line('L1', { cancelled: 0.5 })] },
    ]);
    for (const [url, body] of [
      [`${T1}/cancel`, { reason: 'late' }],
      [`${T1}/receive`, {}],
    ] as const) {
      expect(await told(post(url, body))).toEqual([409, 'TRANSFER_ENDED']);
    }
  });

  it('needs a reason, and a transfer', async () => {
    expect(await told(post(`${T1}/cancel`, {}))).toEqual([400, 'VALIDATION_FAILED']);
    const other = post('transfers/A@MAIN.T2/cancel', { reason: 'late' });
    expect(await told(other)).toEqual([404, 'TRANSFER_NOT_FOUND']);
  });
});

describe('asking', () => {
  it.each(['transfers?from=SHOP&to=MAIN', 'reports/in-transit?from=SHOP&to=MAIN&lotCode=L1'])(
    '%s: from and to are places here, and in no order',
    async (url) => {
      const answer = await send({ url });
      expect([answer.statusCode, answer.json()]).toEqual([200, { items: [], nextCursor: null }]);
    },
  );

  it.each([
    ['transfers?status=LOST', 400, 'VALIDATION_FAILED'],
    ['transfers?sort=quantity', 400, 'VALIDATION_FAILED'],
    ['reports/in-transit?status=DISPATCHED', 400, 'VALIDATION_FAILED'],
    [T1, 404, 'TRANSFER_NOT_FOUND'],
    ['transfers/7', 404, 'TRANSFER_NOT_FOUND'],
  ])('%s is refused', async (url, status, code) => {
    expect(await told(send({ url }))).toEqual([status, code]);
  });
});
