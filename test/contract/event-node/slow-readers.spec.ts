import { START, TimeoutError, jsonEvent } from '@eventstore/db-client';
import { rawSubscribe, type RawRead } from './raw-reads';
import { newStream, received, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const padding = 'x'.repeat(8000);
const BURST = 240;

/** More than the connection of a reader that does not read will take; `pause` runs after every 40 events. */
async function burst(
  stream: string,
  pause: (count: number) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const append = () => {
    const events = [1, 2, 3, 4].map((n) =>
      jsonEvent({ type: 'StockCounted', data: { n, padding } }),
    );
    return under.client.appendToStream(stream, events);
  };
  for (let count = 40; count <= BURST; count += 40) {
    await Promise.all(Array.from({ length: 10 }, append));
    await pause(count);
  }
}

describe('given a live reader that does not read, when much is appended', () => {
  test.each<[string, (stream: string) => RawRead]>([
    ['a stream', (stream) => ({ stream })],
    ['the log', () => ({ from: 'end' })],
    ['a part of the log', (stream) => ({ filter: { on: 'stream', prefixes: [stream] } })],
  ])('to %s, then it is cut off, and what came before is contiguous', async (_what, read) => {
    const stream = `${newStream()}-slow`;
    const reading = rawSubscribe(under.streams, read(stream));
    if (read(stream).stream === undefined) await reading.reaches('caught up');
    else await reading.reaches('confirmed');
    reading.pause();
    await burst(stream);
    reading.resume();
    expect(await reading.ended()).toEqual({ status: 'ABORTED' });
    const seen = reading.texts().filter((text) => text.startsWith(stream));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(BURST);
    expect(seen).toEqual(seen.map((_, i) => `${stream}/${i} StockCounted`));
  });

  test('then the official client says that it took too long, and others are served as before', async () => {
    const stream = newStream();
    await under.client.appendToStream(stream, received(1));
    const other = rawSubscribe(under.streams, { stream });
    const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await burst(stream, (count) => other.reaches(count + 3));
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const { event } of subscription) seen.push(event?.revision ?? -1n);
    })();
    await expect(reading).rejects.toThrow(TimeoutError);
    expect(seen.length).toBeLessThan(BURST + 1);
    expect(seen).toEqual(seen.map((_, i) => BigInt(i)));
    expect(other.texts()).toHaveLength(BURST + 3);
    other.cancel();
  });
});

test('given a reader that was cut off, when it subscribes again after what it has seen, then nothing is lost or repeated', async () => {
  const stream = newStream();
  await under.client.appendToStream(stream, received(0));
  const first = rawSubscribe(under.streams, { stream });
  await first.reaches('caught up');
  first.pause();
  await burst(stream);
  first.resume();
  await first.ended();
  const seen = first.texts().filter((text) => text.startsWith(stream));
  const second = rawSubscribe(under.streams, { stream, from: seen.length - 1 });
  await second.reaches('caught up');
  const all = [...seen, ...second.texts().filter((text) => text.startsWith(stream))];
  expect(all.map((text) => text.split(' ')[0])).toEqual(
    Array.from({ length: BURST + 1 }, (_, i) => `${stream}/${i}`),
  );
  second.cancel();
});

test('given a reader that catches up slowly, when it stops for a while, then it is not cut off', async () => {
  const stream = newStream();
  const appendMany = (name: string, count: number) =>
    under.client.appendToStream(name, Array.from({ length: count }, received));
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

test('given more stored events than the connection takes, when the reader stops before it has caught up, then all come when it goes on', async () => {
  const stream = newStream();
  await burst(stream);
  const reading = rawSubscribe(under.streams, { stream });
  reading.pause();
  await under.client.appendToStream(stream, received(1));
  reading.resume();
  await reading.reaches('caught up');
  expect(reading.texts()).toHaveLength(BURST + 3);
  reading.cancel();
});
