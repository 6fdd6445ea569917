import { createServer, type Server } from 'node:http';
import { positionToken } from '../../libs/eventstore';
import { lagSeconds, type Metrics } from './metrics';
import type { Projector } from './projector';

interface Health {
  readonly status: 'ready' | 'not ready';
  readonly state: Projector['state'];
  readonly reason?: string;
  readonly eventStore: 'ok' | 'unavailable';
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly projections: readonly object[];
  readonly rebuilds: readonly object[];
  readonly policies: object;
}

/** Ready: at work or standing by, the event store answers, no projection has stopped, and no leg was refused. */
export function healthOf(projector: Projector): Health {
  const { state, projections, beside, control, policies } = projector;
  const away = projector.store.awaySeconds();
  const working = state === 'RUNNING' || state === 'STANDBY';
  const reason =
    projector.reason ??
    (away === undefined
      ? undefined
      : `the event store has not answered for ${Math.round(away)} seconds`);
  const isReady =
    working &&
    away === undefined &&
    projections.every(({ stopped }) => stopped === undefined) &&
    policies.refused.length === 0;
  const rebuilds = control?.rebuilds ?? [];
  const trouble = projector.rebuildTrouble;
  return {
    status: isReady ? 'ready' : 'not ready',
    state,
    ...(reason !== undefined && { reason }),
    eventStore: away === undefined ? 'ok' : 'unavailable',
    lagEvents: projector.backlog.waiting,
    lagSeconds: lagSeconds(projector),
    projections: projections.map((projection) => presented(projection, projector.storeId)),
    policies: presentedPolicies(policies, projector.storeId),
    rebuilds: rebuilds.map(({ id, kind, projections: tables }, i) => ({
      id,
      kind,
      tables,
      ...(i === 0 && {
        beside: beside.map((projection) => presented(projection, projector.storeId)),
        ...(trouble !== undefined && { reason: trouble }),
      }),
    })),
  };
}

function presented(
  { name, checkpoint, stopped }: Projector['projections'][number],
  storeId = '',
): object {
  return {
    name,
    state: stopped ? 'STOPPED' : 'RUNNING',
    position: checkpoint.commit < 0n ? null : positionToken(storeId, checkpoint.commit),
    ...(stopped && {
      stoppedAt: {
        position: positionToken(storeId, stopped.position),
        eventId: stopped.eventId,
        reason: stopped.reason,
      },
    }),
  };
}

const presentedPolicies = (
  { state, position, open, oldestSeconds, refused }: Projector['policies'],
  storeId = '',
): object => ({
  state,
  position: position === undefined || position < 0n ? null : positionToken(storeId, position),
  openLegs: open,
  oldestSeconds,
  refusedLegs: refused.map((leg) => ({ ...leg, position: positionToken(storeId, leg.position) })),
});

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
