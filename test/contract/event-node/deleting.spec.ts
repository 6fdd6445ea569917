import {
  ANY,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { brief, collect, newStream, received, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const revisions = async (stream: string): Promise<bigint[]> =>
  (await collect(under.client.readStream(stream))).map(({ event }) => event?.revision ?? -1n);

const withThree = async (): Promise<string> => {
  const stream = newStream();
  await under.client.appendToStream(stream, [received(1), received(2), received(3)]);
  return stream;
};

describe('given a soft-deleted stream', () => {
  const deleted = async (): Promise<string> => {
    const stream = await withThree();
    await under.client.deleteStream(stream);
    return stream;
  };

  test('when it is read, then it is not found', async () => {
    await expect(revisions(await deleted())).rejects.toThrow(StreamNotFoundError);
  });

  test.each([ANY, NO_STREAM, 2n] as const)(
    'when it is appended to with %s, then it goes on after its last revision',
    async (expectedRevision) => {
      const stream = await deleted();
      await under.client.appendToStream(stream, received(4), { expectedRevision });
      expect(await revisions(stream)).toEqual([3n]);
    },
  );

  test('when an append needs it to exist, then it is refused', async () => {
    const append = under.client.appendToStream(await deleted(), received(4), {
      expectedRevision: STREAM_EXISTS,
    });
    await expect(append).rejects.toThrow(StreamDeletedError);
  });

  test('when metadata is written to it, then it is found but what it held stays hidden', async () => {
    const stream = await deleted();
    await under.client.setStreamMetadata(stream, { owner: 'ann' });
    expect(await revisions(stream)).toEqual([]);
  });

  test('when the log is read, then its events are still there', async () => {
    const stream = await deleted();
    const log = await collect(under.client.readAll({ fromPosition: START }));
    expect(log.filter(({ event }) => event?.streamId === stream)).toHaveLength(3);
  });
});

test('given no stream, when it is deleted, then that is refused', async () => {
  await expect(under.client.deleteStream(newStream())).rejects.toThrow(WrongExpectedVersionError);
});

test('given a tombstoned stream, when it is read, appended to or deleted, then it is gone for ever', async () => {
  const stream = await withThree();
  await under.client.tombstoneStream(stream);
  await expect(revisions(stream)).rejects.toThrow(StreamDeletedError);
  await expect(under.client.appendToStream(stream, received(1))).rejects.toThrow(
    StreamDeletedError,
  );
  await expect(under.client.deleteStream(stream)).rejects.toThrow(StreamDeletedError);
});

describe('given a stream with the revisions 0 to 2, when its metadata says', () => {
  test.each([
    ['to keep two events', { maxCount: 2 }, [1n, 2n]],
    ['to truncate before 2', { truncateBefore: 2 }, [2n]],
    ['to truncate before what is to come', { truncateBefore: 50 }, []],
    ['to keep no event, which makes no sense', { maxCount: 0 }, [0n, 1n, 2n]],
    ['to keep a year', { maxAge: 31_536_000 }, [0n, 1n, 2n]],
  ])('%s, then reads show so much', async (_what, metadata, expected) => {
    const stream = await withThree();
    await under.client.setStreamMetadata(stream, metadata);
    expect(await revisions(stream)).toEqual(expected);
  });

  test('nothing any more, then all is shown again', async () => {
    const stream = await withThree();
    await under.client.setStreamMetadata(stream, { truncateBefore: 2 });
    await under.client.setStreamMetadata(stream, {});
    expect(await revisions(stream)).toEqual([0n, 1n, 2n]);
    const metadata = await collect(under.client.readStream(`$$${stream}`));
    expect(metadata.map(brief)).toEqual([`$$${stream}/1 $metadata`]);
  });
});
