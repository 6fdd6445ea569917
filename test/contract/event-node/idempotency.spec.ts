import { rm } from 'node:fs/promises';
import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  jsonEvent,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { rawPaths } from './raw-writes';
import {
  clientPaths,
  collect,
  ending,
  newFolder,
  newStream,
  openStreams,
  startNodeOnly,
  startNodeUnderTest,
} from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

/** Events that are told apart by a letter: the same letter is the same id within one test. */
function alphabet() {
  const ids = new Map<string, string>();
  return (letters: string) =>
    [...letters].map((letter) => {
      const id = ids.get(letter) ?? crypto.randomUUID();
      ids.set(letter, id);
      return jsonEvent({ type: letter, id, data: { letter } });
    });
}

const letters = async (stream: string): Promise<string> =>
  (await collect(under.client.readStream(stream))).map(({ event }) => event?.type ?? '?').join('');

type Case = readonly [expected: AppendExpectedRevision, retry: string, outcome: string];

describe.each(clientPaths)('given a stream that holds abcdef, when a %s append', (_path, path) => {
  const given = async () => {
    const stream = newStream();
    const of = alphabet();
    const first = await under.client.appendToStream(stream, of('abc'), {
      expectedRevision: NO_STREAM,
      ...path,
    });
    await under.client.appendToStream(stream, of('d'), { expectedRevision: 2n, ...path });
    await under.client.appendToStream(stream, of('ef'), { expectedRevision: 3n, ...path });
    return { stream, of, first };
  };

  test.each<Case>([
    [NO_STREAM, 'abc', 'at revision 2'],
    [NO_STREAM, 'ab', 'at revision 1'],
    [NO_STREAM, 'abcdef', 'at revision 5'],
    [2n, 'd', 'at revision 3'],
    [0n, 'bc', 'at revision 2'],
    [3n, 'ef', 'at revision 5'],
    [ANY, 'abc', 'at revision 2'],
    [ANY, 'a', 'at revision 0'],
    [ANY, 'ca', 'at revision 0'],
    [ANY, 'af', 'at revision 5'],
    [STREAM_EXISTS, 'abcdef', 'at revision 5'],
    [STREAM_EXISTS, 'fb', 'at revision 1'],
  ])('expecting %s repeats %s, then it succeeds %s and writes nothing', async (...row) => {
    const [expectedRevision, retry, outcome] = row;
    const { stream, of } = await given();
    const before = await collect(under.client.readStream(stream));
    const reply = await under.client.appendToStream(stream, of(retry), {
      expectedRevision,
      ...path,
    });
    expect(`at revision ${reply.nextExpectedRevision}`).toBe(outcome);
    const last = before[Number(reply.nextExpectedRevision)]?.event;
    expect(reply.position).toEqual(last?.position);
    expect(await letters(stream)).toBe('abcdef');
  });

  test.each<Case>([
    // Partly there, or there but not at that revision.
    [NO_STREAM, 'x', 'conflict, it is at 5'],
    [NO_STREAM, 'abx', 'conflict, it is at 5'],
    [NO_STREAM, 'xbc', 'conflict, it is at 5'],
    [NO_STREAM, 'acb', 'conflict, it is at 5'],
    [NO_STREAM, 'abcdefg', 'conflict, it is at 5'],
    [1n, 'b', 'conflict, it is at 5'],
    [1n, 'de', 'conflict, it is at 5'],
    [3n, 'ex', 'conflict, it is at 5'],
    [3n, 'efg', 'conflict, it is at 5'],
    // Beyond the end no id is looked at.
    [6n, 'd', 'conflict, it is at 5'],
    [6n, 'x', 'conflict, it is at 5'],
    // The first event decides what kind of append it is.
    [ANY, 'fx', 'conflict, it is at 5'],
    [ANY, 'abx', 'conflict, it is at 5'],
    [ANY, 'axb', 'conflict, it is at 5'],
    [STREAM_EXISTS, 'ax', 'conflict, it is at 5'],
  ])('expecting %s brings %s, then it is refused: %s, and writes nothing', async (...row) => {
    const [expectedRevision, retry, outcome] = row;
    const { stream, of } = await given();
    const append = under.client.appendToStream(stream, of(retry), { expectedRevision, ...path });
    expect(await ending(append)).toBe(outcome);
    expect(await letters(stream)).toBe('abcdef');
  });

  test.each<Case>([
    [5n, 'a', 'abcdefa'],
    [5n, 'ef', 'abcdefef'],
    [ANY, 'xa', 'abcdefxa'],
    [STREAM_EXISTS, 'xab', 'abcdefxab'],
  ])('expecting %s brings %s, then it is written, ids that are known too: %s', async (...row) => {
    const [expectedRevision, retry, stored] = row;
    const { stream, of } = await given();
    await under.client.appendToStream(stream, of(retry), { expectedRevision, ...path });
    expect(await letters(stream)).toBe(stored);
  });

  test.each([[2n], [ANY]] as const)(
    'expecting %s brings a known id with other content, then it succeeds and the old content stays',
    async (expectedRevision) => {
      const { stream, of } = await given();
      const [known] = of('d');
      const other = jsonEvent({ type: 'other', id: known!.id, data: { other: true } });
      const append = under.client.appendToStream(stream, other, { expectedRevision, ...path });
      expect(await ending(append)).toBe('at revision 3');
      const [stored] = await collect(
        under.client.readStream(stream, { fromRevision: 3n, maxCount: 1 }),
      );
      expect(stored?.event).toMatchObject({ type: 'd', data: { letter: 'd' } });
    },
  );
});

