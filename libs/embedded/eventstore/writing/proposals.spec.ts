import fc from 'fast-check';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, BatchAppendReq, DeleteReq } from '@eventstore/db-client/generated/streams_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { decodeAppendPart, decodeBatchChunk, decodeDelete } from './proposals';

const bytesOf = (message: { serializeBinary(): Uint8Array }): Buffer =>
  Buffer.from(message.serializeBinary());
const identifier = (name: string) => new StreamIdentifier().setStreamName(Buffer.from(name));

interface MadeEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

function proposed({ id, type, data, metadata }: MadeEvent): BatchAppendReq.ProposedMessage {
  const message = new BatchAppendReq.ProposedMessage().setId(new UUID().setString(id));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message.setData(data).setCustomMetadata(metadata);
}

const anEvent = fc.record({
  id: fc.uuid(),
  type: fc.string({ minLength: 1, maxLength: 300 }),
  data: fc.uint8Array({ maxLength: 400 }),
  metadata: fc.uint8Array({ maxLength: 200 }),
});

test('given any batch append that the generated code writes, when it is decoded, then nothing is lost', () => {
  const made = fc.record({
    stream: fc.string({ minLength: 1, maxLength: 200 }),
    revision: fc.nat({ max: 2 ** 40 }),
    deadlineMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    events: fc.array(anEvent, { maxLength: 5 }),
    isFinal: fc.boolean(),
  });
  fc.assert(
    fc.property(made, ({ stream, revision, deadlineMs, events, isFinal }) => {
      const correlation = new UUID().setString('e3a1bc40-9f8e-4e0f-bd53-000000000001');
      const options = new BatchAppendReq.Options()
        .setStreamIdentifier(identifier(stream))
        .setStreamPosition(String(revision))
        .setDeadline(Timestamp.fromDate(new Date(deadlineMs)));
      const request = new BatchAppendReq()
        .setCorrelationId(correlation)
        .setOptions(options)
        .setProposedMessagesList(events.map(proposed))
        .setIsFinal(isFinal);
      expect(decodeBatchChunk(bytesOf(request))).toEqual({
        correlation: bytesOf(correlation),
        target: {
          stream: Buffer.from(stream),
          expected: { kind: 'revision', revision },
          deadlineMs,
        },
        events: events.map(({ id, type, data, metadata }) => ({
          id,
          type: Buffer.from(type),
          contentType: 'application/json',
          data: Buffer.from(data),
          metadata: Buffer.from(metadata),
        })),
        isFinal,
      });
    }),
  );
});

test.each([
  ['no_stream', new BatchAppendReq.Options().setNoStream(new GoogleEmpty())],
  ['any', new BatchAppendReq.Options().setAny(new GoogleEmpty())],
  ['stream_exists', new BatchAppendReq.Options().setStreamExists(new GoogleEmpty())],
])('given an append that expects %s, when it is decoded, then it still does', (kind, options) => {
  const { target } = decodeBatchChunk(bytesOf(new BatchAppendReq().setOptions(options)));
  expect(target).toMatchObject({ expected: { kind }, deadlineMs: Infinity });
});

test('given a unary append and a delete, when they are decoded, then they name stream and revision', () => {
  const append = new AppendReq.Options().setStreamIdentifier(identifier('a')).setRevision('0');
  const { target, event } = decodeAppendPart(bytesOf(new AppendReq().setOptions(append)));
  expect(target).toMatchObject({ expected: { kind: 'revision', revision: 0 } });
  expect(event).toBeUndefined();
  const remove = new DeleteReq.Options()
    .setStreamIdentifier(identifier('b'))
    .setNoStream(new Empty());
  expect(decodeDelete(bytesOf(new DeleteReq().setOptions(remove)))).toMatchObject({
    stream: Buffer.from('b'),
    expected: { kind: 'no_stream' },
  });
});

describe('given an event id, when it is decoded', () => {
  const idOf = (id: UUID | undefined): string | undefined => {
    const event = new BatchAppendReq.ProposedMessage().setId(id);
    const request = new BatchAppendReq().setProposedMessagesList([event]);
    return decodeBatchChunk(bytesOf(request)).events[0]?.id;
  };
  const structured = new UUID.Structured()
    .setMostSignificantBits(String(BigInt.asIntN(64, 0xe3a1bc409f8e4e0fn)))
    .setLeastSignificantBits(String(BigInt.asIntN(64, 0xbd53000000000001n)));

  test.each([
    ['in capitals', new UUID().setString('E3A1BC40-9F8E-4E0F-BD53-000000000001')],
    ['in two numbers', new UUID().setStructured(structured)],
  ])('%s, then its text form is in small letters', (_form, id) => {
    expect(idOf(id)).toBe('e3a1bc40-9f8e-4e0f-bd53-000000000001');
  });

  test.each([
    ['absent', undefined],
    ['zero', new UUID().setString('00000000-0000-0000-0000-000000000000')],
    ['no id at all', new UUID().setString('lot 5')],
  ])('%s, then there is none', (_form, id) => {
    expect(idOf(id)).toBe('');
  });
});

test('given a message that is cut off, when it is decoded, then that is an error', () => {
  const whole = bytesOf(
    new BatchAppendReq().setOptions(
      new BatchAppendReq.Options().setStreamIdentifier(identifier('stock-1')),
    ),
  );
  expect(() => decodeBatchChunk(whole.subarray(0, -2))).toThrow(RangeError);
});

it('gives a delete without options a stream without a name, since the library calls no handler for nothing', () => {
  expect(decodeDelete(Buffer.alloc(0)).stream).toHaveLength(0);
});
