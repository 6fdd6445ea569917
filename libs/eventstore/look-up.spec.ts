import {
  codeOf,
  idOf,
  issue,
  processOn,
  receive,
  send,
  SKU,
  stream,
} from '../../test/support/commands';
import { ScriptedLog } from '../../test/support/scripted-log';
import { stockStream } from '../domain';
import type { DecidedCommand, DecidedCommands } from './types';

const elsewhere = stockStream('default', SKU, 'ELSEWHERE');

/** The audit log, as far as it has read a log in memory. */
class Audit implements DecidedCommands {
  asked: string[] = [];
  answers: 'yes' | 'no' | 'never' = 'yes';
  upTo: bigint;

  constructor(
    private readonly log: ScriptedLog,
    upTo?: bigint,
  ) {
    this.upTo = upTo ?? this.events().at(-1)?.position ?? -1n;
  }

  async find(ids: readonly string[]): ReturnType<DecidedCommands['find']> {
    await this.answer();
    this.asked.push(...ids);
    const found = new Map<string, DecidedCommand>();
    for (const { stream: at, commandId, commandHash, revision } of this.events()) {
      if (!ids.includes(commandId)) continue;
      const firstRevision = found.get(commandId)?.firstRevision ?? revision;
      found.set(commandId, { stream: at, commandHash, firstRevision, lastRevision: revision });
    }
    return { upTo: this.upTo, found };
  }

  async idsAfter(position: bigint, limit: number): ReturnType<DecidedCommands['idsAfter']> {
    await this.answer();
    const newer = this.events().filter((event) => event.position > position);
    const page = newer.slice(0, limit);
    const hex = page.map(({ commandId }) => commandId.replaceAll('-', '')).join('');
    const upTo = page.at(-1)?.position ?? position;
    return { ids: Buffer.from(hex, 'hex'), upTo, more: page.length === limit };
  }

  private answer(): Promise<void> {
    if (this.answers === 'never') return new Promise(() => undefined);
    if (this.answers === 'no') return Promise.reject(new Error('PostgreSQL is down'));
    return Promise.resolve();
  }

  private events() {
    return [...this.log.streams.values()]
      .flat()
      .map(({ stream, revision, position, metadata }) => {
        const { commandId, commandHash } = metadata as { commandId: string; commandHash: string };
        return { stream, revision, position, commandId, commandHash };
      })
      .filter(({ position }) => this.upTo === undefined || position <= this.upTo)
      .sort((a, b) => Number(a.position - b.position));
  }
}

/** The process has learned what the audit log knows. */
async function following(log: ScriptedLog, decided: Audit) {
  const here = processOn(log, { decided });
  const stop = new AbortController();
  const following = here.followDecided(stop.signal);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  return { here, stop: () => (stop.abort(), following) };
}

const told = (outcome: Awaited<ReturnType<typeof send>>) =>
  outcome.kind === 'accepted' && {
    ids: outcome.events.map(({ id }) => id),
    revision: outcome.revision,
    position: outcome.position,
  };

describe('a retry of a command of which the audit log has read the first event only', () => {
  it('is answered with all of them', async () => {
    const log = new ScriptedLog();
    const audit = new Audit(log);
    const [here, there] = [processOn(log, { decided: audit }), processOn(log)];
    for (const lotCode of ['A', 'B', 'C']) {
      const data = { sku: SKU, location: 'MAIN', quantity: '2', lotCode };
      await send(here, lotCode, { type: 'ReceiveStock', data });
    }
    const first = await send(there, 'key', issue(6));
    await send(there, 'next', receive(1));
    audit.upTo = log.streams.get(stream)![3]!.position;
    const retry = await send(here, 'key', issue(6));
    expect(audit.asked).toContain(idOf('key'));
    expect(first).toMatchObject({ events: [{ revision: 3 }, { revision: 4 }, { revision: 5 }] });
    expect(told(retry)).toEqual(told(first));
  });
});

const onStream = (log: ScriptedLog, name: string): number => log.streams.get(name)?.length ?? 0;

