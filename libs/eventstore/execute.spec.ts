import fc from 'fast-check';
import {
  codeOf,
  contextOf,
  issue,
  processOn as process,
  receive,
  send,
  SKU,
  stream,
} from '../../test/support/commands';
import { ScriptedLog } from '../../test/support/scripted-log';
import { facts } from '../../test/support/stock-facts';
import { location, stock, stockStream, type DomainEvent, type StockCommand } from '../domain';
import type { Outcome } from './types';

const onHand = (log: ScriptedLog): number =>
  (log.streams.get(stream) ?? []).reduce((sum, { type, data }) => {
    const { quantity } = data as { quantity: number };
    return sum + (type === 'StockIssued.v2' ? -quantity : quantity);
  }, 0);

describe('deciding', () => {
  it('appends what is accepted and tells revision and position', async () => {
    const log = new ScriptedLog();
    const outcome = await send(process(log), 'a', receive(5));
    expect(outcome).toMatchObject({ kind: 'accepted', revision: 0, replayed: false });
    expect(outcome.kind === 'accepted' && outcome.position).toBe(
      log.streams.get(stream)![0]!.position,
    );
  });

  it('gives the first event its command and facts, so that the decision can be replayed', async () => {
    const log = new ScriptedLog();
    await send(process(log), 'a', receive(5));
    expect(log.streams.get(stream)![0]!.metadata).toMatchObject({
      command: { type: 'ReceiveStock', data: { quantity: '5' } },
      facts,
      schema: 1,
    });
  });

  it('refuses and writes nothing', async () => {
    const log = new ScriptedLog();
    expect(codeOf(await send(process(log), 'a', issue(1)))).toBe('INSUFFICIENT_STOCK');
    expect(log.appends).toBe(0);
  });

  it('never refuses on a cached state: what another process received counts', async () => {
    const log = new ScriptedLog();
    const [here, there] = [process(log), process(log)];
    await send(here, 'a', receive(1));
    await send(there, 'b', receive(9));
    expect(codeOf(await send(here, 'c', issue(10)))).toBe('accepted');
  });

  it('accepts on a cached state without reading', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    await send(here, 'a', receive(5));
    const before = log.reads;
    await send(here, 'b', issue(1));
    expect(log.reads).toBe(before);
  });

  it('asks for fresh facts before it refuses', async () => {
    const log = new ScriptedLog();
    const asked: boolean[] = [];
    const outcome = await process(log).execute({
      definition: stock,
      stream,
      command: receive(1),
      facts: (fresh) => {
        asked.push(fresh);
        return Promise.resolve(fresh ? facts : { ...facts, item: null });
      },
      context: contextOf('a', receive(1)),
    });
    expect([codeOf(outcome), asked]).toEqual(['accepted', [false, true]]);
  });

  it.each([
    ['the revision it saw', 0, 'accepted'],
    ['an older one', -1, 'REVISION_MISMATCH'],
    ['one that is not yet', 7, 'REVISION_MISMATCH'],
  ])('with If-Match of %s', async (_, expectedRevision, code) => {
    const log = new ScriptedLog();
    const here = process(log);
    await send(here, 'a', receive(5));
    expect(codeOf(await send(here, 'b', issue(1), { expectedRevision }))).toBe(code);
  });

  it.each<[string, string | undefined, string]>([
    ['before the earliest that is taken', '2026-01-01T00:00:00.001Z', 'EFFECTIVE_AT_TOO_OLD'],
    ['at the earliest that is taken', '2026-01-01T00:00:00.000Z', 'accepted'],
    ['after it', '2025-12-31T23:59:59.999Z', 'accepted'],
    ['where any is taken', undefined, 'accepted'],
  ])('what took effect %s', async (_, earliestEffectiveAt, verdict) => {
    const log = new ScriptedLog();
    const context = earliestEffectiveAt === undefined ? {} : { earliestEffectiveAt };
    expect(codeOf(await send(process(log), 'a', receive(5), context))).toBe(verdict);
    expect(log.appends).toBe(verdict === 'accepted' ? 1 : 0);
  });

  it('what was taken in time is answered again when it is too old for a new command', async () => {
    const log = new ScriptedLog();
    const late = { earliestEffectiveAt: '2026-01-02T00:00:00.000Z' };
    await send(process(log), 'a', receive(5));
    const again = await send(process(log), 'a', receive(5), late);
    expect(again).toMatchObject({ kind: 'accepted', replayed: true });
    expect(codeOf(await send(process(log), 'b', receive(5), late))).toBe('EFFECTIVE_AT_TOO_OLD');
  });

  it('a dry run tells the events at the head of the stream and writes nothing', async () => {
    const log = new ScriptedLog();
    const [here, there] = [process(log), process(log)];
    await send(here, 'a', receive(1));
    await send(there, 'b', receive(1));
    const outcome = await send(here, 'c', issue(2), { dryRun: true });
    expect(outcome).toMatchObject({
      kind: 'accepted',
      events: [{ type: 'StockIssued.v2' }],
      revision: 2,
    });
    expect(onHand(log)).toBe(2);
  });

  it('a command that changes nothing is accepted without an event', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    const run = (type: 'RegisterLocation' | 'ReactivateLocation', key: string) =>
      here.execute({
        definition: location,
        stream: 'location-default.X',
        command: { type, data: { code: 'X' } },
        facts: () => Promise.resolve({ parent: null }),
        context: contextOf(key, receive(1)),
      });
    const registered = await run('RegisterLocation', 'a');
    expect(await run('ReactivateLocation', 'b')).toMatchObject({
      kind: 'accepted',
      events: [],
      revision: 0,
      position: registered.kind === 'accepted' && registered.position,
    });
    expect(log.appends).toBe(1);
  });

  it('refuses a command that is too large for the log', async () => {
    const reference = 'x'.repeat(20_000);
    const command = {
      type: 'ReceiveStock',
      data: { ...receive(1).data, reference },
    } as StockCommand;
    const log = new ScriptedLog();
    expect(codeOf(await send(process(log), 'a', command))).toBe('COMMAND_TOO_LARGE');
    expect(log.appends).toBe(0);
  });
});

