import { randomUUID } from 'node:crypto';
import {
  EventStoreDBClient,
  NO_STREAM,
  START,
  jsonEvent,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type AppendResult,
} from '@eventstore/db-client';
import { collect } from '../event-node/support';
import { seedsOr, startHostileNode } from './support';

/** What a node guarantees however hostile it is: whoever retries as the protocol allows loses nothing and doubles nothing. */

const PREFIX = 'kept-';
const APPENDS_PER_WRITER = 60;

interface Written {
  readonly stream: string;
  readonly ids: readonly string[];
  /** Undefined: another one came first, and nothing was written. */
  readonly revision: bigint | undefined;
  readonly position: bigint | undefined;
}

interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Repeats the same append until the node says what has become of it; a wrong version means: nothing was written. */
async function appendUntilTold(
  client: EventStoreDBClient,
  stream: string,
  ids: readonly string[],
  revision: bigint,
): Promise<AppendResult | 'conflict'> {
  const events = ids.map((id) => jsonEvent({ id, type: 'Kept', data: {} }));
  const expectedRevision = revision < 0n ? NO_STREAM : revision;
  for (;;) {
    try {
      return await client.appendToStream(stream, events, { expectedRevision });
    } catch (error) {
      if ((error as { readonly type?: string }).type === 'wrong-expected-version')
        return 'conflict';
    }
  }
}

async function headOf(client: EventStoreDBClient, stream: string): Promise<bigint> {
  for (;;) {
    try {
      const events = client.readStream(stream, {
        direction: 'backwards',
        fromRevision: 'end',
        maxCount: 1,
      });
      const [last] = await collect(events);
      return last?.event?.revision ?? -1n;
    } catch (error) {
      if ((error as { readonly type?: string }).type === 'stream-not-found') return -1n;
    }
  }
}

async function write(client: EventStoreDBClient, streams: readonly string[]): Promise<Written[]> {
  const written: Written[] = [];
  for (let n = 0; n < APPENDS_PER_WRITER; n += 1) {
    const stream = streams[n % streams.length]!;
    const ids = Array.from({ length: 1 + (n % 3) }, () => randomUUID());
    const before = await headOf(client, stream);
    const result = await appendUntilTold(client, stream, ids, before);
    if (result === 'conflict') {
      written.push({ stream, ids, revision: undefined, position: undefined });
      continue;
    }
    expect(result.nextExpectedRevision).toBe(before + BigInt(ids.length));
    const { nextExpectedRevision: revision, position } = result;
    written.push({ stream, ids, revision, position: position?.commit });
  }
  return written;
}

/** Follows the log up to an event, resuming after the newest event or checkpoint whenever it is cut off. */
class Follower {
  readonly events: AllStreamResolvedEvent[] = [];
  readonly checkpoints: { readonly place: Place; readonly taken: number }[] = [];
  sessions = 0;
  private from: Place | undefined;

  constructor(private readonly client: EventStoreDBClient) {}

  async followUntil(last: string): Promise<void> {
    while (this.events.at(-1)?.event?.id !== last) {
      this.sessions += 1;
      const subscription = this.subscribe();
      try {
        for await (const resolved of subscription) {
          this.events.push(resolved);
          this.from = resolved.event?.position;
          if (resolved.event?.id === last) break;
        }
      } catch {
        // Cut off: the next session goes on from there.
      }
      // A second error may follow the first.
      subscription.on('error', () => undefined);
      await subscription.unsubscribe().catch(() => undefined);
    }
  }

  private subscribe(): AllStreamSubscription {
    const filter = streamNameFilter({
      prefixes: [PREFIX],
      checkpointInterval: 1,
      checkpointReached: (_subscription, place) => {
        this.checkpoints.push({ place, taken: this.events.length });
        if (this.from === undefined || place.commit > this.from.commit) this.from = place;
        return Promise.resolve();
      },
    });
    // Otherwise the client would call back for a checkpoint before it hands over the events in front of it.
    const readable = { highWaterMark: 0 };
    return this.client.subscribeToAll({ fromPosition: this.from ?? START, filter }, readable);
  }
}

const idsOf = (events: readonly AllStreamResolvedEvent[]): string[] =>
  events.map(({ event }) => event?.id ?? '');

describe.each(seedsOr([1, 2]))('given a node of full hostility, seed %i', (seed) => {
  test('when many write and follow, then what was acknowledged is there, whole, once, in order, where it was said to be', async () => {
    const node = await startHostileNode(seed);
    const client = EventStoreDBClient.connectionString(node.url);
    const last = randomUUID();
    const follower = new Follower(client);
    const following = follower.followUntil(last);
    const shared = [`${PREFIX}shared-1`, `${PREFIX}shared-2`];
    const writers = Array.from({ length: 6 }, (_, n) =>
      write(client, [`${PREFIX}own-${n}`, ...shared]),
    );
    const written = (await Promise.all(writers)).flat();
    await appendUntilTold(client, `${PREFIX}last`, [last], -1n);
    await following;

    await client.dispose();
    const calm = EventStoreDBClient.connectionString(await node.settle());
    const log = await collect(calm.readAll({ fromPosition: START }));
    await calm.dispose();
    await node.close();
    const mine = log.filter(({ event }) => event?.streamId.startsWith(PREFIX));
    expectWritten(mine, written);
    expect(idsOf(follower.events)).toEqual(idsOf(mine));
    expectHonestCheckpoints(follower);
    expect(follower.sessions).toBeGreaterThan(2);
  });
});

function expectWritten(log: readonly AllStreamResolvedEvent[], written: readonly Written[]): void {
  const at = new Map(idsOf(log).map((id, index) => [id, index]));
  for (const { stream, ids, revision, position } of written) {
    if (revision === undefined) {
      expect(ids.filter((id) => at.has(id))).toEqual([]);
      continue;
    }
    const first = at.get(ids[0]!)!;
    const stored = log.slice(first, first + ids.length);
    // An append stands in one piece.
    expect(idsOf(stored)).toEqual(ids);
    expect(stored.at(-1)?.event).toMatchObject({ streamId: stream, revision });
    if (position !== undefined) expect(stored.at(-1)?.event?.position.commit).toBe(position);
  }
  expect(at.size).toBe(log.length);
  const next = new Map<string, bigint>();
  let before = -1n;
  for (const { event } of log) {
    expect(event?.revision).toBe(next.get(event!.streamId) ?? 0n);
    next.set(event!.streamId, event!.revision + 1n);
    expect(event!.position.commit).toBeGreaterThan(before);
    before = event!.position.commit;
  }
}

/** No checkpoint lies beyond an event that had not been handed over. */
function expectHonestCheckpoints({ events, checkpoints }: Follower): void {
  expect(checkpoints.length).toBeGreaterThan(3);
  for (const { place, taken } of checkpoints) {
    const next = events[taken]?.event?.position.commit;
    if (next === undefined) continue;
    expect(place.prepare < place.commit ? place.commit <= next : place.commit < next).toBe(true);
  }
}