describe('a key that another process has used on another stream', () => {
  const used = async (): Promise<ScriptedLog> => {
    const log = new ScriptedLog();
    await send(processOn(log), 'key', receive(5), {}, elsewhere);
    return log;
  };

  it('is refused once the audit log knows it, and what differs is named', async () => {
    const log = await used();
    const outcome = await send(processOn(log, { decided: new Audit(log) }), 'key', issue(1));
    expect(outcome).toMatchObject({
      refusal: {
        code: 'IDEMPOTENCY_KEY_REUSED',
        detail: expect.stringContaining('for ReceiveStock, this is IssueStock') as string,
      },
    });
    expect(onStream(log, stream)).toBe(0);
  });

  it('is refused by a process that has learned all ids, which asks for no other', async () => {
    const log = await used();
    const audit = new Audit(log);
    const { here, stop } = await following(log, audit);
    for (let n = 0; n < 50; n += 1) await send(here, `new-${n}`, receive(1));
    expect(audit.asked).toEqual([]);
    expect(codeOf(await send(here, 'key', receive(5)))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(audit.asked).toEqual([idOf('key')]);
    await stop();
  });

  it.each(['no', 'never'] as const)(
    'is taken while the audit log answers %s: nobody waits for PostgreSQL for long',
    async (answers) => {
      const log = await used();
      const audit = new Audit(log);
      audit.answers = answers;
      const here = processOn(log, { decided: audit });
      expect(codeOf(await send(here, 'key', receive(5)))).toBe('accepted');
      const before = performance.now();
      for (let n = 0; n < 20; n += 1) await send(here, `new-${n}`, receive(1));
      expect(performance.now() - before).toBeLessThan(900);
    },
  );

  it('is taken while the audit log has not come that far', async () => {
    const log = await used();
    const audit = new Audit(log, 0n);
    expect(codeOf(await send(processOn(log, { decided: audit }), 'key', receive(5)))).toBe(
      'accepted',
    );
  });

  it('is no matter to a key that the server made', async () => {
    const log = await used();
    const audit = new Audit(log);
    await send(processOn(log, { decided: audit }), 'other', receive(5), { mayBeRetry: false });
    expect(audit.asked).toEqual([]);
  });
});

describe('one key on two streams of one process at the same instant', () => {
  it('is taken by one of them', async () => {
    const log = new ScriptedLog();
    const here = processOn(log);
    const outcomes = await Promise.all([
      send(here, 'key', receive(5)),
      send(here, 'key', receive(5), {}, elsewhere),
    ]);
    expect(outcomes.map(codeOf).sort()).toEqual(['IDEMPOTENCY_KEY_REUSED', 'accepted']);
    expect(onStream(log, stream) + onStream(log, elsewhere)).toBe(1);
  });

  it('is free again when the command that came first is refused after a conflict', async () => {
    const log = new ScriptedLog();
    const [here, other] = [processOn(log), processOn(log)];
    await send(here, 'stock', receive(2));
    await send(other, 'rival', issue(1));
    expect(codeOf(await send(here, 'key', issue(2)))).toBe('INSUFFICIENT_STOCK');
    expect(codeOf(await send(here, 'key', receive(5), {}, elsewhere))).toBe('accepted');
  });
});

describe('a command older than the memory of its stream', () => {
  const filled = new ScriptedLog();
  beforeAll(async () => {
    const here = processOn(filled);
    await send(here, 'old', receive(1));
    const keys = Array.from({ length: 4_100 }, (_, i) => `k${i}`);
    await Promise.all(keys.map((key) => send(here, key, receive(1))));
  });
  const fill = (): ScriptedLog => filled.beginning(stream, 4_101);
  /** 4,101 commands stand in the stream, which remembers the last 4,096: five are let go, revisions 0 to 4. */
  const auditUpTo = (log: ScriptedLog, revision: number): Audit =>
    new Audit(log, log.streams.get(stream)![revision]!.position);

  it.each([
    ['as soon as the audit log knows what the stream has let go', 4],
    ['while the audit log is further behind, in the stream', 3],
    ['while the audit log knows nothing, in the stream', -1],
  ])('is found: %s', async (_, revision) => {
    const log = fill();
    const audit = revision < 0 ? new Audit(log, -1n) : auditUpTo(log, revision);
    const { here, stop } = await following(log, audit);
    const again = await send(here, 'old', receive(1));
    expect(again).toMatchObject({ kind: 'accepted', replayed: true, revision: 0 });
    const changed = await send(here, 'old', receive(2));
    expect(changed).toMatchObject({
      refusal: {
        code: 'IDEMPOTENCY_KEY_REUSED',
        detail: expect.stringContaining('ReceiveStock with other quantity') as string,
      },
    });
    expect(onStream(log, stream)).toBe(4_101);
    await stop();
  });

  it.each(['no', 'never'] as const)(
    'is found in the stream while PostgreSQL answers %s',
    async (answers) => {
      const log = fill();
      const audit = new Audit(log);
      audit.answers = answers;
      const here = processOn(log, { decided: audit });
      expect(await send(here, 'old', receive(1))).toMatchObject({ replayed: true, revision: 0 });
    },
  );

  it('is not looked up in the stream when the audit log knows that it is new', async () => {
    const log = fill();
    const { here, stop } = await following(log, new Audit(log));
    await send(here, 'warm', receive(1));
    const before = log.reads;
    for (let n = 0; n < 100; n += 1) await send(here, `newer-${n}`, receive(1));
    expect(log.reads).toBe(before);
    await stop();
  });
});

it('an answer that is stored but cannot be read is not said to be unwritten', async () => {
  const log = new ScriptedLog();
  const here = processOn(log);
  await send(here, 'key', receive(5));
  log.down = true;
  expect(codeOf(await send(here, 'key', receive(5)))).toBe('OUTCOME_UNKNOWN');
  log.down = false;
  expect(await send(here, 'key', receive(5))).toMatchObject({ replayed: true, revision: 0 });
});

it.each([
  ['another quantity', receive(6), 'ReceiveStock with other quantity'],
  ['another command', issue(5), 'ReceiveStock, this is IssueStock'],
])(
  'a key sent twice at once, the second time with %s, has one effect and says so',
  async (_, second, words) => {
    const log = new ScriptedLog();
    const here = processOn(log);
    const [, warm, outcome] = await Promise.all([
      send(here, 'busy', receive(9)),
      send(here, 'key', receive(5)),
      send(here, 'key', second),
    ]);
    expect(codeOf(warm)).toBe('accepted');
    expect(outcome).toMatchObject({
      refusal: { detail: expect.stringContaining(words) as string },
    });
    expect(onStream(log, stream)).toBe(2);
  },
);

describe('an append whose answer is lost twice', () => {
  it('is a replay for the second of two senders at once', async () => {
    const log = new ScriptedLog();
    const here = processOn(log);
    log.script.push('ok', 'ackLost', 'ackLost');
    const [, first, second] = await Promise.all([
      send(here, 'busy', receive(9)),
      send(here, 'key', receive(5)),
      send(here, 'key', receive(5)),
    ]);
    expect([first, second]).toMatchObject([{ replayed: false }, { replayed: true }]);
    expect(onStream(log, stream)).toBe(2);
  });

  it('is a replay when another process has written the command meanwhile', async () => {
    const log = new ScriptedLog();
    const [here, other] = [processOn(log), processOn(log)];
    // Between the two tries of one, the other writes.
    log.script.push('requestLost', 'ok', 'requestLost');
    const sent = send(here, 'key', receive(5));
    while (log.appends < 1) await Promise.resolve();
    expect(await send(other, 'key', receive(5))).toMatchObject({ replayed: false });
    expect(await sent).toMatchObject({ kind: 'accepted', revision: 0, replayed: true });
    expect([log.appends, onStream(log, stream)]).toEqual([3, 1]);
  });
});
