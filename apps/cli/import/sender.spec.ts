import { ConnectionError, type Answer } from '../http-client';
import type { PreparedRow, RowCommand } from './row-commands';
import { rowSender, type SenderOptions, type Verdict } from './sender';

const row: RowCommand = {
  kind: 'command',
  row: 5,
  stream: 's',
  asked: { method: 'POST', path: '/api/v1/stock-movements', body: { type: 'receive' } },
  key: 'k-5',
};

const answer = (status: number, body: object = {}, replayed = false): Answer => ({
  status,
  replayed,
  body: body as Answer['body'],
});
const good = answer(201, { position: 'abc-9' });
const away = answer(503, { code: 'STORE_UNAVAILABLE', detail: 'the store is away' });

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends the row to a server that gives these answers; an Error is thrown. Time passes by waiting only. */
async function send(
  answers: readonly (Answer | Error)[],
  more: Partial<SenderOptions> = {},
): Promise<{ verdict?: Verdict; error?: string; sent: Sent[]; waited: number[] }> {
  const sent: Sent[] = [];
  const waited: number[] = [];
  let clock = 0;
  const sender = rowSender({
    transport: ({ method, path }, headers) => {
      sent.push({ method, path, headers });
      const next = answers[Math.min(sent.length, answers.length) - 1];
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next as Answer);
    },
    source: { id: 'feed', offset: 100 },
    correlationId: 'import-1',
    dryRun: false,
    patienceMs: 10_000,
    wait: (ms) => {
      waited.push(ms);
      clock += ms;
      return Promise.resolve();
    },
    now: () => clock,
    random: () => 1,
    ...more,
  });
  try {
    const [verdict] = await sender([row]);
    return { ...(verdict && { verdict }), sent, waited };
  } catch (error) {
    return { error: (error as Error).message, sent, waited };
  }
}

describe('a row on its way', () => {
  it('carries its key, its place in the source and the correlation id of all rows', async () => {
    const { verdict, sent } = await send([good]);
    expect(verdict).toEqual({ kind: 'applied', position: 'abc-9' });
    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/api/v1/stock-movements',
        headers: {
          'idempotency-key': 'k-5',
          'x-source': 'feed;105',
          'x-correlation-id': 'import-1',
        },
      },
    ]);
  });

  it.each<[string, Answer, Verdict]>([
    [
      'applied earlier',
      answer(201, { position: 'abc-2' }, true),
      { kind: 'repeated', position: 'abc-2' },
    ],
    ['applied without a change', answer(200), { kind: 'applied', position: undefined }],
    [
      'refused',
      answer(409, { code: 'INSUFFICIENT_STOCK', detail: '3 asked, 2 there' }),
      { kind: 'refused', code: 'INSUFFICIENT_STOCK', why: '3 asked, 2 there' },
    ],
    [
      'refused earlier',
      answer(409, { code: 'SEQUENCE_PASSED', detail: 'gone past' }),
      { kind: 'refused', code: 'SEQUENCE_PASSED', why: 'gone past' },
    ],
    [
      'refused for its fields',
      answer(400, {
        code: 'VALIDATION_FAILED',
        detail: 'not valid',
        errors: [{ field: 'sku', message: 'is too long' }],
      }),
      { kind: 'refused', code: 'VALIDATION_FAILED', why: 'not valid; sku is too long' },
    ],
    [
      'refused for a key used twice',
      answer(422, { code: 'IDEMPOTENCY_KEY_REUSED', detail: 'other body' }),
      { kind: 'refused', code: 'IDEMPOTENCY_KEY_REUSED', why: 'other body' },
    ],
  ])('is %s', async (_, given, expected) => {
    const { verdict, sent } = await send([given]);
    expect(verdict).toEqual(expected);
    expect(sent).toHaveLength(1);
  });

  it.each<[string, Answer | Error]>([
    ['the store is away', away],
    ['a gateway is in the way', answer(504)],
    ['it is too much', answer(429)],
    ['something broke', answer(500, { code: 'INTERNAL_ERROR' })],
    ['the connection is lost', new ConnectionError('reset')],
  ])('is sent again with the same key while %s', async (_, trouble) => {
    const { verdict, sent, waited } = await send([trouble, trouble, good]);
    expect(verdict).toMatchObject({ kind: 'applied' });
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ headers }) => headers['idempotency-key']))).toEqual(
      new Set(['k-5']),
    );
    expect(waited).toEqual([50, 100]);
  });

  it('waits longer each time, within bounds and not in step with others', async () => {
    const { waited } = await send([away], { patienceMs: 20_000 });
    expect(waited.slice(0, 8)).toEqual([50, 100, 200, 400, 800, 1_600, 3_000, 3_000]);
    const { waited: lucky } = await send([away], { random: () => 0 });
    expect(lucky[0]).toBe(25);
  });

  it('stops when patience ends, and says what to do', async () => {
    const { error, waited } = await send([away], { patienceMs: 1_000 });
    expect(error).toMatch(
      /^stopped at row 5: STORE_UNAVAILABLE: the store is away\n.*goes on where it stopped/,
    );
    expect(waited).toEqual([50, 100, 200, 400, 800]);
  });

  it('stops at once when others have stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    expect((await send([away], { signal: stop.signal })).waited).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['a page of something else', answer(404)],
    ['an api without this address', answer(404, { code: 'NOT_FOUND' })],
    ['a proxy that wants a password', answer(401)],
  ])('stops at once at %s', async (_, given) => {
    const { error, sent } = await send([given]);
    expect(error).toMatch(/is that a Lotstream api\?/);
    expect(sent).toHaveLength(1);
  });

  it('is told, not written, in a dry run', async () => {
    const { sent } = await send([answer(200, { dryRun: true })], { dryRun: true });
    expect(sent[0]?.path).toBe('/api/v1/stock-movements?dryRun=true');
  });

  it('does not set out when it is broken or skipped', async () => {
    const sender = rowSender({
      transport: () => Promise.reject(new Error('nothing must be sent')),
      source: { id: 'feed', offset: 0 },
      correlationId: 'import-1',
      dryRun: false,
      patienceMs: 0,
    });
    const broken = { kind: 'broken', row: 1, why: 'x' } as const;
    const skipped = { kind: 'skipped', row: 2, why: 'y' } as const;
    expect(await sender([broken, skipped])).toEqual([
      { kind: 'broken', why: 'x' },
      { kind: 'skipped', why: 'y' },
    ]);
  });
});

