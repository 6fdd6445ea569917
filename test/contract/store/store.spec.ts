import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventNode } from '../../../libs/embedded/eventstore';
import {
  createExecutor,
  openEventStore,
  type CommandContext,
  type EventStore,
  type LogEntry,
} from '../../../libs/eventstore';
import { encode } from '../../../libs/eventstore/codec';
import { stock, stockStream, type StockCommand } from '../../../libs/domain';
import { createLogger, newId } from '../../../libs/runtime';
import { facts } from '../../support/stock-facts';

const logger = createLogger('test', 'silent');
/** Our side of the official client, on a real node. The client allows one connection to a process, so all cases share it. */
describe('the event store through the official client', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lotstream-store-'));
  let node: Awaited<ReturnType<typeof startEventNode>>;
  let store: EventStore;

  beforeAll(async () => {
    node = await startEventNode({ dataFolder, host: '127.0.0.1', port: 0, logger });
    store = await openEventStore({ url: node.url, logger });
  });
  afterAll(async () => {
    await store.close();
    await node.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  const command = (sku: string, quantity: number): StockCommand => ({
    type: quantity > 0 ? 'ReceiveStock' : 'IssueStock',
    data: { sku, location: 'MAIN', quantity: String(Math.abs(quantity)) },
  });
  const context = (commandId = newId()): CommandContext => ({
    commandId,
    commandHash: 'hash',
    correlationId: 'c',
    causationId: 'c',
    tenant: 'default',
    actor: 'tester',
    effectiveAt: '2026-01-01T00:00:00.000Z',
    mayBeRetry: true,
    deadline: performance.now() + 10_000,
  });
  const executor = () => createExecutor({ store, logger });
  const run = (on: ReturnType<typeof executor>, sku: string, quantity: number, ctx = context()) =>
    on.execute({
      definition: stock,
      stream: stockStream('default', sku, 'MAIN'),
      command: command(sku, quantity),
      facts: () => Promise.resolve(facts),
      context: ctx,
    });

  /** Entries from a place on, until `enough` says so. */
  async function told(
    from: LogEntry | undefined,
    enough: (entries: readonly LogEntry[]) => boolean,
  ): Promise<LogEntry[]> {
    const stop = new AbortController();
    const entries: LogEntry[] = [];
    const position =
      from?.kind === 'event'
        ? { commit: from.event.position, prepare: from.event.position }
        : undefined;
    for await (const entry of store.readLog({ from: position, signal: stop.signal })) {
      entries.push(entry);
      if (enough(entries)) break;
    }
    stop.abort();
    return entries;
  }
  const eventsOf = (entries: readonly LogEntry[]) =>
    entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));

  it('knows the store by an id of its own, whoever asks', async () => {
    expect(store.storeId).toMatch(/^[0-9a-f-]{36}$/);
    const again = await openEventStore({ url: node.url, logger });
    expect(again.storeId).toBe(store.storeId);
    await again.close();
  });

  it('tells what was, that it has caught up, and then what is new', async () => {
    const on = executor();
    await run(on, 'LOG-1', 5);
    const entries = await told(undefined, (all) => {
      if (all.at(-1)?.kind === 'caughtUp') void run(on, 'LOG-1', -2);
      return eventsOf(all).some(
        ({ type, data }) => type === 'StockIssued.v2' && data.sku === 'LOG-1',
      );
    });
    const kinds = entries.map((entry) => (entry.kind === 'event' ? entry.event.type : entry.kind));
    expect(kinds.indexOf('StockReceived.v2')).toBeLessThan(kinds.indexOf('caughtUp'));
    expect(kinds.indexOf('caughtUp')).toBeLessThan(kinds.indexOf('StockIssued.v2'));
  });

  it('goes on after a place without repeating or losing an event', async () => {
    const on = executor();
    for (let n = 0; n < 10; n += 1) await run(on, 'LOG-2', 1);
    const mine = (entries: readonly LogEntry[]) =>
      entries.filter((entry) => entry.kind === 'event' && entry.event.stream.includes('LOG-2'));
    const all = mine(await told(undefined, (entries) => mine(entries).length === 10));
    const rest = mine(await told(all[3], (entries) => mine(entries).length === 6));
    expect(rest).toEqual(all.slice(4));
  });

  it('never tells a checkpoint before the events that it stands behind', async () => {
    // Streams of others give the filter something to pass over.
    for (let n = 0; n < 40; n += 1) {
      const noise = Array.from({ length: 20 }, () =>
        encode({ id: newId(), type: 'Noise', data: {}, metadata: {} as never }),
      );
      await store.client.append(`other-${n}`, noise, -1, 5_000);
    }
    await run(executor(), 'LOG-3', 1);
    const entries = await told(undefined, (all) =>
      all.some((entry) => entry.kind === 'event' && entry.event.stream.includes('LOG-3')),
    );
    const places = entries.flatMap((entry) =>
      entry.kind === 'event'
        ? [entry.event.position]
        : entry.kind === 'checkpoint'
          ? [entry.position.commit]
          : [],
    );
    expect(places).toEqual([...places].sort((a, b) => (a < b ? -1 : 1)));
    expect(entries.some(({ kind }) => kind === 'checkpoint')).toBe(true);
  });

  it('names an event that it cannot read and goes on', async () => {
    const stream = stockStream('default', 'LOG-4', 'MAIN');
    const strange = encode({
      id: newId(),
      type: 'StockTeleported',
      data: {},
      metadata: {} as never,
    });
    await store.client.append(stream, [strange], -1, 5_000);
    await run(executor(), 'LOG-5', 1);
    const entries = await told(undefined, (all) =>
      all.some((e) => e.kind === 'event' && e.event.stream.includes('LOG-5')),
    );
    const poison = entries.find(({ kind }) => kind === 'undecodable');
    expect(poison).toMatchObject({ stream, type: 'StockTeleported' });
  });

  it('finds the event at a position, and nothing between', async () => {
    const outcome = await run(executor(), 'LOG-6', 1);
    if (outcome.kind !== 'accepted') throw new Error('refused');
    const commit = outcome.position!;
    expect((await store.readEventAt({ commit, prepare: commit }))?.id).toBe(outcome.events[0]!.id);
    expect(await store.head()).toBe(commit);
  });

  it('decides 500 commands of two processes on one stream without a lost or doubled effect', async () => {
    const [here, there] = [executor(), executor()];
    await run(here, 'HOT', 300);
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_, n) => run(n % 2 === 0 ? here : there, 'HOT', -1)),
    );
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(300);
    const { state, revision } = await here.stateOf(stock, stockStream('default', 'HOT', 'MAIN'));
    expect([state.onHand, revision]).toEqual([0, 300]);
  });

  it('answers a replay with the stored events, also to another process', async () => {
    const ctx = context();
    const first = await run(executor(), 'AGAIN', 7, ctx);
    const again = await run(executor(), 'AGAIN', 7, {
      ...ctx,
      deadline: performance.now() + 5_000,
    });
    expect(again).toEqual({ ...first, replayed: true });
  });
});
