import {
  type DomainEvent,
  type FollowUp,
  type RecordedEvent,
  stockStream,
  type StockCommand,
} from '../domain';
import type { CommandContext, Executor, Outcome } from '../eventstore';
import { AppendError } from '../eventstore/client';
import type { RawEvent } from '../eventstore/codec';
import { uuidV5 } from '../runtime';
import { processOn, receive, send, SKU, stream } from '../../test/support/commands';
import { ScriptedLog } from '../../test/support/scripted-log';
import { furnish, workshop } from '../../test/support/workshop';
import { FactsReader } from './facts';
import { FollowUps, NO_LEGS, type Leg } from './follow-ups';

const consume = (quantity: number, location = 'MAIN'): StockCommand => ({
  type: 'IssueStock',
  data: { sku: SKU, location, quantity: String(quantity), purpose: 'CONSUMPTION' },
});
const at = (place: string): string => stockStream('default', SKU, place);
const later = (): number => performance.now() + 5_000;

/** One process: what it has in memory is its own. */
class Process {
  readonly executor: Executor;
  readonly followUps: FollowUps;

  constructor(log: ScriptedLog, policy = workshop) {
    this.executor = processOn(log);
    const facts = new FactsReader(this.executor, 'default');
    this.followUps = new FollowUps({ executor: this.executor, facts, policy });
  }

  send(key: string, command: StockCommand, context: Partial<CommandContext> = {}, on = stream) {
    return send(this.executor, key, command, context, on);
  }

  /** The legs of what a command has led to. */
  async legsOf(key: string, command: StockCommand, context: Partial<CommandContext> = {}) {
    const outcome = await this.send(key, command, context);
    return this.followUps.legsOf(eventsOf(outcome));
  }
}

function eventsOf(outcome: Outcome<DomainEvent, string>): readonly RecordedEvent[] {
  if (outcome.kind !== 'accepted') throw new Error(outcome.refusal.detail);
  return outcome.events;
}

let log: ScriptedLog;
let one: Process;
beforeEach(async () => {
  log = new ScriptedLog();
  one = new Process(log);
  await furnish(one.executor);
  await one.send('r', receive(10));
});

const stored = (place: string): readonly RawEvent[] => log.streams.get(at(place)) ?? [];
const kinds = async (legs: readonly Leg[], process = one): Promise<string[]> =>
  (await process.followUps.run(legs, later())).map(({ outcome }) => outcome.kind);

describe('given an event that nothing follows from', () => {
  it('has no legs, the same none every time', async () => {
    const events = eventsOf(await one.send('r2', receive(1)));
    expect(one.followUps.legsOf(events)).toBe(NO_LEGS);
    expect(one.followUps.legsOf([])).toBe(NO_LEGS);
  });

  it('and running none does nothing', async () => {
    const appends = log.appends;
    expect(await one.followUps.run(NO_LEGS, later())).toEqual([]);
    expect(log.appends).toBe(appends);
  });
});

