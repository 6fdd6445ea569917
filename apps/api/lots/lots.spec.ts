import type { InjectOptions } from 'fastify';
import { AppendError } from '../../../libs/eventstore/client';
import { ApiInProcess } from '../../../test/support/api-in-process';

/** What a client is told of a decision about a lot while some of its places cannot be reached. */

const now = new Date('2026-03-01T12:00:00.000Z');
const PLACES = ['MAIN', 'NORTH', 'SOUTH'];
let api: ApiInProcess;

beforeAll(async () => {
  api = await ApiInProcess.start(now);
});
beforeEach(async () => {
  await api.renew();
  await post('items', { sku: 'A' });
  await post('locations', { code: 'NORTH' });
  await post('locations', { code: 'SOUTH' });
  for (const location of PLACES) await receive(location);
});
afterAll(() => api.app.close());

interface Told {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: Record<string, unknown>;
}

async function send(options: InjectOptions): Promise<Told> {
  const answer = await api.app.inject(options);
  const replayed = answer.headers['idempotent-replayed'] === 'true';
  return { status: answer.statusCode, replayed, body: answer.json() };
}
const post = (url: string, payload: object): Promise<Told> =>
  send({ method: 'POST', url: `/api/v1/${url}`, payload });
const receive = (location: string, more: object = {}): Promise<Told> =>
  post('inventory/receive', { sku: 'A', location, lotCode: 'L', quantity: 5, ...more });
const issue = (location: string): Promise<Told> =>
  post('inventory/issue', { sku: 'A', location, lotCode: 'L', quantity: 1 });
const decide = (status: string, key: string, dryRun = false): Promise<Told> =>
  send({
    method: 'PUT',
    url: `/api/v1/lots/qc-status${dryRun ? '?dryRun=true' : ''}`,
    payload: { sku: 'A', lotCode: 'L', status, reason: 'foreign body', inspector: 'i-7' },
    headers: { 'idempotency-key': key },
  });
const correct = (expiresOn: string | null, key: string): Promise<Told> =>
  send({
    method: 'PATCH',
    url: '/api/v1/lots/A.L',
    payload: { expiresOn, reason: 'misread' },
    headers: { 'idempotency-key': key },
  });

/** The event store loses what is written to one place, for so many appends. */
function lose(location: string, appends = 20): void {
  const turn = (stream: string): void => {
    if (stream.endsWith(`@${location}`)) throw new AppendError('ambiguous', 'lost');
  };
  api.log.script.push(...Array.from({ length: appends }, () => turn));
}
const restore = (): void => void api.log.script.splice(0);

const eventsOf = (stream: string): string[] =>
  (api.log.streams.get(stream) ?? []).map(({ type }) => type);
/** Words of the lot that have come to a place, beside the one that a further place hears when it is noted. */
const applied = (location: string): number =>
  eventsOf(`stock-default.A@${location}`).filter((type) => type === 'LotStatusApplied').length -
  (location === PLACES[0] ? 0 : 1);

