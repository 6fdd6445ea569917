import {
  ANY,
  BACKWARDS,
  END,
  EventStoreDBClient,
  FORWARDS,
  NO_STREAM,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import {
  openHostility,
  PEACEFUL,
  startEventNode,
  type HostileProfile,
  type Hostility,
} from '../../../libs/embedded/eventstore';
import { createLogger } from '../../../libs/runtime';
import { collect, newFolder, newStream, received, take, until } from './support';

/** Each hostility alone: what it does, and what it leaves alone. */

const SEED = 1;
const logger = createLogger('test', 'silent');
/** Forces the unary append; an insecure client does not send them. */
const UNARY = { credentials: { username: 'any', password: 'any' } };
const CODES = [
  ['UNAVAILABLE', 14],
  ['CANCELLED', 1],
  ['ABORTED', 10],
  ['INTERNAL', 13],
] as const;

interface Under {
  readonly client: EventStoreDBClient;
  readonly hostility: Hostility;
}

async function withNode(
  profile: Partial<HostileProfile>,
  run: (under: Under) => Promise<void>,
): Promise<void> {
  const hostility = openHostility(SEED, { ...PEACEFUL, ...profile });
  const dataFolder = await newFolder();
  const node = await startEventNode({ dataFolder, host: '127.0.0.1', port: 0, logger, hostility });
  const client = EventStoreDBClient.connectionString(node.url);
  try {
    await run({ client, hostility });
  } finally {
    await client.dispose();
    await node.stop();
  }
}

const many = (count: number) => Array.from({ length: count }, (_, i) => received(i));
const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'success',
    (error: { readonly code?: number; readonly type?: string }) => error.code ?? error.type,
  );

describe('the log', () => {
  test('given gaps, when one append brings several events, then they are one append with places left out', () =>
    withNode({ gap: 1 }, async ({ client }) => {
      const stream = newStream();
      const { position } = await client.appendToStream(stream, many(20));
      const events = await collect(client.readAll({ fromPosition: START }));
      const places = events.map(({ event }) => event?.position.commit ?? 0n);
      expect(events.map(({ event }) => event?.revision)).toEqual(many(20).map((_, i) => BigInt(i)));
      expect(places.at(-1)).toBe(position?.commit);
      const steps = places.slice(1).map((place, i) => place - places[i]!);
      expect(new Set(steps).size).toBeGreaterThan(4);
    }));

  test('given system events, when streams are written, then the log has more than they hold and a filter hides it', () =>
    withNode({ systemEvent: 1 }, async ({ client }) => {
      const prefix = newStream();
      for (let i = 0; i < 40; i += 1)
        await client.appendToStream(`${prefix}-${i % 4}`, received(i));
      const all = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END }));
      const system = all.filter(({ event }) => event?.streamId.startsWith('$'));
      expect(all.length - system.length).toBe(40);
      const types = new Set(system.map(({ event }) => event?.type));
      expect(types).toEqual(
        new Set([
          '$metadata',
          '$statsCollected',
          '$UserUpdated',
          '$>',
          'StockReceived',
          '$streamDeleted',
        ]),
      );
      const filter = streamNameFilter({ prefixes: [prefix] });
      const mine = await take(client.subscribeToAll({ fromPosition: START, filter }), 40);
      expect(mine.every(({ event }) => event?.streamId.startsWith(prefix))).toBe(true);
    }));
});

describe('retries', () => {
  test('given forgotten ids, when an append with any is retried, then it is written again, one with a revision is not', () =>
    withNode({ forgottenIds: 1 }, async ({ client }) => {
      const stream = newStream();
      const event = received(1);
      await client.appendToStream(stream, event, { expectedRevision: NO_STREAM });
      await client.appendToStream(newStream(), received(2));
      await client.appendToStream(stream, event, { expectedRevision: NO_STREAM });
      expect(await collect(client.readStream(stream))).toHaveLength(1);
      await client.appendToStream(stream, event, { expectedRevision: ANY });
      expect(await collect(client.readStream(stream))).toHaveLength(2);
    }));

  test.each([
    ['batch', {}],
    ['unary', UNARY],
  ])(
    'given missing positions, when a %s append is retried, then only the retry has none',
    (_, path) =>
      withNode({ missingPosition: 1 }, async ({ client }) => {
        const stream = newStream();
        const options = { expectedRevision: NO_STREAM, ...path } as const;
        const event = received(1);
        const first = await client.appendToStream(stream, event, options);
        const again = await client.appendToStream(stream, event, options);
        expect(first.position).toBeDefined();
        expect(again).toEqual({ success: true, nextExpectedRevision: 0n, position: undefined });
      }),
  );
});