describe('conflicts', () => {
  it('decides again on what another process wrote in between', async () => {
    const log = new ScriptedLog();
    const [here, there] = [process(log), process(log)];
    await send(here, 'a', receive(5));
    await send(there, 'b', receive(5));
    expect(await send(here, 'c', issue(3))).toMatchObject({ kind: 'accepted', revision: 2 });
    expect(onHand(log)).toBe(7);
  });

  it('refuses when the other process took the last unit', async () => {
    const log = new ScriptedLog();
    const [here, there] = [process(log), process(log)];
    await send(here, 'a', receive(1));
    await send(there, 'b', issue(1));
    expect(codeOf(await send(here, 'c', issue(1)))).toBe('INSUFFICIENT_STOCK');
    expect(onHand(log)).toBe(0);
  });

  it('gives up at the deadline without having written', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    expect(codeOf(await send(here, 'a', receive(1), { deadline: performance.now() - 1 }))).toBe(
      'STREAM_BUSY',
    );
    expect(log.appends).toBe(0);
  });
});

describe('one key in two processes at the same instant', () => {
  it('has one effect and one answer, by whichever clock it was decided', async () => {
    const log = new ScriptedLog();
    const clocks = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z'];
    const outcomes = await Promise.all(
      clocks.map((time) => send(process(log, { now: () => time }), 'a', receive(5))),
    );
    expect(outcomes.map(codeOf)).toEqual(['accepted', 'accepted']);
    const [first, second] = outcomes.map((o) => o.kind === 'accepted' && o.events);
    expect(second).toEqual(first);
    expect(onHand(log)).toBe(5);
  });

  it('is not accepted with two bodies, nor is stock sold that the refused one would have brought', async () => {
    const log = new ScriptedLog();
    await send(process(log), 'a', receive(2));
    const [here, there] = [process(log), process(log)];
    const outcomes = await Promise.all([
      send(here, 'c', issue(2)),
      send(there, 'c', receive(9)),
      send(there, 'd', issue(9)),
    ]);
    expect(outcomes.map(codeOf)).toEqual([
      'accepted',
      'IDEMPOTENCY_KEY_REUSED',
      'INSUFFICIENT_STOCK',
    ]);
    expect(onHand(log)).toBe(0);
  });
});

