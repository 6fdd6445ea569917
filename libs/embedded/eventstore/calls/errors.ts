import { Metadata, status } from '@grpc/grpc-js';
import { LIMIT_OPTIONS, type Limits } from '../limits/limits';
import type { Outcome } from '../writing/outcomes';
import type { Expected } from '../writing/proposals';
import {
  Any,
  BatchAppendResp,
  GoogleEmpty,
  MaximumAppendSizeExceeded,
  RpcStatus,
  StreamDeleted,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from './protocol';

/** An error as the gRPC library sends it: status, text and trailers. */
export class CallError extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
    readonly metadata: Metadata = new Metadata(),
  ) {
    super(details);
  }
}

/** What the real server says then. */
const TOO_BUSY = 'Server Is Too Busy';
const ASCII = /^[\x20-\x7e]*$/;

export function withTrailers(
  code: status,
  details: string,
  trailers: Record<string, string>,
): CallError {
  // Trailers are ASCII; for other names the real server fails altogether.
  if (!Object.values(trailers).every((value) => ASCII.test(value))) {
    return new CallError(status.UNKNOWN, 'the stream name is not ASCII');
  }
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return new CallError(code, details, metadata);
}

export const unknown = (details: string): CallError => new CallError(status.UNKNOWN, details);
export const invalidArgument = (details: string): CallError =>
  new CallError(status.INVALID_ARGUMENT, details);
export const timedOut = (): CallError => new CallError(status.ABORTED, 'the write timed out');
export const unavailable = (reason: string): CallError => new CallError(status.UNAVAILABLE, reason);
export const dataLoss = (reason: string): CallError => new CallError(status.DATA_LOSS, reason);
export const tooBusy = (): CallError =>
  new CallError(status.UNAVAILABLE, `${TOO_BUSY}: too much waits to be written, try again later`);
export const halfSent = ({ inFlightBytes }: Limits): CallError =>
  new CallError(
    status.RESOURCE_EXHAUSTED,
    `half-sent appends hold ${inFlightBytes} bytes, the limit, and this one was the oldest: send it faster, or start the node with a higher ${LIMIT_OPTIONS.inFlightBytes}`,
  );
export const stopping = (): CallError => new CallError(status.CANCELLED, 'the node is stopping');

export const streamDeleted = (stream: string): CallError =>
  withTrailers(status.FAILED_PRECONDITION, `stream '${stream}' is deleted`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongExpectedVersion = (
  stream: string,
  expected: Expected,
  actual: number,
): CallError =>
  withTrailers(status.FAILED_PRECONDITION, `stream '${stream}' is at revision ${actual}`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expectedNumber(expected)),
    'actual-version': String(actual),
  });

export const appendTooBig = (maxBytes: number): CallError =>
  withTrailers(status.INVALID_ARGUMENT, `the append has more than ${maxBytes} bytes of data`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(maxBytes),
  });

export const missingMetadata = (): CallError =>
  withTrailers(status.INVALID_ARGUMENT, 'an event lacks its type or content type', {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

function expectedNumber(expected: Expected): number {
  switch (expected.kind) {
    case 'no_stream':
      return -1;
    case 'any':
      return -2;
    case 'stream_exists':
      return -4;
    case 'revision':
      return expected.revision;
  }
}

/** The ways in which an append on a batch call fails. */
export type BatchFailure =
  | Exclude<Outcome, { kind: 'success' }>
  | { readonly kind: 'bad-request' | 'too-busy' }
  | { readonly kind: 'too-big'; readonly maxBytes: number };

/** The reply to a failed append of a batch call. The client trusts it to have details and a stream identifier. */
export function batchError(correlation: Buffer, stream: Buffer, failure: BatchFailure): Buffer {
  const identifier = new StreamIdentifier().setStreamName(stream);
  const { code, type, value } = describe(failure, identifier);
  const details = new Any();
  details.setTypeUrl(
    `type.googleapis.com/${type.includes('.') ? type : `event_store.client.${type}`}`,
  );
  details.setValue(value);
  const error = new RpcStatus()
    .setMessage(failure.kind === 'too-busy' ? TOO_BUSY : failure.kind)
    .setDetails(details);
  // The generated enum of codes has the same numbers as the library's.
  error.setCode(code as number);
  const reply = new BatchAppendResp()
    .setCorrelationId(UUID.deserializeBinary(correlation))
    .setStreamIdentifier(identifier)
    .setError(error);
  return Buffer.from(reply.serializeBinary());
}

function describe(failure: BatchFailure, identifier: StreamIdentifier) {
  const none = new Uint8Array();
  switch (failure.kind) {
    case 'wrong-expected-version':
      return {
        code: status.ALREADY_EXISTS,
        type: 'WrongExpectedVersion',
        value: describeWrongVersion(failure.expected, failure.actual).serializeBinary(),
      };
    case 'stream-deleted':
      return {
        code: status.NOT_FOUND,
        type: 'StreamDeleted',
        value: new StreamDeleted().setStreamIdentifier(identifier).serializeBinary(),
      };
    case 'timeout':
      return { code: status.DEADLINE_EXCEEDED, type: 'Timeout', value: none };
    case 'bad-request':
      return { code: status.INVALID_ARGUMENT, type: 'BadRequest', value: none };
    case 'too-busy':
      return { code: status.UNAVAILABLE, type: 'google.protobuf.Empty', value: none };
    case 'too-big':
      return {
        code: status.INVALID_ARGUMENT,
        type: 'MaximumAppendSizeExceeded',
        value: new MaximumAppendSizeExceeded().setMaxappendsize(failure.maxBytes).serializeBinary(),
      };
  }
}

function describeWrongVersion(expected: Expected, actual: number): WrongExpectedVersion {
  const wrong = new WrongExpectedVersion();
  if (actual < 0) wrong.setCurrentNoStream(new GoogleEmpty());
  else wrong.setCurrentStreamRevision(String(actual));
  switch (expected.kind) {
    case 'any':
      return wrong.setExpectedAny(new GoogleEmpty());
    case 'no_stream':
      return wrong.setExpectedNoStream(new GoogleEmpty());
    case 'stream_exists':
      return wrong.setExpectedStreamExists(new GoogleEmpty());
    case 'revision':
      return wrong.setExpectedStreamPosition(String(expected.revision));
  }
}
