import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { ReadResp } from '../calls/protocol';
import {
  TOMBSTONE_REVISION,
  dataOf,
  emptyRow,
  eventRow,
  flawOf,
  gapRow,
  holdsEvent,
  idOf,
  isGap,
  isLink,
  linkOf,
  messageOf,
  previousLinkOf,
  resolvedMessage,
  revisionOf,
  streamBytesOf,
  typeBytesOf,
  type EventToStore,
} from './record';

const sample: EventToStore = {
  id: 'e3a1bc40-9f8e-4e0f-bd53-000000000001',
  stream: Buffer.from('stock-SKU-1@MAIN'),
  streamNumber: 3,
  revision: 7,
  type: Buffer.from('StockReceived'),
  isJson: true,
  data: Buffer.from('{"quantity":5}'),
  metadata: Buffer.from('{"actor":"ann"}'),
  position: 123_456,
  createdMs: 1_700_000_000_123,
};

const recordedIn = (message: Buffer) => ReadResp.deserializeBinary(message).getEvent()?.getEvent();

test('given any event, when it is stored, then the generated code reads back what was put in', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const event = fc.record({
    stream: fc.string({ minLength: 1, maxLength: 200 }).map((text) => Buffer.from(text)),
    type: fc.string({ minLength: 1, maxLength: 150 }).map((text) => Buffer.from(text)),
    revision: fc.nat({ max: 2 ** 40 }),
    position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    isJson: fc.boolean(),
    data: bytes,
    metadata: bytes,
  });
  fc.assert(
    fc.property(event, (made) => {
      const stored = { ...made, streamNumber: 3, id: randomUUID(), createdMs: sample.createdMs };
      const row = eventRow(stored, 0);
      const message = ReadResp.deserializeBinary(messageOf(row));
      const recorded = message.getEvent()?.getEvent();
      const metadata = recorded?.getMetadataMap();
      expect(message.getEvent()?.getCommitPosition()).toBe(String(made.position));
      expect(recorded?.getId()?.getString()).toBe(stored.id);
      expect(Buffer.from(recorded?.getStreamIdentifier()?.getStreamName_asU8() ?? [])).toEqual(
        made.stream,
      );
      expect(recorded?.getStreamRevision()).toBe(String(made.revision));
      expect(recorded?.getPreparePosition()).toBe(String(made.position));
      expect(metadata?.get('type')).toBe(made.type.toString());
      expect(metadata?.get('created')).toBe('17000000001230000');
      expect(metadata?.get('content-type')).toBe(
        made.isJson ? 'application/json' : 'application/octet-stream',
      );
      expect(Buffer.from(recorded?.getData_asU8() ?? [])).toEqual(made.data);
      expect(Buffer.from(recorded?.getCustomMetadata_asU8() ?? [])).toEqual(made.metadata);
      expect([idOf(row), revisionOf(row), holdsEvent(row)]).toEqual([
        stored.id,
        made.revision,
        true,
      ]);
      expect([streamBytesOf(row), typeBytesOf(row), dataOf(row)]).toEqual([
        made.stream,
        made.type,
        made.data,
      ]);
    }),
  );
});

test('given a reader who wants structured ids, when a row is sent, then only the form of the id differs', () => {
  const row = eventRow(sample, 0);
  const recorded = recordedIn(resolvedMessage(row, sample.position, undefined, true));
  expect(recorded?.getId()?.getStructured()?.getMostSignificantBits()).toBe(
    String(BigInt.asIntN(64, 0xe3a1bc409f8e4e0fn)),
  );
  expect(recorded?.getStreamRevision()).toBe('7');
});

test('given a link, when its target is gone, then the message carries the link alone', () => {
  const link = eventRow({ ...sample, type: Buffer.from('$>'), data: Buffer.from('1@x') }, 0);
  const message = ReadResp.deserializeBinary(resolvedMessage(link, 9, null, false));
  expect(isLink(link)).toBe(true);
  expect(message.getEvent()?.hasEvent()).toBe(false);
  expect(message.getEvent()?.getLink()?.getId()?.getString()).toBe(sample.id);
});

test('given a tombstone, when it is stored, then it is delivered with the largest revision', () => {
  const row = eventRow({ ...sample, revision: TOMBSTONE_REVISION }, 0);
  expect(recordedIn(messageOf(row))?.getStreamRevision()).toBe(String(2n ** 63n - 1n));
});

test('given a row, when any bit of it is changed, it is cut short or found elsewhere, then it has a flaw', () => {
  const row = eventRow(sample, 0);
  expect(flawOf(row, sample.position)).toBeUndefined();
  for (let at = 0; at < row.length; at += 1) {
    const changed = Buffer.from(row);
    changed[at]! ^= 1 << (at % 8);
    expect(flawOf(changed, sample.position)).toContain('checksum');
    expect(flawOf(row.subarray(0, at), sample.position)).toBeDefined();
  }
  expect(flawOf(row, sample.position + 1)).toContain('belongs to position 123456');
});

test('given a chain of rows, when one is removed, then only its gap keeps the next one linked', () => {
  const first = emptyRow(1, 0, 0);
  const second = eventRow(sample, linkOf(first));
  const third = eventRow({ ...sample, position: 999_999 }, linkOf(second));
  const gap = gapRow(sample.position, linkOf(first), { lastLink: linkOf(second), count: 1 });
  expect([first, second, third].map(previousLinkOf)).toEqual([0, linkOf(first), linkOf(second)]);
  expect(previousLinkOf(third)).not.toBe(linkOf(first));
  expect([previousLinkOf(gap), linkOf(gap)]).toEqual([linkOf(first), previousLinkOf(third)]);
  expect([first, second, gap].map(holdsEvent)).toEqual([false, true, false]);
  expect([first, second, gap].map(isGap)).toEqual([false, false, true]);
  expect(flawOf(gap, sample.position)).toBeUndefined();
});