describe('batching on one stream', () => {
  it('appends together what arrives while an append is under way, each with its own verdict', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    const outcomes = await Promise.all([
      send(here, 'first', receive(3)),
      send(here, 'a', issue(2)),
      send(here, 'b', issue(2)),
      send(here, 'c', issue(1)),
    ]);
    expect(outcomes.map(codeOf)).toEqual([
      'accepted',
      'accepted',
      'INSUFFICIENT_STOCK',
      'accepted',
    ]);
    expect(log.appends).toBeLessThan(4);
    expect(onHand(log)).toBe(0);
  });

  it('answers a replay with the position of the first answer, wherever it stood in its batch', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    const send3 = () => Promise.all(['x', 'y', 'z'].map((key) => send(here, key, receive(1))));
    const firstAnswers = await send3();
    const again = await Promise.all(
      ['x', 'y', 'z'].map((key) => send(process(log), key, receive(1))),
    );
    const told = (outcomes: Outcome<DomainEvent, string>[]) =>
      outcomes.map((o) => (o.kind === 'accepted' ? [o.revision, o.position] : o));
    expect(told(again)).toEqual(told(firstAnswers));
    expect(again.every((o) => o.kind === 'accepted' && o.replayed)).toBe(true);
  });

  it('a command sent twice at once has one effect', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => send(here, 'same', receive(4))),
    );
    expect(outcomes.map(codeOf)).toEqual(Array(8).fill('accepted'));
    expect(onHand(log)).toBe(4);
  });
});

describe('idempotency', () => {
  it('answers a retry from the stored events', async () => {
    const log = new ScriptedLog();
    const firstAnswer = await send(process(log), 'a', receive(5));
    const again = await send(process(log), 'a', receive(5));
    expect(again).toMatchObject({ kind: 'accepted', replayed: true, revision: 0 });
    expect(again.kind === 'accepted' && again.events.map(({ id }) => id)).toEqual(
      firstAnswer.kind === 'accepted' && firstAnswer.events.map(({ id }) => id),
    );
    expect(log.appends).toBe(1);
  });

  it('refuses another body and names what differs', async () => {
    const log = new ScriptedLog();
    await send(process(log), 'a', receive(5));
    const outcome = await send(process(log), 'a', receive(6));
    expect(codeOf(outcome)).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(outcome.kind === 'refused' && outcome.refusal.detail).toContain('quantity');
  });

  it('refuses the same key on another stream', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    await send(here, 'a', receive(5));
    const elsewhere = stockStream('default', SKU, 'OTHER');
    expect(codeOf(await send(here, 'a', receive(5), {}, elsewhere))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(log.streams.has(elsewhere)).toBe(false);
  });

  it('decides a refused command anew', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    expect(codeOf(await send(here, 'a', issue(1)))).toBe('INSUFFICIENT_STOCK');
    await send(here, 'b', receive(1));
    expect(codeOf(await send(here, 'a', issue(1)))).toBe('accepted');
  });

  it('refuses a row of an ordered source that the stream has gone past, but answers its retries', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    const row = (sequence: number, command: StockCommand) =>
      send(here, `row-${sequence}`, command, { source: { id: 'file', sequence } });
    expect(codeOf(await row(1, issue(1)))).toBe('INSUFFICIENT_STOCK');
    expect(codeOf(await row(2, receive(9)))).toBe('accepted');
    expect(codeOf(await row(1, issue(1)))).toBe('SEQUENCE_PASSED');
    expect(await row(2, receive(9))).toMatchObject({ kind: 'accepted', replayed: true });
    expect(codeOf(await row(3, issue(1)))).toBe('accepted');
    expect(onHand(log)).toBe(8);
  });
});

it('refuses a row that overtakes a later one of its source in the same batch', async () => {
  const here = process(new ScriptedLog());
  const outcomes = await Promise.all([
    send(here, 'first', receive(1)),
    send(here, 'row-2', receive(1), { source: { id: 'file', sequence: 2 } }),
    send(here, 'row-1', receive(1), { source: { id: 'file', sequence: 1 } }),
  ]);
  expect(outcomes.map(codeOf)).toEqual(['accepted', 'accepted', 'SEQUENCE_PASSED']);
});