describe('rows on their way together', () => {
  const rows = [1, 2, 3].map((n): RowCommand => ({
    ...row,
    row: n,
    key: `k-${n}`,
    many: '/api/v1/batch-stock-movements',
    asked: { ...row.asked, body: { type: 'receive', n } },
  }));
  const done = good as object;
  const refused = answer(409, { code: 'INSUFFICIENT_STOCK', detail: 'none' }) as object;
  const undecided = answer(503, { code: 'EARLIER_UNDECIDED', detail: 'later' }) as object;
  const list = (...results: object[]): Answer => answer(200, { results });

  /** What is sent, by the keys of its rows, to a server that gives these answers; and the verdicts. */
  async function sendAll(
    answers: readonly (Answer | Error)[],
    given: readonly PreparedRow[] = rows,
  ) {
    const sent: unknown[][] = [];
    const bodies: object[] = [];
    const sender = rowSender({
      transport: ({ body }, headers) => {
        bodies.push({ body, headers });
        const { movements } = body as { movements?: { idempotencyKey: string }[] };
        sent.push(movements?.map((each) => each.idempotencyKey) ?? [headers['idempotency-key']]);
        const next = answers[sent.length - 1] ?? answer(404);
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
      source: { id: 'feed', offset: 100 },
      correlationId: 'import-1',
      dryRun: false,
      patienceMs: 10_000,
      wait: () => Promise.resolve(),
      now: () => 0,
    });
    const verdicts = await sender(given).catch((error: Error) => error.message);
    return { verdicts, sent, bodies };
  }
  const kindsOf = (verdicts: readonly Verdict[] | string): unknown =>
    typeof verdicts === 'string' ? verdicts : verdicts.map(({ kind }) => kind);

  it('carry each its key and its place, and get each its verdict', async () => {
    const { verdicts, bodies } = await sendAll([list(done, refused, done)]);
    expect(kindsOf(verdicts)).toEqual(['applied', 'refused', 'applied']);
    expect(bodies).toEqual([
      {
        body: {
          movements: [1, 2, 3].map((n) => ({
            idempotencyKey: `k-${n}`,
            source: `feed;${100 + n}`,
            type: 'receive',
            n,
          })),
        },
        headers: { 'x-correlation-id': 'import-1' },
      },
    ]);
  });

  it('those without a verdict are sent again, and no others', async () => {
    const { verdicts, sent } = await sendAll([
      list(done, undecided, undecided),
      list(done, refused),
    ]);
    expect(sent).toEqual([
      ['k-1', 'k-2', 'k-3'],
      ['k-2', 'k-3'],
    ]);
    expect(kindsOf(verdicts)).toEqual(['applied', 'applied', 'refused']);
  });

  it('the last one left goes alone', async () => {
    const { sent, verdicts } = await sendAll([list(done, done, undecided), good]);
    expect([sent, kindsOf(verdicts)]).toEqual([
      [['k-1', 'k-2', 'k-3'], ['k-3']],
      ['applied', 'applied', 'applied'],
    ]);
  });

  it('what is said of all of them is said of each', async () => {
    const wrong = answer(400, { code: 'VALIDATION_FAILED', detail: 'x-correlation-id is wrong' });
    expect(kindsOf((await sendAll([wrong])).verdicts)).toEqual(['refused', 'refused', 'refused']);
    const again = await sendAll([away, new ConnectionError('reset'), list(done, done, done)]);
    expect([again.sent.length, kindsOf(again.verdicts)]).toEqual([
      3,
      ['applied', 'applied', 'applied'],
    ]);
  });

  it('go in parts where they are too large together, and nothing goes behind what is left', async () => {
    const large = answer(413, { code: 'BODY_TOO_LARGE', detail: 'too large' });
    const { sent, verdicts } = await sendAll([large, list(done, undecided), list(done, done)]);
    expect(sent).toEqual([
      ['k-1', 'k-2', 'k-3'],
      ['k-1', 'k-2'],
      ['k-2', 'k-3'],
    ]);
    expect(kindsOf(verdicts)).toEqual(['applied', 'applied', 'applied']);
    const one = await sendAll([large], rows.slice(0, 1));
    expect([one.sent.length, kindsOf(one.verdicts)]).toEqual([1, ['refused']]);
  });

  it('a server that leaves a verdict out is none of ours', async () => {
    expect((await sendAll([list(done, done)])).verdicts).toMatch(/is that a Lotstream api\?/);
    expect((await sendAll([answer(200)])).verdicts).toMatch(/is that a Lotstream api\?/);
  });

  it('among them one that is broken keeps its place', async () => {
    const broken = { kind: 'broken', row: 2, why: 'x' } as const;
    const { verdicts, sent } = await sendAll([list(done, refused)], [rows[0]!, broken, rows[2]!]);
    expect(sent).toEqual([['k-1', 'k-3']]);
    expect(kindsOf(verdicts)).toEqual(['applied', 'broken', 'refused']);
  });
});
