import { binaryEvent } from '@eventstore/db-client';
import { rawRead, rawSubscribe, type RawRead } from './raw-reads';
import { brief, collect, newStream, received, startNodeUnderTest, take } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const linkTo = (text: string) => binaryEvent({ type: '$>', data: Buffer.from(text) });

/** A stream with the given events or links, the latter as text. */
async function streamOf(...events: (number | string)[]): Promise<string> {
  const stream = newStream();
  await under.client.appendToStream(
    stream,
    events.map((event) => (typeof event === 'string' ? linkTo(event) : received(event))),
  );
  return stream;
}

const texts = async (read: RawRead): Promise<string[]> =>
  (await rawRead(under.streams, read)).texts;

describe('given a stream with links to another one and an event of its own, when', () => {
  const given = async () => {
    const target = await streamOf(1, 2);
    const links = await streamOf(`1@${target}`, 7, `0@${target}`);
    const resolved = [
      `[${links}/0 $>] -> ${target}/1 StockReceived`,
      `${links}/1 StockReceived`,
      `[${links}/2 $>] -> ${target}/0 StockReceived`,
    ];
    return { target, links, resolved };
  };

  test('it is read unresolved, then the links are ordinary events', async () => {
    const { links } = await given();
    expect(await texts({ stream: links })).toEqual([
      `${links}/0 $>`,
      `${links}/1 StockReceived`,
      `${links}/2 $>`,
    ]);
  });

  test('it is read resolved, then targets come with their links, in either direction', async () => {
    const { links, resolved } = await given();
    expect(await texts({ stream: links, resolve: true })).toEqual(resolved);
    const backwards = { backwards: true, from: 'end', resolve: true, count: 2 } as const;
    expect(await texts({ stream: links, ...backwards })).toEqual([resolved[2], resolved[1]]);
  });

  test('it is read resolved, then the position of a message is that of the link', async () => {
    const { target, links } = await given();
    const plain = await rawRead(under.streams, { stream: links });
    const { messages } = await rawRead(under.streams, { stream: links, resolve: true });
    const own = await rawRead(under.streams, { stream: target });
    for (const [i, { event }] of messages.entries()) {
      expect(event?.getCommitPosition()).toBe(String(plain.messages[i]?.position?.commit));
    }
    expect(messages[0]?.event?.getEvent()?.getCommitPosition()).toBe(
      String(own.messages[1]?.position?.commit),
    );
  });

  test('the log is read resolved, then the links there are resolved too', async () => {
    const { links, resolved } = await given();
    const from = (await rawRead(under.streams, { stream: links })).messages[0]!.position!;
    expect(await texts({ from, resolve: true })).toEqual(resolved);
    const backwards = { from: 'end', backwards: true, resolve: true, count: 1 } as const;
    expect(await texts(backwards)).toEqual(resolved.slice(-1));
  });

  test('it is subscribed to, then stored and live links are resolved', async () => {
    const { target, links, resolved } = await given();
    const reading = rawSubscribe(under.streams, { stream: links, resolve: true });
    await reading.reaches('caught up');
    await under.client.appendToStream(links, linkTo(`1@${target}`));
    await reading.reaches(6);
    expect(reading.texts()).toEqual([
      'confirmed',
      ...resolved,
      'caught up',
      `[${links}/3 $>] -> ${target}/1 StockReceived`,
    ]);
    reading.cancel();
  });

  test('it is subscribed to from a revision, then that counts links', async () => {
    const { links, resolved } = await given();
    const reading = rawSubscribe(under.streams, { stream: links, resolve: true, from: 1 });
    await reading.reaches('caught up');
    expect(reading.texts()).toEqual(['confirmed', resolved[2], 'caught up']);
    reading.cancel();
  });

  test('the official client reads it, then event, link and revision are told apart', async () => {
    const { target, links } = await given();
    const events = await collect(under.client.readStream(links, { resolveLinkTos: true }));
    expect(events.map(brief)).toEqual([
      `${target}/1 StockReceived`,
      `${links}/1 StockReceived`,
      `${target}/0 StockReceived`,
    ]);
    expect(events.map(({ link }) => link?.revision)).toEqual([0n, undefined, 2n]);
    const subscription = under.client.subscribeToStream(links, { resolveLinkTos: true });
    expect((await take(subscription, 3)).map(brief)).toEqual(events.map(brief));
  });
});

describe('given a link whose target', () => {
  test.each<[string, () => Promise<string>]>([
    ['has never been written', async () => `5@${await streamOf(1)}`],
    ['is in no stream', () => Promise.resolve(`0@${newStream()}`)],
    [
      'is truncated',
      async () => {
        const target = await streamOf(1, 2, 3);
        await under.client.setStreamMetadata(target, { truncateBefore: 2 });
        return `1@${target}`;
      },
    ],
    [
      'is beyond the count to keep',
      async () => {
        const target = await streamOf(1, 2, 3);
        await under.client.setStreamMetadata(target, { maxCount: 1 });
        return `1@${target}`;
      },
    ],
    [
      'is soft-deleted',
      async () => {
        const target = await streamOf(1);
        await under.client.deleteStream(target);
        return `0@${target}`;
      },
    ],
    [
      'is tombstoned',
      async () => {
        const target = await streamOf(1);
        await under.client.tombstoneStream(target);
        return `0@${target}`;
      },
    ],
  ])('%s, when it is resolved, then the link comes without an event', async (_what, given) => {
    const links = await streamOf(await given());
    const broken = `[${links}/0 $>] -> nothing`;
    expect(await texts({ stream: links, resolve: true })).toEqual([broken]);
    const reading = rawSubscribe(under.streams, { stream: links, resolve: true });
    await reading.reaches('caught up');
    expect(reading.texts()).toEqual(['confirmed', broken, 'caught up']);
    reading.cancel();
    const [event] = await collect(under.client.readStream(links, { resolveLinkTos: true }));
    expect(event?.event).toBeUndefined();
    expect(event?.link?.streamId).toBe(links);
  });

  test('is still shown beside hidden ones, when it is resolved, then it comes', async () => {
    const target = await streamOf(1, 2, 3);
    await under.client.setStreamMetadata(target, { truncateBefore: 2 });
    const links = await streamOf(`2@${target}`);
    expect(await texts({ stream: links, resolve: true })).toEqual([
      `[${links}/0 $>] -> ${target}/2 StockReceived`,
    ]);
  });

  test('has an @ in the name of its stream, when it is resolved, then it comes', async () => {
    const target = `stock@${newStream()}`;
    await under.client.appendToStream(target, received(1));
    const links = await streamOf(`0@${target}`);
    expect(await texts({ stream: links, resolve: true })).toEqual([
      `[${links}/0 $>] -> ${target}/0 StockReceived`,
    ]);
  });
});

test.each(['not a link', 'x@stock', '', '@stock'])(
  'given a link that says %j, when it is resolved, then it is an ordinary event',
  async (text) => {
    const links = await streamOf(text);
    expect(await texts({ stream: links, resolve: true })).toEqual([`${links}/0 $>`]);
  },
);
