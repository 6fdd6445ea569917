import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FactsReader } from '../../libs/application';
import { streams } from '../../libs/domain';
import {
  createExecutor,
  type DecidedCommands,
  openEventStoreWithRetry,
  type SnapshotStore,
} from '../../libs/eventstore';
import { decidedCommands, snapshotStore } from '../../libs/postgres';
import { createLogger, onShutdown } from '../../libs/runtime';
import { type Config, ConfigError, readConfig } from '../../libs/runtime/config';
import { createApp } from './app';
import { limitsOf } from './http/load';
import { registerMainLocation } from './catalogue/main-location';
import { connectReadModels, type ReadModelsConnection } from './reading/read-models';

/** The HTTP api as a process of its own. */
async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger('api', config.logLevel);
  const { eventstoreUrl, databaseUrl } = config;
  if (eventstoreUrl === undefined || databaseUrl === undefined) {
    throw new ConfigError(
      'the api alone needs EVENTSTORE_URL and DATABASE_URL; `npm start` brings its own event store and PostgreSQL',
    );
  }
  const stopping = new AbortController();
  // Closed the other way round: requests in flight end while what they need is there.
  const closing: (() => Promise<void>)[] = [];
  onShutdown(async () => {
    stopping.abort();
    for (const close of closing.reverse()) await close();
  });
  const readModels = connectReadModels(databaseUrl, logger);
  closing.push(() => readModels.close());
  const store = await openEventStoreWithRetry({
    url: eventstoreUrl,
    logger,
    signal: stopping.signal,
  });
  closing.push(() => store.close());
  const executor = createExecutor({
    store,
    decided: decidedBy(readModels, store.storeId),
    snapshots: snapshotsIn(readModels, store.storeId),
    definitions: Object.values(streams),
    logger,
  });
  const deps = {
    config,
    store,
    executor,
    readModels,
    logger,
    limits: limitsOf(config),
    now: () => new Date(),
  };
  const app = await createApp(deps);
  closing.push(() => app.close());
  void executor.followDecided(stopping.signal);
  void store.watch({
    categories: FactsReader.categories,
    watcher: app.get(FactsReader),
    signal: stopping.signal,
  });
  await listen(app, config);
  await registerMainLocation(deps, stopping.signal);
  process.send?.({ ready: { url: await app.getUrl() } });
}

/** Old command ids are looked up in the audit log; while PostgreSQL is away the streams themselves are searched. */
function decidedBy(readModels: ReadModelsConnection, storeId: string): DecidedCommands {
  let known: DecidedCommands | undefined;
  readModels.connected.then(
    (postgres) => (known = decidedCommands(postgres, storeId)),
    () => undefined,
  );
  const here = (): DecidedCommands => {
    if (!known) throw new Error('PostgreSQL does not answer yet');
    return known;
  };
  return {
    find: async (ids) => here().find(ids),
    idsAfter: async (position, limit) => here().idsAfter(position, limit),
  };
}

/** Waits for the first connection; how long a command waits for that is not decided here. */
function snapshotsIn({ connected }: ReadModelsConnection, storeId: string): SnapshotStore {
  const opened = connected.then((postgres) => snapshotStore(postgres, storeId));
  opened.catch(() => undefined);
  return {
    list: async (...asked) => (await opened).list(...asked),
    newest: async (...asked) => (await opened).newest(...asked),
    part: async (...asked) => (await opened).part(...asked),
    save: async (...asked) => (await opened).save(...asked),
    discard: async (...asked) => (await opened).discard(...asked),
  };
}

async function listen(app: NestFastifyApplication, { port, host }: Config): Promise<void> {
  try {
    await app.listen({ port, host });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new ConfigError(`port ${port} on ${host} is taken; set PORT to a free one`);
    }
    if (code === 'EACCES') {
      throw new ConfigError(
        `port ${port} may not be used by this user; set PORT to one above 1023`,
      );
    }
    throw error;
  }
}

main().catch((error: unknown) => {
  // Told to stop while it was still starting: onShutdown ends the process.
  if (error instanceof Error && error.name === 'AbortError') return;
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
