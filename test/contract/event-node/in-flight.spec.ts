import { rawRead } from './raw-reads';
import { openBatch, rawPaths, type RawEvent } from './raw-writes';
import { newStream, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const types = async (stream: string): Promise<string> =>
  (await rawRead(under.streams, { stream })).texts.map((text) => text.split(' ')[1]).join(' ');
const known = (...names: string[]): RawEvent[] =>
  names.map((type) => ({ type, id: crypto.randomUUID() }));

describe.each(rawPaths)('given a %s append that is not answered yet', (_path, append) => {
  test.each(['no_stream', 'any'] as const)(
    'expecting %s, when it is repeated, then both are told the same and it is written once',
    async (expected) => {
      const stream = newStream();
      const request = { stream, expected, events: known('A', 'B') };
      const replies = await Promise.all([
        append(under.streams, request),
        append(under.streams, request),
        append(under.streams, request),
      ]);
      expect(replies[0]).toMatchObject({ revision: '1' });
      expect(replies).toEqual([replies[0], replies[0], replies[0]]);
      expect(await types(stream)).toBe('A B');
    },
  );

  test('when another one brings one of its ids and a new one, then one of the two is refused', async () => {
    const stream = newStream();
    const [a, b, c] = known('A', 'B', 'C') as [RawEvent, RawEvent, RawEvent];
    const replies = await Promise.all(
      [
        [a, b],
        [a, c],
      ].map((events) => append(under.streams, { stream, expected: 'no_stream', events })),
    );
    expect(replies.filter(({ revision }) => revision === '1')).toHaveLength(1);
    expect(['A B', 'A C']).toContain(await types(stream));
  });
});

/** A call on which an append has been answered: what is sent on it from now on arrives together. */
async function openWarmBatch() {
  const call = openBatch(under.streams);
  const correlation = crypto.randomUUID();
  call.send({ correlation, stream: newStream(), events: [{}], final: true });
  await call.replyTo(correlation);
  return call;
}

test.each(['no_stream', 'any'] as const)(
  'given an append expecting %s that comes ten times on one call at once, when it is answered, then all are told the same and it is written once',
  async (expected) => {
    const stream = newStream();
    const call = await openWarmBatch();
    const events = known('A', 'B');
    for (let i = 0; i < 10; i += 1) {
      call.send({ correlation: crypto.randomUUID(), stream, expected, events, final: true });
    }
    call.end();
    await call.ended();
    const [, first, ...others] = call.replies.map(({ shown }) => shown);
    expect(first).toMatchObject({ revision: '1' });
    expect(first).not.toMatchObject({ position: 'none' });
    expect(others).toEqual(Array.from({ length: 9 }, () => first));
    expect(await types(stream)).toBe('A B');
  },
);

test('given correlation ids whose appends are not answered yet, when other appends use them, then all are written once and answered', async () => {
  const call = await openWarmBatch();
  const streams = Array.from({ length: 10 }, newStream);
  const correlation = crypto.randomUUID();
  for (const stream of streams) {
    call.send({ correlation, stream, events: known('A', stream), final: true });
  }
  call.end();
  expect(await call.ended()).toEqual({ status: 'OK' });
  expect(call.replies.slice(1).map(({ shown }) => shown.revision)).toEqual(streams.map(() => '1'));
  for (const stream of streams) expect(await types(stream)).toBe(`A ${stream}`);
});
