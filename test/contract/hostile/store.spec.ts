import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import {
  openHostility,
  PEACEFUL,
  startEventNode,
  type HostileProfile,
  type Hostility,
} from '../../../libs/embedded/eventstore';
import {
  openEventStore,
  openEventStoreWithRetry,
  StoreUnavailableError,
  type EventStore,
} from '../../../libs/eventstore';
import { AppendError } from '../../../libs/eventstore/client';
import { encode } from '../../../libs/eventstore/codec';
import { newId } from '../../../libs/runtime';
import { newFolder } from '../event-node/support';
import { logger, seedsOr } from './support';

/** Our side of the official client, one hostility at a time. */

const CODES = ['UNAVAILABLE', 'CANCELLED', 'ABORTED', 'INTERNAL'] as const;
const peacefulBut = (profile: Partial<HostileProfile>): Hostility =>
  openHostility(1, { ...PEACEFUL, ...profile });

const start = async (hostility: Hostility) =>
  startEventNode({ dataFolder: await newFolder(), host: '127.0.0.1', port: 0, logger, hostility });

async function withStore(
  hostility: Hostility,
  run: (store: EventStore) => Promise<void>,
): Promise<void> {
  const node = await start(hostility);
  const store = await openEventStoreWithRetry({ url: node.url, logger });
  try {
    await run(store);
  } finally {
    await store.close();
    await node.stop();
  }
}

const event = () => encode({ id: newId(), type: 'Any', data: {}, metadata: {} as never });
const append = (store: EventStore, revision: number) =>
  store.client.append('stock-default.A@MAIN', [event()], revision, 5_000);

/** Cuts calls of one method while it is told to, and counts the calls that carry batch appends. */
function scripted(method = 'Read', code = status.UNAVAILABLE) {
  const script = { cut: false, batchCalls: 0 };
  const interceptor: ServerInterceptor = ({ path }, call) => {
    const isMeant = path.endsWith(`/${method}`);
    if (path.endsWith('/BatchAppend')) script.batchCalls += 1;
    return new ServerInterceptingCall(call, {
      sendMessage: (message, next) => {
        if (!isMeant || !script.cut) return next(message);
        call.sendStatus({ code, details: 'cut' });
      },
    });
  };
  return { script, hostility: { ...peacefulBut({}), interceptors: () => [interceptor] } };
}

describe('given a read that is cut as if the node were gone', () => {
  // The client takes up a new connection then. A second batch call would share its table of pending appends with the
  // first, whose end would reject them; an answer that comes all the same ends the process.
  test('when more is appended, then it goes through the call that is there', async () => {
    const { script, hostility } = scripted();
    await withStore(hostility, async (store) => {
      await append(store, -1);
      script.cut = true;
      await expect(store.head()).rejects.toThrow(StoreUnavailableError);
      script.cut = false;
      await append(store, 0);
      expect(script.batchCalls).toBe(1);
      expect(await store.head()).toBeGreaterThan(0n);
    });
  });
});

describe.each(CODES)('given reads that are cut with %s', (code) => {
  test('when the store is opened, then it is unavailable', async () => {
    const { script, hostility } = scripted('Read', status[code]);
    script.cut = true;
    const node = await start(hostility);
    const opening = openEventStore({ url: node.url, logger });
    await expect(opening).rejects.toThrow(StoreUnavailableError);
    await node.stop();
  });

  test('when an event or the head is asked for, then the store is unavailable, and not empty there', async () => {
    const { script, hostility } = scripted('Read', status[code]);
    await withStore(hostility, async (store) => {
      const commit = (await append(store, -1)) ?? 0n;
      script.cut = true;
      await expect(store.head()).rejects.toThrow(StoreUnavailableError);
      const reading = store.readEventAt({ commit, prepare: commit });
      await expect(reading).rejects.toThrow(StoreUnavailableError);
    });
  });
});

