import { ProblemError } from '../http/errors';

/**
 * Classes of SQLSTATE that mean: not now. 42P01 and 3F000: no projector has made the tables yet. 42703: those of an older
 * version still serve while the new ones are filled beside them.
 */
const AWAY = /^(?:08|53|57|55P03|25P03|42P01|42703|3F000)/;
const NETWORK = /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT|EHOSTUNREACH/;
const CLIENT =
  /Connection terminated|timeout exceeded|timeout expired|not queryable|after calling end|Client has encountered/i;
/** A value that the column cannot be: with everything else checked, only a made-up cursor brings one. */
const BAD_VALUE = /^22/;

/** The problem behind a failed query; undefined where it is a mistake of ours. */
export function readModelProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (AWAY.test(code) || NETWORK.test(code) || CLIENT.test(message)) {
    return new ProblemError(
      'READ_MODEL_UNAVAILABLE',
      'PostgreSQL does not answer or its tables are not there yet; commands go on, ask again',
    );
  }
  if (BAD_VALUE.test(code)) {
    return new ProblemError('CURSOR_INVALID', 'send nextCursor of the page before as it is');
  }
  return undefined;
}
