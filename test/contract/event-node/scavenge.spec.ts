import {
  END,
  NO_STREAM,
  START,
  WrongExpectedVersionError,
  binaryEvent,
  type AllStreamResolvedEvent,
} from '@eventstore/db-client';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { OperationsClient } from '@eventstore/db-client/generated/operations_grpc_pb';
import {
  ScavengeResp,
  StartScavengeReq,
  StopScavengeReq,
} from '@eventstore/db-client/generated/operations_pb';
import { scavengeNode, type ScavengeReport } from '../../../libs/embedded/eventstore';
import { brief, collect, newStream, received, startNodeUnderTest, take, until } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const scavenge = (): Promise<ScavengeReport> => scavengeNode(under.node.url, () => undefined);

const append = (stream: string, count: number) =>
  under.client.appendToStream(
    stream,
    Array.from({ length: count }, (_, i) => received(i)),
  );

const limit = (stream: string, metadata: object) =>
  under.client.setStreamMetadata(stream, metadata as Record<string, never>);

/** What the log holds of a stream and of its metadata. */
async function logOf(stream: string): Promise<string[]> {
  const own = new Set([stream, `$$${stream}`]);
  const all = await collect(under.client.readAll());
  return all
    .filter(({ event }) => event && own.has(event.streamId))
    .map(({ event }) => `${event?.streamId === stream ? '' : '$$'}${event?.revision}`);
}

const revisionsOf = async (stream: string): Promise<string> =>
  (await collect(under.client.readStream(stream)).catch(() => []))
    .map(({ event }) => String(event?.revision))
    .join(' ');

describe('given a stream of five events, when the log is scavenged', () => {
  test.each<[string, (stream: string) => Promise<unknown>, string, string[]]>([
    [
      'without metadata, then all is kept',
      () => Promise.resolve(),
      '0 1 2 3 4',
      ['0', '1', '2', '3', '4'],
    ],
    [
      'of which $maxCount shows two, then two are kept',
      (s) => limit(s, { maxCount: 2 }),
      '3 4',
      ['3', '4', '$$0'],
    ],
    [
      'of which $tb hides three, then two are kept',
      (s) => limit(s, { truncateBefore: 3 }),
      '3 4',
      ['3', '4', '$$0'],
    ],
    [
      'of which $tb hides all and more, then the last is kept',
      (s) => limit(s, { truncateBefore: 99 }),
      '',
      ['4', '$$0'],
    ],
    [
      'and soft-deleted, then the last is kept',
      (s) => under.client.deleteStream(s),
      '',
      ['4', '$$0'],
    ],
    [
      'and tombstoned, then only the tombstone is kept',
      (s) => under.client.tombstoneStream(s),
      '',
      ['9223372036854775807'],
    ],
    [
      'with metadata and tombstoned, then the metadata goes too',
      async (s) => {
        await limit(s, { maxCount: 2 });
        await under.client.tombstoneStream(s);
      },
      '',
      ['9223372036854775807'],
    ],
    [
      'with metadata that was changed, then its last version is kept',
      async (s) => {
        for (const maxCount of [1, 2, 3]) await limit(s, { maxCount });
      },
      '2 3 4',
      ['2', '3', '4', '$$2'],
    ],
    [
      'with metadata that makes no sense, then all is kept',
      (s) => limit(s, { maxCount: 0 }),
      '0 1 2 3 4',
      ['0', '1', '2', '3', '4', '$$0'],
    ],
    [
      'and a name too long to be a key, then it is treated alike',
      (s) => limit(s, { maxCount: 1 }),
      '4',
      ['4', '$$0'],
    ],
  ])('%s', async (how, hide, readable, kept) => {
    const stream = how.includes('long') ? `${newStream()}-${'x'.repeat(600)}` : newStream();
    await append(stream, 5);
    await hide(stream);
    const before = await revisionsOf(stream);
    await scavenge();
    expect(before).toBe(readable);
    expect(await revisionsOf(stream)).toBe(readable);
    expect(await logOf(stream)).toEqual(kept);
  });
});

