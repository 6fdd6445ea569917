import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  DEFAULT_LOCATION,
  type RecordedEvent,
  type StockCommand,
  type StockEvent,
  type StockEventOf,
} from '../../../libs/domain';
import {
  findCount,
  listCounts,
  listCountSheet,
  type CountRow,
} from '../../../libs/postgres/queries';
import { countAnswer, countSheetRow, takenCount } from './answers';
import { defined } from '../http/canonical';
import { CountBody, CountSheetQuery, CountsQuery, RejectCountBody } from './counts.dto';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs, QueryDocs } from '../document/docs-decorators';
import { ProblemError, type ProblemCode } from '../http/errors';
import {
  approveCountRequest,
  countRequest,
  rejectCountRequest,
} from '../document/example-requests';
import { exampleCount, exampleCountSheetRow, exampleTakenCount } from '../document/examples';
import { CommandBody } from '../catalogue/items.dto';
import { COUNT_FIELDS, COUNT_SHEET_FIELDS } from '../reading/list-fields';
import { AfterQuery } from '../reading/page-query';
import { placeOfDocument } from '../http/path';
import { asDomainEvents, inUnits, presentRow } from '../http/present';
import { QueryGate } from '../reading/read';
import { decidedOnStock } from '../stock/decided';

const DECISION: readonly ProblemCode[] = [
  'ITEM_NOT_FOUND',
  'LOCATION_NOT_FOUND',
  'PERIOD_CLOSED',
  'COUNT_NOT_FOUND',
  'COUNT_ENDED',
];

@ApiTags('counts')
@Controller('api/v1')
export class CountsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly queries: QueryGate,
  ) {}

  @Post('inventory/count')
  @CommandDocs({
    id: 'countStock',
    summary: 'Count stock',
    description:
      "Compares what was counted with the books as of a revision; what has moved since stays valid. A variance above the item's countVarianceLimit waits for another person.",
    created: true,
    codes: [
      ...DECISION,
      'LOT_NOT_FOUND',
      'QUANTITY_INVALID',
      'QUANTITY_TOO_PRECISE',
      'QUANTITY_TOO_LARGE',
      'UNIT_UNKNOWN',
      'LOT_CODE_REQUIRED',
      'COUNT_REVISION_UNKNOWN',
      'COUNT_CONFLICT',
    ],
    answer: takenCount,
    example: exampleTakenCount,
    request: countRequest,
  })
  count(
    @Body() body: CountBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sku, location = DEFAULT_LOCATION, counted, revision } = body;
    const { lotCode, unit, kind, blind, countId, reference } = body;
    const optional = defined({ lotCode, unit, kind, blind, countId, reference });
    const data = { sku, location, counted, revision, ...optional };
    return this.run(request, reply, { type: 'CountStock', data }, body);
  }

  @Post('counts/:countId/approve')
  @CommandDocs({
    id: 'approveCount',
    summary: 'Approve a count: the books follow it',
    created: true,
    codes: [...DECISION, 'COUNT_APPROVER_IS_COUNTER', 'COUNT_CONFLICT', 'QUANTITY_TOO_LARGE'],
    answer: takenCount,
    example: exampleTakenCount,
    request: approveCountRequest,
  })
  approve(
    @Param('countId') countId: string,
    @Body() body: CommandBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = { ...placeOfDocument('count', countId), countId, approve: true };
    return this.run(request, reply, { type: 'DecideCount', data }, body);
  }

  @Post('counts/:countId/reject')
  @CommandDocs({
    id: 'rejectCount',
    summary: 'Reject a count: the books stay as they are',
    created: true,
    codes: DECISION,
    answer: takenCount,
    example: { ...exampleTakenCount, status: 'REJECTED' },
    request: rejectCountRequest,
  })
  reject(
    @Param('countId') countId: string,
    @Body() body: RejectCountBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = { ...placeOfDocument('count', countId), countId, approve: false };
    return this.run(request, reply, { type: 'DecideCount', data }, body);
  }

  @Get('counts')
  @QueryDocs({
    id: 'listCounts',
    summary: 'Counts with what they were off by',
    list: true,
    answer: countAnswer,
    example: exampleCount,
  })
  list(
    @Query() query: CountsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'counts',
      query,
      views: ['counts'],
      fields: COUNT_FIELDS,
      rows: () => listCounts(query, query.sort ?? 'countedAt'),
    });
  }

  @Get('counts/:countId')
  @QueryDocs({
    id: 'getCount',
    summary: 'A count',
    codes: ['COUNT_NOT_FOUND'],
    etag: true,
    answer: countAnswer,
    example: exampleCount,
  })
  get(
    @Param('countId') countId: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    placeOfDocument('count', countId);
    return this.queries.revised<CountRow>(request, reply, {
      query,
      views: ['counts'],
      find: async (db) => {
        const row = await findCount(db, countId);
        if (row) return row;
        throw new ProblemError(
          'COUNT_NOT_FOUND',
          `there is no count ${countId}; GET /api/v1/counts lists those there are`,
        );
      },
      present: presentRow,
    });
  }

  @Get('reports/count-sheet')
  @QueryDocs({
    id: 'countSheet',
    summary: 'What there is to count at a place, without how much',
    list: true,
    answer: countSheetRow,
    example: exampleCountSheetRow,
  })
  sheet(
    @Query() query: CountSheetQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { location = DEFAULT_LOCATION, sku, sort = 'sku' } = query;
    return this.queries.list(request, reply, {
      name: 'count-sheet',
      query,
      views: ['items', 'stock_by_location', 'stock_levels'],
      fields: COUNT_SHEET_FIELDS,
      rows: () => listCountSheet({ location, sku }, sort),
    });
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: Extract<StockCommand, { type: 'CountStock' | 'DecideCount' }>,
    body: CountBody | CommandBody | RejectCountBody,
  ): Promise<void> {
    const { reason, effectiveAt } = body;
    const decided = decidedOnStock(this.commands, command);
    return this.commands.run(request, reply, {
      ...decided,
      asked: { body, reason, effectiveAt },
      facts: async (fresh, context) => {
        const known = await decided.facts(fresh, context);
        if (command.type !== 'CountStock') return known;
        const { sku, location, lotCode, revision } = command.data;
        const book = await this.commands.facts.bookAt({ sku, location, lotCode }, revision);
        return { ...known, book };
      },
      creates: true,
      present: ({ events }, commandId) => ({ commandId, ...presentCount(events) }),
    });
  }
}

const STATUSES = {
  CountSubmitted: 'PENDING',
  StockCounted: 'APPLIED',
  CountRejected: 'REJECTED',
} as const;
type CountEvent = StockEventOf<keyof typeof STATUSES>;

/** A blind count tells neither the books nor the variance. */
function presentCount(events: readonly RecordedEvent<StockEvent>[]): object {
  const event = asDomainEvents(events).find((each): each is CountEvent =>
    Object.hasOwn(STATUSES, each.type),
  );
  if (!event) throw new Error('a count was answered without its event');
  const { countId, sku, location, lotCode, kind, blind, unit, decimals } = event.data;
  const { counted, book, countedAtRevision } = event.data;
  return {
    countId,
    sku,
    location,
    lotCode,
    kind,
    blind,
    status: STATUSES[event.type],
    counted: inUnits(counted, decimals),
    unit,
    countedAtRevision,
    ...(!blind && { book: inUnits(book, decimals), variance: inUnits(counted - book, decimals) }),
  };
}
