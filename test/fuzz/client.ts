import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface RawAnswer {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** More than a query waits for the tables by default. */
const SILENCE_MS = 8_000;

/** One keep-alive connection that sends what no HTTP library would, one request at a time. */
export class RawConnection {
  private socket: Socket | undefined;
  private received: Buffer = Buffer.alloc(0);
  private woken = (): void => undefined;

  constructor(private readonly url: URL) {}

  async send({ method, target, headers, body }: RawRequest): Promise<RawAnswer> {
    const socket = (this.socket ??= await this.open());
    const all = {
      host: this.url.host,
      ...headers,
      ...(body !== undefined && { 'content-length': String(body.length) }),
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
    socket.write(body === undefined ? head : Buffer.concat([head, body]));
    const answer = await this.answer(method);
    if (answer.headers.connection === 'close') this.close();
    return answer;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.received = Buffer.alloc(0);
  }

  private async open(): Promise<Socket> {
    const socket = connect(Number(this.url.port), this.url.hostname);
    socket.setNoDelay(true);
    // Whatever is sent is answered in less; otherwise this one fails and tells so.
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
      this.woken();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket === socket) this.socket = undefined;
      this.woken();
    });
    await once(socket, 'connect');
    return socket;
  }

  private async answer(method: string): Promise<RawAnswer> {
    const head = (await this.takeTo('\r\n\r\n')).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      head.slice(1, -2).map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const status = Number(head[0]?.slice(9, 12));
    const isBare = method === 'HEAD' || status === 304 || status === 204;
    return { status, headers, body: isBare ? Buffer.alloc(0) : await this.bodyOf(headers) };
  }

  private async bodyOf(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    if (headers['transfer-encoding'] !== 'chunked') {
      return this.take(Number(headers['content-length'] ?? 0));
    }
    const chunks: Buffer[] = [];
    for (;;) {
      const size = parseInt((await this.takeTo('\r\n')).toString('latin1'), 16);
      const chunk = await this.take(size + 2);
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, -2));
    }
  }

  private async takeTo(mark: string): Promise<Buffer> {
    for (;;) {
      const at = this.received.indexOf(mark, 0, 'latin1');
      if (at >= 0) return this.take(at + mark.length);
      await this.more();
    }
  }

  private async take(length: number): Promise<Buffer> {
    while (this.received.length < length) await this.more();
    const taken = this.received.subarray(0, length);
    this.received = this.received.subarray(length);
    return taken;
  }

  private async more(): Promise<void> {
    if (!this.socket) throw new Error('the server closed the connection without an answer');
    await new Promise<void>((resolve) => (this.woken = resolve));
    this.woken = () => undefined;
  }
}

/** The request as a line for a shell. */
export function curlLine(url: string, { method, target, headers, body }: RawRequest): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const told = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const call = `curl -sS -i -X ${method} --request-target ${quoted(target)} ${told.join(' ')} ${url}`;
  if (body === undefined) return call;
  return `echo ${body.toString('base64')} | base64 -d | ${call} --data-binary @-`;
}
