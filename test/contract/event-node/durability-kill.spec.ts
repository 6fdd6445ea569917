import { rm } from 'node:fs/promises';
import {
  EventStoreDBClient,
  NO_STREAM,
  StreamNotFoundError,
  type AppendExpectedRevision,
  type JSONEventType,
} from '@eventstore/db-client';
import { verifyFolder } from '../../../libs/embedded/eventstore';
import {
  endLeftNodes,
  collect,
  newFolder,
  received,
  spawnReadyNode,
  until,
  portOf,
} from './support';

type StockReceived = JSONEventType<'StockReceived', { readonly quantity: number }>;

const KILLS = 20;
const WRITERS = 64;

let folder: string;
beforeEach(async () => (folder = await newFolder()));
afterEach(async () => {
  await endLeftNodes();
  await rm(folder, { recursive: true, force: true });
});

interface Acknowledged {
  readonly ids: readonly string[];
  /** Of the last event. */
  readonly revision: bigint;
  readonly position: bigint;
}

/** What a writer knows of its stream. */
interface Own {
  readonly stream: string;
  expected: AppendExpectedRevision;
  /** Revisions from here on have not been looked at since they were told. */
  checkedTo: bigint;
  acknowledged: Acknowledged[];
}

/** Appends one to three events at a time to its stream until an append fails. */
async function writeOn(client: EventStoreDBClient, own: Own, onDone: () => void): Promise<void> {
  for (let n = 0; ; n += 1) {
    const events = Array.from({ length: 1 + (n % 3) }, (_, i) => received(i));
    const options = { expectedRevision: own.expected };
    const result = await client.appendToStream(own.stream, events, options);
    const revision = result.nextExpectedRevision;
    own.expected = revision;
    const position = result.position?.commit ?? -1n;
    own.acknowledged.push({ ids: events.map(({ id }) => id), revision, position });
    onDone();
  }
}

/** Everything acknowledged must be there, and what was under way as a whole or not at all. */
async function check(client: EventStoreDBClient, own: Own): Promise<void> {
  const options = { fromRevision: own.checkedTo };
  const reading = collect(client.readStream<StockReceived>(own.stream, options));
  const stored = await reading.catch((error: unknown) => {
    if (error instanceof StreamNotFoundError) return [];
    throw error;
  });
  const idsAt = (revision: bigint, count: number): (string | undefined)[] => {
    const end = Number(revision - own.checkedTo) + 1;
    return stored.slice(Math.max(0, end - count), end).map(({ event }) => event?.id);
  };
  for (const { ids, revision, position } of own.acknowledged) {
    expect(idsAt(revision, ids.length)).toEqual(ids);
    const last = stored[Number(revision - own.checkedTo)];
    expect(last?.event?.position?.commit).toBe(position);
  }
  const known = own.acknowledged.at(-1)?.revision ?? own.checkedTo - 1n;
  const beyond = stored.slice(Number(known - own.checkedTo) + 1);
  // An append that was under way holds quantities 0, 1, ... and its whole length is that of its turn.
  expect(beyond.map(({ event }) => event?.data.quantity)).toEqual(beyond.map((_, i) => i));
  const turn = own.acknowledged.length % 3;
  expect([0, turn + 1]).toContain(beyond.length);
  expect(stored.map(({ event }) => event?.revision)).toEqual(
    stored.map((_, i) => own.checkedTo + BigInt(i)),
  );
  own.checkedTo += BigInt(stored.length);
  own.expected = own.checkedTo === 0n ? NO_STREAM : own.checkedTo - 1n;
  own.acknowledged = [];
}

test(
  `given ${WRITERS} writers, when the node is killed ${KILLS} times, then each time all that was acknowledged is there, whole and in its place, and appends go on`,
  async () => {
    let node = await spawnReadyNode(folder);
    const port = portOf(node.url);
    // The only client of this process: it reconnects to the node's successor on the same port.
    const client = EventStoreDBClient.connectionString(node.url);
    const owners = Array.from({ length: WRITERS }, (_, n): Own => {
      return { stream: `stock-${n}`, expected: NO_STREAM, checkedTo: 0n, acknowledged: [] };
    });
    let total = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      let done = 0;
      // Another moment each time: at once, in the middle of a group, after many.
      const enough = (kill * 37) % 251;
      const load = Promise.allSettled(owners.map((own) => writeOn(client, own, () => (done += 1))));
      await until(() => done >= enough);
      await node.end('SIGKILL');
      await load;
      total += done;

      const { damages } = await verifyFolder(folder, () => undefined);
      expect(damages).toEqual([]);
      node = await spawnReadyNode(folder, port);
      await until(() =>
        client.appendToStream('stock-probe', received(0)).then(
          () => true,
          () => false,
        ),
      );
      await Promise.all(owners.map((own) => check(client, own)));
    }
    expect(total).toBeGreaterThan(KILLS * 50);
    await client.dispose();
    expect(await node.end('SIGTERM')).toBe(0);
  },
  KILLS * 10_000,
);
