import {
  END,
  START,
  TimeoutError,
  eventTypeFilter,
  jsonEvent,
  streamNameFilter,
} from '@eventstore/db-client';
import { brief, newStream, received, startNodeUnderTest, take, until } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const appendMany = (stream: string, count: number) =>
  under.client.appendToStream(
    stream,
    Array.from({ length: count }, (_, i) => received(i)),
  );

describe('given a stream with stored events, when it is subscribed to', () => {
  test('from its start, then stored and new events come once each and in order', async () => {
    const stream = newStream();
    await appendMany(stream, 300);
    const events = take(under.client.subscribeToStream(stream, { fromRevision: START }), 310);
    for (let i = 0; i < 10; i += 1) await under.client.appendToStream(stream, received(300 + i));
    expect((await events).map(({ event }) => event?.revision)).toEqual(
      Array.from({ length: 310 }, (_, i) => BigInt(i)),
    );
  });

  test('from a revision, then the event after it comes first', async () => {
    const stream = newStream();
    await appendMany(stream, 3);
    const events = await take(under.client.subscribeToStream(stream, { fromRevision: 1n }), 1);
    expect(events.map(brief)).toEqual([`${stream}/2 StockReceived`]);
  });

  test('from its end, then only what is appended later comes', async () => {
    const stream = newStream();
    await appendMany(stream, 3);
    const subscription = under.client.subscribeToStream(stream, { fromRevision: END });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await under.client.appendToStream(stream, received(4));
    expect((await take(subscription, 1)).map(brief)).toEqual([`${stream}/3 StockReceived`]);
  });
});

test('given no stream, when it is subscribed to and then made, then its events come', async () => {
  const stream = newStream();
  const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
  await new Promise((resolve) => subscription.once('confirmation', resolve));
  await appendMany(stream, 2);
  expect((await take(subscription, 2)).map(({ event }) => event?.revision)).toEqual([0n, 1n]);
});

test('given a subscription to the log, when it is resumed from a position, then nothing is lost or repeated', async () => {
  const stream = newStream();
  await appendMany(stream, 6);
  const filter = () => streamNameFilter({ prefixes: [stream] });
  const all = under.client.subscribeToAll({ fromPosition: START, filter: filter() });
  const first = await take(all, 3);
  const position = first[2]?.event?.position;
  if (!position) throw new Error('an event has no position');
  const rest = under.client.subscribeToAll({ fromPosition: position, filter: filter() });
  const revisions = [...first, ...(await take(rest, 3))].map(({ event }) => event?.revision);
  expect(revisions).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
});

describe('given events of several streams and types, when the log is subscribed to', () => {
  const tag = `order${Date.now()}`;
  const typed = (type: string) => jsonEvent({ type: `${tag}-${type}`, data: {} });
  beforeAll(async () => {
    await under.client.appendToStream(`${tag}-1`, [typed('Placed'), typed('Paid')]);
    await under.client.appendToStream(`${tag}-2`, [typed('Placed'), typed('Sent')]);
  });

  test.each([
    [
      'with a prefix of stream names',
      streamNameFilter({ prefixes: [`${tag}-2`] }),
      ['Placed', 'Sent'],
    ],
    [
      'with a pattern of stream names',
      streamNameFilter({ regex: `^${tag}-[1]$` }),
      ['Placed', 'Paid'],
    ],
    [
      'with prefixes of types',
      eventTypeFilter({ prefixes: [`${tag}-Pa`, `${tag}-S`] }),
      ['Paid', 'Sent'],
    ],
    [
      'with a pattern of types',
      eventTypeFilter({ regex: `^${tag}-P` }),
      ['Placed', 'Paid', 'Placed'],
    ],
  ])('%s, then only what matches comes', async (_how, filter, expected) => {
    const subscription = under.client.subscribeToAll({ fromPosition: START, filter });
    const events = await take(subscription, expected.length);
    expect(events.map(({ event }) => event?.type)).toEqual(
      expected.map((type) => `${tag}-${type}`),
    );
  });
});

