import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { createApp } from '../../apps/api/app';
import type { ApiDeps, ReadModels } from '../../apps/api/deps';
import { registerMainLocation } from '../../apps/api/catalogue/main-location';
import { RefusalRecorder } from '../../apps/api/commands/refusals';
import { openApiOf } from '../../apps/api/document/documentation';
import { Load } from '../../apps/api/http/load';
import { FactsReader } from '../../libs/application';
import { createExecutor, type Executor } from '../../libs/eventstore';
import type { RefusedCommand } from '../../libs/postgres';
import { createLogger } from '../../libs/runtime';
import { ApiContract } from './openapi';
import { ScriptedLog } from './scripted-log';

export const storeId = '9f1c2a7b-0000-4000-8000-000000000000';

/** What the api stands on. */
class Ground {
  readonly log = new ScriptedLog();
  readonly refused: RefusedCommand[] = [];
  /** How far the tables are. */
  reached = 0n;
  /** How often it was asked how far they are. */
  checkpointReads = 0;
  database: (sql: string, parameters: readonly unknown[]) => Promise<object[]> = () =>
    Promise.resolve([]);

  rows: () => AsyncGenerator<readonly object[]> = () => {
    throw new Error('streams have tests of their own');
  };

  readonly executor: Executor;

  constructor(now: Date) {
    this.executor = createExecutor({
      store: { client: this.log },
      logger,
      now: () => now.toISOString(),
    });
  }
}

const logger = createLogger('test', 'silent');
let contract: ApiContract | undefined;

/** The api in this process over a scripted log; the tables have contract tests of their own. */
export class ApiInProcess extends Ground {
  private constructor(private readonly now: Date) {
    super(now);
  }

  private started: NestFastifyApplication | undefined;
  private registerMain = (): Promise<void> => Promise.resolve();

  get app(): NestFastifyApplication {
    if (!this.started) throw new Error('the api has not been started');
    return this.started;
  }

  static async start(now: Date, others: Partial<ApiDeps> = {}): Promise<ApiInProcess> {
    const api = new ApiInProcess(now);
    const deps = { ...api.deps(), ...others };
    api.started = await createApp(deps);
    api.registerMain = () => registerMainLocation(deps, new AbortController().signal);
    await api.registerMain();
    return api;
  }

  /**
   * Another log, and nothing remembered: as good as an api that has just been started, which takes longer than most tests.
   * Fails where the test before has left something under way.
   */
  async renew(): Promise<void> {
    await this.app.get(RefusalRecorder).flush();
    const { inFlight, waiting } = this.app.get(Load);
    expect({ inFlight, waiting }).toEqual({ inFlight: 0, waiting: 0 });
    Object.assign(this, new Ground(this.now));
    this.app.get(FactsReader).live(false);
    await this.registerMain();
  }

  /** Asks, and holds the answer to the document. */
  async send(options: InjectOptions & { readonly url: string }): Promise<LightMyRequestResponse> {
    const answer = await this.app.inject(options);
    this.contract.check({
      method: options.method ?? 'GET',
      path: options.url,
      status: answer.statusCode,
      headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
      body: answer.body,
    });
    return answer;
  }

  post(
    path: string,
    payload: object,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> {
    return this.send({ method: 'POST', url: `/api/v1/${path}`, payload, headers });
  }

  /** The document is the same for every api. */
  get contract(): ApiContract {
    return (contract ??= new ApiContract(openApiOf(this.app)));
  }

  private deps(): ApiDeps {
    // Each asks for the ground of the moment.
    const executor: Executor = {
      execute: (request) => this.executor.execute(request),
      stateOf: (definition, stream) => this.executor.stateOf(definition, stream),
      eventsOf: (stream, from, limit) => this.executor.eventsOf(stream, from, limit),
      followDecided: (signal) => this.executor.followDecided(signal),
    };
    return {
      config: {
        tenant: 'default',
        backdatingDays: undefined,
        backdatingDaysByRole: undefined,
      },
      store: { storeId, head: () => Promise.resolve(this.reached) },
      executor,
      readModels: this.readModels(),
      logger,
      now: () => this.now,
    };
  }

  private readModels(): ReadModels {
    return {
      query: (sql, parameters = []) => this.database(sql, parameters) as never,
      readCheckpoints: () => {
        this.checkpointReads += 1;
        return Promise.resolve(
          ['items', 'item_thresholds', 'ledger', 'audit_log'].map((view) => ({
            view,
            storeId,
            position: this.reached,
            state: 'RUNNING' as const,
            reason: null,
            updatedAt: this.now.toISOString(),
          })),
        );
      },
      streamRows: () => this.rows() as never,
      recordRefusals: (rows) => {
        this.refused.push(...rows);
        return Promise.resolve();
      },
    };
  }
}
