import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  DEFAULT_LOCATION,
  parseDocumentId,
  type StockCommand,
  type StockFacts,
} from '../../../libs/domain';
import type { CommandContext } from '../../../libs/eventstore';
import { findTransfer, listInTransit, listTransfers } from '../../../libs/postgres/queries';
import { inTransitRow, movedTransfer, transferAnswer } from './answers';
import { defined } from '../http/canonical';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs, QueryDocs } from '../document/docs-decorators';
import { type ProblemCode, ProblemError } from '../http/errors';
import {
  cancelTransferRequest,
  exampleDispatched,
  exampleInTransit,
  exampleTransfer,
  exampleTransferCancelled,
  exampleTransferReceived,
  pending,
  receiveTransferRequest,
  transferRequest,
} from './examples';
import type { CommandBody } from '../catalogue/items.dto';
import { IN_TRANSIT_FIELDS, TRANSFER_FIELDS } from '../reading/list-fields';
import { AfterQuery } from '../reading/page-query';
import { presentSteps, presentTransfer } from './present';
import { reached } from '../commands/reached';
import { QueryGate } from '../reading/read';
import {
  CancelTransferBody,
  InTransitQuery,
  ReceiveTransferBody,
  TransferBody,
  TransfersQuery,
} from './transfers.dto';
import { validationProblem } from '../http/validation';
import { decidedOnStock } from '../stock/decided';

const QUANTITY: readonly ProblemCode[] = [
  'QUANTITY_INVALID',
  'QUANTITY_TOO_PRECISE',
  'QUANTITY_TOO_LARGE',
  'UNIT_UNKNOWN',
];
const AT: readonly ProblemCode[] = ['ITEM_NOT_FOUND', 'LOCATION_NOT_FOUND', 'PERIOD_CLOSED'];
const OPEN: readonly ProblemCode[] = [
  'TRANSFER_NOT_FOUND',
  'TRANSFER_ENDED',
  'EFFECTIVE_AT_BEFORE_DISPATCH',
];
const LEGS =
  'Where it is sent from decides, and the destination follows: by the time of the answer, or soon after (202).';

/** Stock on its way from one location to another. */
@ApiTags('transfers')
@Controller('api/v1')
export class TransfersController {
  constructor(
    private readonly commands: CommandGate,
    private readonly queries: QueryGate,
  ) {}

