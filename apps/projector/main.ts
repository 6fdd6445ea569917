import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dueReservations } from '../../libs/postgres/queries';
import { createLogger, onShutdown } from '../../libs/runtime';
import { ConfigError, readConfig } from '../../libs/runtime/config';
import { createHealthServer } from './health';
import { createMetrics, observe } from './metrics';
import { Projector } from './projector';

async function main(): Promise<void> {
  const { eventstoreUrl, databaseUrl, host, projectorPort, logLevel, tenant } = readConfig();
  if (!eventstoreUrl) throw new ConfigError('EVENTSTORE_URL says which log the projector reads');
  if (!databaseUrl) throw new ConfigError('DATABASE_URL says which PostgreSQL it fills');
  const logger = createLogger('projector', logLevel);
  const metrics = createMetrics();
  const stopping = new AbortController();
  const projector = new Projector({
    eventstoreUrl,
    databaseUrl,
    tenant,
    logger,
    metrics,
    policies: {
      reservations: (postgres) => ({ due: (at, limit) => dueReservations(postgres, at, limit) }),
    },
    onReady: (note) => process.send?.({ ready: { url, ...(note !== undefined && { note }) } }),
  });
  observe(metrics, projector);
  const server = createHealthServer(projector, metrics).listen(projectorPort, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  logger.info({ url }, 'projector listens');
  const running = projector.run(stopping.signal);
  onShutdown(async () => {
    stopping.abort();
    await running.catch(() => undefined);
    server.closeAllConnections();
    server.close();
  });
  await running.catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
}

main().catch((error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  console.error(
    code === 'EADDRINUSE'
      ? `the projector's port is taken: ${message}; set PROJECTOR_PORT to a free one, or 0`
      : error instanceof ConfigError
        ? message
        : error,
  );
  process.exit(1);
});
