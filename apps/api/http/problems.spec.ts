import { once } from 'node:events';
import { connect } from 'node:net';
import type { InjectOptions } from 'fastify';
import { ApiInProcess, storeId } from '../../../test/support/api-in-process';
import { AppendError } from '../../../libs/eventstore/client';
import { positionToken } from '../../../libs/eventstore';
import { newId } from '../../../libs/runtime';
import { type Problem, type ProblemCode, problems } from './errors';
import { Load } from './load';

/** Every code, by a request that leads to it, with what its detail says to do next. */

const now = new Date('2026-03-01T12:00:00.000Z');
let api: ApiInProcess;
beforeAll(async () => {
  const requestTimeoutMs = 150;
  const limits = { maxConnections: 9, maxInFlight: 9, requestTimeoutMs, idleTimeoutMs: 9_000 };
  const config = { tenant: 'default', backdatingDays: 100, backdatingDaysByRole: undefined };
  api = await ApiInProcess.start(now, { limits, config });
});
beforeEach(async () => {
  await api.renew();
  const given: [string, object][] = [
    ['items', { sku: 'A' }],
    ['items', { sku: 'LOTS', tracking: 'lot' }],
    ['items', { sku: 'OLD' }],
    ['items/OLD/deactivate', {}],
    ['locations', { code: 'SHOP' }],
    ['locations', { code: 'CLOSED' }],
    ['locations/CLOSED/deactivate', {}],
    ['inventory/receive', { sku: 'A', quantity: 5, lotCode: 'L-1', expiresOn: '2026-02-01' }],
  ];
  for (const [url, payload] of given) expect(await post(url, payload)).toBeUndefined();
});
afterAll(() => api.app.close());

type Told = Problem | undefined;

async function send(options: InjectOptions): Promise<Told> {
  const answer = await api.app.inject(options);
  return answer.statusCode < 400 ? undefined : answer.json<Problem>();
}
const get = (url: string): Promise<Told> => send({ method: 'GET', url: `/api/v1/${url}` });
const list = (accept: string): Promise<Told> =>
  send({ method: 'GET', url: '/api/v1/items', headers: { accept } });
const post = (url: string, payload: object, headers: Record<string, string> = {}): Promise<Told> =>
  send({ method: 'POST', url: `/api/v1/${url}`, payload, headers });
const patch = (url: string, payload: object): Promise<Told> =>
  send({ method: 'PATCH', url: `/api/v1/${url}`, payload });
const text = (payload: string, type = 'application/json'): Promise<Told> =>
  send({
    method: 'POST',
    url: '/api/v1/items',
    payload,
    headers: { 'content-type': type },
  });