describe.each([
  ['batch', 'deadline-exceeded', {}],
  ['unary', 'timeout', UNARY],
])('time-outs of %s appends', (_, type, path) => {
  const options = { expectedRevision: NO_STREAM, ...path } as const;

  test('before the commit: nothing is written', () =>
    withNode({ timeoutBeforeCommit: 1 }, async ({ client }) => {
      const stream = newStream();
      const append = client.appendToStream(stream, many(2), options);
      await expect(append).rejects.toMatchObject({ type });
      await expect(collect(client.readStream(stream))).rejects.toMatchObject({
        type: 'stream-not-found',
      });
    }));

  test('after the commit: all is written at once', () =>
    withNode({ timeoutAfterCommit: 1 }, async ({ client }) => {
      const stream = newStream();
      const append = client.appendToStream(stream, many(2), options);
      await expect(append).rejects.toMatchObject({ type });
      expect(await collect(client.readStream(stream))).toHaveLength(2);
    }));

  test('before a late commit: all is written some time later', () =>
    withNode({ lateCommit: 1 }, async ({ client }) => {
      const stream = newStream();
      const append = client.appendToStream(stream, many(2), options);
      await expect(append).rejects.toMatchObject({ type });
      const stored = () => collect(client.readStream(stream)).catch(() => []);
      await until(async () => (await stored()).length > 0);
      expect(await stored()).toHaveLength(2);
    }));
});

test('given a late commit on its way, when the node is stopped, then it is carried out first', async () => {
  const hostility = openHostility(SEED, { ...PEACEFUL, lateCommit: 1, longestDelayMs: 60_000 });
  const dataFolder = await newFolder();
  const place = { dataFolder, host: '127.0.0.1', port: 0, logger };
  const node = await startEventNode({ ...place, hostility });
  const client = EventStoreDBClient.connectionString(node.url);
  expect(await codeOf(client.appendToStream('stock-late', received(1)))).toBe('deadline-exceeded');
  await client.dispose();
  await node.stop();
  const next = await startEventNode(place);
  const reader = EventStoreDBClient.connectionString(next.url);
  expect(await collect(reader.readStream('stock-late'))).toHaveLength(1);
  await reader.dispose();
  await next.stop();
});

describe.each(CODES)('calls cut with %s', (name, code) => {
  const cutWith = [name];

  test('a read: what came before is the beginning', () =>
    withNode({ cutRead: 0.02, cutWith }, async ({ client, hostility }) => {
      const stream = newStream();
      await client.appendToStream(stream, many(100));
      for (let i = 0; i < 10; i += 1) {
        const revisions: bigint[] = [];
        const reading = (async () => {
          for await (const { event } of client.readStream(stream, { direction: FORWARDS })) {
            revisions.push(event?.revision ?? -1n);
          }
        })();
        expect(['success', code]).toContain(await codeOf(reading));
        expect(revisions).toEqual(revisions.map((_, at) => BigInt(at)));
      }
      expect(hostility.deeds.get('cutRead')).toBeGreaterThan(2);
    }));

  test('a subscription: resumed after the last event nothing is lost or repeated', () =>
    withNode({ cutSubscription: 0.05, cutWith }, async ({ client, hostility }) => {
      const stream = newStream();
      await client.appendToStream(stream, many(100));
      const revisions: bigint[] = [];
      while (revisions.length < 100) {
        const fromRevision = revisions.at(-1) ?? START;
        const reading = (async () => {
          for await (const { event } of client.subscribeToStream(stream, { fromRevision })) {
            revisions.push(event?.revision ?? -1n);
            if (revisions.length === 100) return;
          }
        })();
        expect(['success', code]).toContain(await codeOf(reading));
      }
      expect(revisions).toEqual(many(100).map((_, at) => BigInt(at)));
      expect(hostility.deeds.get('cutSubscription')).toBeGreaterThan(2);
    }));

  test('the batch call: every pending append is told, and each is written whole or not at all', () =>
    withNode({ cutBatchCall: 0.1, cutWith }, async ({ client, hostility }) => {
      const streams = Array.from({ length: 12 }, newStream);
      const codes: unknown[] = [];
      for (let round = 0; round < 4; round += 1) {
        const appends = streams.map((stream) =>
          codeOf(client.appendToStream(stream, many(3), { expectedRevision: ANY })),
        );
        codes.push(...(await Promise.all(appends)));
      }
      expect(new Set(codes)).toEqual(new Set(['success', code]));
      const stored = await collect(client.readAll({ fromPosition: START }));
      expect(stored.length % 3).toBe(0);
      const told = codes.filter((each) => each === 'success').length;
      // Some of those that were told of an error are written all the same.
      expect(stored.length / 3).toBeGreaterThan(told);
      expect(hostility.deeds.get('cutBatchCall')).toBeGreaterThan(0);
    }));

  test('a unary append: it is written though its caller is told of an error', () =>
    withNode({ cutUnaryCall: 1, cutWith }, async ({ client }) => {
      const stream = newStream();
      expect(await codeOf(client.appendToStream(stream, many(2), UNARY))).toBe(code);
      expect(await collect(client.readStream(stream))).toHaveLength(2);
    }));
});

