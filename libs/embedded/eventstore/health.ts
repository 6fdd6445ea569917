import { createServer, type Server } from 'node:http';
import type { EventNode } from './node';
import type { Scavenges } from './scavenge/service';

/** How a node is. */
export interface Health {
  /**
   * ready: reads and appends are served. read-only: reads are served, appends refused, as when the disk is full; it ends
   * by itself. damaged: a record was not as it was written. stopping: calls are being ended.
   */
  readonly status: 'ready' | 'read-only' | 'damaged' | 'stopping';
  readonly url: string;
  /** The position after the newest record of the log. */
  readonly lastPosition: number;
  readonly events: number;
  readonly streams: number;
  /** Of the file of events. */
  readonly fileBytes: number;
  readonly calls: number;
  readonly subscriptions: number;
  readonly waitingAppends: number;
  /** Held by appends of which not everything has arrived. */
  readonly heldBytes: number;
  readonly memoryBytes: number;
  readonly upSeconds: number;
  /** The scavenge that goes on, if one does. */
  readonly scavenge?: object;
}

export function healthOf(
  { store, traffic }: EventNode,
  scavenges: Scavenges,
  condition: Pick<Health, 'status' | 'url'>,
): Health {
  const { events, streams, bytes } = store.size();
  const progress = scavenges.progress();
  return {
    ...condition,
    lastPosition: store.tail().position,
    events,
    streams,
    fileBytes: bytes,
    calls: traffic.calls,
    subscriptions: traffic.subscriptions,
    waitingAppends: traffic.waitingAppends,
    heldBytes: traffic.heldBytes(),
    memoryBytes: process.memoryUsage.rss(),
    upSeconds: Math.round(process.uptime()),
    ...(progress && { scavenge: progress }),
  };
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Tells over plain HTTP how the node is: `/health` answers 200 when all is well, else 503, either with the facts. */
export async function serveHealth(
  host: string,
  port: number,
  health: () => Health,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/, '');
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    if (path !== '/health') return json(404, { error: 'ask for /health' });
    const facts = health();
    json(facts.status === 'ready' ? 200 : 503, facts);
  });
  await listen(server, host, port);
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/health`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      const reason = isTaken ? 'another program is using it' : error.message;
      reject(
        new Error(
          `The health of the event store cannot be told on ${host}:${port}: ${reason}. Choose another --health-port.`,
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
