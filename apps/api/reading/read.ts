import { Inject, Injectable } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  type Keys,
  type ListQuery,
  type Queryable,
  readPage,
  statementOf,
} from '../../../libs/postgres/queries';
import { cursorOf, fingerprintOf, keysOf } from './cursor';
import { API_DEPS, type ApiDeps, type ReadModels } from '../deps';
import { ProblemError } from '../http/errors';
import { areInStep, isNotModified, revisionTag, tagged, viewsTag } from './etag';
import { LIST_WRITERS } from './list-formats';
import { formatFor, LIST_FORMATS, ONE_FORMAT } from './negotiation';
import { Load } from '../http/load';
import { type AfterQuery, DEFAULT_LIMIT, DEFAULT_WAIT_MS, type PageQuery } from './page-query';
import { PositionWaiter } from './positions';
import { presentRow } from '../http/present';
import { readModelProblem } from './read-failures';
import { ListStreams } from './streaming';

/** Where the tables are before their rows are read; a query that has waited knows already. */
type ReadCheckpoints = ReadModels['readCheckpoints'];

/** A question to the read models, on its way to the one handler that asks every kind. */
class Ask extends Query<unknown> {
  constructor(
    readonly after: AfterQuery,
    /** Aborted when who waits for a position has left. */
    readonly gone: AbortSignal | undefined,
    /** The views that the answer is made of. */
    readonly views: readonly string[],
    readonly run: (db: ReadModels, readCheckpoints: ReadCheckpoints) => Promise<unknown>,
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

  async execute({ after: query, gone, views, run }: Ask): Promise<unknown> {
    const { after, wait = DEFAULT_WAIT_MS } = query;
    this.load.enter();
    try {
      const db = this.deps.readModels;
      if (after === undefined) return await run(db, () => db.readCheckpoints());
      const seen = await this.positions.reached(after, views, wait, gone);
      return await run(db, () => Promise.resolve(seen));
    } catch (error) {
      throw readModelProblem(error) ?? error;
    } finally {
      this.load.leave();
    }
  }
}

/** One thing as a client asks for it. */
export interface Resource {
  /** Tells it from every other. */
  readonly name: string;
  readonly query: AfterQuery;
  readonly views: readonly string[];
  /** The calendar date that expiry is judged by in reports is of UTC, whatever the place. */
  readonly find: (db: Queryable, today: string) => Promise<object>;
}

/** The same where the views are made of one stream, whose revision the row tells. */
export interface Revised<Row extends { readonly revision: number }> extends Pick<
  Resource,
  'query' | 'views'
> {
  readonly find: (db: Queryable) => Promise<Row>;
  readonly present?: (row: Row) => object;
}

/** A list as a client asks for it: a page of JSON, or all of it as CSV or NDJSON. */
export interface Listing<Row extends object> {
  readonly name: string;
  /** Whose list it is, where it is not of everything. */
  readonly of?: string;
  readonly query: PageQuery;
  readonly views: readonly string[];
  /** The columns of CSV: the fields of every row, in their order. */
  readonly fields: readonly string[];
  /** Filters that are the two ends of something, the first not behind the second; default: those of time. */
  readonly ranges?: typeof RANGES | readonly [];
  readonly rows: (today: string) => ListQuery<Row>;
  readonly present?: (row: Row) => object;
  /** Throws where that whose list it is does not exist. */
  readonly exists?: (db: Queryable, today: string) => Promise<unknown>;
}

@Injectable()
export class QueryGate {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(QueryBus) private readonly bus: QueryBus,
    private readonly streams: ListStreams,
  ) {}

  /** Answers with one thing, or 304 where nothing it is made of has moved since. */
  one(request: FastifyRequest, reply: FastifyReply, resource: Resource): Promise<void> {
    const { name, query, views, find } = resource;
    prepare(request, reply, ONE_FORMAT);
    return this.ask(reply, query, views, async (db, readCheckpoints) => {
      const today = this.today();
      const tag = viewsTag({ name, today }, views, await readCheckpoints());
      if (isNotModified(request, reply, tag)) return;
      const found = await find(db, today);
      void tagged(reply, tag).send(found);
    });
  }

