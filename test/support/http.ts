import type { OpenApi } from '../../apps/api/document/openapi-document';
import { ApiContract } from './openapi';

/** What a test says over HTTP, and what it is told. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** As it came. */
  readonly text: string;
  /** Of JSON; empty for anything else. */
  readonly body: Record<string, unknown> & {
    readonly code?: string;
    readonly position?: string;
    readonly items?: readonly Record<string, unknown>[];
    readonly nextCursor?: string | null;
    readonly movements?: readonly Record<string, unknown>[];
  };
}

/** Every answer is held to the OpenAPI document that the api itself serves. */
export class Api {
  private contract: Promise<ApiContract> | undefined;

  constructor(readonly url: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  /** A command; without a key of its own it is never a retry. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  put(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('PUT', path, body, headers);
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
    const contract = await this.openApi();
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    contract.check({
      method,
      path,
      status: response.status,
      headers: response.headers,
      body: text,
    });
    const isJson = /json(?:;|$)/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? (JSON.parse(text) as Answer['body']) : {},
    };
  }

  /** Reads what a command has changed, however long the projector takes. */
  async after(position: string | undefined, path: string): Promise<Answer> {
    if (!position) throw new Error('the command told no position');
    const sign = path.includes('?') ? '&' : '?';
    return this.get(`${path}${sign}after=${position}&wait=20000`);
  }

  /** The document of the running api, as a contract. */
  openApi(): Promise<ApiContract> {
    return (this.contract ??= contractAt(this.url).catch((error: unknown) => {
      // An api that is being killed and restarted is asked again next time.
      this.contract = undefined;
      throw error;
    }));
  }
}

async function contractAt(url: string): Promise<ApiContract> {
  const response = await fetch(`${url}/openapi.json`);
  if (!response.ok) throw new Error(`${url} has no /openapi.json; is it the api?`);
  return new ApiContract((await response.json()) as OpenApi);
}
