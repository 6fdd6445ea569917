/**
 * What a call on the shipped stubs ended with, flat and complete enough for an expectation. The client hides details,
 * trailers and the order of messages; here they are looked at.
 */
import { status, type ServiceError } from '@grpc/grpc-js';
import { Empty, StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';

export type Observed = Readonly<Record<string, string>>;

/** A number is an exact revision. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | number;

const TRAILERS = [
  'exception',
  'stream-name',
  'expected-version',
  'actual-version',
  'maximum-append-size',
  'required-metadata-properties',
];

/** The status of a call that failed, and those of its trailers that the protocol promises. */
export function observedError(error: ServiceError): Observed {
  const observed: Record<string, string> = { status: status[error.code] };
  for (const key of TRAILERS) {
    const [value] = error.metadata.get(key);
    if (value !== undefined) observed[key] = value.toString();
  }
  return observed;
}

/** Resolves with what the reply shows, or with the error of the call. */
export const settled = <Reply>(
  start: (callback: (error: ServiceError | null, reply?: Reply) => void) => void,
  show: (reply: Reply) => Observed,
): Promise<Observed> =>
  new Promise((resolve) =>
    start((error, reply) => resolve(error || !reply ? observedError(error!) : show(reply))),
  );

const LIMIT_MS = 5_000;

/** Rejects with what is known when something that should come does not. */
export async function inTime<T>(awaited: Promise<T>, situation: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${situation()} in ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const identifier = (stream: string): StreamIdentifier =>
  new StreamIdentifier().setStreamName(Buffer.from(stream));

export const nameIn = (id: StreamIdentifier | undefined): string =>
  Buffer.from(id?.getStreamName_asU8() ?? []).toString();

interface HasExpected<Nothing> {
  setAny(value: Nothing): unknown;
  setNoStream(value: Nothing): unknown;
  setStreamExists(value: Nothing): unknown;
}

interface HasRevision extends HasExpected<Empty> {
  setRevision(value: string): unknown;
}

interface HasStreamPosition extends HasExpected<GoogleEmpty> {
  setStreamPosition(value: string): unknown;
}

/** Deletes, tombstones and unary appends name the expected revision alike, batch appends their own way. */
export function setExpected(options: HasRevision | HasStreamPosition, expected: Expected): void {
  if ('setRevision' in options) {
    if (typeof expected === 'number') options.setRevision(String(expected));
    else setWord(options, expected, new Empty());
  } else if (typeof expected === 'number') options.setStreamPosition(String(expected));
  else setWord(options, expected, new GoogleEmpty());
}

function setWord<Nothing>(
  options: HasExpected<Nothing>,
  expected: Exclude<Expected, number>,
  nothing: Nothing,
): void {
  switch (expected) {
    case 'any':
      options.setAny(nothing);
      break;
    case 'no_stream':
      options.setNoStream(nothing);
      break;
    case 'stream_exists':
      options.setStreamExists(nothing);
  }
}