/** What no client library sends. */
async function raw(bytes: string): Promise<Told> {
  if (!api.app.getHttpServer().listening) await api.app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect(Number(new URL(await api.app.getUrl()).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(bytes);
  await once(socket, 'close');
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Problem;
}

const down = (): void => void (api.log.down = true);
const move = (kind: 'receive' | 'issue' | 'adjust', body: object): Promise<Told> =>
  post(`inventory/${kind}`, { sku: 'A', quantity: 1, reason: 'why', ...body });
/** All that there is of lot L-1. */
const sendOff = (to = 'SHOP'): Promise<Told> =>
  post('inventory/transfer', { sku: 'A', to, quantity: 5, lotCode: 'L-1' });
const judge = (payload: object): Promise<Told> =>
  send({ method: 'PUT', url: '/api/v1/lots/qc-status', payload: { reason: 'why', ...payload } });

/** Reverses an event of the stream of A, where the ledger says that it stands. */
async function reverse(revision: number, movementId?: string): Promise<Told> {
  const [event] = (api.log.streams.get('stock-default.A@MAIN') ?? []).slice(revision);
  api.database = () => Promise.resolve([{ sku: 'A', location: 'MAIN', revision }]);
  const id = movementId ?? event?.id;
  return post('inventory/reverse', { movementId: id, error: 'did_not_occur', reason: 'why' });
}
const count = (body: object, actor = 'ada'): Promise<Told> =>
  post('inventory/count', { sku: 'A', counted: 1, revision: 0, ...body }, { 'x-actor': actor });

const cases: Readonly<Record<ProblemCode, readonly [() => Promise<Told>, RegExp]>> = {
  VALIDATION_FAILED: [() => post('items', { sku: 7 }), /^sku must be 1 to 64 characters/],
  MALFORMED_JSON: [() => text('{"sku":"B","sku":"C"}'), /sku is there twice; send each field once/],
  MALFORMED_URL: [() => get('items/%'), /encode it, or shorten it$/],
  MALFORMED_REQUEST: [() => raw('FOO / HTTP/1.1\r\n\r\n'), /send a message as RFC 9112 has it/],
  UNKNOWN_MOVEMENT_TYPE: [() => post('stock-movements', { type: 'x' }), /^type must be one of/],
  POSITION_INVALID: [() => get('items?after=7'), /^send the position of a command as it is/],
  POSITION_OF_ANOTHER_STORE: [() => get('items?after=00000000-5'), /; ask without it/],
  CURSOR_INVALID: [() => get('items?cursor=x'), /^send nextCursor of the page before as it is/],
  NOT_FOUND: [() => get('nothing'), /; see \/docs$/],
  ITEM_NOT_FOUND: [() => move('receive', { sku: 'B' }), /POST \/api\/v1\/items registers one$/],
  LOCATION_NOT_FOUND: [
    () => move('receive', { location: 'B' }),
    /POST \/api\/v1\/locations registers one$/,
  ],
  LOT_NOT_FOUND: [() => move('issue', { lotCode: 'L-2' }), /GET \/api\/v1\/lots lists those there/],
  COUNT_NOT_FOUND: [() => post('counts/A@MAIN.C9/approve', {}), /counts lists those there are$/],
  MOVEMENT_NOT_FOUND: [() => reverse(0, newId()), /ledger lists them$/],
  TRANSFER_NOT_FOUND: [
    () => post('transfers/A@MAIN.T1/receive', {}),
    /GET \/api\/v1\/transfers lists those there are$/,
  ],
  METHOD_NOT_ALLOWED: [() => send({ method: 'PUT', url: '/api/v1/items' }), /; use GET or HEAD/],
  NOT_ACCEPTABLE: [() => list('image/png'), /; ask for that$/],
  REQUEST_TIMEOUT: [() => raw('GET / HTTP/1.1\r\n'), /; send it again, faster$/],
  ITEM_CODE_ALREADY_EXISTS: [() => post('items', { sku: 'A' }), /; PATCH changes it$/],
  LOCATION_CODE_ALREADY_EXISTS: [() => post('locations', { code: 'MAIN' }), /; PATCH changes it$/],
  ITEM_INACTIVE: [() => move('receive', { sku: 'OLD' }), /; reactivate it first$/],
  LOCATION_INACTIVE: [() => move('receive', { location: 'CLOSED' }), /; reactivate it first$/],
  INSUFFICIENT_STOCK: [() => move('issue', {}), /; receive some first$/],
  INSUFFICIENT_APPROVED_STOCK: [
    async () => {
      await move('receive', { quantity: 1 });
      await move('receive', { quantity: 9, lotCode: 'Q', qcRequired: true });
      return move('issue', { quantity: 5 });
    },
    /; ask for less, or approve more first$/,
  ],
  NO_QC_APPROVED_LOT: [
    async () => {
      await move('receive', { quantity: 9, lotCode: 'Q', qcRequired: true });
      return move('issue', { quantity: 5 });
    },
    /; approve a lot first$/,
  ],
  RESERVATION_NOT_FOUND: [
    () => post('inventory/release', { reservationId: 'A@MAIN.R1' }),
    /; GET \/api\/v1\/reservations lists those there are$/,
  ],
  INSUFFICIENT_RESERVED_STOCK: [
    async () => {
      await move('receive', { quantity: 9 });
      await post('inventory/reserve', { sku: 'A', quantity: 4 });
      return post('inventory/issue', { reservationId: 'A@MAIN.R1', quantity: 5 });
    },
    /; issue at most that$/,
  ],
  TOO_MANY_LOTS: [
    async () => {
      for (let lot = 0; lot <= 100; lot++) await move('receive', { lotCode: `T-${lot}` });
      return post('inventory/reserve', { sku: 'A', quantity: 101 });
    },
    /; reserve it in parts$/,
  ],
  EXPIRES_AT_PASSED: [
    () => post('inventory/reserve', { sku: 'A', quantity: 1, expiresAt: now.toISOString() }),
    /; send a later one, or none/,
  ],
  LOT_EXPIRED: [() => move('issue', { lotCode: 'L-1' }), /; only a DISPOSAL may issue it$/],
  LOT_EXPIRY_MISMATCH: [
    () => move('receive', { lotCode: 'L-1', expiresOn: '2028-01-01' }),
    /; check the date and the lot code$/,
  ],
  COUNT_ENDED: [
    async () => {
      await count({});
      return post('counts/A@MAIN.C1/approve', {});
    },
    /; count again without a countId$/,
  ],
  COUNT_APPROVER_IS_COUNTER: [
    async () => {
      await post('items', { sku: 'B', countVarianceLimit: 0 });
      await move('receive', { sku: 'B', quantity: 5 });
      await count({ sku: 'B' });
      return post('counts/B@MAIN.C1/approve', {}, { 'x-actor': 'ada' });
    },
    /; another person must approve it$/,
  ],
  COUNT_CONFLICT: [
    async () => {
      await move('receive', { quantity: 5 });
      await move('issue', { quantity: 4 });
      return count({ counted: 0, revision: 1 });
    },
    /; count again$/,
  ],
  MOVEMENT_NOT_REVERSIBLE: [
    async () => {
      await post('inventory/hold', { sku: 'A', lotCode: 'L-1', quantity: 1, reason: 'damp' });
      return reverse(1);
    },
    /transfers are cancelled/,
  ],
  MOVEMENT_ALREADY_REVERSED: [
    async () => {
      await reverse(0);
      return reverse(0);
    },
    /has been reversed already$/,
  ],
  REVERSAL_CONFLICT: [
    async () => {
      await move('receive', { quantity: 5 });
      await move('issue', { quantity: 1 });
      return reverse(1);
    },
    /; reverse what came after it first, or adjust$/,
  ],
  TRANSFER_ENDED: [
    async () => {
      await sendOff();
      await post('transfers/A@MAIN.T1/cancel', { reason: 'why' });
      return post('transfers/A@MAIN.T1/receive', {});
    },
    /; GET it to see why$/,
  ],
  TRANSFER_EXCEEDED: [
    async () => {
      await sendOff();
      return post('transfers/A@MAIN.T1/receive', { quantity: 6 });
    },
    /what has come and what is missing may not be more$/,
  ],
  PERIOD_CLOSED: [
    async () => {
      await post('periods/close', { through: '2026-02-15' });
      return move('receive', { effectiveAt: '2026-02-15T23:59:59Z' });
    },
    /; send an effectiveAt of 2026-02-16 or later, or reopen the period$/,
  ],
  PERIOD_ALREADY_CLOSED: [
    async () => {
      await post('periods/close', { through: '2026-02-15' });
      return post('periods/close', { through: '2026-02-15' });
    },
    /; close a later day, or reopen a period first$/,
  ],
  PERIOD_NOT_CLOSED: [
    () => post('periods/reopen', { from: '2026-02-15', reason: 'late' }),
    /; 2026-02-15 is open as it is$/,
  ],
  LOT_TRANSITION_NOT_ALLOWED: [
    () => judge({ sku: 'A', lotCode: 'L-1', status: 'REJECTED' }),
    /; put it into QUARANTINE first$/,
  ],
  SEQUENCE_PASSED: [
    async () => {
      await post('items', { sku: 'B' }, { 'x-source': 'file;2' });
      return post('items', { sku: 'B' }, { 'x-source': 'file;1' });
    },
    /; send it without X-Source if it is to be decided anew$/,
  ],
  REVISION_MISMATCH: [
    () => post('items/A/deactivate', {}, { 'if-match': '"7"' }),
    /; read it again and decide anew$/,
  ],
  BODY_TOO_LARGE: [() => text('x'.repeat(70_000)), /; send at most 65536 bytes$/],
  COMMAND_TOO_LARGE: [
    () => post('items', { sku: 'B', description: '\u0001'.repeat(3_000) }),
    /; send at most 16384$/,
  ],
  UNSUPPORTED_MEDIA_TYPE: [() => text('a=1', 'text/plain'), /^send the body as content-type app/],
  ITEM_UNIT_INVALID: [
    () => patch('items/A', { units: [{ unit: 'each', numerator: 12 }] }),
    /; send other units only$/,
  ],
  THRESHOLDS_OUT_OF_ORDER: [
    () => patch('items/A', { safetyStock: 8, reorderThreshold: 5 }),
    /; send a lower safetyStock or a higher reorderThreshold$/,
  ],
  QUANTITY_INVALID: [() => move('receive', { quantity: 0 }), /must be above 0/],
  QUANTITY_TOO_PRECISE: [() => move('receive', { quantity: 0.5 }), /; send a whole number$/],
  QUANTITY_TOO_LARGE: [() => move('receive', { quantity: 1e20 }), /; send at most 900719925474099/],
  UNIT_UNKNOWN: [() => move('receive', { unit: 'crate' }), /; it has each$/],
  COUNT_REVISION_UNKNOWN: [() => count({ revision: 99 }), /; send the one that was shown/],
  LOT_CODE_REQUIRED: [() => move('receive', { sku: 'LOTS' }), /; say which lotCode arrives$/],
  TRANSFER_TO_ITSELF: [() => sendOff('MAIN'), /must go somewhere else$/],
  LOCATION_PARENT_INVALID: [
    () => post('locations', { code: 'B', parent: 'B' }),
    /; register it first$/,
  ],
  EFFECTIVE_AT_IN_FUTURE: [
    () => move('receive', { effectiveAt: '2027-01-01T00:00:00Z' }),
    /; send it when it has happened$/,
  ],
  EFFECTIVE_AT_TOO_OLD: [
    () => move('receive', { effectiveAt: '2025-11-21T11:59:59Z' }),
    /: record it as of a later time, or have the limit raised$/,
  ],
  EFFECTIVE_AT_BEFORE_DISPATCH: [
    async () => {
      await sendOff();
      return post('transfers/A@MAIN.T1/receive', { effectiveAt: '2026-03-01T11:59:59Z' });
    },
    /; send an effectiveAt of 2026-03-01T12:00:00.000Z or later, or none$/,
  ],
  PERIOD_IN_FUTURE: [
    () => post('periods/close', { through: '2026-03-01' }),
    /; close through 2026-02-28 at most$/,
  ],
  IDEMPOTENCY_KEY_REUSED: [
    async () => {
      await post('items', { sku: 'B' }, { 'idempotency-key': 'k' });
      return post('items', { sku: 'B', name: 'x' }, { 'idempotency-key': 'k' });
    },
    /; a new command needs a new key$/,
  ],
  HEADERS_TOO_LARGE: [
    () => raw(`GET /?q=${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`),
    /; send at most 16384 bytes of both together$/,
  ],
  INTERNAL_ERROR: [
    () => {
      api.database = () => Promise.reject(new Error('a fault'));
      return get('items');
    },
    /; tell its operator the id in instance/,
  ],
  OVERLOADED: [
    async () => {
      const load = api.app.get(Load);
      load.inFlight = 9;
      const told = await post('items', { sku: 'B' });
      load.inFlight = 0;
      return told;
    },
    /; send it again$/,
  ],
  STORE_UNAVAILABLE: [
    () => {
      down();
      return post('items', { sku: 'B' });
    },
    /; this request has written nothing, send it again shortly$/,
  ],
  OUTCOME_UNKNOWN: [
    () => {
      api.log.script.push(() => {
        down();
        throw new AppendError('ambiguous', 'lost');
      });
      return post('items', { sku: 'B' });
    },
    /; send the same request with the same Idempotency-Key to find out$/,
  ],
  STREAM_BUSY: [
    async () => {
      const busy = jest.spyOn(performance, 'now');
      api.log.script.push(() => {
        busy.mockReturnValue(1e12);
        throw new AppendError('conflict', 'somebody else');
      });
      const told = await post('items', { sku: 'B' });
      busy.mockRestore();
      return told;
    },
    /; this request has written nothing, send it again$/,
  ],
  EARLIER_UNDECIDED: [
    async () => {
      // They do not fit into one append, and the first append gets lost.
      api.log.script.push('requestLost', 'requestLost');
      const row = { type: 'receive', sku: 'A', quantity: 1, reference: 'x'.repeat(190) };
      const payload = { movements: Array.from({ length: 190 }, () => row) };
      const url = '/api/v1/batch-stock-movements';
      const answer = await api.app.inject({ method: 'POST', url, payload });
      return answer.json<{ results: { body: Problem }[] }>().results.at(-1)?.body;
    },
    /; this one was not looked at, send it again after that one$/,
  ],
  TOO_MANY_STREAMS: [
    async () => {
      let end = (): void => undefined;
      const never = new Promise<void>((resolve) => (end = resolve));
      api.rows = async function* () {
        await never;
        yield [];
      };
      const streams = Array.from({ length: 4 }, () => list('text/csv'));
      const told = await list('text/csv');
      end();
      await Promise.all(streams);
      return told;
    },
    /; ask again when one has ended, or read JSON page by page$/,
  ],
  READ_MODEL_UNAVAILABLE: [
    () => {
      api.database = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
      return get('items');
    },
    /, ask again$/,
  ],
  PROJECTION_BEHIND: [
    () => get(`items?wait=0&after=${positionToken(storeId, 7n)}`),
    /not there yet; ask again$/,
  ],
};

it.each(Object.entries(cases))('%s is answered, and says what to do next', async (code, given) => {
  const [request, next] = given;
  const told = await request();
  expect(told).toMatchObject({ code, status: problems[code as ProblemCode][0] });
  expect(told?.detail).toMatch(next);
});
