import { textId, structuredId, openBatch, rawBatchAppend } from './raw-writes';
import { rawRead } from './raw-reads';
import { newStream, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const [one, two, three] = [1, 2, 3].map(
  (n) => `${String(n).repeat(8)}-1111-4111-8111-111111111111`,
) as [string, string, string];

const types = async (stream: string): Promise<string[]> =>
  (await rawRead(under.streams, { stream })).texts.map((text) => text.split(' ')[1] ?? text);
const typed = (...names: string[]) => names.map((type) => ({ type }));
const hasNone = async (stream: string) =>
  expect((await rawRead(under.streams, { stream })).texts).toEqual([`not found: ${stream}`]);

const timeout = (stream: string) => ({
  error: 'DEADLINE_EXCEEDED',
  details: 'type.googleapis.com/event_store.client.Timeout',
  stream,
});
const inMs = (milliseconds: number): Date => new Date(Date.now() + milliseconds);

describe('given several appends on one call, when their chunks are mixed', () => {
  test('then each is written whole and each is answered once', async () => {
    const [a, b, c] = [newStream(), newStream(), newStream()];
    const call = openBatch(under.streams);
    const first = { expected: 'no_stream', final: false } as const;
    call.send({ ...first, correlation: one, stream: a, events: typed('A1') });
    call.send({ ...first, correlation: two, stream: b, events: typed('B1') });
    call.send({ correlation: three, stream: c, expected: 5, events: typed('C1'), final: true });
    call.send({ correlation: two, events: typed('B2'), final: false });
    call.send({ correlation: one, events: typed('A2', 'A3'), final: true });
    // A last chunk may bring nothing but the news that it is the last.
    call.send({ correlation: two, final: true });
    expect(await call.replyTo(one)).toMatchObject({ revision: '2' });
    expect(await call.replyTo(two)).toMatchObject({ revision: '1' });
    expect(await call.replyTo(three)).toMatchObject({ wrong: 'expected 5, actual no_stream' });
    call.end();
    expect(await call.ended()).toEqual({ status: 'OK' });
    expect(call.replies).toHaveLength(3);
    expect(await types(a)).toEqual(['A1', 'A2', 'A3']);
    expect(await types(b)).toEqual(['B1', 'B2']);
    await hasNone(c);
  });

  test('then one append to a stream after another on the call sees what that has written', async () => {
    const stream = newStream();
    const call = openBatch(under.streams);
    const events = [{}];
    call.send({ correlation: one, stream, expected: 'no_stream', events, final: true });
    call.send({ correlation: two, stream, expected: 0, events, final: true });
    call.send({ correlation: three, stream, expected: 0, events: [{}], final: true });
    expect(await call.replyTo(three)).toMatchObject({ wrong: 'expected 0, actual 1' });
    expect(call.replies.map(({ correlation }) => correlation)).toEqual([one, two, three]);
    expect(await call.replyTo(two)).toMatchObject({ revision: '1' });
    call.cancel();
  });
});

test('given an append in six chunks, when it is repeated in two and then in one, then the first reply is given again', async () => {
  const stream = newStream();
  const events = typed('A', 'B', 'C', 'D', 'E', 'F').map((event) => ({
    ...event,
    id: crypto.randomUUID(),
  }));
  const call = openBatch(under.streams);
  events.forEach((event, i) =>
    call.send({
      correlation: one,
      final: i === 5,
      events: [event],
      ...(i === 0 && { stream, expected: 'no_stream' }),
    }),
  );
  const first = await call.replyTo(one);
  call.send({
    correlation: two,
    stream,
    expected: 'no_stream',
    events: events.slice(0, 3),
    final: false,
  });
  call.send({ correlation: two, events: events.slice(3), final: true });
  expect(await call.replyTo(two)).toEqual(first);
  const whole = { stream, expected: 'no_stream', events } as const;
  expect(await rawBatchAppend(under.streams, whole)).toEqual(first);
  expect(await types(stream)).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
  call.cancel();
});

test('given an answered append, when its id is used again, then that is another append', async () => {
  const stream = newStream();
  const call = openBatch(under.streams);
  call.send({ correlation: one, stream, events: typed('A'), final: true });
  await call.replyTo(one);
  call.send({ correlation: one, stream, events: typed('B'), final: true });
  call.end();
  expect(await call.ended()).toEqual({ status: 'OK' });
  expect(call.replies.map(({ shown }) => shown.revision)).toEqual(['0', '1']);
});

test('given appends whose call says that no more will come, when they are done, then all are answered before the call ends', async () => {
  const call = openBatch(under.streams);
  const streams = Array.from({ length: 100 }, newStream);
  for (const stream of streams) {
    call.send({ correlation: crypto.randomUUID(), stream, events: [{}], final: true });
  }
  call.end();
  expect(await call.ended()).toEqual({ status: 'OK' });
  expect(call.replies).toHaveLength(100);
  expect(call.replies.every(({ shown }) => shown.revision === '0')).toBe(true);
});

test('given an append whose last chunk is missing, when its call is given up, then nothing is written', async () => {
  const [torn, whole] = [newStream(), newStream()];
  const call = openBatch(under.streams);
  call.send({ correlation: one, stream: torn, events: [{}, {}], final: false });
  call.send({ correlation: two, stream: whole, events: [{}], final: true });
  // The chunk before this answer has arrived.
  await call.replyTo(two);
  call.cancel();
  expect(await call.ended()).toEqual({ status: 'CANCELLED' });
  await rawBatchAppend(under.streams, { stream: whole, expected: 0, events: [{}] });
  await hasNone(torn);
});

describe('given a correlation id, when it is sent', () => {
  const upper = 'ABCDEF01-2345-4678-9ABC-DEF012345678';
  test.each([
    ['as text', textId(one), one],
    ['as text in upper case', textId(upper), upper],
    ['as two integers', structuredId(upper), '-6066930334832441736/-7296712173568108936'],
  ])('%s, then it comes back in that form, with a success and with an error', async (...row) => {
    const [, correlation, shown] = row;
    const stream = newStream();
    const call = openBatch(under.streams);
    call.send({ correlation, stream, events: [{}], final: true });
    expect(await call.replyTo(shown)).toMatchObject({ revision: '0' });
    call.send({ correlation, stream, events: [{ type: '' }], final: true });
    call.end();
    await call.ended();
    expect(call.replies.map((reply) => reply.correlation)).toEqual([shown, shown]);
  });
});

describe('given a batch append with a deadline', () => {
  test('that is past, when it arrives, then it has timed out and nothing is written', async () => {
    const stream = newStream();
    const append = { stream, events: [{}], deadline: inMs(-1000) };
    expect(await rawBatchAppend(under.streams, append)).toEqual(timeout(stream));
    await hasNone(stream);
  });

  test('that is to come, when it arrives, then it is written', async () => {
    const stream = newStream();
    const append = { stream, events: [{}], deadline: inMs(60_000) };
    expect(await rawBatchAppend(under.streams, append)).toMatchObject({ revision: '0' });
  });

  test('that passes before its last chunk, when that comes, then it was answered and nothing is written', async () => {
    const [late, other] = [newStream(), newStream()];
    const call = openBatch(under.streams);
    const deadline = inMs(150);
    call.send({ correlation: one, stream: late, events: typed('A'), deadline, final: false });
    expect(await call.replyTo(one)).toEqual(timeout(late));
    expect(Date.now()).toBeGreaterThanOrEqual(deadline.getTime());
    expect(Date.now()).toBeLessThan(deadline.getTime() + 1500);
    call.send({ correlation: one, events: typed('B'), final: true });
    call.send({ correlation: two, stream: other, events: typed('C'), final: true });
    expect(await call.replyTo(two)).toMatchObject({ revision: '0' });
    call.end();
    expect(await call.ended()).toEqual({ status: 'OK' });
    expect(call.replies).toHaveLength(2);
    await hasNone(late);
  });
});

test('given batch appends without a deadline or with one that is far, when their last chunk is missing, then they time out after 2.0 s and the call goes on', async () => {
  const [torn, patient, whole] = [newStream(), newStream(), newStream()];
  const call = openBatch(under.streams);
  const begun = Date.now();
  const first = { events: [{}], final: false } as const;
  call.send({ ...first, correlation: one, stream: torn });
  call.send({ ...first, correlation: two, stream: patient, deadline: inMs(60_000) });
  expect(await call.replyTo(one)).toEqual(timeout(torn));
  expect(await call.replyTo(two)).toEqual(timeout(patient));
  const waited = Date.now() - begun;
  expect(waited).toBeGreaterThanOrEqual(2000);
  expect(waited).toBeLessThan(3500);
  call.send({ correlation: three, stream: whole, events: [{}], final: true });
  expect(await call.replyTo(three)).toMatchObject({ revision: '0' });
  await hasNone(torn);
  await hasNone(patient);
  call.cancel();
});
