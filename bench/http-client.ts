import { connect, type Socket } from 'node:net';

export interface Response {
  readonly status: number;
  readonly body: string;
}

const LENGTH = /\r\ncontent-length: (\d+)/i;

/**
 * One keep-alive connection with one request at a time, and nothing that a load generator does not need: what it costs is
 * taken from the product on the same cores.
 */
export class Connection {
  private socket: Socket | undefined;
  private received = '';
  private settle: ((response: Response) => void) | undefined;
  private fail: ((error: Error) => void) | undefined;

  constructor(private readonly url: URL) {}

  async request(
    method: string,
    path: string,
    body = '',
    /** Each with its line end. */
    headers = '',
  ): Promise<Response> {
    const socket = (this.socket ??= await this.open());
    const length = body === '' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((settle, fail) => {
      this.settle = settle;
      this.fail = fail;
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.url.host}\r\n${headers}${length}\r\n${body}`,
      );
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(this.url.port), this.url.hostname, () => resolve(socket));
      socket.setNoDelay(true);
      // Bodies of ours are ASCII here, so that lengths in bytes and in characters are the same.
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => this.take(chunk));
      socket.on('error', (error) => (this.fail ?? reject)(error));
      socket.on('close', () => {
        this.socket = undefined;
        this.fail?.(new Error('the server closed the connection'));
      });
    });
  }

  private take(chunk: string): void {
    this.received = this.received === '' ? chunk : this.received + chunk;
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = LENGTH.exec(this.received)?.[1];
    if (length === undefined) return this.fail?.(new Error('an answer without a length'));
    const end = headEnd + 4 + Number(length);
    if (this.received.length < end) return;
    const response = {
      status: Number(this.received.slice(9, 12)),
      body: this.received.slice(headEnd + 4, end),
    };
    this.received = this.received.length === end ? '' : this.received.slice(end);
    this.fail = undefined;
    this.settle?.(response);
  }
}

/** So many connections, each used by one request at a time; who finds none free waits for one. */
export class Connections {
  private readonly all: Connection[];
  private readonly free: Connection[];
  private readonly waiting: ((connection: Connection) => void)[] = [];

  constructor(url: string, count: number) {
    this.all = Array.from({ length: count }, () => new Connection(new URL(url)));
    this.free = [...this.all];
  }

  async request(...args: Parameters<Connection['request']>): Promise<Response> {
    const connection =
      this.free.pop() ?? (await new Promise<Connection>((resolve) => this.waiting.push(resolve)));
    try {
      return await connection.request(...args);
    } finally {
      const next = this.waiting.shift();
      if (next) next(connection);
      else this.free.push(connection);
    }
  }

  close(): void {
    for (const connection of this.all) connection.close();
  }
}
