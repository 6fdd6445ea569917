import { ErrorType, isCommandError } from '@eventstore/db-client';
import { status, type ServiceError } from '@grpc/grpc-js';
import type { Names } from './names';
import { TRAILERS } from './refusals';
import {
  MaximumAppendSizeExceeded,
  nameIn,
  StreamDeleted,
  WrongExpectedVersion,
  type BatchAppendResp,
} from './stubs';

const EXPECTATIONS: Readonly<Record<string, string>> = {
  '-1': 'no_stream',
  '-2': 'any',
  '-4': 'stream_exists',
};
const named = (version: unknown): string => EXPECTATIONS[String(version)] ?? String(version);

/** What the official client throws, in one line. */
export function clientError(names: Names, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isCommandError(error)) return `${error.name}: ${error.message}`;
  switch (error.type) {
    case ErrorType.WRONG_EXPECTED_VERSION: {
      const { expectedVersion, actualVersion, streamName } = error;
      const versions = `expected=${named(expectedVersion)} actual=${named(actualVersion)}`;
      return `${error.type} ${versions} stream=${names.short(streamName)}`;
    }
    case ErrorType.STREAM_DELETED:
    case ErrorType.STREAM_NOT_FOUND: {
      const { streamName } = error;
      return `${error.type} stream=${names.short(streamName)}`;
    }
    default:
      return error.type;
  }
}

/** A status other than OK, with the trailers that the protocol promises. */
export function statusError(names: Names, error: ServiceError): string {
  const trailers = TRAILERS.flatMap((key) =>
    error.metadata.get(key).map((value) => `${key}=${names.short(String(value))}`),
  );
  return [status[error.code], ...trailers].join(' ');
}

/** The error of one append on a batch call. */
export function batchError(names: Names, reply: BatchAppendResp): string {
  const error = reply.getError();
  const details = error?.getDetails();
  if (!error || !details) return 'an error without details';
  const bytes = details.getValue_asU8();
  const facts = factsOf(names, details.getTypeName(), bytes);
  const stream = names.short(nameIn(reply.getStreamIdentifier()));
  return [status[Number(error.getCode())], details.getTypeUrl(), ...facts, 'of', stream].join(' ');
}

function factsOf(names: Names, type: string, bytes: Uint8Array): readonly string[] {
  switch (type) {
    case 'event_store.client.WrongExpectedVersion': {
      const wrong = WrongExpectedVersion.deserializeBinary(bytes);
      const actual = wrong.hasCurrentNoStream() ? 'no_stream' : wrong.getCurrentStreamRevision();
      return [`expected=${batchExpectation(wrong)}`, `actual=${actual}`];
    }
    case 'event_store.client.StreamDeleted': {
      const deleted = StreamDeleted.deserializeBinary(bytes);
      return [`deleted=${names.short(nameIn(deleted.getStreamIdentifier()))}`];
    }
    case 'event_store.client.MaximumAppendSizeExceeded':
      return [`max=${MaximumAppendSizeExceeded.deserializeBinary(bytes).getMaxappendsize()}`];
    default:
      return [];
  }
}

function batchExpectation(wrong: WrongExpectedVersion): string {
  if (wrong.hasExpectedAny()) return 'any';
  if (wrong.hasExpectedNoStream()) return 'no_stream';
  if (wrong.hasExpectedStreamExists()) return 'stream_exists';
  return wrong.hasExpectedStreamPosition() ? wrong.getExpectedStreamPosition() : 'absent';
}
