import type { Policy } from '../../libs/domain';
import type { Executor } from '../../libs/eventstore';
import type { ProjectionPosition, RefusedCommand } from '../../libs/postgres';
import type { Queryable, Statement } from '../../libs/postgres/queries';
import type { Config, Logger } from '../../libs/runtime';
import type { Limits } from './http/load';

/** The read side as the api uses it; every member rejects while PostgreSQL is away. */
export interface ReadModels extends Queryable {
  readCheckpoints(): Promise<readonly ProjectionPosition[]>;
  /** The rows of one moment, batch by batch; holds a connection until it has ended or is returned. */
  streamRows<R extends object>(statement: Statement): AsyncGenerator<readonly R[], void, undefined>;
  recordRefusals(rows: readonly RefusedCommand[]): Promise<void>;
}

export interface ApiDeps {
  readonly config: Pick<Config, 'tenant' | 'backdatingDays' | 'backdatingDaysByRole'>;
  readonly store: {
    readonly storeId: string;
    /** Commit position of the end of the log. */
    head(): Promise<bigint>;
  };
  readonly executor: Executor;
  readonly readModels: ReadModels;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Absent = the default ones. */
  readonly limits?: Limits;
  /** What follows from events; absent = that of this version. */
  readonly policy?: Policy;
}

export const API_DEPS = Symbol('ApiDeps');