describe('subscriptions', () => {
  test('given short ones, when nothing happens, then they end all the same', () =>
    withNode({ shortSubscription: 1 }, async ({ client }) => {
      const reading = collect(client.subscribeToAll({ fromPosition: END }));
      expect(CODES.map(([, code]) => code)).toContain(await codeOf(reading));
    }));

  test('given slow readers, when much comes at once, then one is cut off with all before in order', () =>
    withNode({ slowReader: 1 }, async ({ client }) => {
      const stream = newStream();
      await client.appendToStream(stream, received(0));
      const subscription = client.subscribeToStream(stream, { fromRevision: START });
      const revisions: bigint[] = [];
      const reading = (async () => {
        for await (const { event } of subscription) revisions.push(event?.revision ?? -1n);
      })();
      const ended = codeOf(reading);
      await new Promise((resolve) => subscription.once('caughtUp', resolve));
      await client.appendToStream(stream, many(100));
      expect(await ended).toBe(10);
      expect(revisions).toEqual(revisions.map((_, at) => BigInt(at)));
      expect(revisions.length).toBeLessThan(100);
    }));

  test('given delayed delivery, when much is appended, then every event comes once and in order', () =>
    withNode({ delayedDelivery: 0.5 }, async ({ client, hostility }) => {
      const stream = newStream();
      const readers = [1, 2, 3].map(() =>
        take(
          client.subscribeToAll({
            fromPosition: START,
            filter: streamNameFilter({ prefixes: [stream] }),
          }),
          60,
        ),
      );
      for (let i = 0; i < 60; i += 1) await client.appendToStream(stream, received(i));
      for (const events of await Promise.all(readers)) {
        expect(events.map(({ event }) => event?.revision)).toEqual(
          many(60).map((_, i) => BigInt(i)),
        );
      }
      expect(hostility.deeds.get('delayedDelivery')).toBeGreaterThan(3);
    }));

  test.each([
    ['late', { lateCaughtUp: 1 }, 1],
    ['missing', { missingCaughtUp: 1 }, 0],
  ])(
    'given a %s caughtUp, when events follow, then they do not wait for it',
    (_, profile, signals) =>
      withNode(profile, async ({ client }) => {
        const stream = newStream();
        await client.appendToStream(stream, received(0));
        const subscription = client.subscribeToStream(stream, { fromRevision: START });
        let caughtUp = 0;
        subscription.on('caughtUp', () => (caughtUp += 1));
        const events = subscription[Symbol.asyncIterator]();
        await events.next();
        await client.appendToStream(stream, received(1));
        expect(await events.next()).toMatchObject({ value: { event: { revision: 1n } } });
        await until(() => caughtUp >= signals);
        expect(caughtUp).toBe(signals);
        await subscription.unsubscribe();
      }),
  );

  test('given checkpoints with prepare position 0, when one is resumed from, then nothing is lost or repeated', () =>
    withNode({ prepareZero: 1 }, async ({ client, hostility }) => {
      const [wanted, other] = [newStream(), newStream()];
      const checkpoints: {
        readonly commit: bigint;
        readonly prepare: bigint;
        readonly before: number;
      }[] = [];
      let taken = 0;
      const filter = streamNameFilter({
        prefixes: [`${wanted}-`],
        checkpointInterval: 1,
        checkpointReached: (_subscription, position) => {
          checkpoints.push({ ...position, before: taken });
          return Promise.resolve();
        },
      });
      const options = { fromPosition: END, filter } as const;
      const subscription = client.subscribeToAll(options, { highWaterMark: 0 });
      await new Promise((resolve) => subscription.once('caughtUp', resolve));
      const events: string[] = [];
      const reading = (async () => {
        for await (const { event } of subscription) {
          taken += 1;
          events.push(event?.id ?? '');
          if (taken === 4) return;
        }
      })();
      for (let i = 0; i < 4; i += 1) {
        // Of every 64 events the last one matches, so that every other checkpoint lies at a match.
        await client.appendToStream(other, many(63));
        await client.appendToStream(`${wanted}-1`, received(i));
      }
      await reading;
      const zero = checkpoints.filter(({ prepare }) => prepare === 0n);
      expect(zero.length).toBe(hostility.deeds.get('prepareZero'));
      expect(zero.length).toBeGreaterThan(3);
      for (const { before, ...fromPosition } of checkpoints.filter((each) => each.before < 4)) {
        const resumed = client.subscribeToAll({
          fromPosition,
          filter: streamNameFilter({ prefixes: [`${wanted}-`] }),
        });
        const rest = await take(resumed, 4 - before);
        expect(rest.map(({ event }) => event?.id)).toEqual(events.slice(before));
      }
    }));
});

test('given a node that is not ready, when it is asked, then it is unavailable for a while and then answers', () =>
  withNode({ longestNotReadyMs: 400 }, async ({ client }) => {
    const stream = newStream();
    const codes = new Set<unknown>();
    const append = async (): Promise<boolean> => {
      const code = await codeOf(client.appendToStream(stream, received(1)));
      codes.add(code);
      return code === 'success';
    };
    await until(append);
    expect(codes).toEqual(new Set([14, 'success']));
    expect(await collect(client.readStream(stream))).toHaveLength(1);
  }));
