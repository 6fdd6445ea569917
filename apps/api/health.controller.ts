import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ProjectionPosition } from '../../libs/postgres';
import { API_DEPS, type ApiDeps } from './deps';
import { registry } from './metrics';

const ANSWER_WITHIN_MS = 2_000;

/** For load balancers, monitors and the curious. */
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @ApiOperation({ summary: 'Where everything is' })
  root(): object {
    return {
      name: 'Lotstream',
      api: '/api/v1',
      docs: '/docs',
      reference: '/redoc',
      openapi: '/openapi.json',
      health: '/health/ready',
      metrics: '/metrics',
    };
  }

  @Get('health/live')
  @ApiOperation({ summary: 'The process answers' })
  live(): object {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @ApiOperation({
    summary: 'Commands and queries can be answered',
    description:
      '503 while the event store or PostgreSQL does not answer, or the tables do not belong to the event store. How far ' +
      'the projections are is told; a stopped one makes the status degraded.',
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const [head, checkpoints] = await Promise.allSettled([
      within(this.deps.store.head()),
      within(this.deps.readModels.readCheckpoints()),
    ]);
    const eventStore = head.status === 'fulfilled' ? 'ok' : 'unavailable';
    const end = head.status === 'fulfilled' ? head.value : undefined;
    const projections = (checkpoints.status === 'fulfilled' ? checkpoints.value : []).map((row) =>
      reachOf(row, this.deps.store.storeId, end),
    );
    const isRefused = projections.some(({ state }) => state === 'REFUSED');
    const readModels =
      checkpoints.status === 'rejected' ? 'unavailable' : isRefused ? 'refused' : 'ok';
    const isReady = eventStore === 'ok' && readModels === 'ok';
    void reply.status(isReady ? 200 : 503);
    const stopped = projections.some(({ state }) => state === 'STOPPED');
    const status = !isReady ? 'unavailable' : stopped ? 'degraded' : 'ok';
    return { status, eventStore, readModels, projections };
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Figures for Prometheus' })
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const text = await registry.metrics();
    void reply.header('content-type', registry.contentType).send(text);
  }
}

function reachOf(row: ProjectionPosition, storeId: string, end?: bigint) {
  const { view, position, updatedAt } = row;
  const isOurs = row.storeId === storeId;
  const reason = isOurs
    ? row.reason
    : `filled from event store ${row.storeId}, the api writes ${storeId}; see the projector's health`;
  return {
    projection: view,
    state: isOurs ? row.state : 'REFUSED',
    ...(reason !== null && { reason }),
    updatedAt,
    /** Of the log's positions, which have gaps: 0 is up to date, more is not a number of events. */
    positionsBehind:
      end === undefined ? null : Number(end > position && position >= 0n ? end - position : 0n),
  };
}

async function within<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      answer,
      new Promise<never>((_settle, fail) => {
        timer = setTimeout(() => fail(new Error('no answer in time')), ANSWER_WITHIN_MS);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