describe('answers that got lost', () => {
  it('does not take the events of another body for those of a command whose append is unknown', async () => {
    const log = new ScriptedLog();
    const here = process(log);
    await send(here, 'a', receive(5));
    log.script.push('requestLost', 'requestLost');
    // The two are decided together.
    const outcomes = await Promise.all([send(here, 'b', receive(1)), send(here, 'a', receive(6))]);
    expect(outcomes.map(codeOf)).toEqual(['OUTCOME_UNKNOWN', 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('resends the same bytes once: one effect', async () => {
    const log = new ScriptedLog();
    log.script.push('ackLost');
    expect(await send(process(log), 'a', receive(5))).toMatchObject({
      kind: 'accepted',
      revision: 0,
    });
    expect([log.appends, onHand(log)]).toEqual([2, 5]);
  });

  it('reads the stream when the answer is lost twice: the answer is what is stored', async () => {
    const log = new ScriptedLog();
    log.script.push('ackLost', 'ackLost');
    expect(await send(process(log), 'a', receive(5))).toMatchObject({
      kind: 'accepted',
      replayed: false,
    });
    expect(onHand(log)).toBe(5);
  });

  it('says that it does not know when nothing is stored, and the retry decides', async () => {
    const log = new ScriptedLog();
    log.script.push('requestLost', 'requestLost');
    const here = process(log);
    expect(codeOf(await send(here, 'a', receive(5)))).toBe('OUTCOME_UNKNOWN');
    expect(codeOf(await send(here, 'a', receive(5)))).toBe('accepted');
    expect(onHand(log)).toBe(5);
  });

  it('never says that nothing was written when the store goes away behind the write', async () => {
    const log = new ScriptedLog();
    const client = {
      append: async (...args: Parameters<ScriptedLog['append']>) => {
        await log.append(...args);
        log.down = true;
        return undefined;
      },
      readStream: log.readStream.bind(log),
    };
    const here = process(log, { store: { client } });
    expect(codeOf(await send(here, 'a', receive(5)))).toBe('OUTCOME_UNKNOWN');
    log.down = false;
    expect(await send(here, 'a', receive(5))).toMatchObject({ kind: 'accepted', replayed: true });
    expect(onHand(log)).toBe(5);
  });

  it('does not know either when the stored answer cannot be read', async () => {
    const log = new ScriptedLog();
    log.script.push('ackLost', 'ackLost');
    let reads = 0;
    const client = {
      append: log.append.bind(log),
      // To decide, to find out what is stored, and then to tell it.
      readStream: (...args: Parameters<ScriptedLog['readStream']>) => {
        reads += 1;
        log.down = reads === 3;
        return log.readStream(...args);
      },
    };
    const here = process(log, { store: { client } });
    expect(codeOf(await send(here, 'a', receive(5)))).toBe('OUTCOME_UNKNOWN');
    expect(onHand(log)).toBe(5);
  });

  it('refuses while the store is down', async () => {
    const log = new ScriptedLog();
    log.down = true;
    expect(codeOf(await send(process(log), 'a', receive(5)))).toBe('STORE_UNAVAILABLE');
  });
});

it('never sells more than there is, whatever is lost and whoever writes between', async () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 30 }),
    by: fc.integer({ min: 0, max: 1 }),
    quantity: fc.integer({ min: 1, max: 5 }),
    sells: fc.boolean(),
  });
  const turn = fc.constantFrom<('ok' | 'ackLost' | 'requestLost')[]>(
    'ok',
    'ok',
    'ackLost',
    'requestLost',
  );
  const rush = fc.record({
    steps: fc.array(step, { maxLength: 40 }),
    turns: fc.array(turn, { maxLength: 40 }),
  });
  type Rush = typeof rush extends fc.Arbitrary<infer T> ? T : never;
  async function isTakenWell({ steps, turns }: Rush): Promise<void> {
    const log = new ScriptedLog();
    log.script.push(...turns);
    const processes = [process(log), process(log)];
    const outcomes = await Promise.all(
      steps.map(({ key, by, quantity, sells }) =>
        send(processes[by]!, `k${key}`, sells ? issue(quantity) : receive(quantity)),
      ),
    );
    const stored = log.streams.get(stream) ?? [];
    let balance = 0;
    for (const { type, data } of stored) {
      balance += (type === 'StockIssued.v2' ? -1 : 1) * (data as { quantity: number }).quantity;
      expect(balance).toBeGreaterThanOrEqual(0);
    }
    const ids = stored.map(({ metadata }) => (metadata as { commandId: string }).commandId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const outcome of outcomes) {
      if (outcome.kind !== 'accepted') continue;
      for (const { revision, type, data } of outcome.events) {
        expect(stored[revision]).toMatchObject({ type, data });
      }
    }
  }
  await fc.assert(
    // Side by side: who loses an answer or a race waits for a moment.
    fc.asyncProperty(fc.array(rush, { minLength: 100, maxLength: 100 }), async (rushes) => {
      await Promise.all(rushes.map(isTakenWell));
    }),
    { numRuns: 3 },
  );
});
