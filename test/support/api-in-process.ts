import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../apps/api/app';
import type { ApiDeps, ReadModels } from '../../apps/api/deps';
import { registerMainLocation } from '../../apps/api/catalogue/main-location';
import { createExecutor } from '../../libs/eventstore';
import type { RefusedCommand } from '../../libs/postgres';
import { createLogger } from '../../libs/runtime';
import { ScriptedLog } from './scripted-log';

export const storeId = '9f1c2a7b-0000-4000-8000-000000000000';

/** The api in this process over a scripted log; the tables have contract tests of their own. */
export class ApiInProcess {
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

  private constructor(private readonly now: Date) {}

  private started: NestFastifyApplication | undefined;

  get app(): NestFastifyApplication {
    if (!this.started) throw new Error('the api has not been started');
    return this.started;
  }

  static async start(now: Date, others: Partial<ApiDeps> = {}): Promise<ApiInProcess> {
    const api = new ApiInProcess(now);
    const deps = { ...api.deps(), ...others };
    api.started = await createApp(deps);
    await registerMainLocation(deps, new AbortController().signal);
    return api;
  }

  private deps(): ApiDeps {
    const logger = createLogger('test', 'silent');
    const executor = createExecutor({
      store: { client: this.log },
      logger,
      now: () => this.now.toISOString(),
    });
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
