import 'reflect-metadata';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../../libs/runtime';
import { API_DEPS, type ApiDeps } from './deps';
import { CommandGate, DispatchHandler } from './dispatch';
import { serveDocumentation } from './documentation';
import { FactsReader } from './facts';
import { HealthController } from './health.controller';
import { HistoryController } from './history.controller';
import { ItemsController } from './items.controller';
import { BODY_LIMIT_BYTES, checkText, parseBody } from './json-body';
import { LevelsController } from './levels.controller';
import { bindLightly } from './light-bind';
import { LocationsController } from './locations.controller';
import { observeRequest } from './metrics';
import { PositionWaiter } from './positions';
import { ProblemFilter } from './problem-filter';
import { AskHandler, QueryGate } from './read';
import { RefusalRecorder } from './refusals';
import { routeTable } from './routes';
import { ListStreams } from './streaming';
import { StockController } from './stock.controller';
import { ValidationPipe } from './validation';

/** The longest id there is, twice percent-encoded. */
const MAX_PARAM_LENGTH = 8_192;

@Module({})
class ApiModule {
  static with(deps: ApiDeps): DynamicModule {
    const facts = new FactsReader(deps.executor, deps.config.tenant);
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        StockController,
        ItemsController,
        LocationsController,
        LevelsController,
        HistoryController,
        HealthController,
      ],
      providers: [
        { provide: API_DEPS, useValue: deps },
        { provide: FactsReader, useValue: facts },
        CommandGate,
        DispatchHandler,
        QueryGate,
        AskHandler,
        ListStreams,
        PositionWaiter,
        RefusalRecorder,
      ],
    };
  }
}

/** The whole api over what it depends on; it does not listen yet. */
export async function createApp(deps: ApiDeps): Promise<NestFastifyApplication> {
  bindLightly();
  const { logger } = deps;
  const routes = routeTable();
  const filter = new ProblemFilter(logger, routes.methodsOf);
  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: newId,
    // Nothing of ours is Express middleware.
    skipMiddie: true,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
  });
  prepare(adapter.getInstance(), routes.add);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(deps), adapter, {
    // What goes wrong is thrown, or told by the filter; a second log in another shape helps nobody.
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
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
    (_request, body, done) => {
      try {
        done(null, parseBody(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  server.addHook('onRoute', addRoute);
  server.addHook('preValidation', (request, _reply, done) => {
    try {
      checkQuery(request.query as Readonly<Record<string, unknown>>);
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

function checkQuery(query: Readonly<Record<string, unknown>>): void {
  for (const name in query) {
    checkText(name, 'query');
    const value = query[name];
    if (typeof value === 'string') checkText(value, name);
  }
}
