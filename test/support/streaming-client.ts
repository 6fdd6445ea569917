import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** A list on its way; nothing of it is read before `text` is called, as a slow reader would. */
export class SlowReader {
  private constructor(private readonly response: IncomingMessage) {}

  static async open(url: string, accept: string): Promise<SlowReader> {
    const request = get(url, { headers: { accept }, agent: false });
    // After an abort, or when the server cuts the connection before anybody reads.
    request.on('error', () => undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.pause();
    return new SlowReader(response);
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  /** Everything to the end; rejects when the connection ends before. */
  async text(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  abort(): void {
    this.response.destroy();
  }
}
