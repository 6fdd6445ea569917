import { type Problem, type ProblemCode, problems } from '../../apps/api/errors';
import type { RawAnswer } from './client';
import type { FuzzRequest } from './requests';

/** What a request did to the log, as its answer tells it: no event, some event, or either. */
export type Effect = 'none' | 'some';

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

export function judge(request: FuzzRequest, answer: RawAnswer): Judgement {
  const { status, headers, body } = answer;
  const type = headers['content-type'] ?? '';
  if (status >= 400) return { complaint: complaintOfProblem(request, answer), effect: 'none' };
  if (status !== 200 && status !== 201) {
    return { complaint: `an answer of ${status}`, effect: 'none' };
  }
  if (request.method === 'HEAD' || request.method === 'OPTIONS') {
    return { complaint: undefined, effect: 'none' };
  }
  const isOfOperation = request.method === request.operation.method;
  if (isOfOperation && !(status in request.operation.responses)) {
    return { complaint: `${status} is not documented`, effect: 'none' };
  }
  if (!type.startsWith('application/json')) {
    return { complaint: `a success of ${type || 'no type'}`, effect: 'none' };
  }
  const value = parsed(body);
  if (typeof value !== 'object' || value === null) {
    return { complaint: 'a success that is no JSON object', effect: 'none' };
  }
  return { complaint: undefined, effect: effectOf(request, answer, value) };
}

interface Told {
  readonly dryRun?: true;
  readonly movements?: readonly unknown[];
  readonly changes?: object;
}

function effectOf(
  { method, target }: FuzzRequest,
  { status, headers }: RawAnswer,
  told: Told,
): Effect {
  // What was asked for counts, whatever the answer says that it was.
  const isDryRun = told.dryRun || /[?&]dryRun=true(?:&|$)/.test(target);
  if (method === 'GET' || isDryRun || headers['idempotent-replayed'] === 'true') return 'none';
  if (status === 201) return 'some';
  return Object.keys(told.changes ?? {}).length > 0 ? 'some' : 'none';
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
  return documents(request, status, code) ? undefined : `${code} is not documented`;
}

/** A body that is no object has no field to name. */
const isAboutFields = ({ body }: FuzzRequest): boolean => body?.[0] === '{'.charCodeAt(0);

const documents = (
  { intent, method, operation }: FuzzRequest,
  status: number,
  code: string,
): boolean =>
  OF_NO_OPERATION.has(code) ||
  // It may be the address of another operation.
  intent === 'hostile path' ||
  method !== operation.method ||
  JSON.stringify(operation.responses[status] ?? '').includes(code);

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
