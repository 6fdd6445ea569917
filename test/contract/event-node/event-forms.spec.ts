import { START, binaryEvent, jsonEvent } from '@eventstore/db-client';
import { rawRead } from './raw-reads';
import { rawPaths, rawUnaryAppend, shownId, structuredId, textId } from './raw-writes';
import { clientPaths, collect, newStream, received, startNodeUnderTest } from './support';
import type { RawEvent } from './raw-writes';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const ID = 'abcdef01-2345-4678-9abc-def012345678';
const UPPER = ID.toUpperCase();
/** The two halves of that id as signed integers. */
const HALVES = '-6066930334832441736/-7296712173568108936';

/** What is stored in a stream, message by message. */
const recorded = async (stream: string, structuredIds = false) =>
  (await rawRead(under.streams, { stream, structuredIds })).messages.map(({ event }) =>
    event!.getEvent()!,
  );

describe.each(rawPaths)('given a %s append, when an event id is sent', (_path, append) => {
  test.each([
    ['as text', textId(ID)],
    ['as text in upper case', textId(UPPER)],
    ['as two integers', structuredId(ID)],
  ])('%s, then readers get it in the form they ask for', async (_form, id) => {
    const stream = newStream();
    await append(under.streams, { stream, events: [{ id }] });
    const [asText] = await recorded(stream);
    const [asIntegers] = await recorded(stream, true);
    expect(shownId(asText?.getId())).toBe(ID);
    expect(shownId(asIntegers?.getId())).toBe(HALVES);
    // Everything else is the same in both forms.
    expect({ ...asIntegers?.toObject(), id: null }).toEqual({ ...asText?.toObject(), id: null });
  });

  test.each([
    ['as text', 'as two integers', textId, structuredId],
    ['as two integers', 'as text', structuredId, textId],
    ['as text', 'in upper case', textId, (id: string) => textId(id.toUpperCase())],
  ])('%s and again %s, then it is the same id', async (_first, _again, form, otherForm) => {
    const stream = newStream();
    const id = crypto.randomUUID();
    const given = { stream, expected: 'no_stream', events: [{ id: form(id) }] } as const;
    const first = await append(under.streams, given);
    for (const expected of ['no_stream', 'any'] as const) {
      const again = { stream, expected, events: [{ id: otherForm(id) }] };
      expect(await append(under.streams, again)).toEqual(first);
    }
    expect(await recorded(stream)).toHaveLength(1);
  });
});

describe.each(rawPaths)('given a %s append, when an event is read back', (_path, append) => {
  test.each<[string, RawEvent]>([
    ['JSON as it was written', { data: '{ "spaced" : [1, 2.50, "é世"] }' }],
    ['JSON null', { data: 'null' }],
    ['no JSON that says it is', { data: '{{' }],
    ['bytes', { data: Buffer.from([0, 255, 16, 128]), contentType: 'application/octet-stream' }],
    ['nothing', { data: '', contentType: 'application/octet-stream' }],
    ['metadata', { data: '{}', metadata: '{"who":"ann"}' }],
    ['metadata as bytes', { data: 'x', metadata: Buffer.from([255, 254, 0]) }],
    ['a type beyond ASCII', { type: 'Größe 世', data: '{}' }],
  ])('then %s is there byte for byte', async (_what, event) => {
    const stream = newStream();
    await append(under.streams, { stream, events: [event] });
    const [stored] = await recorded(stream);
    expect(Buffer.from(stored!.getData_asU8())).toEqual(Buffer.from(event.data ?? ''));
    expect(Buffer.from(stored!.getCustomMetadata_asU8())).toEqual(
      Buffer.from(event.metadata ?? ''),
    );
    expect(stored?.getMetadataMap().get('type')).toBe(event.type ?? 'StockReceived');
    expect(stored?.getMetadataMap().get('content-type')).toBe(
      event.contentType ?? 'application/json',
    );
  });

  test('then another content type has become octet-stream', async () => {
    const stream = newStream();
    const events = [{ contentType: 'text/plain', data: 'abc' }];
    await append(under.streams, { stream, events });
    const [stored] = await recorded(stream);
    expect(stored?.getMetadataMap().get('content-type')).toBe('application/octet-stream');
  });

  test('then it says when it was created, in ticks of 100 ns since 1970, and no more than that', async () => {
    const stream = newStream();
    const before = Date.now();
    const { position } = await append(under.streams, { stream, events: [{}, {}] });
    const after = Date.now();
    const stored = await recorded(stream);
    for (const event of stored) {
      expect([...event.getMetadataMap().keys()].sort()).toEqual([
        'content-type',
        'created',
        'type',
      ]);
      const ticks = event.getMetadataMap().get('created')!;
      expect(ticks).toMatch(/^\d+$/);
      const createdMs = Number(BigInt(ticks) / 10_000n);
      expect(createdMs).toBeGreaterThanOrEqual(before);
      expect(createdMs).toBeLessThanOrEqual(after);
    }
    expect(stored[1]?.getCommitPosition()).toBe(position);
    expect(stored[1]?.getPreparePosition()).toBe(position);
  });
});

