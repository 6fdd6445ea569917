import { rm } from 'node:fs/promises';
import { stockReceived } from '../../support/stock-events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { createHealthServer } from '../../../apps/projector/health';
import { createMetrics, observe } from '../../../apps/projector/metrics';
import { Projector, type ProjectorOptions } from '../../../apps/projector/projector';
import { startEventNode } from '../../../libs/embedded/eventstore';
import { openPostgres, type Postgres } from '../../../libs/postgres';
import { newId } from '../../../libs/runtime';
import { inv, type Ran } from '../../support/inv';
import { temporaryFolder } from '../../support/terminal';
import { freePort, logger, TestServer } from './database';

type Node = Awaited<ReturnType<typeof startEventNode>>;

export interface Running {
  readonly projector: Projector;
  readonly url: string;
  stop(): Promise<void>;
}

export interface Health {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A real PostgreSQL, a real event node, and projectors as their process runs them. */
export class Stage {
  postgres!: Postgres;
  databaseUrl!: string;
  private readonly running: Running[] = [];

  private constructor(
    readonly folder: string,
    readonly port: number,
    readonly server: TestServer,
    public node: Node,
    readonly client: EventStoreDBClient,
  ) {}

  static async start(): Promise<Stage> {
    const folder = temporaryFolder('lotstream-projector-');
    const port = await freePort();
    const [server, node] = await Promise.all([
      TestServer.start(),
      startNode(join(folder, 'events'), port),
    ]);
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
    return new Stage(folder, port, server, node, client);
  }

  get eventsFolder(): string {
    return join(this.folder, 'events');
  }

  /** A database without tables. */
  async newDatabase(): Promise<void> {
    this.databaseUrl = await this.server.database();
    this.postgres = await openPostgres({ url: this.databaseUrl, logger });
  }

  async leaveDatabase(): Promise<void> {
    await this.stopProjectors();
    await this.postgres.close();
  }

  stopProjectors(): Promise<unknown> {
    return Promise.all(this.running.splice(0).map((one) => one.stop()));
  }

  async stop(): Promise<void> {
    await this.client.dispose();
    await Promise.all([this.server.stop(), this.node.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  async restartNode(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.node.stop();
    await meanwhile();
    this.node = await startNode(this.eventsFolder, this.port);
  }

  async run(
    options: { eventstorePort?: number } & Pick<ProjectorOptions, 'views' | 'policies'> = {},
  ): Promise<Running> {
    const metrics = createMetrics();
    const stopping = new AbortController();
    const projector = new Projector({
      eventstoreUrl: `esdb://127.0.0.1:${options.eventstorePort ?? this.port}?tls=false`,
      databaseUrl: this.databaseUrl,
      logger,
      metrics,
      onReady: () => undefined,
      ...(options.views && { views: options.views }),
      ...(options.policies && { policies: options.policies }),
    });
    observe(metrics, projector);
    const health = createHealthServer(projector, metrics);
    const at = await freePort();
    await new Promise<void>((resolve) => health.listen(at, '127.0.0.1', resolve));
    const done = projector.run(stopping.signal);
    const one: Running = {
      projector,
      url: `http://127.0.0.1:${at}`,
      async stop() {
        stopping.abort();
        health.close();
        await done.catch(() => undefined);
      },
    };
    this.running.push(one);
    return one;
  }

  /** Runs `inv projection …` on the database. */
  inv(...words: string[]): Promise<Ran> {
    return inv('projection', ...words, '--database-url', this.databaseUrl);
  }

  /** Tries until the event store takes it, and answers the log position of the last event. */
  async append(stream: string, ...events: Parameters<typeof asJson>[0][]): Promise<bigint> {
    return this.appendRaw(stream, events.map(asJson));
  }

  async appendRaw(
    stream: string,
    events: Parameters<EventStoreDBClient['appendToStream']>[1],
  ): Promise<bigint> {
    const { position } = await this.client.appendToStream(stream, events);
    if (!position) throw new Error('no position was told');
    return position.commit;
  }

  /** Receipts of a new item at MAIN. */
  receive(count: number, sku = newId()): Promise<bigint> {
    const events = Array.from({ length: count }, () => received(sku));
    return this.append(`stock-default.${sku}@MAIN`, ...events);
  }

  async reached(position: bigint, view = 'ledger'): Promise<boolean> {
    const rows = await this.postgres
      .query<{ at: number }>(
        `SELECT commit_position AS at FROM control.checkpoints JOIN control.served USING (projection)
         WHERE view = $1`,
        [view],
      )
      .catch(() => []);
    return BigInt(rows[0]?.at ?? -1) >= position;
  }

  async health(url: string): Promise<Health> {
    const response = await fetch(`${url}/health/ready`);
    return { status: response.status, body: (await response.json()) as Health['body'] };
  }
}

export const startNode = (dataFolder: string, at: number): Promise<Node> =>
  startEventNode({ dataFolder, host: '127.0.0.1', port: at, logger });

export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not reached: ${condition.toString()}`);
    await wait(10);
  }
}

/** A receipt as the stock stream holds it. */
export const received = (sku: string): { type: string; data: object } =>
  stockReceived({ sku, location: 'MAIN', quantity: 2 });

export const registered = (sku: string, description = ''): { type: string; data: object } => ({
  type: 'ItemRegistered',
  data: {
    ...{ sku, unit: 'each', decimals: 0, name: sku, description, category: null, attributes: {} },
    ...{ aliases: [], barcodes: [], suppliers: [], tracking: 'none', qcRequired: false },
    allocationPolicy: 'FIFO',
  },
});

export function metadataOf(commandId = newId()): Record<string, unknown> {
  return {
    ...{ commandId, commandHash: 'ab'.repeat(32), correlationId: commandId },
    ...{ causationId: commandId, tenant: 'default', actor: 'someone', schema: 1 },
    effectiveAt: '2026-01-02T03:04:05.678Z',
    recordedAt: new Date().toISOString(),
  };
}

const asJson = (event: {
  readonly type: string;
  readonly data: object;
  readonly metadata?: Record<string, unknown>;
}) =>
  jsonEvent({
    id: newId(),
    type: event.type,
    data: event.data as Record<string, unknown>,
    metadata: event.metadata ?? metadataOf(),
  });
