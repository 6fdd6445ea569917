import { lotIdOf, stockStream } from '../../libs/domain';
import { type Answer, Api } from '../support/http';
import { writeUnknownEvent } from '../support/newer-version';
import { System } from '../support/system';

/** A pharmacy and its two branches keep tablets by lot: quality control, as it is played over HTTP on the whole product. */

const SKU = 'IODINE 65/mg';
const PLACES = ['MAIN', 'NORTH', 'SOUTH'];
let system: System;
let api: Api;

beforeAll(async () => {
  system = await System.start();
  api = new Api(system.url);
  const item = { sku: SKU, tracking: 'lot', qcRequired: true, allocationPolicy: 'FEFO' };
  expect((await api.post('/api/v1/items', item)).status).toBe(201);
  expect((await api.post('/api/v1/items', { sku: 'MARK' })).status).toBe(201);
  for (const code of ['NORTH', 'SOUTH']) {
    expect((await api.post('/api/v1/locations', { code })).status).toBe(201);
  }
});
afterAll(() => system.stop());

const receive = (lotCode: string, location: string, more: object = {}): Promise<Answer> => {
  const receipt = { sku: SKU, lotCode, location, quantity: 10, expiresOn: '2040-01-31' };
  return api.post('/api/v1/inventory/receive', { ...receipt, ...more });
};
const issue = (lotCode: string, location: string, purpose = 'SALE'): Promise<Answer> =>
  api.post('/api/v1/inventory/issue', { sku: SKU, lotCode, location, quantity: 1, purpose });
const decide = (
  lotCode: string,
  status: string,
  reason: string,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const decision = { sku: SKU, lotCode, status, reason, inspector: 'inspector-3' };
  return api.put('/api/v1/lots/qc-status', decision, headers);
};
const idOf = (lotCode: string): string => encodeURIComponent(lotIdOf(SKU, lotCode));
/** As it is now: behind everything that was written before, on whichever stream. */
async function lotNow(lotCode: string): Promise<Answer['body']> {
  const { body } = await api.post('/api/v1/inventory/receive', { sku: 'MARK', quantity: 1 });
  return (await api.after(body.position, `/api/v1/lots/${idOf(lotCode)}`)).body;
}
const received = async (lotCode: string, ...places: readonly string[]): Promise<void> => {
  for (const place of places) expect((await receive(lotCode, place)).status).toBe(201);
};

describe('a lot that is received at two places', () => {
  const L = 'A1';

  it('waits in quarantine, where only a disposal takes it', async () => {
    const origin = { supplierLot: 'ACME 117', parentLots: ['KI.7'], manufacturedOn: '2026-02-11' };
    expect((await receive(L, 'MAIN', origin)).body.movements).toMatchObject([
      { lotCode: L, qcStatus: 'QUARANTINE' },
    ]);
    expect((await receive(L, 'NORTH')).status).toBe(201);
    expect(await lotNow(L)).toMatchObject({
      qcStatus: 'QUARANTINE',
      ...origin,
      onHand: 20,
      available: 0,
      locations: [
        { location: 'MAIN', onHand: 10, qcStatus: 'QUARANTINE', isUpToDate: true },
        { location: 'NORTH', onHand: 10, qcStatus: 'QUARANTINE', isUpToDate: true },
      ],
      history: [{ type: 'LotRegistered', qcStatus: 'QUARANTINE', actor: 'anonymous' }],
    });
    expect((await issue(L, 'MAIN')).body.code).toBe('NO_QC_APPROVED_LOT');
    expect((await issue(L, 'MAIN', 'DISPOSAL')).status).toBe(201);
  });

  it('is approved at both by one decision, and leaves from both', async () => {
    const approved = await decide(L, 'APPROVED', 'certificate 4711', { 'x-actor': 'marta' });
    expect([approved.status, approved.body]).toMatchObject([
      200,
      { qcStatus: 'APPROVED', applied: ['MAIN', 'NORTH'], pending: [] },
    ]);
    expect((await issue(L, 'MAIN')).status).toBe(201);
    expect((await issue(L, 'NORTH')).status).toBe(201);
    expect(await lotNow(L)).toMatchObject({
      qcStatus: 'APPROVED',
      onHand: 17,
      available: 17,
    });
  });

  it('cannot be rejected at once, and may go back into quarantine', async () => {
    const refused = await decide(L, 'REJECTED', 'dents');
    expect([refused.status, refused.body.code]).toEqual([409, 'LOT_TRANSITION_NOT_ALLOWED']);
    expect((await decide(L, 'QUARANTINE', 'dents')).status).toBe(200);
    const rejected = await decide(L, 'REJECTED', 'dents', { 'x-actor': 'jonas' });
    expect(rejected.body).toMatchObject({ applied: ['MAIN', 'NORTH'], pending: [] });
    for (const place of ['MAIN', 'NORTH']) expect((await issue(L, place)).status).toBe(409);
    const { history } = await lotNow(L);
    const inspector = 'inspector-3';
    expect(history).toMatchObject([
      { type: 'LotRegistered' },
      { type: 'LotApproved', actor: 'marta', inspector, reason: 'certificate 4711' },
      { type: 'LotQuarantined', reason: 'dents' },
      { type: 'LotRejected', actor: 'jonas', inspector, reason: 'dents', qcStatus: 'REJECTED' },
    ]);
    const table = await api.get('/api/v1/lots?qcStatus=REJECTED');
    expect(table.body.items).toMatchObject([{ lotCode: L, available: 0 }]);
  });

  it('what comes of it later is rejected on arrival', async () => {
    expect((await receive(L, 'SOUTH')).body.movements).toMatchObject([{ qcStatus: 'REJECTED' }]);
  });
});

