import { setTimeout as wait } from 'node:timers/promises';
import { FactsReader, FollowUps } from '../../libs/application';
import { type FollowUp, type Policy, stockStream, type StockCommand } from '../../libs/domain';
import type { Executor, LogEntry, Position } from '../../libs/eventstore';
import { decode, type EncodedEvent, type RawEvent } from '../../libs/eventstore/codec';
import type { RefusedLeg } from '../../libs/postgres';
import { createLogger } from '../../libs/runtime';
import { processOn, receive, send, SKU, stream } from '../../test/support/commands';
import { ScriptedLog } from '../../test/support/scripted-log';
import { furnish, workshop } from '../../test/support/workshop';
import { type Reached, START } from './obligations';
import { type PolicyBook, type PolicyLimits, PolicyRunner } from './policy-runner';

/** A real executor over a scripted log, which can be followed; contract tests have the real store and a real PostgreSQL. */
class FollowedLog extends ScriptedLog {
  private readonly waiting: (() => void)[] = [];

  override async append(
    to: string,
    events: readonly EncodedEvent[],
    revision: number,
  ): Promise<bigint | undefined> {
    try {
      return await super.append(to, events, revision);
    } finally {
      this.waiting.splice(0).forEach((wake) => wake());
    }
  }

  async *readLog(from: Position | undefined, signal: AbortSignal): AsyncGenerator<LogEntry> {
    let at = from?.commit ?? -1n;
    while (!signal.aborted) {
      const next = this.everything().find(({ position }) => position > at);
      if (next) {
        at = next.position;
        yield { kind: 'event', event: decode(next) };
      } else {
        await new Promise<void>((resolve) => {
          this.waiting.push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    }
  }

  everything(): RawEvent[] {
    return [...this.streams.values()].flat().sort((a, b) => (a.position < b.position ? -1 : 1));
  }
}

/** What a database would remember. */
class Book implements PolicyBook {
  reached: Reached = START;
  open = 0;
  oldestAt: string | null = null;
  moves = 0;
  isFenced = false;
  readonly refused: RefusedLeg[] = [];

  move(reached: Reached, open: number, oldestAt: string | null): Promise<boolean> {
    if (!this.isFenced) {
      Object.assign(this, { reached, open, oldestAt });
      this.moves += 1;
    }
    return Promise.resolve(!this.isFenced);
  }

  refuse(leg: RefusedLeg): Promise<void> {
    this.refused.push(leg);
    return Promise.resolve();
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !condition(); await wait(5)) {
    if (Date.now() > end) throw new Error(`not reached: ${condition.toString()}`);
  }
}

const at = (place: string): string => stockStream('default', SKU, place);
const consume = (quantity: number): StockCommand => ({
  type: 'IssueStock',
  data: { sku: SKU, location: 'MAIN', quantity: String(quantity), purpose: 'CONSUMPTION' },
});

let log: FollowedLog;
let api: Executor;
let book: Book;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  log = new FollowedLog();
  book = new Book();
  api = processOn(log);
  await furnish(api);
  await send(api, 'r', receive(1_000));
});
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

function followUpsOn(executor: Executor, policy: Policy = workshop): FollowUps {
  return new FollowUps({ executor, facts: new FactsReader(executor, 'default'), policy });
}

/** A projector of its own, from where the book says; `stop` ends it as a kill would. */
function run(limits: Partial<PolicyLimits> = { graceMs: 0 }, policy?: Policy) {
  const counts = { driven: 0 };
  const runner = new PolicyRunner(book.reached, {
    readLog: (from, signal) => log.readLog(from, signal),
    followUps: followUpsOn(processOn(log), policy),
    book,
    logger: createLogger('test', 'silent'),
    onDriven: () => (counts.driven += 1),
    limits: { keepMs: 10, tickMs: 10, firstDelayMs: 10, ...limits },
  });
  const stopping = new AbortController();
  const ended = runner.run(stopping.signal);
  const stop = (): Promise<unknown> => {
    stopping.abort();
    return ended;
  };
  stops.push(stop);
  return { runner, counts, ended, stop };
}

const arrived = (place = 'WORKSHOP'): number => log.streams.get(at(place))?.length ?? 0;
const end = (): bigint => log.everything().at(-1)!.position;

describe('given a command whose leg nobody has done', () => {
  beforeEach(() => send(api, 'i', consume(3)));

  it('when the log is gone through, then the leg is done, once, and the checkpoint goes to the end', async () => {
    const { counts } = run();
    await until(() => arrived() === 1);
    await until(() => book.reached.commit === end() && book.open === 0);
    expect(counts.driven).toBe(1);
    expect(book.reached.event?.position).toBe(end());
  });

  it('when it comes later than the runner, then it is done as well', async () => {
    const { counts } = run();
    await until(() => arrived() === 1);
    await send(api, 'i2', consume(2));
    await until(() => arrived() === 2 && book.reached.commit === end());
    expect(counts.driven).toBe(2);
  });

  it('while it is owed, then the stored checkpoint stays before its event and tells of it', async () => {
    run({ graceMs: 3_600_000 });
    await send(api, 'r2', receive(1));
    await until(() => book.open === 1);
    const cause = log.everything().find(({ type }) => type === 'StockIssued.v2');
    expect(book.reached.commit).toBeLessThan(cause!.position);
    expect(book.oldestAt).toBe('2026-01-01T00:00:00.000Z');
  });

  it('when the projector is killed while it is owed, then the next one does it', async () => {
    const first = run({ graceMs: 3_600_000 });
    await until(() => book.open === 1);
    await first.stop();
    run();
    await until(() => arrived() === 1 && book.reached.commit === end());
  });

  it('when the projector is killed behind the leg and before its checkpoint, then it is not done again', async () => {
    const first = run();
    await until(() => arrived() === 1);
    book.reached = START;
    await first.stop();
    book.reached = START;
    const second = run({ graceMs: 3_600_000 });
    await until(() => book.reached.commit === end());
    expect(second.counts.driven).toBe(0);
    expect(arrived()).toBe(1);
  });

  it('when two projectors drive it at once, then it is done once', async () => {
    const other = new Book();
    run();
    const mine = book;
    book = other;
    run();
    await until(() => mine.reached.commit === end() && other.reached.commit === end());
    expect(arrived()).toBe(1);
  });
});

describe('given a command whose leg the api has done', () => {
  it('then the log settles it, without work', async () => {
    const outcome = await send(api, 'i', consume(3));
    const followUps = followUpsOn(api);
    const events = outcome.kind === 'accepted' ? outcome.events : [];
    await followUps.run(followUps.legsOf(events), performance.now() + 5_000);
    const { counts } = run({ graceMs: 3_600_000 });
    await until(() => book.reached.commit === end() && book.open === 0);
    expect(counts.driven).toBe(0);
    expect(arrived()).toBe(1);
  });
});

describe('given a store that is away for the follower', () => {
  it('then the leg is tried until it is done, and others go on', async () => {
    await send(api, 'i', consume(3));
    let isAway = true;
    const original = log.append.bind(log);
    let tries = 0;
    log.append = (to, events, revision) => {
      if (isAway && to === at('WORKSHOP')) {
        tries += 1;
        log.script.push('requestLost');
      }
      return original(to, events, revision);
    };
    run();
    await until(() => tries >= 4);
    expect(book.refused).toEqual([]);
    expect(arrived()).toBe(0);
    isAway = false;
    await until(() => arrived() === 1 && book.reached.commit === end());
  });
});

describe('given a leg that its follower refuses', () => {
  const lost: Policy = (event) =>
    workshop(event).map((followUp) => {
      const data = { ...followUp.command.data, location: 'NOWHERE' };
      const { quantity } = event.data as { quantity: number };
      const command = { ...followUp.command, data };
      const stray = { ...followUp, stream: at('NOWHERE'), command } as FollowUp;
      return event.type === 'StockIssued.v2' && quantity === 13 ? stray : followUp;
    });

  it('then it is noted with position, event and code, and the others go on', async () => {
    await send(api, 'i1', consume(13));
    await send(api, 'i2', consume(2));
    const cause = log
      .everything()
      .find(({ data }) => (data as { quantity: number }).quantity === 13);
    run({ graceMs: 0 }, lost);
    await until(() => arrived() === 1 && book.reached.commit === end());
    expect(book.refused).toEqual([
      {
        commandId: expect.any(String) as string,
        position: cause!.position,
        eventId: cause!.id,
        eventType: 'StockIssued.v2',
        commandType: 'ReceiveStock',
        stream: at('NOWHERE'),
        code: 'LOCATION_NOT_FOUND',
        detail: expect.stringContaining('NOWHERE') as string,
      },
    ]);
  });

  it('while it cannot be noted, it stays owed', async () => {
    await send(api, 'i1', consume(13));
    const note = book.refuse.bind(book);
    let tries = 0;
    book.refuse = () => {
      tries += 1;
      return Promise.reject(new Error('PostgreSQL is away'));
    };
    run({ graceMs: 0 }, lost);
    await until(() => tries >= 2);
    await until(() => book.open === 1);
    book.refuse = note;
    await until(() => book.refused.length === 1 && book.reached.commit === end());
  });
});

describe('given an old store with many legs that nobody has done', () => {
  const MANY = 60;
  beforeEach(async () => {
    for (let n = 0; n < MANY; n += 1) await send(api, `i${n}`, consume(1));
  });

  it('then they are done, oldest first, a few at a time, with no more in memory than allowed', async () => {
    let underWay = 0;
    let mostUnderWay = 0;
    const followUps = followUpsOn(processOn(log));
    const order: bigint[] = [];
    let mostOpen = 0;
    const runner: PolicyRunner = new PolicyRunner(START, {
      readLog: (from, signal) => log.readLog(from, signal),
      followUps: {
        legsOf: (events) => followUps.legsOf(events),
        run: async (legs, deadline) => {
          underWay += 1;
          mostUnderWay = Math.max(mostUnderWay, underWay);
          mostOpen = Math.max(mostOpen, runner.obligations.size);
          order.push(...legs.map(({ cause }) => cause.position));
          const followed = await followUps.run(legs, deadline);
          underWay -= 1;
          return followed;
        },
      },
      book,
      logger: createLogger('test', 'silent'),
      limits: { graceMs: 0, atOnce: 3, mostOpen: 10, keepMs: 10, tickMs: 10 },
    });
    const stopping = new AbortController();
    const ended = runner.run(stopping.signal);
    stops.push(() => (stopping.abort(), ended));
    await until(() => arrived() === MANY && book.reached.commit === end());
    expect(mostUnderWay).toBe(3);
    expect(mostOpen).toBeLessThanOrEqual(10);
    expect(order).toEqual([...order].sort((a, b) => (a < b ? -1 : 1)));
    expect(order).toHaveLength(MANY);
  });
});

describe('given another projector that has moved the checkpoint', () => {
  it('then the runner ends as fenced, and moves nothing', async () => {
    book.isFenced = true;
    const { ended } = run();
    expect(await ended).toBe('fenced');
    expect(book.moves).toBe(0);
  });
});

describe('given an event that this version cannot read', () => {
  it('then it is noted for a version that can, and the log is gone through further', async () => {
    const readLog = log.readLog.bind(log);
    log.readLog = async function* (from, signal) {
      for await (const entry of readLog(from, signal)) {
        if (entry.kind !== 'event' || entry.event.stream !== stream) yield entry;
        else {
          const { position, id, type } = entry.event;
          yield {
            kind: 'undecodable',
            position,
            id,
            stream,
            type,
            problem: 'not as its type says',
          };
        }
      }
    };
    await send(api, 'i', consume(3));
    run();
    await until(() => book.reached.commit === end());
    expect(
      book.refused.map(({ code, commandType, detail }) => [code, commandType, detail]),
    ).toEqual([1, 2].map(() => ['EVENT_UNREADABLE', null, 'not as its type says']));
  });
});
