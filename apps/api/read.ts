import { Inject, Injectable } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import type { PageOf, PageRequest, Queryable } from '../../libs/postgres/queries';
import { clientOf } from './clients';
import { cursorOf, fingerprintOf, keysOf } from './cursor';
import { API_DEPS, type ApiDeps } from './deps';
import { ProblemError } from './errors';
import { Load } from './load';
import { type AfterQuery, DEFAULT_LIMIT, DEFAULT_WAIT_MS, type PageQuery } from './page-query';
import { PositionWaiter } from './positions';
import { presentRow } from './present';
import { readModelProblem } from './read-failures';

/** A question to the read models, on its way to the one handler that asks every kind. */
class Ask extends Query<unknown> {
  constructor(
    readonly after: AfterQuery,
    /** The views that the answer is made of. */
    readonly views: readonly string[],
    readonly run: (db: Queryable) => Promise<unknown>,
  ) {
    super();
  }
}

@QueryHandler(Ask)
export class AskHandler implements IQueryHandler<Ask> {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(PositionWaiter) private readonly positions: PositionWaiter,
    @Inject(Load) private readonly load: Load,
  ) {}

  async execute({ after: query, views, run }: Ask): Promise<unknown> {
    const { after, wait = DEFAULT_WAIT_MS } = query;
    this.load.enter();
    try {
      if (after !== undefined) {
        await this.positions.reached(after, views, wait, clientOf(query));
      }
      return await run(this.deps.readModels);
    } catch (error) {
      throw readModelProblem(error) ?? error;
    } finally {
      this.load.leave();
    }
  }
}

export interface ListAnswer {
  readonly items: readonly object[];
  readonly nextCursor: string | null;
}

@Injectable()
export class QueryGate {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(QueryBus) private readonly bus: QueryBus,
  ) {}

  /** The calendar date that expiry is judged by in reports: of UTC, whatever the place. */
  get today(): string {
    return this.deps.now().toISOString().slice(0, 10);
  }

  ask<T>(
    after: AfterQuery,
    views: readonly string[],
    run: (db: Queryable) => Promise<T>,
  ): Promise<T> {
    return this.bus.execute(new Ask(after, views, run)) as Promise<T>;
  }

  /** One page of a list; the cursor fits the same list, order and filters only. */
  async list<Row extends object>(
    name: string,
    query: PageQuery,
    views: readonly string[],
    run: (db: Queryable, page: PageRequest) => Promise<PageOf<Row>>,
    present: (row: Row) => object = presentRow,
  ): Promise<ListAnswer> {
    const { limit = DEFAULT_LIMIT, cursor, after: _after, wait: _wait, ...filters } = query;
    checkRange(filters);
    const fingerprint = fingerprintOf(name, filters);
    const after = cursor === undefined ? undefined : keysOf(fingerprint, cursor);
    const { rows, next } = await this.ask(query, views, (db) => run(db, { limit, after }));
    return { items: rows.map(present), nextCursor: next ? cursorOf(fingerprint, next) : null };
  }
}

function checkRange(filters: object): void {
  const { from, to } = filters as { from?: string; to?: string };
  if (from === undefined || to === undefined || from <= to) return;
  const message = 'must not lie before from';
  throw new ProblemError('VALIDATION_FAILED', `to ${message}`, [{ field: 'to', message }]);
}
