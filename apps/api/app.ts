import 'reflect-metadata';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FactsReader, FollowUps } from '../../libs/application';
import { newOrderedId } from '../../libs/runtime';
import { readConfig } from '../../libs/runtime/config';
import { CountsController } from './counts/counts.controller';
import { API_DEPS, type ApiDeps } from './deps';
import { CommandGate, DispatchHandler } from './commands/dispatch';
import { serveDocumentation } from './document/documentation';
import { BatchMovements } from './stock/batch';
import { BatchController } from './stock/batch.controller';
import { GoodsController } from './stock/goods.controller';
import { HealthController } from './health.controller';
import { HistoryController } from './stock/history.controller';
import { ItemsController } from './catalogue/items.controller';
import { ProblemError } from './http/errors';
import { BODY_LIMIT_BYTES, checkText, parseBody } from './http/json-body';
import { LevelsController } from './stock/levels.controller';
import { bindLightly } from './http/light-bind';
import { limitsOf, Load } from './http/load';
import { LocationsController } from './catalogue/locations.controller';
import { LotsController } from './lots/lots.controller';
import { observeRequest } from './http/metrics';
import { PeriodsController } from './periods/periods.controller';
import { PositionWaiter } from './reading/positions';
import { badUrl, ProblemFilter } from './http/problem-filter';
import { AskHandler, QueryGate } from './reading/read';
import { RefusalRecorder } from './commands/refusals';
import { routeTable } from './http/routes';
import { answerBrokenMessage, createHttpServer, type Handler } from './http/server';
import { ListStreams } from './reading/streaming';
import { Reversals } from './stock/reversals';
import { ReversalsController } from './stock/reversals.controller';
import { ReservationsController } from './reservations/reservations.controller';
import { StockController } from './stock/stock.controller';
import { TransfersController } from './transfers/transfers.controller';
import { Timelines } from './stock/timelines';
import { ValidationPipe } from './http/validation';

/** The longest id there is, twice percent-encoded. */
const MAX_PARAM_LENGTH = 8_192;

@Module({})
class ApiModule {
  static with(deps: ApiDeps, load: Load): DynamicModule {
    const { executor, policy } = deps;
    const facts = new FactsReader(executor, deps.config.tenant, undefined, () =>
      deps.now().toISOString(),
    );
    const followUps = new FollowUps({ executor, facts, ...(policy && { policy }) });
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        StockController,
        GoodsController,
        BatchController,
        ReversalsController,
        CountsController,
        TransfersController,
        ReservationsController,
        ItemsController,
        LocationsController,
        LevelsController,
        LotsController,
        HistoryController,
        PeriodsController,
        HealthController,
      ],
      providers: [
        { provide: API_DEPS, useValue: deps },
        { provide: Load, useValue: load },
        { provide: FactsReader, useValue: facts },
        { provide: FollowUps, useValue: followUps },
        CommandGate,
        DispatchHandler,
        QueryGate,
        AskHandler,
        ListStreams,
        PositionWaiter,
        Timelines,
        BatchMovements,
        Reversals,
        RefusalRecorder,
      ],
    };
  }
}

/** The whole api over what it depends on; it does not listen yet. */
export async function createApp(deps: ApiDeps): Promise<NestFastifyApplication> {
  bindLightly();
  const { logger, limits = limitsOf(readConfig({})) } = deps;
  const load = new Load(limits);
  const routes = routeTable();
  const filter = new ProblemFilter(logger, routes.methodsOf);
  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // The default of X-Correlation-Id, which has an index.
    genReqId: () => newOrderedId(),
    // Nothing of ours is Express middleware.
    skipMiddie: true,
    forceCloseConnections: 'idle',
    serverFactory: (handler: Handler) => createHttpServer(handler, load),
    clientErrorHandler: answerBrokenMessage,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
  });
  prepare(adapter.getInstance(), routes.add);
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.with(deps, load),
    adapter,
    {
      // What goes wrong is thrown, or told by the filter; a second log in another shape helps nobody.
      logger: false,
      bodyParser: false,
      abortOnError: false,
    },
  );
  app.useGlobalFilters(filter);
  app.useGlobalPipes(new ValidationPipe());
  serveDocumentation(app);
  await app.init();
  await adapter.getInstance().ready();
  return app;
}

function prepare(
  server: FastifyInstance,
  addRoute: (route: { readonly method: string | string[]; readonly url: string }) => void,
): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i,
    { parseAs: 'buffer' },
    ({ headers }, body, done) => {
      try {
        checkCoding(headers);
        done(null, parseBody(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  server.addHook('onRoute', addRoute);
  server.addHook('preValidation', ({ url, query }, _reply, done) => {
    try {
      checkQuery(url, query as Readonly<Record<string, unknown>>);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });
}

/** The bytes of a body are the UTF-8 of its text, whatever else a sender can do. */
function checkCoding({
  'content-type': type = '',
  'content-encoding': coding = 'identity',
}: FastifyRequest['headers']): void {
  if (coding !== 'identity') {
    throw new ProblemError(
      'UNSUPPORTED_MEDIA_TYPE',
      `the body is sent with content-encoding ${coding}; send it as it is`,
    );
  }
  if (type === 'application/json') return;
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type) ?? [];
  if (/^(?:utf-?8|us-ascii)$/i.test(charset)) return;
  throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', `the body is in ${charset}; send it in UTF-8`);
}

function checkQuery(url: string, query: Readonly<Record<string, unknown>>): void {
  // The parser takes for text what it cannot decode.
  if (url.includes('%') && !isDecodable(url)) throw badUrl();
  for (const name in query) {
    checkText(name, name);
    const value = query[name];
    if (typeof value === 'string') checkText(value, name);
  }
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