test('given a filter that matches little, when much else is stored, then checkpoints come and none skips a match', async () => {
  const other = newStream();
  const wanted = `wanted-${newStream()}`;
  await appendMany(other, 500);
  await appendMany(wanted, 1);
  await appendMany(other, 500);
  const checkpoints: { readonly commit: bigint; readonly prepare: bigint }[] = [];
  const filter = streamNameFilter({
    prefixes: [wanted],
    checkpointInterval: 2,
    checkpointReached: (_subscription, position) => {
      checkpoints.push(position);
      return Promise.resolve();
    },
  });
  const subscription = under.client.subscribeToAll({ fromPosition: START, filter });
  const [match] = await take(subscription, 1);
  await until(() => checkpoints.length > 0);
  const before = checkpoints[0];
  if (!before) throw new Error('no checkpoint');
  const resumed = under.client.subscribeToAll({
    fromPosition: before,
    filter: streamNameFilter({ prefixes: [wanted] }),
  });
  expect(before.commit).toBeLessThanOrEqual(match?.event?.position.commit ?? 0n);
  expect((await take(resumed, 1)).map(brief)).toEqual([brief(match!)]);
});

test('given a live reader that does not read, when much is appended, then it is cut off with all before in order', async () => {
  const stream = newStream();
  await appendMany(stream, 1);
  const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
  await new Promise((resolve) => subscription.once('caughtUp', resolve));
  const padding = 'x'.repeat(4000);
  for (let i = 0; i < 200; i += 1) {
    const events = [1, 2, 3, 4].map((n) =>
      jsonEvent({ type: 'StockCounted', data: { n, padding } }),
    );
    await under.client.appendToStream(stream, events);
  }
  const seen: bigint[] = [];
  const reading = (async () => {
    for await (const { event } of subscription) seen.push(event?.revision ?? -1n);
  })();
  await expect(reading).rejects.toThrow(TimeoutError);
  expect(seen.length).toBeLessThan(801);
  expect(seen).toEqual(seen.map((_, i) => BigInt(i)));
});

test('given a reader that catches up slowly, when it stops for a while, then it is not cut off', async () => {
  const stream = newStream();
  await appendMany(stream, 1000);
  const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
  let seen = 0;
  for await (const _event of subscription) {
    seen += 1;
    if (seen % 100 === 0) await appendMany(`${stream}-other`, 20);
    if (seen === 1000) break;
  }
  await subscription.unsubscribe();
  expect(seen).toBe(1000);
});

test('given a subscriber, when its stream is tombstoned, then it is told and its subscription ends', async () => {
  const stream = newStream();
  await appendMany(stream, 1);
  const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
  const types: (string | undefined)[] = [];
  const reading = (async () => {
    for await (const { event } of subscription) types.push(event?.type);
  })();
  const ended = expect(reading).rejects.toMatchObject({ type: 'stream-deleted' });
  await until(() => types.length === 1);
  await under.client.tombstoneStream(stream);
  await ended;
  // The client may drop what it has buffered when the error comes.
  expect(['StockReceived', '$streamDeleted']).toEqual(expect.arrayContaining(types));
});

test('given a stream that is written to all the time, when many subscribe meanwhile, then each gets every event once and in order', async () => {
  const stream = newStream();
  const total = 1500;
  let written = 0;
  const writing = (async () => {
    while (written < total) {
      await Promise.all([appendMany(stream, 1), appendMany(stream, 2), appendMany(stream, 2)]);
      written += 5;
    }
  })();
  const readers: Promise<(bigint | undefined)[]>[] = [];
  const subscribe = async (): Promise<(bigint | undefined)[]> => {
    const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
    return (await take(subscription, total)).map(({ event }) => event?.revision);
  };
  for (let i = 1; i <= 20; i += 1) {
    await until(() => written >= (total / 25) * i);
    readers.push(subscribe());
  }
  await writing;
  const expected = Array.from({ length: total }, (_, i) => BigInt(i));
  for (const revisions of await Promise.all(readers)) expect(revisions).toEqual(expected);
});
