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

export interface SenderOptions {
  readonly transport: Transport;
  /** The ordered source these rows are of, and the number its first row has there minus one. */
  readonly source: { readonly id: string; readonly offset: number };
  readonly dryRun: boolean;
  /** How long one row may find no server before the import stops. */
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

/** From a prepared row to its verdict, through outages that are short enough. */
export function rowSender(options: SenderOptions): (row: PreparedRow) => Promise<Verdict> {
  return (row) =>
    row.kind === 'command'
      ? send(row, options)
      : Promise.resolve<Verdict>({ kind: row.kind, why: row.why });
}

async function send(row: RowCommand, options: SenderOptions): Promise<Verdict> {
  const { transport, source, dryRun, patienceMs } = options;
  const { now = () => performance.now(), random = Math.random } = options;
  const wait = options.wait ?? ((ms: number) => pause(ms, options.signal));
  const { asked } = row;
  const sent = dryRun ? { ...asked, path: `${asked.path}?dryRun=true` } : asked;
  const headers = {
    'idempotency-key': row.key,
    'x-source': `${source.id};${source.offset + row.row}`,
  };
  const started = now();
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await transport(sent, headers).then(judge, (error: unknown) => {
      if (error instanceof ConnectionError) return { again: error.message };
      throw error;
    });
    if (!('again' in outcome)) return outcome;
    if (options.signal?.aborted || now() - started >= patienceMs) {
      throw new FailedError(
        `stopped at row ${row.row}: ${outcome.again}\n` +
          'Rows that were applied stay so; run the same import again and it goes on where it stopped.',
      );
    }
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    await wait(longest * (0.5 + random() / 2));
  }
}

function judge(answer: Answer): Verdict | { readonly again: string } {
  const { status, body, replayed } = answer;
  if (status >= 200 && status < 300) {
    const position = typeof body.position === 'string' ? body.position : undefined;
    return { kind: replayed ? 'repeated' : 'applied', position };
  }
  const problem = problemOf(answer);
  if (TRY_AGAIN.has(status)) {
    return { again: problem ? problemText(problem) : `the server answered ${status}` };
  }
  // What has no code does not come from the api: another server, or a proxy that keeps us out.
  if (!problem || problem.code === 'NOT_FOUND') {
    throw new FailedError(`the server answered ${status}; is that a Lotstream api?`);
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
