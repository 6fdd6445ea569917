/** The stubs that the official client ships: they show what it hides. */
export {
  MaximumAppendSizeExceeded,
  Empty,
  StreamDeleted,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
export { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
export {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  DeleteResp,
  ReadReq,
  ReadResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb';
export { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';

import { StreamIdentifier, Empty, UUID } from '@eventstore/db-client/generated/shared_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import type { Append, Expected } from './operations';

export const identifierOf = (stream: string): StreamIdentifier =>
  new StreamIdentifier().setStreamName(Buffer.from(stream));

export const nameIn = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

export function uuidMessage(id: string, form: Append['idForm'] = 'text'): UUID {
  if (form !== 'structured') {
    return new UUID().setString(form === 'upper' ? id.toUpperCase() : id);
  }
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const structured = new UUID.Structured();
  structured.setMostSignificantBits(String(bytes.readBigInt64BE(0)));
  structured.setLeastSignificantBits(String(bytes.readBigInt64BE(8)));
  return new UUID().setStructured(structured);
}

export function textOfUuid(uuid: UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (!structured) return uuid?.getString() ?? '';
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(structured.getMostSignificantBits())), 0);
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(structured.getLeastSignificantBits())), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

interface WithExpectation {
  setAny(value: Empty): unknown;
  setNoStream(value: Empty): unknown;
  setStreamExists(value: Empty): unknown;
  setRevision(value: string): unknown;
}

export function setExpected<T extends WithExpectation>(options: T, expected: Expected): T {
  if (expected === 'any') options.setAny(new Empty());
  else if (expected === 'no_stream') options.setNoStream(new Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new Empty());
  else options.setRevision(String(expected));
  return options;
}

interface WithBatchExpectation {
  setAny(value: GoogleEmpty): unknown;
  setNoStream(value: GoogleEmpty): unknown;
  setStreamExists(value: GoogleEmpty): unknown;
  setStreamPosition(value: string): unknown;
}

/** Batch appends name the revision otherwise and take an empty message of another package. */
export function setBatchExpected<T extends WithBatchExpectation>(
  options: T,
  expected: Expected,
): T {
  if (expected === 'any') options.setAny(new GoogleEmpty());
  else if (expected === 'no_stream') options.setNoStream(new GoogleEmpty());
  else if (expected === 'stream_exists') options.setStreamExists(new GoogleEmpty());
  else options.setStreamPosition(String(expected));
  return options;
}
