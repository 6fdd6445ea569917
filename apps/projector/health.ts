import { createServer, type Server } from 'node:http';
import { positionToken } from '../../libs/eventstore';
import { lagSeconds, type Metrics } from './metrics';
import type { Projector } from './projector';

interface Health {
  readonly status: 'ready' | 'not ready';
  readonly state: Projector['state'];
  readonly reason?: string;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly projections: readonly object[];
}

/** Ready: at work or standing by, and no projection has stopped. */
export function healthOf(projector: Projector): Health {
  const { state, reason, projections, storeId = '', waiting } = projector;
  const stopped = projections.filter((projection) => projection.stopped);
  const working = state === 'RUNNING' || state === 'STANDBY';
  return {
    status: working && stopped.length === 0 ? 'ready' : 'not ready',
    state,
    ...(reason === undefined ? {} : { reason }),
    lagEvents: waiting,
    lagSeconds: lagSeconds(projector),
    projections: projections.map(({ name, checkpoint, stopped: stop }) => ({
      name,
      state: stop ? 'STOPPED' : 'RUNNING',
      position: checkpoint.commit < 0n ? null : positionToken(storeId, checkpoint.commit),
      ...(stop && {
        stoppedAt: {
          position: positionToken(storeId, stop.position),
          eventId: stop.eventId,
          reason: stop.reason,
        },
      }),
    })),
  };
}

export function createHealthServer(projector: Projector, { registry }: Metrics): Server {
  return createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/, '');
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path === '/health/live') return json(200, { status: 'live' });
    if (path === '/health/ready') {
      const health = healthOf(projector);
      return json(health.status === 'ready' ? 200 : 503, health);
    }
    if (path !== '/metrics') {
      return json(404, { paths: ['/health/live', '/health/ready', '/metrics'] });
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => json(500, { error: String(error) }),
    );
  });
}
