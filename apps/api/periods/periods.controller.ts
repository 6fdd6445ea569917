import { Body, Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  closedThroughAfter,
  period,
  type PeriodCommand,
  type PeriodEvent,
  periodStream,
} from '../../../libs/domain';
import { positionToken } from '../../../libs/eventstore';
import { listPeriods, listRestatements } from '../../../libs/postgres/queries';
import {
  closePeriodRequest,
  exampleMovedPeriod,
  examplePeriod,
  movedPeriod,
  periodRow,
  reopenPeriodRequest,
  restatementRow,
} from './answers';
import { API_DEPS, type ApiDeps } from '../deps';
import { type Accepted, CommandGate } from '../commands/dispatch';
import { CommandDocs, QueryDocs } from '../document/docs-decorators';
import { exampleLedgerRow } from '../document/examples';
import { PERIOD_FIELDS, RESTATEMENT_FIELDS } from '../reading/list-fields';
import { ClosePeriodBody, PeriodsQuery, ReopenPeriodBody, RestatementsQuery } from './periods.dto';
import { asDomainEvents, presentLedgerRow } from '../http/present';
import { QueryGate } from '../reading/read';

const NEWEST_FIRST = '-position';

@ApiTags('accounting periods')
@Controller('api/v1')
export class PeriodsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly queries: QueryGate,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
  ) {}

  @Post('periods/close')
  @CommandDocs({
    id: 'closePeriod',
    summary: 'Close the books through a day',
    description:
      'From then on no movement is taken that takes effect on that day or before, by UTC. What was being decided in that ' +
      'very moment may still come: the report of restatements tells of it.',
    created: true,
    codes: ['PERIOD_IN_FUTURE', 'PERIOD_ALREADY_CLOSED'],
    answer: movedPeriod,
    example: exampleMovedPeriod,
    request: closePeriodRequest,
  })
  close(
    @Body() body: ClosePeriodBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { through } = body;
    return this.run(request, reply, { type: 'ClosePeriod', data: { through } }, body);
  }

  @Post('periods/reopen')
  @CommandDocs({
    id: 'reopenPeriod',
    summary: 'Reopen the books from a day on',
    description: 'Movements of that day and later are taken again until the books are closed anew.',
    created: true,
    codes: ['PERIOD_NOT_CLOSED'],
    answer: movedPeriod,
    example: {
      ...exampleMovedPeriod,
      type: 'REOPEN',
      closedThrough: '2026-01-31',
      wasClosedThrough: '2026-02-28',
      reason: 'a delivery was forgotten',
    },
    request: reopenPeriodRequest,
  })
  reopen(
    @Body() body: ReopenPeriodBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { from } = body;
    return this.run(request, reply, { type: 'ReopenPeriod', data: { from } }, body);
  }

  @Get('periods')
  @QueryDocs({
    id: 'listPeriods',
    summary: 'List closings and reopenings',
    description: 'The newest one tells through which day the books are closed.',
    list: true,
    answer: periodRow,
    example: examplePeriod,
  })
  list(
    @Query() query: PeriodsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'periods',
      query,
      views: ['periods'],
      fields: PERIOD_FIELDS,
      rows: () => listPeriods(query.sort ?? NEWEST_FIRST),
      present: (row) => ({ ...row, position: this.token(row.position) }),
    });
  }

  @Get('reports/restatements')
  @QueryDocs({
    id: 'reportRestatements',
    summary: 'Movements of closed days that came after the closing',
    description:
      'Each with the last closing of its day that stands before it in the log: what was reported of that day then has changed.',
    list: true,
    answer: restatementRow,
    example: {
      ...exampleLedgerRow,
      effectiveAt: '2026-02-27T16:00:00.000Z',
      cause: 'REOPENED',
      closedThrough: '2026-02-28',
      closedAt: '2026-03-03T08:00:00.412Z',
      closingPosition: '9f1c2a7b-40127',
    },
  })
  restatements(
    @Query() query: RestatementsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'restatements',
      query,
      views: ['ledger', 'periods'],
      fields: RESTATEMENT_FIELDS,
      rows: () => listRestatements(query, query.sort ?? NEWEST_FIRST),
      present: (row) => ({
        ...presentLedgerRow(row, this.deps.store.storeId),
        closingPosition: this.token(row.closingPosition),
      }),
    });
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: PeriodCommand,
    body: ClosePeriodBody | ReopenPeriodBody,
  ): Promise<void> {
    const { reason, effectiveAt } = body;
    return this.commands.run(request, reply, {
      definition: period,
      stream: periodStream(this.commands.tenant),
      command,
      asked: { body, reason, effectiveAt },
      facts: () => Promise.resolve({ today: this.deps.now().toISOString().slice(0, 10) }),
      creates: true,
      present: presentPeriod,
    });
  }

  private token(position: string): string {
    return positionToken(this.deps.store.storeId, BigInt(position));
  }
}

const TYPES = { PeriodClosed: 'CLOSE', PeriodReopened: 'REOPEN' } as const;

/** A command that is accepted is one event. */
function presentPeriod({ events }: Accepted<PeriodEvent>): object {
  const [recorded] = events;
  const [event] = asDomainEvents(events);
  if (!recorded || !event) return {};
  const { reason = null, effectiveAt, recordedAt } = recorded.metadata;
  return {
    type: TYPES[event.type],
    closedThrough: closedThroughAfter(event),
    wasClosedThrough: event.data.was,
    reason,
    effectiveAt,
    recordedAt,
  };
}