describe('a lot at three places', () => {
  const L = 'B.2';

  beforeAll(async () => {
    await received(L, ...PLACES);
    expect((await decide(L, 'APPROVED', 'in order')).status).toBe(200);
  });

  it('is recalled from all of them, once, however often it is asked for', async () => {
    const headers = { 'idempotency-key': 'recall-1' };
    const recalled = await decide(L, 'RECALLED', 'letter of the maker', headers);
    expect([recalled.status, recalled.body]).toMatchObject([
      200,
      { qcStatus: 'RECALLED', applied: PLACES, pending: [] },
    ]);
    const again = await decide(L, 'RECALLED', 'letter of the maker', headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.text).toBe(recalled.text);
    const lot = await lotNow(L);
    expect(lot).toMatchObject({ qcStatus: 'RECALLED', onHand: 30, available: 0 });
    expect((lot.history as object[]).length).toBe(3);
    for (const place of PLACES) expect((await issue(L, place)).status).toBe(409);
  });

  it('comes back through quarantine, and leaves again', async () => {
    expect((await decide(L, 'APPROVED', 'all clear')).status).toBe(409);
    expect((await decide(L, 'QUARANTINE', 'all clear')).status).toBe(200);
    expect((await decide(L, 'APPROVED', 'all clear')).body).toMatchObject({ applied: PLACES });
    for (const place of PLACES) expect((await issue(L, place)).status).toBe(201);
  });

  it('expires when a person has corrected its date, at every place', async () => {
    const body = { expiresOn: '2020-01-31', reason: 'misread' };
    const corrected = await api.patch(`/api/v1/lots/${idOf(L)}`, body);
    expect([corrected.status, corrected.body]).toMatchObject([
      200,
      { expiresOn: '2020-01-31', applied: PLACES, pending: [] },
    ]);
    for (const place of PLACES) expect((await issue(L, place)).body.code).toBe('LOT_EXPIRED');
    const mismatch = await receive(L, 'MAIN');
    expect([mismatch.status, mismatch.body.code]).toEqual([409, 'LOT_EXPIRY_MISMATCH']);
    expect(await lotNow(L)).toMatchObject({
      expiresOn: '2020-01-31',
      expired: 27,
      available: 0,
    });
  });
});

describe('a receipt that asks for quality control', () => {
  const L = 'C3';

  it('takes an approved lot back into quarantine, wherever it is', async () => {
    await received(L, 'MAIN', 'NORTH');
    expect((await decide(L, 'APPROVED', 'in order')).status).toBe(200);
    const last = await receive(L, 'NORTH', { qcRequired: true });
    expect(last.body.movements).toMatchObject([{ qcStatus: 'QUARANTINE' }]);
    expect((await issue(L, 'MAIN')).body.code).toBe('NO_QC_APPROVED_LOT');
    expect(await lotNow(L)).toMatchObject({ qcStatus: 'QUARANTINE' });
  });
});

describe('a recall that one of three places cannot take in', () => {
  const L = 'D4';

  it('is in force at the others, and pending there, until it is', async () => {
    await received(L, ...PLACES);
    expect((await decide(L, 'APPROVED', 'in order')).status).toBe(200);
    await writeUnknownEvent(system.eventstoreUrl, stockStream('default', SKU, 'NORTH'));
    const headers = { 'idempotency-key': 'recall-2' };
    for (const replayed of [null, 'true']) {
      const recalled = await decide(L, 'RECALLED', 'letter of the maker', headers);
      expect(recalled.headers.get('idempotent-replayed')).toBe(replayed);
      expect([recalled.status, recalled.body]).toMatchObject([
        202,
        { qcStatus: 'RECALLED', applied: ['MAIN', 'SOUTH'], pending: ['NORTH'] },
      ]);
    }
    for (const place of ['MAIN', 'SOUTH']) expect((await issue(L, place)).status).toBe(409);
  });
});
