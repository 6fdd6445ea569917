import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type RecordedEvent, type StockCommand, type StockEvent } from '../../../libs/domain';
import {
  findReservation,
  listReservations,
  listReservationsAtRisk,
  listShortages,
} from '../../../libs/postgres/queries';
import {
  exampleExtended,
  exampleMade,
  exampleReleased,
  exampleReservation,
  exampleRisk,
  exampleShortage,
  extendedReservation,
  extendRequest,
  madeReservation,
  releasedReservation,
  releaseRequest,
  reservationAnswer,
  reserveRequest,
  riskRow,
  shortageRow,
} from './answers';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs, QueryDocs } from '../document/docs-decorators';
import type { ProblemCode } from '../http/errors';
import type { CommandBody } from '../catalogue/items.dto';
import { RESERVATION_FIELDS, RISK_FIELDS, SHORTAGE_FIELDS } from '../reading/list-fields';
import { AfterQuery } from '../reading/page-query';
import { placeOfDocument } from '../http/path';
import { QueryGate } from '../reading/read';
import {
  extendCommand,
  presentExtended,
  presentMade,
  presentReleased,
  presentReservation,
  releaseCommand,
  reserveCommand,
  unknownReservation,
} from './reservations';
import {
  ExtendBody,
  ReleaseBody,
  ReservationsQuery,
  ReserveBody,
  RisksQuery,
  ShortagesQuery,
} from './reservations.dto';
import { decidedOnStock } from '../stock/decided';

const QUANTITY: readonly ProblemCode[] = [
  'QUANTITY_INVALID',
  'QUANTITY_TOO_PRECISE',
  'QUANTITY_TOO_LARGE',
  'UNIT_UNKNOWN',
];
export const OF_RESERVATION: readonly ProblemCode[] = [
  'RESERVATION_NOT_FOUND',
  'ITEM_NOT_FOUND',
  'LOCATION_NOT_FOUND',
  'PERIOD_CLOSED',
  'INSUFFICIENT_RESERVED_STOCK',
];
const VIEWS = ['reservations', 'allocations'];
const DEFAULT_DAYS_AHEAD = 7;
const DAY_MS = 86_400_000;

@ApiTags('reservations')
@Controller('api/v1')
export class ReservationsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly queries: QueryGate,
  ) {}

  @Post('inventory/reserve')
  @CommandDocs({
    id: 'reserveStock',
    summary: 'Reserve stock',
    description:
      'Sets aside approved, unexpired stock: by the allocation policy of the item, by another, or of named lots.',
    created: true,
    codes: [
      'ITEM_NOT_FOUND',
      'LOCATION_NOT_FOUND',
      'PERIOD_CLOSED',
      ...QUANTITY,
      'ITEM_INACTIVE',
      'LOCATION_INACTIVE',
      'EXPIRES_AT_PASSED',
      'LOT_NOT_FOUND',
      'LOT_EXPIRED',
      'NO_QC_APPROVED_LOT',
      'INSUFFICIENT_STOCK',
      'INSUFFICIENT_APPROVED_STOCK',
      'TOO_MANY_LOTS',
    ],
    answer: madeReservation,
    example: exampleMade,
    request: reserveRequest,
  })
  reserve(
    @Body() body: ReserveBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const command = reserveCommand(body);
    return this.run(request, reply, body, { command, creates: true, present: presentMade });
  }

  @Post('inventory/release')
  @CommandDocs({
    id: 'releaseReservation',
    summary: 'Release a reservation, whole or in part',
    description:
      'What is short of it is given up first, then the allocations in the order in which they would be issued.',
    codes: [...OF_RESERVATION, ...QUANTITY],
    answer: releasedReservation,
    example: exampleReleased,
    request: releaseRequest,
  })
  release(
    @Body() body: ReleaseBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const command = releaseCommand(body);
    return this.run(request, reply, body, { command, creates: false, present: presentReleased });
  }

  @Post('reservations/:reservationId/extend')
  @CommandDocs({
    id: 'extendReservation',
    summary: 'Change when a reservation ends by itself',
    codes: [...OF_RESERVATION, 'EXPIRES_AT_PASSED'],
    answer: extendedReservation,
    example: exampleExtended,
    request: extendRequest,
  })
  extend(
    @Param('reservationId') id: string,
    @Body() body: ExtendBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const command = extendCommand(id, body);
    const asked = { reservationId: id, ...body };
    return this.run(request, reply, asked, {
      command,
      creates: false,
      present: (events, commandId) => presentExtended(events, commandId, command.data),
    });
  }

  @Get('reservations')
  @QueryDocs({
    id: 'listReservations',
    summary: 'List reservations',
    list: true,
    answer: reservationAnswer,
    example: exampleReservation,
  })
  list(
    @Query() query: ReservationsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'reservations',
      query,
      views: VIEWS,
      fields: RESERVATION_FIELDS,
      rows: () => listReservations(query, query.sort ?? '-reservedAt'),
      present: presentReservation,
    });
  }

  @Get('reservations/:reservationId')
  @QueryDocs({
    id: 'getReservation',
    summary: 'A reservation, with what has become of it',
    description:
      'From expiresAt on nothing is set aside for it; that it is EXPIRED is written within seconds.',
    codes: ['RESERVATION_NOT_FOUND'],
    answer: reservationAnswer,
    example: exampleReservation,
  })
  get(
    @Param('reservationId') id: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    placeOfDocument('reservation', id);
    return this.queries.one(request, reply, {
      name: `reservation ${id}`,
      query,
      views: VIEWS,
      find: async (db) => {
        const found = await findReservation(db, id);
        if (!found) throw unknownReservation(id);
        return presentReservation(found);
      },
    });
  }

  @Get('reports/shortages')
  @QueryDocs({
    id: 'reportShortages',
    summary: 'Reservations for which something is missing',
    list: true,
    answer: shortageRow,
    example: exampleShortage,
  })
  shortages(
    @Query() query: ShortagesQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'shortages',
      query,
      views: ['reservations', 'stock_levels', 'items'],
      fields: SHORTAGE_FIELDS,
      rows: (today) => listShortages(query, query.sort ?? 'reservedAt', today),
    });
  }

  @Get('reports/reservations-at-risk')
  @QueryDocs({
    id: 'reportReservationsAtRisk',
    summary: 'Allocations that may come to nothing',
    description:
      'In lots that are not approved, have expired or soon will, by the date of UTC; and of reservations that soon end.',
    list: true,
    answer: riskRow,
    example: exampleRisk,
  })
  risks(
    @Query() query: RisksQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'reservations-at-risk',
      query,
      views: [...VIEWS, 'stock_levels'],
      fields: RISK_FIELDS,
      rows: (today) =>
        listReservationsAtRisk(
          { ...query, before: query.before ?? daysAfter(today, DEFAULT_DAYS_AHEAD) },
          query.sort ?? 'sku',
          today,
        ),
    });
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    body: Pick<CommandBody, 'reason' | 'effectiveAt'>,
    { command, creates, present }: Asked,
  ): Promise<void> {
    const { reason, effectiveAt } = body;
    return this.commands.run(request, reply, {
      asked: { body, reason, effectiveAt },
      creates,
      present: ({ events }, commandId) => present(events, commandId),
      ...decidedOnStock(this.commands, command),
    });
  }
}

interface Asked {
  readonly command: StockCommand;
  readonly creates: boolean;
  readonly present: (events: readonly RecordedEvent<StockEvent>[], commandId: string) => object;
}

const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