describe('given a lot at three places', () => {
  it('a recall that reaches all of them is in force, 200', async () => {
    const { status, body } = await decide('RECALLED', 'k');
    expect([status, body]).toMatchObject([
      200,
      { lotId: 'A.L', qcStatus: 'RECALLED', applied: PLACES, pending: [] },
    ]);
    for (const location of PLACES) {
      expect((await issue(location)).body).toMatchObject({ code: 'NO_QC_APPROVED_LOT' });
    }
  });

  it('one that does not reach one of them is decided, and pending there, 202', async () => {
    lose('NORTH');
    const { status, body } = await decide('RECALLED', 'k');
    expect([status, body]).toMatchObject([
      202,
      { qcStatus: 'RECALLED', applied: ['MAIN', 'SOUTH'], pending: ['NORTH'] },
    ]);
    restore();
    expect((await issue('SOUTH')).status).toBe(409);
    // Rejection binds at application.
    expect((await issue('NORTH')).status).toBe(201);
  });

  it('a retry goes on where the first attempt stopped, and decides nothing again', async () => {
    lose('NORTH');
    await decide('RECALLED', 'k');
    const decided = eventsOf('lot-default.A.L');
    const still = await decide('RECALLED', 'k');
    expect([still.status, still.replayed, still.body.pending]).toEqual([202, true, ['NORTH']]);
    restore();
    const done = await decide('RECALLED', 'k');
    expect([done.status, done.replayed]).toEqual([200, true]);
    expect(done.body).toMatchObject({
      applied: PLACES,
      pending: [],
      revision: still.body.revision,
    });
    expect(eventsOf('lot-default.A.L')).toEqual(decided);
    expect(PLACES.map(applied)).toEqual([1, 1, 1]);
    expect((await issue('NORTH')).status).toBe(409);
  });

  it('what is decided later holds where both are on their way', async () => {
    lose('NORTH');
    await decide('RECALLED', 'first');
    await decide('QUARANTINE', 'second');
    await decide('APPROVED', 'third');
    restore();
    expect((await decide('APPROVED', 'third')).body).toMatchObject({ applied: PLACES });
    expect((await decide('RECALLED', 'first')).body).toMatchObject({ applied: PLACES });
    expect((await issue('MAIN')).status).toBe(201);
    // The recall has come last to NORTH, and changes nothing there.
    expect((await issue('NORTH')).status).toBe(201);
    expect(applied('NORTH')).toBe(1);
  });

  it('a dry run tells the one event, and no place hears of it', async () => {
    const { status, body } = await decide('RECALLED', 'k', true);
    expect([status, body]).toMatchObject([
      200,
      { dryRun: true, events: [{ type: 'LotRecalled' }] },
    ]);
    expect(PLACES.map(applied)).toEqual([0, 0, 0]);
  });

  it('the status it has already is no decision', async () => {
    const { status, body } = await decide('APPROVED', 'k');
    expect([status, body]).toMatchObject([
      200,
      { qcStatus: 'APPROVED', applied: PLACES, pending: [] },
    ]);
    expect(eventsOf('lot-default.A.L')).not.toContain('LotApproved');
    expect(PLACES.map(applied)).toEqual([0, 0, 0]);
  });

  it('a decision that somebody else has made is told where it is in force, and where it is not yet', async () => {
    lose('NORTH');
    await decide('RECALLED', 'first');
    const still = await decide('RECALLED', 'second');
    expect([still.status, still.replayed, still.body]).toMatchObject([
      202,
      false,
      { qcStatus: 'RECALLED', applied: ['MAIN', 'SOUTH'], pending: ['NORTH'] },
    ]);
    restore();
    await decide('RECALLED', 'first');
    const done = await decide('RECALLED', 'second');
    expect([done.status, done.body]).toMatchObject([200, { applied: PLACES, pending: [] }]);
    expect(done.body.revision).toBe(still.body.revision);
  });

  it('so is an expiry that the lot has already', async () => {
    lose('SOUTH');
    await correct('2026-02-01', 'first');
    const still = await correct('2026-02-01', 'second');
    expect([still.status, still.body]).toMatchObject([
      202,
      { expiresOn: '2026-02-01', applied: ['MAIN', 'NORTH'], pending: ['SOUTH'] },
    ]);
  });

  it('a dry run of the status it has already tells that nothing would be written', async () => {
    const { status, body } = await decide('APPROVED', 'k', true);
    expect([status, body]).toEqual([200, { dryRun: true, events: [] }]);
  });

  it('an expiry is corrected at all of them, or is pending', async () => {
    lose('SOUTH');
    const first = await correct('2026-02-01', 'k');
    expect([first.status, first.body]).toMatchObject([
      202,
      { lotId: 'A.L', expiresOn: '2026-02-01', applied: ['MAIN', 'NORTH'], pending: ['SOUTH'] },
    ]);
    restore();
    expect(await correct('2026-02-01', 'k')).toMatchObject({ status: 200, replayed: true });
    for (const location of PLACES) {
      expect((await issue(location)).body).toMatchObject({ code: 'LOT_EXPIRED' });
    }
  });

  it('a receipt that asks for quality control takes it back everywhere', async () => {
    expect((await receive('SOUTH', { qcRequired: true })).status).toBe(201);
    expect(eventsOf('lot-default.A.L').at(-1)).toBe('LotQuarantined');
    for (const location of PLACES) expect((await issue(location)).status).toBe(409);
  });

  it('what is received of it later is what the lot is', async () => {
    await decide('RECALLED', 'k');
    const { body } = await receive('MAIN');
    expect(body).toMatchObject({ movements: [{ qcStatus: 'RECALLED' }] });
  });

  it('what a customer brings back to a further place is what the lot is', async () => {
    await post('locations', { code: 'EAST' });
    await decide('RECALLED', 'k');
    const returned = { sku: 'A', location: 'EAST', lotCode: 'L', quantity: 1 };
    const told = await post('inventory/return', { ...returned, disposition: 'STOCK', reason: 'r' });
    expect(told.status).toBe(201);
    expect((await issue('EAST')).body).toMatchObject({ code: 'NO_QC_APPROVED_LOT' });
    expect((await decide('QUARANTINE', 'k2')).body).toMatchObject({ applied: [...PLACES, 'EAST'] });
  });

  it('what is received of it at a further place is what the lot is, and the place hears of the next decision', async () => {
    await post('locations', { code: 'EAST' });
    await decide('QUARANTINE', 'k');
    expect((await receive('EAST')).body).toMatchObject({ movements: [{ qcStatus: 'QUARANTINE' }] });
    expect((await decide('APPROVED', 'k2')).body).toMatchObject({ applied: [...PLACES, 'EAST'] });
    expect((await issue('EAST')).status).toBe(201);
  });
});

