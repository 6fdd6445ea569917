import { type Problem, type ProblemCode, problems } from '../../apps/api/http/errors';
import type { ApiContract } from '../support/openapi';
import type { RawAnswer } from './client';
import type { FuzzRequest } from './requests';

/** What a request did to the log, as its answer tells it: no event, some event, or either. */
export type Effect = 'none' | 'some' | 'either';

export interface Judgement {
  /** Undefined where the answer is as it has to be. */
  readonly complaint: string | undefined;
  readonly effect: Effect;
}

/** Codes that any address may answer, without its document naming them. */
const OF_NO_OPERATION: ReadonlySet<string> = new Set<ProblemCode>([
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'MALFORMED_REQUEST',
  'HEADERS_TOO_LARGE',
  'REQUEST_TIMEOUT',
]);

export function judge(contract: ApiContract, request: FuzzRequest, answer: RawAnswer): Judgement {
  const { status, headers } = answer;
  const { method, target: path } = request;
  const body = answer.body.toString('utf8');
  const told = { method, path, status, headers: Object.entries(headers), body };
  // A refused HEAD does not say by which code.
  const isBeyond = method === 'HEAD' ? status >= 400 : OF_NO_OPERATION.has(codeOf(body));
  const [difference] = isBeyond ? [] : contract.differences(told);
  const complaint =
    (status >= 400 ? complaintOfProblem(request, answer) : undefined) ??
    difference ??
    complaintOfResults(answer);
  if (status >= 400) return { complaint, effect: 'none' };
  if (complaint !== undefined || method === 'HEAD') return { complaint, effect: 'none' };
  return { complaint, effect: effectOf(request, answer, parsed(answer.body) as Told) };
}

interface Told {
  readonly dryRun?: true;
  readonly movements?: readonly unknown[];
  readonly changes?: object;
  readonly transferId?: string;
  readonly releasedQuantity?: number;
  /** Of a decision about a lot: where it is in force, also when it was before. */
  readonly applied?: readonly unknown[];
  /** Of a whole correlation: what goes back, each with an event. */
  readonly reversed?: readonly unknown[];
  /** Of a list of movements: what each would have been answered alone. */
  readonly results?: readonly Result[];
}

interface Result {
  readonly status: number;
  readonly replayed: boolean;
}

function effectOf(
  { method, target }: FuzzRequest,
  { status, headers }: RawAnswer,
  told: Told,
): Effect {
  // What was asked for counts, whatever the answer says that it was.
  const isDryRun = told.dryRun || /[?&]dryRun=true(?:&|$)/.test(target);
  if (method === 'GET' || isDryRun || headers['idempotent-replayed'] === 'true') return 'none';
  if (told.results) return told.results.some(isWritten) ? 'some' : 'none';
  // No step of a transfer is without an event, and no release.
  if (status === 201 || told.transferId !== undefined) return 'some';
  if (told.releasedQuantity !== undefined) return 'some';
  // A reservation that ended then already is answered alike.
  if (/\/extend(?:\?|$)/.test(target)) return 'either';
  if (told.applied !== undefined) return 'either';
  const { changes = {}, reversed = [] } = told;
  const parts = [Object.keys(changes), reversed];
  return parts.some(({ length }) => length > 0) ? 'some' : 'none';
}

function complaintOfProblem(request: FuzzRequest, answer: RawAnswer): string | undefined {
  const { status, headers, body } = answer;
  const type = headers['content-type'] ?? 'no type';
  if (!type.startsWith('application/problem+json')) return `a refusal of ${type}`;
  if (request.method === 'HEAD') return status >= 500 ? `an answer of ${status}` : undefined;
  const problem = parsed(body) as Partial<Problem> | undefined;
  if (!problem) return 'a problem that is no JSON';
  const { code = 'no code', detail = '' } = problem;
  const [expected, title] = problems[code as ProblemCode] ?? [];
  if (expected === undefined) return `a problem of the code ${code}`;
  if (status !== expected || problem.status !== expected) return `${code} with ${status}`;
  if (problem.title !== title || detail === '' || !problem.instance) return 'a problem of less';
  if (status >= 500) return `${code}: ${detail}`;
  if (code === 'VALIDATION_FAILED' && problem.errors === undefined && isAboutFields(request)) {
    return `VALIDATION_FAILED that names no field: ${detail}`;
  }
  return undefined;
}

const isWritten = ({ status, replayed }: Result): boolean => status === 201 && !replayed;

/** None of them may fail either. */
function complaintOfResults({ status, body }: RawAnswer): string | undefined {
  if (status !== 200) return undefined;
  const { results } = (parsed(body) ?? {}) as Told;
  const failed = results?.find((result) => result.status >= 500);
  return failed && `a result of ${JSON.stringify(failed)}`;
}

/** A body that is no object has no field to name. */
const isAboutFields = ({ body }: FuzzRequest): boolean => body?.[0] === '{'.charCodeAt(0);

const codeOf = (body: string): string => (parsed(body) as Partial<Problem> | undefined)?.code ?? '';

function parsed(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
