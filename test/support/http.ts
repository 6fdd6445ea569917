/** What a test says over HTTP, and what it is told. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & {
    readonly code?: string;
    readonly position?: string;
    readonly items?: readonly Record<string, unknown>[];
    readonly nextCursor?: string | null;
    readonly movements?: readonly Record<string, unknown>[];
  };
}

export class Api {
  constructor(readonly url: string) {}

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  /** A command; without a key of its own it is never a retry. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  patch(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('PATCH', path, body, headers);
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
    };
  }

  /** Reads what a command has changed, however long the projector takes. */
  async after(position: string | undefined, path: string): Promise<Answer> {
    if (!position) throw new Error('the command told no position');
    const sign = path.includes('?') ? '&' : '?';
    return this.get(`${path}${sign}after=${position}&wait=20000`);
  }
}