describe('given a lot at 2,000 places', () => {
  const MANY = Array.from({ length: 2_000 }, (_, n) => `SHOP-${n}-`.padEnd(32, 'ü'));
  beforeEach(() => {
    const stream = api.log.streams.get('lot-default.A.L') ?? [];
    const [noted] = stream.filter(({ type }) => type === 'LotNotedAt');
    if (!noted) throw new Error('no place was noted');
    const { length } = stream;
    stream.push(
      ...MANY.map((location, n) => ({
        ...noted,
        id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        revision: length + n,
        position: 1_000_000n + BigInt(n),
        data: { ...(noted.data as object), location },
        metadata: { ...(noted.metadata as object), commandId: `noted-${n}` },
      })),
    );
  });

  it('a recall comes to each of them, in events that the store takes', async () => {
    const all = new Set([...PLACES, ...MANY]);
    let told = await decide('RECALLED', 'k');
    // A slow machine does not get to all of them in the time of one request.
    for (let again = 0; again < 5 && told.status === 202; again++) {
      const { applied: there, pending } = told.body as Record<string, string[]>;
      expect(new Set([...(there ?? []), ...(pending ?? [])])).toEqual(all);
      told = await decide('RECALLED', 'k');
    }
    expect([told.status, told.body.pending]).toEqual([200, []]);
    expect(new Set(told.body.applied as string[])).toEqual(all);
    const recalls = eventsOf('lot-default.A.L').filter((type) => type === 'LotRecalled');
    expect(recalls).toHaveLength(11);
    const known = await decide('RECALLED', 'other');
    expect([known.status, known.body]).toMatchObject([200, { pending: [] }]);
    expect(new Set(known.body.applied as string[])).toEqual(all);
  }, 120_000);
});

describe('refused', () => {
  it.each([
    ['a lot that nobody has received', { lotCode: 'X' }, 404, 'LOT_NOT_FOUND'],
    ['a lot of another item', { sku: 'B' }, 404, 'LOT_NOT_FOUND'],
    ['what it cannot become at once', { status: 'REJECTED' }, 409, 'LOT_TRANSITION_NOT_ALLOWED'],
    ['a decision without a reason', { reason: undefined }, 400, 'VALIDATION_FAILED'],
    ['a status that there is not', { status: 'RELEASED' }, 400, 'VALIDATION_FAILED'],
  ])('%s', async (_, other, status, code) => {
    const payload = { sku: 'A', lotCode: 'L', status: 'RECALLED', reason: 'r', ...other };
    const told = await send({ method: 'PUT', url: '/api/v1/lots/qc-status', payload });
    expect([told.status, told.body]).toMatchObject([status, { code }]);
  });

  it.each([
    ['A.X', 404, 'LOT_NOT_FOUND'],
    ['A', 404, 'LOT_NOT_FOUND'],
    ['B.L', 404, 'LOT_NOT_FOUND'],
  ])('an expiry of %s', async (lotId, status, code) => {
    const payload = { expiresOn: null, reason: 'r' };
    const told = await send({ method: 'PATCH', url: `/api/v1/lots/${lotId}`, payload });
    expect([told.status, told.body]).toMatchObject([status, { code }]);
  });

  it('a revision that is not the one seen', async () => {
    const payload = { sku: 'A', lotCode: 'L', status: 'RECALLED', reason: 'r' };
    const headers = { 'if-match': '"0"' };
    const told = await send({ method: 'PUT', url: '/api/v1/lots/qc-status', payload, headers });
    expect([told.status, told.body.code]).toEqual([412, 'REVISION_MISMATCH']);
    expect(PLACES.map(applied)).toEqual([0, 0, 0]);
  });
});
