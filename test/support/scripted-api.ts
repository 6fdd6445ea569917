import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ScriptedAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection ends behind the body, whatever its length was said to be. */
  readonly breaksOff?: boolean;
}

export type Script = (request: ScriptedRequest) => ScriptedAnswer | 'hang up';

/** An HTTP server that answers as it is told, for tests of what talks to the api. */
export class ScriptedApi {
  readonly requests: ScriptedRequest[] = [];
  private constructor(
    private readonly server: Server,
    public script: Script,
  ) {}

  static async start(script: Script): Promise<ScriptedApi> {
    const server = createServer();
    const api = new ScriptedApi(server, script);
    server.on('request', (message: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.on('end', () => {
        const answer = api.hear(message, Buffer.concat(chunks).toString('utf8'));
        if (answer === 'hang up') return void message.socket.destroy();
        response.writeHead(answer.status, {
          'content-type': 'application/json',
          ...answer.headers,
        });
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        if (answer.breaksOff) response.write(text, () => message.socket.destroy());
        else response.end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private hear(message: IncomingMessage, text: string): ReturnType<Script> {
    const { pathname: path, searchParams: query } = new URL(message.url ?? '/', this.url);
    const body = (text === '' ? {} : JSON.parse(text)) as ScriptedRequest['body'];
    const request = { method: message.method ?? '', path, query, headers: message.headers, body };
    this.requests.push(request);
    return this.script(request);
  }
}

/** The rules of stock as far as an import meets them: keys, ordered sources, no oversell. */
export class ScriptedStock {
  readonly levels = new Map<string, number>();
  readonly items = new Map<string, ScriptedRequest['body']>();
  readonly locations = new Map<string, ScriptedRequest['body']>();
  readonly movements: ScriptedRequest['body'][] = [];
  private readonly decided = new Map<string, number>();
  private readonly passed = new Map<string, number>();
  private position = 0;

  readonly script: Script = (request) => {
    const { method, path, body } = request;
    if (method === 'GET' && path === '/api/v1/stats') return this.stats(request);
    if (path === '/api/v1/items')
      return this.once(request, String(body.sku), () =>
        this.register(this.items, String(body.sku), request),
      );
    if (path === '/api/v1/locations')
      return this.once(request, String(body.code), () =>
        this.register(this.locations, String(body.code), request),
      );
    if (path === '/api/v1/stock-movements') {
      return this.once(request, place(body), () => this.move(request));
    }
    if (path === '/api/v1/batch-stock-movements') return this.list(request);
    return problem(404, 'NOT_FOUND');
  };

  /** Each as a request of its own. */
  private list(request: ScriptedRequest): ScriptedAnswer {
    const movements = request.body.movements as readonly ScriptedRequest['body'][];
    const results = movements.map(({ idempotencyKey, source, ...body }) => {
      const headers = { 'idempotency-key': String(idempotencyKey), 'x-source': String(source) };
      const one = { ...request, path: '/api/v1/stock-movements', headers, body };
      const answer = this.script(one);
      if (answer === 'hang up') throw new Error('no movement hangs up');
      const { 'idempotent-replayed': replayed } = answer.headers ?? {};
      return { status: answer.status, replayed: replayed === 'true', body: answer.body };
    });
    return { status: 200, body: { results } };
  }

  get newestPosition(): string {
    return `abcdef01-${this.position}`;
  }

  private once(
    request: ScriptedRequest,
    stream: string,
    act: () => ScriptedAnswer | undefined,
  ): ScriptedAnswer {
    const key = String(request.headers['idempotency-key']);
    const at = this.decided.get(key);
    if (at !== undefined) {
      return {
        status: 200,
        body: { position: `abcdef01-${at}` },
        headers: { 'idempotent-replayed': 'true' },
      };
    }
    const [id, sequence] = String(request.headers['x-source']).split(';');
    const source = `${id} ${stream}`;
    if ((this.passed.get(source) ?? -1) >= Number(sequence)) return problem(409, 'SEQUENCE_PASSED');
    const refusal = act();
    if (refusal) return refusal;
    if (request.query.get('dryRun') === 'true')
      return { status: 200, body: { dryRun: true, events: [] } };
    this.position += 7;
    this.decided.set(key, this.position);
    this.passed.set(source, Number(sequence));
    return { status: 201, body: { position: `abcdef01-${this.position}` } };
  }

  private register(
    table: Map<string, ScriptedRequest['body']>,
    id: string,
    { body, query }: ScriptedRequest,
  ): ScriptedAnswer | undefined {
    if (table.has(id)) return problem(409, 'ITEM_CODE_ALREADY_EXISTS');
    if (query.get('dryRun') !== 'true') table.set(id, body);
    return undefined;
  }

  private move({ body, query }: ScriptedRequest): ScriptedAnswer | undefined {
    if (!this.items.has(String(body.sku))) return problem(404, 'ITEM_NOT_FOUND');
    const sign = body.type === 'receive' ? 1 : -1;
    const after = (this.levels.get(place(body)) ?? 0) + sign * Number(body.quantity);
    if (after < 0) return problem(409, 'INSUFFICIENT_STOCK');
    if (query.get('dryRun') === 'true') return undefined;
    this.levels.set(place(body), after);
    this.movements.push(body);
    return undefined;
  }

  private stats({ query }: ScriptedRequest): ScriptedAnswer {
    const reached = Number(query.get('after')?.split('-')[1] ?? 0);
    if (reached > this.position) return problem(400, 'POSITION_INVALID');
    const onHand = [...this.levels.values()].reduce((sum, level) => sum + level, 0);
    const counts = { items: this.items.size, locations: this.locations.size };
    return { status: 200, body: { ...counts, units: [{ unit: 'each', onHand }] } };
  }
}

export const problem = (
  status: number,
  code: string,
  detail = 'told by the script',
): ScriptedAnswer => ({
  status,
  body: { code, detail },
});

const place = ({ sku, location = 'MAIN' }: ScriptedRequest['body']): string =>
  `${String(sku)}@${String(location)}`;
