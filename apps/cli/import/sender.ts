import { FailedError } from '../errors';
import { ConnectionError, problemOf, problemText, type Answer } from '../http-client';
import type { Asked } from './fields';
import type { PreparedRow, RowCommand } from './row-commands';

export type Verdict =
  | { readonly kind: 'applied' | 'repeated'; readonly position: string | undefined }
  | { readonly kind: 'refused'; readonly code: string; readonly why: string }
  | { readonly kind: 'broken' | 'skipped'; readonly why: string };

/** Sends one command; throws ConnectionError when there is no answer. */
export type Transport = (
  asked: Asked,
  headers: Readonly<Record<string, string>>,
) => Promise<Answer>;

export interface SenderOptions extends Patience {
  readonly transport: Transport;
  /** The ordered source these rows are of, and the number its first row has there minus one. */
  readonly source: { readonly id: string; readonly offset: number };
  /** Of the whole import. */
  readonly correlationId: string;
  readonly dryRun: boolean;
}

/** How an outage is waited for. */
export interface Patience {
  /** How long one request may find no server before it all stops. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal;
  /** Waits, cut short by the signal; replaced where time is told by the test. */
  readonly wait?: (ms: number) => Promise<void>;
  readonly now?: () => number;
  readonly random?: () => number;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 3_000;
/** The server, or something before it, cannot answer now; the same row may be sent again. */
const TRY_AGAIN = new Set([408, 429, 500, 502, 503, 504]);

/** From prepared rows to their verdicts, through outages that are short enough. */
export function rowSender(
  options: SenderOptions,
): (rows: readonly PreparedRow[]) => Promise<readonly Verdict[]> {
  return async (rows) => {
    const verdicts = rows.map((row): Verdict | undefined =>
      row.kind === 'command' ? undefined : { kind: row.kind, why: row.why },
    );
    const commands = rows.filter((row) => row.kind === 'command');
    const judged = commands.length === 0 ? [] : await send(commands, options);
    return verdicts.map((verdict) => verdict ?? judged.shift()!);
  };
}

/** Not now: the same may be sent again. */
export interface Again {
  readonly again: string;
}

async function send(rows: readonly RowCommand[], options: SenderOptions): Promise<Verdict[]> {
  const verdicts = new Map<RowCommand, Verdict>();
  const left = (): RowCommand[] => rows.filter((row) => !verdicts.has(row));
  const stopped = (why: string): string =>
    `stopped at row ${left()[0]?.row}: ${why}\n` +
    'Rows that were applied stay so; run the same import again and it goes on where it stopped.';
  await patiently(
    async () => (await sendOnce(left(), options, verdicts)) ?? verdicts,
    options,
    stopped,
  );
  return rows.map((row) => verdicts.get(row)!);
}

/** What keeps some of the rows from a verdict, for now. */
async function sendOnce(
  rows: readonly RowCommand[],
  options: SenderOptions,
  verdicts: Map<RowCommand, Verdict>,
): Promise<Again | undefined> {
  const answer = await options.transport(...requestFor(rows, options));
  if (rows.length > 1 && problemOf(answer)?.code === 'BODY_TOO_LARGE') {
    const half = Math.ceil(rows.length / 2);
    // Nothing goes out behind what is left.
    return (
      (await sendOnce(rows.slice(0, half), options, verdicts)) ??
      (await sendOnce(rows.slice(half), options, verdicts))
    );
  }
  let later: Again | undefined;
  for (const [index, row] of rows.entries()) {
    const verdict = judge(answerTo(index, rows.length, answer));
    if ('again' in verdict) later ??= verdict;
    else verdicts.set(row, verdict);
  }
  return later;
}

function requestFor(
  rows: readonly RowCommand[],
  { source, correlationId, dryRun }: SenderOptions,
): Parameters<Transport> {
  const [first] = rows as readonly [RowCommand];
  const placeOf = ({ row }: RowCommand): string => `${source.id};${source.offset + row}`;
  const asked: Asked =
    rows.length === 1 || first.many === undefined
      ? first.asked
      : { method: 'POST', path: first.many, body: { movements: rows.map(movementOf(placeOf)) } };
  const ofOne = { 'idempotency-key': first.key, 'x-source': placeOf(first) };
  return [
    dryRun ? { ...asked, path: `${asked.path}?dryRun=true` } : asked,
    { ...(rows.length === 1 && ofOne), 'x-correlation-id': correlationId },
  ];
}

const movementOf =
  (placeOf: (row: RowCommand) => string) =>
  (row: RowCommand): object => ({
    idempotencyKey: row.key,
    source: placeOf(row),
    ...row.asked.body,
  });

/** What one of the rows would have been answered alone; what is said of the whole list is said of each. */
function answerTo(index: number, rows: number, answer: Answer): Answer {
  if (rows === 1 || answer.status !== 200) return answer;
  const { results } = answer.body as { readonly results?: readonly Answer[] };
  const result = results?.[index];
  if (!result) throw notOurs(answer.status);
  return result;
}

/** Attempts until there is an answer, with growing pauses; throws what `stopped` says when patience ends. */
export async function patiently<T extends object>(
  attempt: () => Promise<T | Again>,
  options: Patience,
  stopped: (why: string) => string,
): Promise<T> {
  const { patienceMs, signal, now = () => performance.now(), random = Math.random } = options;
  const wait = options.wait ?? ((ms: number) => pause(ms, signal));
  const started = now();
  for (let attempts = 0; ; attempts += 1) {
    const outcome = await attempt().catch((error: unknown) => {
      if (error instanceof ConnectionError) return { again: error.message };
      throw error;
    });
    if (!('again' in outcome)) return outcome;
    if (signal?.aborted || now() - started >= patienceMs) {
      throw new FailedError(stopped(outcome.again));
    }
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts);
    await wait(longest * (0.5 + random() / 2));
  }
}

/** What an answer says that may be another one later; undefined of one that is for good. */
export function againOf(answer: Answer): Again | undefined {
  if (!TRY_AGAIN.has(answer.status)) return undefined;
  const problem = problemOf(answer);
  return { again: problem ? problemText(problem) : `the server answered ${answer.status}` };
}

const notOurs = (status: number): FailedError =>
  new FailedError(`the server answered ${status}; is that a Lotstream api?`);

function judge(answer: Answer): Verdict | Again {
  const { status, body, replayed } = answer;
  if (status >= 200 && status < 300) {
    const position = typeof body.position === 'string' ? body.position : undefined;
    return { kind: replayed ? 'repeated' : 'applied', position };
  }
  const later = againOf(answer);
  if (later) return later;
  const problem = problemOf(answer);
  // What has no code does not come from the api: another server, or a proxy that keeps us out.
  if (!problem || problem.code === 'NOT_FOUND') {
    throw notOurs(status);
  }
  const why = problemText(problem)
    .slice(problem.code.length + 2)
    .replaceAll('\n ', ';');
  return { kind: 'refused', code: problem.code, why };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