test('given events that $maxAge has hidden, when the log is scavenged, then the last of them is kept', async () => {
  const stream = newStream();
  await append(stream, 3);
  await limit(stream, { maxAge: 1 });
  await until(async () => (await revisionsOf(stream)) === '');
  await scavenge();
  expect(await logOf(stream)).toEqual(['2', '$$0']);
});

test('given a scavenged stream, when its limit is lifted, then what was removed stays away and revisions go on', async () => {
  const stream = newStream();
  await append(stream, 5);
  await limit(stream, { maxCount: 2 });
  await scavenge();
  await limit(stream, {});
  expect((await append(stream, 1)).nextExpectedRevision).toBe(5n);
  expect(await revisionsOf(stream)).toBe('3 4 5');
  const backwards = await collect(
    under.client.readStream(stream, { direction: 'backwards', fromRevision: END }),
  );
  expect(backwards.map(({ event }) => event?.revision)).toEqual([5n, 4n, 3n]);
});

test('given a soft-deleted and scavenged stream, when it is written to again, then it goes on after its last revision', async () => {
  const stream = newStream();
  await append(stream, 5);
  await under.client.deleteStream(stream);
  await scavenge();
  const { nextExpectedRevision } = await under.client.appendToStream(stream, received(6), {
    expectedRevision: NO_STREAM,
  });
  expect(nextExpectedRevision).toBe(5n);
  expect(await revisionsOf(stream)).toBe('5');
  await scavenge();
  expect((await logOf(stream)).filter((entry) => !entry.startsWith('$$'))).toEqual(['5']);
});

test('given an append whose events are scavenged, when it is tried again, then it is a conflict', async () => {
  const stream = newStream();
  const first = received(1);
  await under.client.appendToStream(stream, first, { expectedRevision: NO_STREAM });
  await append(stream, 4);
  await limit(stream, { maxCount: 2 });
  await scavenge();
  const again = under.client.appendToStream(stream, first, { expectedRevision: NO_STREAM });
  await expect(again).rejects.toThrow(WrongExpectedVersionError);
});

test('given positions of removed events, when the log is read or subscribed to from them, then it goes on with the next that is there', async () => {
  const stream = newStream();
  await append(stream, 5);
  const positions = (await collect(under.client.readStream(stream))).map(
    ({ event }) => event?.position,
  );
  await limit(stream, { maxCount: 1 });
  await scavenge();
  for (const fromPosition of positions.slice(0, 4)) {
    if (!fromPosition) throw new Error('an event has no position');
    const [read] = await collect(under.client.readAll({ fromPosition, maxCount: 1 }));
    const [subscribed] = await take<AllStreamResolvedEvent>(
      under.client.subscribeToAll({ fromPosition }),
      1,
    );
    expect([read, subscribed].map((event) => event && brief(event))).toEqual([
      `${stream}/4 StockReceived`,
      `${stream}/4 StockReceived`,
    ]);
  }
  const { commit, prepare } = positions[4] ?? { commit: 0n, prepare: 0n };
  const between = { commit: commit + 1n, prepare: prepare + 1n };
  await expect(collect(under.client.readAll({ fromPosition: between }))).rejects.toThrow(
    'the position is none of a record',
  );
});

test('given a link to an event, when that is scavenged, then the link leads nowhere', async () => {
  const [stream, links] = [newStream(), newStream()];
  await append(stream, 3);
  const link = binaryEvent({ type: '$>', data: Buffer.from(`0@${stream}`) });
  await under.client.appendToStream(links, link);
  await limit(stream, { maxCount: 1 });
  await scavenge();
  const [resolved] = await collect(under.client.readStream(links, { resolveLinkTos: true }));
  expect(resolved?.event).toBeUndefined();
  expect(resolved?.link?.streamId).toBe(links);
});

