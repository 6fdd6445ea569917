import { Agent, request } from 'undici';
import type { InventoryEvent } from '../../libs/domain';
import { openEventStoreWithRetry } from '../../libs/eventstore';
import { createLogger } from '../../libs/runtime';

/** A command as a client sends it. */
export interface Asked {
  readonly key: string;
  /** Default: nobody says who asks. */
  readonly actor?: string;
  readonly method: 'POST' | 'PATCH';
  /** Below /api/v1/. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Told {
  readonly status: number;
  /** The body, byte for byte. */
  readonly text: string;
  readonly replayed: boolean;
  readonly etag: string | undefined;
}

export interface Sent extends Asked {
  /** Undefined: the connection ended before an answer came. */
  readonly told: Told | undefined;
}

export const post = (
  key: string,
  path: string,
  body: Asked['body'],
  more: Partial<Asked> = {},
): Asked => ({ key, method: 'POST', path, body, ...more });

export const codeOf = ({ told }: Sent): string | undefined =>
  told && told.status >= 400 ? (JSON.parse(told.text) as { code: string }).code : undefined;
export const detailOf = ({ told }: Sent): string =>
  (JSON.parse(told?.text ?? '{}') as { detail?: string }).detail ?? '';

/** Sends commands and keeps what was asked and answered, for the checker. */
export class Sends {
  readonly all: Sent[] = [];
  private readonly agent = new Agent({ connections: 64 });

  async send(url: string, asked: Asked): Promise<Sent> {
    const sent = { ...asked, told: await this.answerOf(url, asked) };
    this.all.push(sent);
    return sent;
  }

  /** Tells what would happen; nothing is written, so nothing is kept. */
  dryRun(url: string, asked: Asked): Promise<Sent> {
    const path = `${asked.path}?dryRun=true`;
    return this.answerOf(url, { ...asked, path }).then((told) => ({ ...asked, told }));
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async answerOf(url: string, asked: Asked): Promise<Told | undefined> {
    const { key, actor, method, path, body } = asked;
    try {
      const answer = await request(`${url}/api/v1/${path}`, {
        dispatcher: this.agent,
        method,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          ...(actor !== undefined && { 'x-actor': actor }),
        },
        body: JSON.stringify(body),
      });
      const text = await answer.body.text();
      const { etag, 'idempotent-replayed': replayed } = answer.headers;
      return {
        status: answer.statusCode,
        text,
        replayed: replayed === 'true',
        etag: typeof etag === 'string' ? etag : undefined,
      };
    } catch {
      return undefined;
    }
  }
}

/** Every event of ours that was in the log when it was asked. */
export async function wholeLog(eventstoreUrl: string): Promise<InventoryEvent[]> {
  const logger = createLogger('test', 'silent');
  const store = await openEventStoreWithRetry({ url: eventstoreUrl, logger });
  const stop = new AbortController();
  try {
    const head = await headOf(store);
    const events: InventoryEvent[] = [];
    for await (const entry of store.readLog({ from: undefined, signal: stop.signal })) {
      if (entry.kind === 'event') events.push(entry.event);
      if ((events.at(-1)?.position ?? -1n) >= head) break;
    }
    return events;
  } finally {
    stop.abort();
    await store.close();
  }
}

/** A hostile node may end the read; then it is asked again. */
async function headOf(store: { head(): Promise<bigint> }): Promise<bigint> {
  for (;;) {
    const head = await store.head().catch(() => undefined);
    if (head !== undefined) return head;
  }
}