test('given an event that was stored a while ago, when its append is repeated, then its creation time stays', async () => {
  const stream = newStream();
  const append = { stream, expected: 'no_stream', events: [{ id: ID }] } as const;
  await rawUnaryAppend(under.streams, append);
  const [first] = await recorded(stream);
  await rawUnaryAppend(under.streams, append);
  const [again] = await recorded(stream);
  expect(again?.toObject()).toEqual(first?.toObject());
});

test('given an event, when it is read from its stream and from the log, then both are the same and carry its position', async () => {
  const stream = newStream();
  const { position } = await rawUnaryAppend(under.streams, { stream, events: [{ id: ID }] });
  const fromStream = await rawRead(under.streams, { stream });
  const fromLog = await rawRead(under.streams, { from: BigInt(position!) });
  expect(fromLog.messages[0]?.event?.toObject()).toEqual(fromStream.messages[0]?.event?.toObject());
  expect(fromStream.messages[0]?.event?.getCommitPosition()).toBe(position);
});

describe.each(clientPaths)('given the official client, when a %s append', (_path, path) => {
  test('is read back, then content, metadata, type and time are those of the append', async () => {
    const stream = newStream();
    const before = Date.now();
    const id = crypto.randomUUID();
    const data = { names: ['é', '世'], amount: 2.5 };
    const issued = jsonEvent({ id, type: 'StockIssued', data, metadata: { actor: 'ann' } });
    const scan = binaryEvent({ type: 'ScanStored', data: Buffer.from([0, 255, 16]) });
    await under.client.appendToStream(stream, [issued, scan], path);
    const [first, second] = await collect(under.client.readStream(stream));
    expect(first?.event).toMatchObject({
      id,
      type: 'StockIssued',
      data,
      metadata: { actor: 'ann' },
      isJson: true,
      streamId: stream,
    });
    expect(first?.event?.created.getTime()).toBeGreaterThanOrEqual(before);
    expect(first?.event?.created.getTime()).toBeLessThanOrEqual(Date.now());
    expect(second?.event?.isJson).toBe(false);
    expect(Buffer.from(second?.event?.data as Uint8Array)).toEqual(Buffer.from([0, 255, 16]));
  });

  test.each([
    'with space',
    'slash/and\\back',
    'ünï-世-🏷',
    'at@sign',
    'dollar$',
    '$system',
    'q?uery#hash%20',
    'long-'.padEnd(300, 'x'),
    'longer-'.padEnd(3000, 'ü'),
  ])('goes to the stream %j, then it is found under that name only', async (name) => {
    const stream = `${name}-${newStream()}`;
    await under.client.appendToStream(stream, received(1), path);
    await under.client.appendToStream(stream.toUpperCase(), received(2), path);
    const stored = await collect(under.client.readStream(stream));
    expect(stored.map(({ event }) => [event?.streamId, event?.data])).toEqual([
      [stream, { quantity: 1 }],
    ]);
    const log = await collect(under.client.readAll({ fromPosition: START }));
    expect(log.filter(({ event }) => event?.streamId === stream)).toHaveLength(1);
  });
});
