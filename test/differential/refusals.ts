import type { Refusal } from './model';
import type { AppendFlaw, AppendPath, BadAppend, Expected, Path } from './operations';

const CODES: Readonly<Record<string, number>> = { no_stream: -1, any: -2, stream_exists: -4 };
const numberOf = (expected: Expected | 'no_stream'): number =>
  typeof expected === 'number' ? expected : (CODES[expected] ?? NaN);
const ANY_OF = 'type.googleapis.com/event_store.client.';

/** How each path says that an append is refused: an error, or an ordinary reply on the unary call. */
export function appendRefusal(via: AppendPath, refusal: Refusal): string {
  const { stream } = refusal;
  if (refusal.refused === 'deleted') {
    if (via === 'raw-batch')
      return `NOT_FOUND ${ANY_OF}StreamDeleted deleted=${stream} of ${stream}`;
    return via === 'raw-unary' ? deletedStatus(stream) : clientDeleted(stream);
  }
  const { expected, actual } = refusal;
  const versions = `expected=${expected} actual=${actual}`;
  if (via === 'raw-batch') {
    return `ALREADY_EXISTS ${ANY_OF}WrongExpectedVersion ${versions} of ${stream}`;
  }
  return via === 'raw-unary' ? `reply wrong-expected-version ${versions}` : clientWrong(refusal);
}

/** The same for soft deletes and tombstones. */
export function removalRefusal(via: Path, refusal: Refusal): string {
  if (refusal.refused === 'deleted') {
    return via === 'raw' ? deletedStatus(refusal.stream) : clientDeleted(refusal.stream);
  }
  if (via === 'client') return clientWrong(refusal);
  const { stream, expected, actual } = refusal;
  return (
    'FAILED_PRECONDITION exception=wrong-expected-version ' +
    `stream-name=${stream} expected-version=${numberOf(expected)} actual-version=${numberOf(actual)}`
  );
}

export const readRefusal = (via: Path, stream: string): string =>
  via === 'raw' ? deletedStatus(stream) : clientDeleted(stream);

/** An error status with the trailers that the protocol promises, in this order. */
export const TRAILERS = [
  'exception',
  'stream-name',
  'expected-version',
  'actual-version',
  'maximum-append-size',
  'required-metadata-properties',
] as const;

const deletedStatus = (stream: string): string =>
  `FAILED_PRECONDITION exception=stream-deleted stream-name=${stream}`;
const clientDeleted = (stream: string): string => `stream-deleted stream=${stream}`;
const clientWrong = (refusal: Extract<Refusal, { refused: 'wrong version' }>): string =>
  `wrong-expected-version expected=${refusal.expected} actual=${refusal.actual} stream=${refusal.stream}`;

const MAX_APPEND_BYTES = 1_048_576;

/** How a malformed append is refused. */
export function flawRefusal({ via, flaw, stream }: BadAppend): string {
  if (via === 'raw-batch') {
    const detail =
      flaw === 'too big' ? `MaximumAppendSizeExceeded max=${MAX_APPEND_BYTES}` : 'BadRequest';
    return `INVALID_ARGUMENT ${ANY_OF}${detail} of ${flaw === 'no stream name' ? '' : stream}`;
  }
  return UNARY_FLAWS[flaw];
}

const MISSING =
  'INVALID_ARGUMENT exception=missing-required-metadata-property required-metadata-properties=type,content-type';
const UNARY_FLAWS: Readonly<Record<AppendFlaw, string>> = {
  'no type': MISSING,
  'no content type': MISSING,
  'empty type': 'UNKNOWN',
  'no id': 'UNKNOWN',
  'zero id': 'UNKNOWN',
  'no stream name': 'UNKNOWN',
  'too big': `INVALID_ARGUMENT exception=maximum-append-size-exceeded maximum-append-size=${MAX_APPEND_BYTES}`,
};
