import type { ItemCode, LocationCode, LotCode, PeriodCode, StockCode } from '../../../libs/domain';
import type { KernelCode } from '../../../libs/eventstore';

/** Every code that an answer can carry, with its status and title. docs/errors.md says what to do about each. */
export const problems = {
  VALIDATION_FAILED: [400, 'The request is not valid'],
  MALFORMED_JSON: [400, 'The body is not JSON'],
  MALFORMED_URL: [400, 'The address is not valid'],
  MALFORMED_REQUEST: [400, 'The message is not HTTP/1.1'],
  UNKNOWN_MOVEMENT_TYPE: [400, 'There is no such type of movement'],
  POSITION_INVALID: [400, 'That is not a position'],
  POSITION_OF_ANOTHER_STORE: [400, 'The position belongs to another event store'],
  CURSOR_INVALID: [400, 'The cursor does not fit this list'],
  NOT_FOUND: [404, 'There is no such address'],
  ITEM_NOT_FOUND: [404, 'There is no such item'],
  LOCATION_NOT_FOUND: [404, 'There is no such location'],
  LOT_NOT_FOUND: [404, 'There is no such lot'],
  RESERVATION_NOT_FOUND: [404, 'There is no such reservation'],
  TRANSFER_NOT_FOUND: [404, 'There is no such transfer'],
  COUNT_NOT_FOUND: [404, 'There is no such count'],
  MOVEMENT_NOT_FOUND: [404, 'There is no such movement'],
  METHOD_NOT_ALLOWED: [405, 'The address does not take this method'],
  NOT_ACCEPTABLE: [406, 'The answer cannot be given in that form'],
  REQUEST_TIMEOUT: [408, 'The request did not arrive in time'],
  ITEM_CODE_ALREADY_EXISTS: [409, 'The item is registered already'],
  LOCATION_CODE_ALREADY_EXISTS: [409, 'The location is registered already'],
  ITEM_INACTIVE: [409, 'The item is inactive'],
  LOCATION_INACTIVE: [409, 'The location is inactive'],
  INSUFFICIENT_STOCK: [409, 'There is not enough stock'],
  INSUFFICIENT_APPROVED_STOCK: [409, 'There is not enough approved stock'],
  NO_QC_APPROVED_LOT: [409, 'No lot is approved by quality control'],
  LOT_EXPIRED: [409, 'The lot has expired'],
  LOT_EXPIRY_MISMATCH: [409, 'The lot has another expiry date'],
  INSUFFICIENT_RESERVED_STOCK: [409, 'There is not enough set aside'],
  TRANSFER_ENDED: [409, 'The transfer has ended'],
  TRANSFER_EXCEEDED: [409, 'That is more than is outstanding'],
  COUNT_ENDED: [409, 'The count has been decided'],
  COUNT_CONFLICT: [409, 'The count contradicts what has moved since'],
  COUNT_APPROVER_IS_COUNTER: [409, 'Another person must approve the count'],
  MOVEMENT_NOT_REVERSIBLE: [409, 'The movement is of a kind that is not reversed'],
  MOVEMENT_ALREADY_REVERSED: [409, 'The movement has been reversed'],
  REVERSAL_CONFLICT: [409, 'The stock has moved on'],
  PERIOD_CLOSED: [409, 'The books are closed'],
  PERIOD_ALREADY_CLOSED: [409, 'The period is closed already'],
  PERIOD_NOT_CLOSED: [409, 'The period is not closed'],
  LOT_TRANSITION_NOT_ALLOWED: [409, 'The lot cannot become that at once'],
  SEQUENCE_PASSED: [409, 'The source has gone past this row'],
  REVISION_MISMATCH: [412, 'The revision is not the current one'],
  BODY_TOO_LARGE: [413, 'The body is too large'],
  COMMAND_TOO_LARGE: [413, 'The command is too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The body must be JSON'],
  ITEM_UNIT_INVALID: [422, 'The units of the item do not fit'],
  THRESHOLDS_OUT_OF_ORDER: [422, 'The thresholds are out of order'],
  QUANTITY_INVALID: [422, 'The quantity is not valid'],
  QUANTITY_TOO_PRECISE: [422, 'The quantity is finer than the item is counted'],
  QUANTITY_TOO_LARGE: [422, 'The quantity is too large'],
  LOT_CODE_REQUIRED: [422, 'The item needs a lot code'],
  TOO_MANY_LOTS: [422, 'The quantity lies in too many lots'],
  UNIT_UNKNOWN: [422, 'The item has no such unit'],
  EXPIRES_AT_PASSED: [422, 'The expiry lies in the past'],
  TRANSFER_TO_ITSELF: [422, 'A transfer goes somewhere else'],
  COUNT_REVISION_UNKNOWN: [422, 'There is no such revision'],
  LOCATION_PARENT_INVALID: [422, 'The parent cannot be the parent'],
  EFFECTIVE_AT_IN_FUTURE: [422, 'The movement lies in the future'],
  EFFECTIVE_AT_TOO_OLD: [422, 'The movement lies too far back'],
  EFFECTIVE_AT_BEFORE_DISPATCH: [422, 'The movement lies before the dispatch'],
  PERIOD_IN_FUTURE: [422, 'The period has not ended'],
  IDEMPOTENCY_KEY_REUSED: [422, 'The idempotency key was used for another command'],
  HEADERS_TOO_LARGE: [431, 'Address and headers are too large'],
  INTERNAL_ERROR: [500, 'Something went wrong here'],
  OVERLOADED: [503, 'Too many requests are under way'],
  STORE_UNAVAILABLE: [503, 'The event store does not answer'],
  OUTCOME_UNKNOWN: [503, 'It is not known whether the command was written'],
  STREAM_BUSY: [503, 'The stream is busy'],
  EARLIER_UNDECIDED: [503, 'One before it was not decided'],
  READ_MODEL_UNAVAILABLE: [503, 'The read models do not answer'],
  TOO_MANY_STREAMS: [503, 'Too many lists are being streamed'],
  PROJECTION_BEHIND: [504, 'The read models have not got that far yet'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type ProblemCode = keyof typeof problems;

/** Compiles only while every refusal of the domain and of the kernel has its row above. */
export type RefusalCode = ItemCode | LocationCode | LotCode | PeriodCode | StockCode | KernelCode;
export const codeOfRefusal = (code: RefusalCode): ProblemCode => code;

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly FieldProblem[];
}

/** Carries a code to the one place that answers it. */
export class ProblemError extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly errors?: readonly FieldProblem[],
  ) {
    super(`${code}: ${detail}`);
  }
}

/** A retry makes sense after so many seconds. */
const RETRY_AFTER_SECONDS = 1;

export function problemOf(error: ProblemError, instance: string): Problem {
  const [status, title] = problems[error.code];
  const { code, detail, errors } = error;
  const type = `urn:lotstream:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return { type, title, status, code, detail, instance, ...(errors && { errors }) };
}

export const retryAfter = (status: number): string | undefined =>
  status === 503 || status === 504 ? String(RETRY_AFTER_SECONDS) : undefined;