describe.each(clientPaths)('given an id that two streams hold, when a %s append', (_path, path) => {
  const given = async () => {
    const [first, second] = [newStream(), newStream()];
    const of = alphabet();
    for (const stream of [first, second]) {
      await under.client.appendToStream(stream, of('ab'), { expectedRevision: NO_STREAM, ...path });
    }
    return { first, second, of };
  };

  test('repeats it in the first stream with any, then it is recognised', async () => {
    const { first, of } = await given();
    await under.client.appendToStream(first, of('ab'), { expectedRevision: ANY, ...path });
    expect(await letters(first)).toBe('ab');
  });

  test('repeats it in the second stream with any, then every retry is written', async () => {
    const { second, of } = await given();
    await under.client.appendToStream(second, of('ab'), { expectedRevision: ANY, ...path });
    await under.client.appendToStream(second, of('b'), { expectedRevision: ANY, ...path });
    expect(await letters(second)).toBe('ababb');
  });

  test('repeats it in the second stream with the revision, then it is recognised', async () => {
    const { second, of } = await given();
    const retry = { expectedRevision: NO_STREAM, ...path } as const;
    expect(await ending(under.client.appendToStream(second, of('ab'), retry))).toBe(
      'at revision 1',
    );
    expect(await letters(second)).toBe('ab');
  });
});

describe.each(rawPaths)(
  'given events that are hidden by now, when a %s append',
  (_path, append) => {
    const given = async () => {
      const stream = newStream();
      const ids = Array.from({ length: 4 }, () => crypto.randomUUID());
      const events = ids.map((id) => ({ id }));
      const first = await append(under.streams, { stream, expected: 'no_stream', events });
      return { stream, events, first };
    };

    test('repeats them below $tb, then the reply has the revision but no position', async () => {
      const { stream, events } = await given();
      await under.client.setStreamMetadata(stream, { truncateBefore: 3 });
      const repeat = { stream, expected: 'no_stream', events: events.slice(0, 2) } as const;
      expect(await append(under.streams, repeat)).toEqual({ revision: '1', position: 'none' });
    });

    test('repeats them up to one that is still shown, then the reply has its position', async () => {
      const { stream, events, first } = await given();
      await under.client.setStreamMetadata(stream, { truncateBefore: 3 });
      const repeat = { stream, expected: 0, events: events.slice(1) };
      expect(await append(under.streams, repeat)).toEqual(first);
    });

    test.each(['no_stream', 'any', 0] as const)(
      'expecting %s repeats them in a soft-deleted stream, then it has no position and stays deleted',
      async (expected) => {
        const { stream, events } = await given();
        await under.client.deleteStream(stream);
        const repeat = { stream, expected, events: expected === 0 ? events.slice(1) : events };
        expect(await append(under.streams, repeat)).toEqual({ revision: '3', position: 'none' });
        await expect(letters(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
      },
    );
  },
);

describe.each(rawPaths)(
  'given a restart since the %s append, when it is repeated',
  (_p, append) => {
    const afterRestart = async (expected: 'any' | 'no_stream') => {
      const folder = await newFolder();
      const first = await startNodeOnly(folder);
      const events = [{ id: crypto.randomUUID() }, { id: crypto.randomUUID() }];
      const repeat = { stream: 'stock', expected, events } as const;
      const before = openStreams(first);
      const original = await append(before, repeat);
      before.close();
      await first.stop();
      const second = await startNodeOnly(folder);
      const after = openStreams(second);
      const again = await append(after, repeat);
      after.close();
      await second.stop();
      await rm(folder, { recursive: true, force: true });
      return { original, again };
    };

    test('with the revision, then the original reply is given again', async () => {
      const { original, again } = await afterRestart('no_stream');
      expect(again).toEqual(original);
    });

    test('with any, then nothing is remembered and it is written again', async () => {
      const { again } = await afterRestart('any');
      expect(again).toMatchObject({ revision: '3' });
    });
  },
);