  /** The same with the revision as its tag, which a command takes in If-Match. */
  revised<Row extends { readonly revision: number }>(
    request: FastifyRequest,
    reply: FastifyReply,
    { query, views, find, present = (row) => row }: Revised<Row>,
  ): Promise<void> {
    prepare(request, reply, ONE_FORMAT);
    return this.ask(reply, query, views, async (db, readCheckpoints) => {
      const checkpoints = views.length === 1 ? [] : await readCheckpoints();
      const isWhole = views.length === 1 || areInStep(views, checkpoints);
      const row = await find(db);
      const tag = isWhole
        ? revisionTag(row.revision)
        : viewsTag({ revision: row.revision }, views, checkpoints);
      if (!isNotModified(request, reply, tag)) void tagged(reply, tag).send(present(row));
    });
  }

  /** The cursor fits the same list, order and filters only. */
  list<Row extends object>(
    request: FastifyRequest,
    reply: FastifyReply,
    listing: Listing<Row>,
  ): Promise<void> {
    const format = prepare(request, reply, LIST_FORMATS);
    const { name, of, query, views, fields, present = presentRow } = listing;
    const { limit, cursor, after: _after, wait: _wait, ...filters } = query;
    checkRange(filters, listing.ranges);
    const fingerprint = fingerprintOf(of === undefined ? name : `${name} ${of}`, filters);
    const keys = cursor === undefined ? undefined : keysOf(fingerprint, cursor);
    return this.ask(reply, query, views, async (db, readCheckpoints) => {
      const today = this.today();
      const asked = { fingerprint, format, limit, cursor, today };
      const tag = viewsTag(asked, views, await readCheckpoints());
      if (isNotModified(request, reply, tag)) return;
      await listing.exists?.(db, today);
      const list = listing.rows(today);
      checkKeys(keys, list);
      if (format === 'json') {
        const page = await readPage(db, list, { limit: limit ?? DEFAULT_LIMIT, after: keys });
        const nextCursor = page.next ? cursorOf(fingerprint, page.next) : null;
        void tagged(reply, tag).send({ items: page.rows.map(present), nextCursor });
        return;
      }
      const { contentType, extension, head, textOf } = LIST_WRITERS[format](fields);
      const statement = statementOf(list, { after: keys, limit });
      const stream =
        request.method === 'HEAD'
          ? Readable.from([])
          : await this.streams.open(request, () => db.streamRows<Row>(statement), {
              head,
              textOf: (rows) => textOf((rows as readonly Row[]).map(present)),
            });
      const file = `${name}-${today}.${extension}`;
      void tagged(reply, tag)
        .header('content-type', contentType)
        .header('content-disposition', `attachment; filename="${file}"`)
        .send(stream);
    });
  }

  private today(): string {
    return this.deps.now().toISOString().slice(0, 10);
  }

  private ask(
    { raw }: FastifyReply,
    query: AfterQuery,
    views: readonly string[],
    run: (db: ReadModels, readCheckpoints: ReadCheckpoints) => Promise<void>,
  ): Promise<void> {
    const gone = query.after === undefined ? undefined : goneOf(raw);
    return this.bus.execute(new Ask(query, gone, views, run)) as Promise<void>;
  }
}

/** Aborted when the client leaves before its answer. */
function goneOf(response: ServerResponse): AbortSignal {
  if (response.closed) return AbortSignal.abort();
  const client = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) client.abort();
  });
  return client.signal;
}

function prepare<F extends (typeof LIST_FORMATS)[number]>(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  offered: readonly F[],
): F {
  void reply.header('vary', 'accept');
  return formatFor(headers.accept, offered);
}

const RANGES = [
  ['from', 'to'],
  ['updatedFrom', 'updatedTo'],
  ['expiresFrom', 'expiresBefore'],
] as const;

function checkRange(filters: object, ranges: Listing<object>['ranges'] = RANGES): void {
  const values = filters as Readonly<Record<string, string | undefined>>;
  for (const [first, end] of ranges) {
    const [from, to] = [values[first], values[end]];
    if (from === undefined || to === undefined || from <= to) continue;
    const message = `must not lie before ${first}`;
    throw new ProblemError('VALIDATION_FAILED', `${end} ${message}`, [{ field: end, message }]);
  }
}

function checkKeys(keys: Keys | undefined, { order }: ListQuery<object>): void {
  if (keys === undefined || keys.length === order.columns.length) return;
  throw new ProblemError('CURSOR_INVALID', 'send nextCursor of the page before as it is, or none');
}
