import { Pool } from 'undici';
import { FailedError, UsageError } from './errors';

export interface Answer {
  readonly status: number;
  /** True when the server had decided this very command before. */
  readonly replayed: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The api could not be asked, or what it said got lost: whether it has acted is unknown. */
export class ConnectionError extends FailedError {}

const ANSWER_TIMEOUT_MS = 30_000;

/** The one way to the api: keep-alive connections, JSON both ways. */
export class HttpClient {
  private readonly pool: Pool;
  private readonly prefix: string;

  constructor(
    readonly url: string,
    private readonly headers: Readonly<Record<string, string>> = {},
    connections = 4,
  ) {
    const { origin, pathname } = parseUrl(url);
    this.prefix = pathname.replace(/\/+$/, '');
    this.pool = new Pool(origin, {
      connections,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  async request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const json = body && { 'content-type': 'application/json' };
    try {
      const answer = await this.pool.request({
        method,
        path: this.prefix + path,
        headers: { ...this.headers, ...json, ...headers },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      const replayed = answer.headers['idempotent-replayed'] === 'true';
      return { status: answer.statusCode, replayed, body: parseBody(text) };
    } catch (error) {
      throw new ConnectionError(`no answer from ${this.url}: ${reasonOf(error)}`);
    }
  }

  /** Writes the body of a good answer as it comes; any other answer is returned. Throws where it breaks off. */
  async pipe(
    path: string,
    accept: string,
    write: (chunk: Uint8Array) => Promise<void>,
  ): Promise<Answer | undefined> {
    try {
      const answer = await this.pool.request({
        method: 'GET',
        path: this.prefix + path,
        headers: { ...this.headers, accept },
      });
      if (answer.statusCode !== 200) {
        const body = parseBody(await answer.body.text());
        return { status: answer.statusCode, replayed: false, body };
      }
      for await (const chunk of answer.body) await write(chunk as Uint8Array);
      return undefined;
    } catch (error) {
      throw new ConnectionError(`no whole answer from ${this.url}: ${reasonOf(error)}`);
    }
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`"${text}" is no address of an api; it looks like http://127.0.0.1:3000`);
}

/** What is not a JSON object came from something else than the api. */
function parseBody(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there; start it with `npm start`';
  return message || code || 'unknown';
}

export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}

/** The problem that an answer tells of; undefined when the answer is not the api's. */
export function problemOf({ body }: Answer): Problem | undefined {
  const { code, detail, errors } = body as Partial<Problem>;
  if (typeof code !== 'string') return undefined;
  return { code, detail: detail ?? '', errors: Array.isArray(errors) ? errors : [] };
}

export function problemText({ code, detail, errors }: Problem): string {
  const told = errors.filter(({ field, message }) => !detail.includes(`${field} ${message}`));
  const fields = told.map(({ field, message }) => `\n  ${field} ${message}`).join('');
  return `${code}: ${detail}${fields}`;
}

/** The body of a good answer; anything else is an error that says what the api said. */
export function bodyOf(answer: Answer, url: string): Readonly<Record<string, unknown>> {
  if (answer.status < 300) return answer.body;
  const problem = problemOf(answer);
  throw new FailedError(
    problem ? problemText(problem) : `${url} answered ${answer.status}; is that a Lotstream api?`,
  );
}