describe.each(CODES)('given a node that ends the question what it can do with %s', (code) => {
  // The client asks once, before its first append, and remembers a refusal as long as it is connected.
  test('when it is asked again, then appends go through', async () => {
    const { script, hostility } = scripted('GetSupportedMethods', status[code]);
    const node = await start(hostility);
    script.cut = true;
    const opening = openEventStore({ url: node.url, logger });
    await expect(opening).rejects.toThrow(StoreUnavailableError);
    script.cut = false;
    const store = await openEventStoreWithRetry({ url: node.url, logger });
    await append(store, -1);
    await store.close();
    await node.stop();
  });

  test('when the same store appends again, then it is written', async () => {
    const { script, hostility } = scripted('GetSupportedMethods', status[code]);
    const node = await start(hostility);
    const first = await openEventStore({ url: node.url, logger });
    await first.close();
    // This one finds who the store is, and asks only when it appends.
    const store = await openEventStore({ url: node.url, logger });
    script.cut = true;
    await expect(append(store, -1)).rejects.toThrow(AppendError);
    script.cut = false;
    await append(store, -1);
    await store.close();
    await node.stop();
  });
});

describe('given events of others behind our last one, when the head is asked for', () => {
  const system = (type: string) => encode({ id: newId(), type, data: {}, metadata: {} as never });

  test('then it is our last one', () =>
    withStore(peacefulBut({}), async (store) => {
      const ours = await append(store, -1);
      await store.client.append('$settings', [event()], -1, 5_000);
      await store.client.append('$user-ops', [system('$UserUpdated')], -1, 5_000);
      expect(await store.head()).toBe(ours);
    }));

  test('and they are many, then it is one of theirs behind ours, not the start of the log', () =>
    withStore(peacefulBut({}), async (store) => {
      const ours = (await append(store, -1)) ?? 0n;
      const many = Array.from({ length: 400 }, () => system('$statsCollected'));
      await store.client.append('$stats-1', many, -1, 5_000);
      expect(await store.head()).toBeGreaterThan(ours);
    }));
});

describe.each(seedsOr([1]))(
  'given subscriptions that are cut and signals that come late, seed %i',
  (seed) => {
    const profile = {
      ...PEACEFUL,
      cutSubscription: 0.003,
      shortSubscription: 0.3,
      slowReader: 0.5,
      delayedDelivery: 0.5,
      lateCaughtUp: 0.5,
      prepareZero: 0.5,
      systemEvent: 0.5,
      gap: 0.5,
    };

    test('when the log is followed, then every event is told once, in order, and no checkpoint ahead of one', () => {
      const hostility = openHostility(seed, profile);
      return withStore(hostility, async (store) => {
        const written: string[] = [];
        const write = async (from: number, to: number): Promise<void> => {
          for (let n = from; n < to; n += 1) {
            const isDense = n < 40;
            const noise = Array.from({ length: isDense ? 10 : 90 }, event);
            await store.client.append(`other-${n}`, noise, -1, 5_000);
            const ours = Array.from({ length: isDense ? 30 : 1 }, event);
            await store.client.append(`stock-default.${n}@MAIN`, ours, -1, 5_000);
            written.push(...ours.map(({ id }) => id));
          }
        };
        await write(0, 40);
        const writing = write(40, 60);
        const total = 40 * 30 + 20;
        const stop = new AbortController();
        const told: string[] = [];
        const places: bigint[] = [];
        for await (const entry of store.readLog({ from: undefined, signal: stop.signal })) {
          if (entry.kind === 'undecodable') told.push(entry.id);
          if (entry.kind === 'undecodable') places.push(entry.position);
          if (entry.kind === 'checkpoint') places.push(entry.position.commit);
          if (told.length === total) break;
        }
        stop.abort();
        await writing;
        expect(told).toEqual(written);
        expect(places).toEqual([...places].sort((a, b) => (a < b ? -1 : 1)));
        expect(places.length).toBeGreaterThan(told.length);
        expect(hostility.deeds.get('cutSubscription')).toBeGreaterThan(0);
      });
    });
  },
);

test.each([
  ['timeoutBeforeCommit', 0.6],
  ['timeoutAfterCommit', 1],
  ['lateCommit', 1],
] as const)(
  'given first writes that end in %s, when the store is opened until it is there, then it says one identity',
  async (deed, rate) => {
    const hostility = openHostility(3, { ...PEACEFUL, [deed]: rate });
    const node = await start(hostility);
    const opened = await openEventStoreWithRetry({ url: node.url, logger });
    const again = await openEventStoreWithRetry({ url: node.url, logger });
    expect(again.storeId).toBe(opened.storeId);
    expect(hostility.deeds.get(deed)).toBeGreaterThan(0);
    for (const store of [opened, again]) await store.close();
    await node.stop();
  },
);
