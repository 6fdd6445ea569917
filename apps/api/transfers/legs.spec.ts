import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiInProcess } from '../../../test/support/api-in-process';
import { workshop } from '../../../test/support/workshop';
import type { Followed } from '../../../libs/application';
import { stock, stockStream } from '../../../libs/domain';
import { parsePositionToken } from '../../../libs/eventstore';
import { storeId } from '../../../test/support/api-in-process';
import { CommandGate } from '../commands/dispatch';

/** What a command leads to on other streams, seen from the api. */

const now = new Date('2026-03-01T12:00:00.000Z');
let api: ApiInProcess;
beforeEach(async () => {
  api = await ApiInProcess.start(now, { policy: workshop });
  await post('items', { sku: 'W-1' });
  for (const code of ['WORKSHOP', 'LAB']) await post('locations', { code, name: code });
  await post('inventory/receive', { sku: 'W-1', quantity: 10 });
});
afterEach(() => api.app.close());

const post = (path: string, payload: object, headers: Record<string, string> = {}) =>
  api.app.inject({ method: 'POST', url: `/api/v1/${path}`, payload, headers });
const consume = (query = '', headers: Record<string, string> = { 'idempotency-key': 'k' }) =>
  post(`inventory/issue${query}`, { sku: 'W-1', quantity: 3, purpose: 'CONSUMPTION' }, headers);
const stored = (place: string) => api.log.streams.get(stockStream('default', 'W-1', place)) ?? [];

describe('given a command with a leg', () => {
  it('when it is accepted, then the leg is done before the answer', async () => {
    const headers = { 'idempotency-key': 'k', 'x-actor': 'jonas', 'x-correlation-id': 'order-7' };
    const answer = await consume('', headers);
    expect(answer.statusCode).toBe(201);
    expect(stored('WORKSHOP')).toMatchObject([
      {
        type: 'StockReceived.v2',
        metadata: {
          ...{ actor: 'jonas', correlationId: 'order-7' },
          causationId: stored('MAIN').at(-1)?.id,
        },
      },
    ]);
  });

  it('when it is sent again, then the answer is the same and the leg is not done again', async () => {
    const first = await consume();
    const again = await consume();
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.body).toBe(first.body);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it('when the api died before the leg, then a retry does it', async () => {
    const other = await ApiInProcess.start(now, { policy: () => [] });
    for (const [stream, events] of api.log.streams) other.log.streams.set(stream, [...events]);
    const sent = { method: 'POST' as const, url: '/api/v1/inventory/issue' };
    const payload = { sku: 'W-1', quantity: 3, purpose: 'CONSUMPTION' };
    const headers = { 'idempotency-key': 'k' };
    const first = await other.app.inject({ ...sent, payload, headers });
    expect(first.statusCode).toBe(201);
    await other.app.close();
    for (const [stream, events] of other.log.streams) api.log.streams.set(stream, events);
    expect(stored('WORKSHOP')).toHaveLength(0);
    // This process has folded the stream before, and knows nothing of the other's command.
    const retry = await consume();
    expect(retry.headers['idempotent-replayed']).toBe('true');
    expect(retry.body).toBe(first.body);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it('when the follower cannot be written, then the command is answered all the same, and a retry does the leg', async () => {
    const append = api.log.append.bind(api.log);
    api.log.append = (stream, events, revision) => {
      if (stream.endsWith('@WORKSHOP')) api.log.script.push('requestLost');
      return append(stream, events, revision);
    };
    const answer = await consume();
    expect(answer.statusCode).toBe(201);
    expect(stored('WORKSHOP')).toHaveLength(0);
    api.log.append = append;
    expect((await consume()).body).toBe(answer.body);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it.each([
    ['is a dry run', '?dryRun=true', 200],
    ['is refused', '', 409],
  ])('when it %s, then no leg is done', async (_, query, status) => {
    const quantity = status === 409 ? 11 : 3;
    const body = { sku: 'W-1', quantity, purpose: 'CONSUMPTION' };
    expect((await post(`inventory/issue${query}`, body)).statusCode).toBe(status);
    expect(stored('WORKSHOP')).toHaveLength(0);
  });
});

describe('given a route that tells of legs', () => {
  /** What a controller would do with the gate; no route of this version need tell of legs for this test. */
  async function answerOf(key: string) {
    const told = { status: 0, body: {} as Record<string, unknown> };
    const reply = {
      header: () => reply,
      headers: () => reply,
      status: (status: number) => ((told.status = status), reply),
      send: (body: Record<string, unknown>) => ((told.body = body), reply),
    };
    const request = { headers: { 'idempotency-key': key }, query: {}, id: key };
    const data = { sku: 'W-1', location: 'MAIN', quantity: '2', purpose: 'CONSUMPTION' as const };
    const gate = api.app.get(CommandGate);
    await gate.run(request as unknown as FastifyRequest, reply as unknown as FastifyReply, {
      definition: stock,
      stream: stockStream('default', 'W-1', 'MAIN'),
      command: { type: 'IssueStock', data },
      asked: { body: data, reason: undefined, effectiveAt: undefined },
      facts: (fresh, context) => gate.facts.stockFacts(data, context, fresh),
      creates: true,
      tellsLegs: true,
      present: (_accepted, _commandId, followed) => ({
        applied: streamsOf(followed, 'applied'),
        pending: streamsOf(followed, 'pending'),
      }),
    });
    return told;
  }
  const streamsOf = (followed: readonly Followed[], kind: string): string[] =>
    followed.filter(({ outcome }) => outcome.kind === kind).map(({ leg }) => leg.followUp.stream);
  const WORKSHOP = stockStream('default', 'W-1', 'WORKSHOP');

  it('when all are done, then it answers as usual, with a position behind the legs', async () => {
    const { status, body } = await answerOf('a');
    expect([status, body.applied, body.pending]).toEqual([201, [WORKSHOP], []]);
    expect(parsePositionToken(storeId, body.position as string)).toEqual({
      kind: 'position',
      commit: stored('WORKSHOP').at(-1)?.position,
    });
  });

  it('while one is pending, then it answers 202 and tells which, and a retry completes it', async () => {
    const append = api.log.append.bind(api.log);
    api.log.append = (stream, events, revision) => {
      if (stream === WORKSHOP) api.log.script.push('requestLost');
      return append(stream, events, revision);
    };
    const { status, body } = await answerOf('b');
    expect([status, body.applied, body.pending]).toEqual([202, [], [WORKSHOP]]);
    api.log.append = append;
    const again = await answerOf('b');
    expect([again.status, again.body.applied, again.body.pending]).toEqual([201, [WORKSHOP], []]);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });
});