  @Post('inventory/transfer')
  @CommandDocs({
    id: 'transferStock',
    summary: 'Send stock to another location',
    description: `It is on its way until it is received there. ${LEGS}`,
    created: true,
    codes: [
      ...AT,
      ...QUANTITY,
      'ITEM_INACTIVE',
      'LOCATION_INACTIVE',
      'TRANSFER_TO_ITSELF',
      'LOT_NOT_FOUND',
      'INSUFFICIENT_STOCK',
      'INSUFFICIENT_APPROVED_STOCK',
      'NO_QC_APPROVED_LOT',
      'TOO_MANY_LOTS',
    ],
    answer: movedTransfer,
    example: exampleDispatched,
    examplePending: pending(exampleDispatched),
    request: transferRequest,
  })
  dispatch(
    @Body() body: TransferBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sku, from = DEFAULT_LOCATION, to, quantity, unit, lotCode } = body;
    const { immediate, reference } = body;
    const optional = defined({ unit, lotCode, immediate, reference });
    const data = { sku, location: from, to, quantity, ...optional };
    return this.run(request, reply, { type: 'DispatchTransfer', data }, body, body);
  }

  @Post('transfers/:transferId/receive')
  @CommandDocs({
    id: 'receiveTransfer',
    summary: 'Receive a transfer, in whole, in part, or with goods missing',
    description: `What arrives at an inactive location, or of a rejected or recalled lot, lands on hold. ${LEGS}`,
    codes: [...AT, ...QUANTITY, ...OPEN, 'LOT_NOT_FOUND', 'TRANSFER_EXCEEDED'],
    answer: movedTransfer,
    example: exampleTransferReceived,
    examplePending: pending(exampleTransferReceived),
    request: receiveTransferRequest,
  })
  receive(
    @Param('transferId') path: string,
    @Body() body: ReceiveTransferBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { quantity, missing, unit, lotCode, reason } = body;
    if (missing !== undefined && missing !== '0' && reason === undefined) {
      throw validationProblem([
        { field: 'reason', message: 'is required where goods are missing' },
      ]);
    }
    const at = transferAt(path);
    const data = { ...at, ...defined({ quantity, missing, unit, lotCode }) };
    const asked = { ...body, transferId: path };
    return this.run(request, reply, { type: 'ReceiveTransfer', data }, body, asked);
  }

  @Post('transfers/:transferId/cancel')
  @CommandDocs({
    id: 'cancelTransfer',
    summary: 'Call off what is outstanding of a transfer',
    description: 'It is back where it was sent from, as old as it was.',
    codes: [...AT, ...OPEN, 'QUANTITY_TOO_LARGE'],
    answer: movedTransfer,
    example: exampleTransferCancelled,
    request: cancelTransferRequest,
  })
  cancel(
    @Param('transferId') path: string,
    @Body() body: CancelTransferBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = transferAt(path);
    const asked = { ...body, transferId: path };
    return this.run(request, reply, { type: 'CancelTransfer', data }, body, asked);
  }

  @Get('transfers')
  @QueryDocs({
    id: 'listTransfers',
    summary: 'List transfers',
    list: true,
    answer: transferAnswer,
    example: exampleTransfer,
  })
  list(
    @Query() query: TransfersQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'transfers',
      query,
      views: ['transfers'],
      fields: TRANSFER_FIELDS,
      ranges: [],
      rows: () => listTransfers(query, query.sort ?? '-dispatchedAt'),
      present: presentTransfer,
    });
  }

  @Get('transfers/:transferId')
  @QueryDocs({
    id: 'getTransfer',
    summary: 'Get a transfer, with its lots',
    codes: ['TRANSFER_NOT_FOUND'],
    answer: transferAnswer,
    example: exampleTransfer,
  })
  one(
    @Param('transferId') transferId: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    transferAt(transferId);
    return this.queries.one(request, reply, {
      name: `transfer ${transferId}`,
      query,
      views: ['transfers'],
      find: async (db) => {
        const found = await findTransfer(db, transferId);
        if (!found) throw unknownTransfer(transferId);
        return presentTransfer(found);
      },
    });
  }

  @Get('reports/in-transit')
  @QueryDocs({
    id: 'reportInTransit',
    summary: 'Stock that has left one location and is not yet at another',
    list: true,
    answer: inTransitRow,
    example: exampleInTransit,
  })
  inTransit(
    @Query() query: InTransitQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'in-transit',
      query,
      views: ['in_transit', 'items'],
      fields: IN_TRANSIT_FIELDS,
      ranges: [],
      rows: () => listInTransit(query, query.sort ?? 'sku'),
    });
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: TransferCommand,
    { reason, effectiveAt }: Pick<CommandBody, 'reason' | 'effectiveAt'>,
    body: object,
  ): Promise<void> {
    return this.commands.run(request, reply, {
      ...decidedOnStock(this.commands, command),
      asked: { body, reason, effectiveAt },
      facts: (fresh, context) => this.factsOf(command, effectiveAt, fresh, context),
      creates: command.type === 'DispatchTransfer',
      tellsLegs: true,
      present: ({ events }, commandId, followed) => ({
        commandId,
        ...presentSteps(events),
        ...reached(followed),
      }),
    });
  }

  private async factsOf(
    { type, data }: TransferCommand,
    effectiveAt: string | undefined,
    fresh: boolean,
    context: Pick<CommandContext, 'commandId' | 'effectiveAt' | 'actor'>,
  ): Promise<StockFacts> {
    const { facts } = this.commands;
    if (type !== 'DispatchTransfer') {
      const known = await facts.stockFacts(data, context, fresh);
      return effectiveAt === undefined ? known : { happenedAt: effectiveAt, ...known };
    }
    const [known, to] = await Promise.all([
      facts.stockFacts(data, context, fresh),
      facts.location(data.to, fresh),
    ]);
    return { destination: to && { active: to.active }, ...known };
  }
}

type TransferCommand = Extract<
  StockCommand,
  { readonly type: 'DispatchTransfer' | 'ReceiveTransfer' | 'CancelTransfer' }
>;

/** Throws TRANSFER_NOT_FOUND for what cannot be the id of a transfer. */
function transferAt(transferId: string): {
  readonly sku: string;
  readonly location: string;
  readonly transferId: string;
} {
  const parsed = parseDocumentId('transfer', transferId);
  if (!parsed) throw unknownTransfer(transferId);
  const { sku, location } = parsed;
  return { sku, location, transferId };
}

const unknownTransfer = (transferId: string): ProblemError =>
  new ProblemError(
    'TRANSFER_NOT_FOUND',
    `there is no transfer ${transferId}; GET /api/v1/transfers lists those there are`,
  );