test('given a slow reader and a slow subscriber, when what they have not reached is scavenged, then they go on in order with what is left', async () => {
  const stream = newStream();
  await append(stream, 2000);
  // A read must come to its own end: the client waits for ever for one that was left at its last event.
  const seen = async (
    isEndless: boolean,
    events: AsyncIterable<{ readonly event?: { readonly revision: bigint } }>,
  ) => {
    const revisions: bigint[] = [];
    for await (const { event } of events) {
      if (event) revisions.push(event.revision);
      if (revisions.length === 1) await trimmed;
      if (isEndless && event?.revision === 1999n) break;
    }
    return revisions;
  };
  let trim = (): void => undefined;
  const trimmed = new Promise<void>((resolve) => (trim = resolve));
  const subscription = under.client.subscribeToStream(stream, { fromRevision: START });
  const [read, followed] = [seen(false, under.client.readStream(stream)), seen(true, subscription)];
  await limit(stream, { maxCount: 100 });
  await scavenge();
  trim();
  for (const revisions of await Promise.all([read, followed])) {
    const sorted = [...new Set(revisions)].sort((a, b) => Number(a - b));
    expect(revisions).toEqual(sorted);
    expect(revisions.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => BigInt(1900 + i)));
  }
  await subscription.unsubscribe();
});

test('given a scavenge, when it has ended, then its history tells what it did', async () => {
  const stream = newStream();
  await append(stream, 5);
  await limit(stream, { maxCount: 1 });
  const reports: ScavengeReport[] = [];
  await scavengeNode(under.node.url, (report) => reports.push(report));
  expect(reports.map(({ type }) => type)).toEqual(['$scavengeStarted', '$scavengeCompleted']);
  expect(reports[1]?.data).toMatchObject({ result: 'Success', error: '', eventsRemoved: 4 });
  const id = String(reports[0]?.data.scavengeId);
  expect(await revisionsOf(`$scavenges-${id}`)).toBe('0 1');
  const { metadata } = await under.client.getStreamMetadata(`$scavenges-${id}`);
  expect(metadata?.maxAge).toBe(30 * 24 * 3600);
});

test('given nothing that is hidden, when the log is scavenged twice, then nothing but its own history changes', async () => {
  await scavenge();
  const { data } = await scavenge();
  expect(data).toMatchObject({ result: 'Success', eventsRemoved: 0, spaceSaved: 0 });
});

describe('given the calls that the official tools make', () => {
  const { STARTED, INPROGRESS, STOPPED } = ScavengeResp.ScavengeResult;
  let operations: OperationsClient;
  beforeAll(() => {
    operations = new OperationsClient(`127.0.0.1:${under.node.port}`, credentials.createInsecure());
  });
  afterAll(() => operations.close());
  const start = () =>
    new Promise<ScavengeResp.AsObject>((resolve, reject) =>
      operations.startScavenge(new StartScavengeReq(), (error, reply) =>
        error ? reject(error) : resolve(reply.toObject()),
      ),
    );
  const stop = (id: string) =>
    new Promise<ScavengeResp.AsObject | ServiceError>((resolve) =>
      operations.stopScavenge(
        new StopScavengeReq().setOptions(new StopScavengeReq.Options().setScavengeId(id)),
        (error, reply) => resolve(error ?? reply.toObject()),
      ),
    );

  test('when one with much to do is started twice and stopped, then there is one, and its history says that it was stopped', async () => {
    const stream = newStream();
    await append(stream, 10_000);
    await limit(stream, { maxCount: 1 });
    const [first, second] = await Promise.all([start(), start()]);
    expect([first.scavengeResult, second.scavengeResult]).toEqual([STARTED, INPROGRESS]);
    expect(second.scavengeId).toBe(first.scavengeId);
    expect(await stop(first.scavengeId)).toMatchObject({ scavengeResult: STOPPED });
    const history = under.client.subscribeToStream(`$scavenges-${first.scavengeId}`, {
      fromRevision: START,
    });
    const ended = (await take(history, 2))[1]?.event;
    expect(ended?.type).toBe('$scavengeCompleted');
    expect(ended?.data).toMatchObject({ result: 'Stopped' });
    await scavenge();
  });

  test('when one is stopped that does not go on, then it is not found', async () => {
    const error = (await stop('no-such')) as ServiceError;
    expect(error.code).toBe(5);
    expect(error.metadata.getMap()).toMatchObject({
      exception: 'scavenge-not-found',
      'scavenge-id': 'no-such',
    });
  });
});
