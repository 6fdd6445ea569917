import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  StreamNotFoundError,
  UnknownError,
  binaryEvent,
  jsonEvent,
} from '@eventstore/db-client';
import { brief, collect, newStream, received, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const quantities = async (stream: string, options: Parameters<typeof under.client.readStream>[1]) =>
  (await collect(under.client.readStream(stream, options))).map(
    ({ event }) => (event?.data as { readonly quantity: number }).quantity,
  );

describe('given a stream with the quantities 0 to 299', () => {
  const stream = newStream();
  beforeAll(() =>
    under.client.appendToStream(
      stream,
      Array.from({ length: 300 }, (_, i) => received(i)),
    ),
  );

  test.each([
    ['from the start', { maxCount: 2 }, [0, 1]],
    ['from a revision', { fromRevision: 297n }, [297, 298, 299]],
    ['past the end', { fromRevision: 300n }, []],
    [
      'backwards from the end',
      { direction: BACKWARDS, fromRevision: END, maxCount: 2 },
      [299, 298],
    ],
    ['backwards from a revision', { direction: BACKWARDS, fromRevision: 1n }, [1, 0]],
    [
      'backwards from beyond the end',
      { direction: BACKWARDS, fromRevision: 9999n, maxCount: 1 },
      [299],
    ],
  ] as const)('when it is read %s, then these come', async (_how, options, expected) => {
    expect(await quantities(stream, options)).toEqual(expected);
  });

  test('when all of it is read, then nothing is missing across pages', async () => {
    const all = Array.from({ length: 300 }, (_, i) => i);
    expect(await quantities(stream, {})).toEqual(all);
    const backwards = { direction: BACKWARDS, fromRevision: END } as const;
    expect(await quantities(stream, backwards)).toEqual([...all].reverse());
  });
});

test('given no stream, when it is read, then it is not found', async () => {
  await expect(collect(under.client.readStream('stock-never'))).rejects.toThrow(
    StreamNotFoundError,
  );
});

test('given an event, when it is read, then content, metadata, type and time are those of the append', async () => {
  const stream = newStream();
  const before = Date.now();
  await under.client.appendToStream(stream, [
    jsonEvent({
      id: '0b6f1f0e-7f0a-4d52-9d6b-0d4b3c0f9a11',
      type: 'StockIssued',
      data: { names: ['é', '世'], amount: 2.5 },
      metadata: { actor: 'ann' },
    }),
    binaryEvent({ type: 'ScanStored', data: Buffer.from([0, 255, 16]) }),
  ]);
  const [issued, scan] = await collect(under.client.readStream(stream));
  expect(issued?.event).toMatchObject({
    id: '0b6f1f0e-7f0a-4d52-9d6b-0d4b3c0f9a11',
    type: 'StockIssued',
    data: { names: ['é', '世'], amount: 2.5 },
    metadata: { actor: 'ann' },
  });
  expect(issued?.event?.created.getTime()).toBeGreaterThanOrEqual(before);
  expect(issued?.event?.created.getTime()).toBeLessThanOrEqual(Date.now());
  expect(Buffer.from(scan?.event?.data as Uint8Array)).toEqual(Buffer.from([0, 255, 16]));
});

describe('given events of several streams', () => {
  const streams = [newStream(), newStream()];
  const order: bigint[] = [];
  beforeAll(async () => {
    for (const stream of [...streams, ...streams]) {
      const { position } = await under.client.appendToStream(stream, received(1));
      order.push(position?.commit ?? 0n);
    }
  });
  const at = (i: number) => ({ commit: order[i]!, prepare: order[i]! });
  const own = async (events: ReturnType<typeof under.client.readAll>) =>
    (await collect(events))
      .map(({ event }) => event?.position.commit ?? 0n)
      .filter((position) => order.includes(position));

  test('when the log is read forwards from a position, then the event there comes first', async () => {
    const log = under.client.readAll({ direction: FORWARDS, fromPosition: at(1) });
    expect(await own(log)).toEqual(order.slice(1));
  });

  test('when the log is read backwards from a position, then the event there does not come', async () => {
    const log = under.client.readAll({ direction: BACKWARDS, fromPosition: at(2) });
    expect(await own(log)).toEqual([order[1], order[0]]);
  });

  test('when the log is read backwards from its end, then the newest comes first', async () => {
    const log = under.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
    const newest = under.client.readStream(streams[1]!, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 1,
    });
    expect((await collect(log)).map(brief)).toEqual((await collect(newest)).map(brief));
  });

  test('when the log is read from a position that was never handed out, then it is refused', async () => {
    const between = { commit: order[1]! + 1n, prepare: order[1]! + 1n };
    const log = under.client.readAll({ direction: FORWARDS, fromPosition: between });
    await expect(collect(log)).rejects.toThrow(UnknownError);
  });

  test('when the log is read from its start, then its first event lies above position 0', async () => {
    const [first] = await collect(under.client.readAll({ fromPosition: START, maxCount: 1 }));
    expect(first?.event?.position.commit).toBeGreaterThan(0n);
  });
});

test('given links, when they are resolved, then the targets come with their links, or nothing where there is none', async () => {
  const target = newStream();
  const links = newStream();
  await under.client.appendToStream(target, [received(1), received(2)]);
  const linkTo = (revision: number) =>
    binaryEvent({ type: '$>', data: Buffer.from(`${revision}@${target}`) });
  await under.client.appendToStream(links, [linkTo(1), linkTo(5)]);

  const resolved = await collect(under.client.readStream(links, { resolveLinkTos: true }));
  expect(resolved.map(brief)).toEqual([`${target}/1 StockReceived`, 'nothing']);
  expect(resolved.map(({ link }) => link?.revision)).toEqual([0n, 1n]);
  const plain = await collect(under.client.readStream(links));
  expect(plain.map(({ event }) => event?.type)).toEqual(['$>', '$>']);
});
