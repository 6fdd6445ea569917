import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ProjectionPosition } from '../../libs/postgres';
import { text } from './document/answer-schema';
import { liveness, overview, readiness } from './document/answers-common';
import { API_DEPS, type ApiDeps } from './deps';
import { ServiceDocs, told } from './document/docs-decorators';
import { exampleReadiness } from './document/examples';
import { Load } from './http/load';
import { observeLoad, registry } from './http/metrics';

const ANSWER_WITHIN_MS = 2_000;
const ADDRESSES = {
  name: 'Lotstream',
  api: '/api/v1',
  docs: '/docs',
  reference: '/redoc',
  openapi: '/openapi.json',
  health: '/health/ready',
  metrics: '/metrics',
};
const ALIVE = { status: 'ok' } as const;

/** For load balancers, monitors and the curious. */
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Load) private readonly load: Load,
  ) {}

  @Get()
  @ServiceDocs({
    id: 'getOverview',
    summary: 'Where everything is',
    answers: { 200: { description: 'Addresses.', content: told(overview, ADDRESSES) } },
  })
  root(): object {
    return ADDRESSES;
  }

  @Get('health/live')
  @ServiceDocs({
    id: 'getLiveness',
    summary: 'The process answers',
    answers: { 200: { description: 'It does.', content: told(liveness, ALIVE) } },
  })
  live(): object {
    return ALIVE;
  }

  @Get('health/ready')
  @ServiceDocs({
    id: 'getReadiness',
    summary: 'Commands and queries can be answered',
    description:
      '503 while the event store or PostgreSQL does not answer, or the tables do not belong to the event store. How far ' +
      'the projections are is told; a stopped one makes the status degraded.',
    answers: {
      200: { description: 'They can.', content: told(readiness, exampleReadiness) },
      503: {
        description: 'Some of them cannot.',
        content: told(readiness, {
          ...exampleReadiness,
          status: 'unavailable',
          eventStore: 'unavailable',
        }),
      },
    },
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
  @ServiceDocs({
    id: 'getMetrics',
    summary: 'Figures for Prometheus',
    answers: {
      200: {
        description: 'In the text format of Prometheus.',
        content: {
          'text/plain': {
            schema: text().json,
            examples: { example: '# TYPE process_cpu_seconds_total counter\n' },
          },
        },
      },
    },
  })
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    observeLoad(this.load);
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