describe('given an event with a leg', () => {
  const context = { correlationId: 'order 7', actor: 'jonas', reason: 'for the bench' };

  it('names the command from the event, so that it is the same wherever it is made', async () => {
    const [leg] = await one.legsOf('i', consume(3), context);
    const [event] = stored('MAIN').slice(-1);
    expect(leg).toMatchObject({
      commandId: uuidV5(event!.id, '0'),
      index: 0,
      cause: { eventId: event!.id, position: event!.position, stream },
    });
    const again = await new Process(log).legsOf('i', consume(3), context);
    expect(again).toEqual([leg]);
  });

  it('then the leg is done in the name of whoever caused it, and points at its cause', async () => {
    const effectiveAt = '2025-12-24T10:00:00.000Z';
    const legs = await one.legsOf('i', consume(3), { ...context, effectiveAt });
    const followed = await one.followUps.run(legs, later());
    const [arrived] = stored('WORKSHOP');
    expect(followed).toEqual([
      { leg: legs[0], outcome: { kind: 'applied', position: arrived!.position } },
    ]);
    expect(arrived).toMatchObject({
      type: 'StockReceived.v2',
      data: { quantity: 3, location: 'WORKSHOP', purpose: 'PRODUCTION' },
      metadata: {
        ...{ ...context, effectiveAt, tenant: 'default' },
        commandId: legs[0]!.commandId,
        causationId: legs[0]!.cause.eventId,
      },
    });
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it('then running it again, in this process or another, tells the same and writes nothing', async () => {
    const legs = await one.legsOf('i', consume(3));
    const first = await one.followUps.run(legs, later());
    expect(await one.followUps.run(legs, later())).toEqual(first);
    expect(await new Process(log).followUps.run(legs, later())).toEqual(first);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it('then running it at once in many places does it once', async () => {
    const legs = await one.legsOf('i', consume(3));
    const processes = Array.from({ length: 6 }, () => new Process(log));
    const told = await Promise.all(
      [one, ...processes, one].map((process) => process.followUps.run(legs, later())),
    );
    expect(told.flat().map(({ outcome }) => outcome.kind)).toEqual(told.map(() => 'applied'));
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it('then an answer that got lost is found in the stream', async () => {
    const legs = await one.legsOf('i', consume(3));
    log.script.push('ackLost', 'requestLost');
    expect(await kinds(legs)).toEqual(['applied']);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it('then a later version that says it in other words knows that it is done', async () => {
    const legs = await one.legsOf('i', consume(3));
    await kinds(legs);
    const [leg] = legs;
    const { followUp } = leg!;
    const reworded = {
      ...leg!,
      followUp: {
        ...followUp,
        command: {
          ...followUp.command,
          data: { ...followUp.command.data, reference: 'FROM-MAIN' },
        },
      } as FollowUp,
    };
    expect(await kinds([reworded], new Process(log))).toEqual(['applied']);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });
});

describe('given a leg that cannot be done now', () => {
  it('while the store is away it is pending, and done once when it is back', async () => {
    const legs = await one.legsOf('i', consume(3));
    log.down = true;
    const [followed] = await one.followUps.run(legs, later());
    expect(followed!.outcome).toMatchObject({ kind: 'pending', code: 'STORE_UNAVAILABLE' });
    log.down = false;
    expect(stored('WORKSHOP')).toHaveLength(0);
    expect(await kinds(legs)).toEqual(['applied']);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });

  it('behind the deadline it is pending, and nothing is written', async () => {
    const legs = await one.legsOf('i', consume(3));
    const [followed] = await one.followUps.run(legs, performance.now() - 1);
    expect(followed!.outcome).toMatchObject({ kind: 'pending', code: 'STREAM_BUSY' });
    expect(stored('WORKSHOP')).toHaveLength(0);
  });

  it('where the store does not say whether it wrote, it is pending and found later', async () => {
    const legs = await one.legsOf('i', consume(3));
    log.script.push('ackLost', () => {
      log.down = true;
      throw new AppendError('ambiguous', 'lost');
    });
    const [followed] = await one.followUps.run(legs, later());
    log.down = false;
    expect(followed!.outcome).toMatchObject({ kind: 'pending', code: 'OUTCOME_UNKNOWN' });
    expect(await kinds(legs)).toEqual(['applied']);
    expect(stored('WORKSHOP')).toHaveLength(1);
  });
});

describe('given a leg that its follower refuses', () => {
  it('tells the code and the reason, and the other legs are done', async () => {
    log = new ScriptedLog();
    one = new Process(log);
    await furnish(one.executor, ['MAIN', 'LAB']);
    await one.send('r', receive(10));
    await one.send(
      'w',
      { ...receive(5), data: { ...receive(5).data, location: 'LAB' } as never },
      {},
      at('LAB'),
    );
    const bad = await one.legsOf('i', consume(3));
    const good = bad.map((leg) => ({
      ...leg,
      commandId: uuidV5(leg.commandId, 'good'),
      followUp: {
        ...leg.followUp,
        stream: at('LAB'),
        command: {
          ...leg.followUp.command,
          data: { ...leg.followUp.command.data, location: 'LAB' },
        },
      } as FollowUp,
    }));
    const followed = await one.followUps.run([...bad, ...good], later());
    expect(followed.map(({ outcome }) => outcome)).toMatchObject([
      {
        kind: 'refused',
        code: 'LOCATION_NOT_FOUND',
        detail: expect.stringContaining('WORKSHOP') as string,
      },
      { kind: 'applied' },
    ]);
    expect(stored('LAB')).toHaveLength(2);
  });

  it('a mistake of ours is told as such, not thrown', async () => {
    const broken = new Process(log, (event) =>
      workshop(event).map((followUp) => ({ ...followUp, command: { type: 'Nonsense' } as never })),
    );
    const legs = await broken.legsOf('i', consume(3));
    const [followed] = await broken.followUps.run(legs, later());
    expect(followed!.outcome).toMatchObject({ kind: 'refused', code: 'INTERNAL_ERROR' });
  });
});

describe('given legs that lead to further legs', () => {
  /** What arrives at the WORKSHOP is consumed there at once. */
  const onwards: typeof workshop = (event) => {
    const { location, quantity } = event.data as { location: string; quantity: number };
    if (event.type !== 'StockReceived.v2' || location !== 'WORKSHOP') return workshop(event);
    return [
      {
        category: 'stock',
        stream: at('WORKSHOP'),
        command: consume(quantity, 'WORKSHOP'),
      },
    ];
  };

  it('runs them all, those asked for first', async () => {
    const process = new Process(log, onwards);
    const legs = await process.legsOf('i', consume(3));
    const followed = await process.followUps.run(legs, later());
    expect(followed.map(({ leg }) => [leg.followUp.command.type, leg.followUp.stream])).toEqual([
      ['ReceiveStock', at('WORKSHOP')],
      ['IssueStock', at('WORKSHOP')],
      ['ReceiveStock', at('LAB')],
    ]);
    expect(stored('LAB')).toHaveLength(1);
  });

  it('and after a crash in the middle, running the first again does the rest', async () => {
    const legs = await one.legsOf('i', consume(3));
    await kinds(legs);
    const process = new Process(log, onwards);
    expect(await kinds(legs, process)).toEqual(['applied', 'applied', 'applied']);
    expect(await kinds(legs, process)).toEqual(['applied', 'applied', 'applied']);
    expect(stored('WORKSHOP').map(({ type }) => type)).toEqual([
      'StockReceived.v2',
      'StockIssued.v2',
    ]);
    expect(stored('LAB')).toHaveLength(1);
  });

  it('a chain without an end is left to the policy at some depth', async () => {
    const circle: typeof workshop = (event) => {
      if (event.type !== 'StockReceived.v2') return workshop(event);
      const { location } = event.data as { location: string };
      const to = location === 'LAB' ? 'WORKSHOP' : 'LAB';
      const data = { sku: SKU, location: to, quantity: '1' };
      return [{ category: 'stock', stream: at(to), command: { type: 'ReceiveStock', data } }];
    };
    const process = new Process(log, circle);
    const told = await kinds(await process.legsOf('i', consume(1)), process);
    expect(told).toHaveLength(9);
    expect(told.slice(0, -1).every((kind) => kind === 'applied')).toBe(true);
    expect(told.at(-1)).toBe('pending');
  });
});

it('given many legs, when they are run, then not more than asked for are under way at once', async () => {
  let underWay = 0;
  let most = 0;
  const executor = {
    execute: async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      underWay -= 1;
      return { kind: 'accepted', events: [], revision: 0, position: 1n, replayed: false };
    },
  } as unknown as Executor;
  const facts = new FactsReader(one.executor, 'default');
  const followUps = new FollowUps({ executor, facts, policy: workshop, atOnce: 3 });
  const [leg] = await one.legsOf('i', consume(3));
  const legs = Array.from({ length: 20 }, (_, index) => ({ ...leg!, index }));
  const followed = await followUps.run(legs, later());
  expect(followed.map(({ leg: { index } }) => index)).toEqual(legs.map(({ index }) => index));
  expect(most).toBe(3);
});
