import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { movedStock } from './answers';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs } from '../document/docs-decorators';
import type { ProblemCode } from '../http/errors';
import {
  adjustRequest,
  issueRequest,
  issueReservedRequest,
  movementRequest,
  receiveRequest,
} from '../document/example-requests';
import { exampleAdjusted, exampleIssued, exampleReceived } from '../document/examples';
import {
  adjustCommand,
  genericMovement,
  issueMovement,
  type Movement,
  receiveCommand,
} from './movements';
import { decidedOnStock, presentMoved } from './decided';
import { OF_RESERVATION } from '../reservations/reservations.controller';
import { IssueReservedBody } from '../reservations/reservations.dto';
import { Timelines } from './timelines';
import { AdjustBody, GenericMovementBody, IssueBody, ReceiveBody } from './stock.dto';

const KNOWN: readonly ProblemCode[] = [
  'ITEM_NOT_FOUND',
  'LOCATION_NOT_FOUND',
  'QUANTITY_INVALID',
  'QUANTITY_TOO_PRECISE',
  'QUANTITY_TOO_LARGE',
  'UNIT_UNKNOWN',
  'LOT_CODE_REQUIRED',
  'PERIOD_CLOSED',
];
const RECEIPT: readonly ProblemCode[] = [
  'ITEM_INACTIVE',
  'LOCATION_INACTIVE',
  'LOT_EXPIRY_MISMATCH',
];
const SHORTAGE: readonly ProblemCode[] = [
  'LOT_NOT_FOUND',
  'LOT_EXPIRED',
  'INSUFFICIENT_STOCK',
  'INSUFFICIENT_APPROVED_STOCK',
  'NO_QC_APPROVED_LOT',
  'TOO_MANY_LOTS',
];
@ApiTags('stock')
@Controller('api/v1')
export class StockController {
  constructor(
    private readonly commands: CommandGate,
    private readonly timelines: Timelines,
  ) {}

  @Post('inventory/receive')
  @CommandDocs({
    id: 'receiveStock',
    summary: 'Receive stock',
    created: true,
    codes: [...KNOWN, ...RECEIPT],
    answer: movedStock,
    example: exampleReceived,
    request: receiveRequest,
  })
  receive(
    @Body() body: ReceiveBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.move(request, reply, { body, command: receiveCommand(body) });
  }

  @Post('inventory/issue')
  @CommandDocs({
    id: 'issueStock',
    summary: 'Issue stock',
    description:
      'Free stock of an item: without a lotCode its allocation policy chooses the lots. Or what is set aside for a ' +
      'reservation, whole or in part, in the order of its allocations.',
    created: true,
    codes: [...KNOWN, ...SHORTAGE, ...OF_RESERVATION],
    answer: movedStock,
    example: exampleIssued,
    request: issueRequest,
    otherRequest: issueReservedRequest,
  })
  @ApiExtraModels(IssueBody, IssueReservedBody)
  @ApiBody({
    schema: {
      oneOf: [{ $ref: getSchemaPath(IssueBody) }, { $ref: getSchemaPath(IssueReservedBody) }],
    },
  })
  issue(
    @Body() form: object,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.move(request, reply, issueMovement(form));
  }

  @Post('inventory/adjust')
  @CommandDocs({
    id: 'adjustStock',
    summary: 'Adjust stock',
    description: 'The quantity is the effect: below 0 for what is gone. A reason is required.',
    created: true,
    codes: [...KNOWN, 'LOT_NOT_FOUND', 'INSUFFICIENT_STOCK'],
    answer: movedStock,
    example: exampleAdjusted,
    request: adjustRequest,
  })
  adjust(
    @Body() body: AdjustBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.move(request, reply, { body, command: adjustCommand(body) });
  }

  @Post('stock-movements')
  @ApiBody({ type: GenericMovementBody })
  @CommandDocs({
    id: 'recordMovement',
    summary: 'Record a movement of any type',
    created: true,
    codes: ['UNKNOWN_MOVEMENT_TYPE', ...KNOWN, ...RECEIPT, ...SHORTAGE],
    answer: movedStock,
    example: exampleIssued,
    request: movementRequest,
  })
  record(
    @Body() form: object,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.move(request, reply, genericMovement(form));
  }

  private move(
    request: FastifyRequest,
    reply: FastifyReply,
    { command, body }: Movement,
  ): Promise<void> {
    const { reason, effectiveAt } = body;
    return this.commands.run(request, reply, {
      asked: { body, reason, effectiveAt },
      creates: true,
      tried: this.timelines.triedAt(effectiveAt),
      present: presentMoved(command),
      ...decidedOnStock(this.commands, command),
    });
  }
}
