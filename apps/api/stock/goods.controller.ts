import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StockCommand } from '../../../libs/domain';
import { movedStock } from './answers';
import { defined } from '../http/canonical';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs } from '../document/docs-decorators';
import type { ProblemCode } from '../http/errors';
import { holdRequest, returnRequest } from '../document/example-requests';
import { exampleHeld, exampleReturned } from '../document/examples';
import { HoldBody, ReturnBody } from './goods.dto';
import { moved } from './movements';
import { decidedOnStock, presentMoved } from './decided';
import { Timelines } from './timelines';

const KNOWN: readonly ProblemCode[] = [
  'ITEM_NOT_FOUND',
  'LOCATION_NOT_FOUND',
  'PERIOD_CLOSED',
  'QUANTITY_INVALID',
  'QUANTITY_TOO_PRECISE',
  'QUANTITY_TOO_LARGE',
  'UNIT_UNKNOWN',
  'LOT_NOT_FOUND',
];

/** Goods that come back, and goods on hold. */
@ApiTags('stock')
@Controller('api/v1/inventory')
export class GoodsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly timelines: Timelines,
  ) {}

  @Post('return')
  @CommandDocs({
    id: 'returnStock',
    summary: 'Take stock back from a customer',
    description: 'Counts as received. In quarantine it is on hand and on hold.',
    created: true,
    codes: [...KNOWN, 'LOT_CODE_REQUIRED'],
    answer: movedStock,
    example: exampleReturned,
    request: returnRequest,
  })
  return(
    @Body() body: ReturnBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = { ...moved(body), ...defined({ disposition: body.disposition }) };
    return this.run(request, reply, { type: 'ReturnStock', data }, body);
  }

  @Post('hold')
  @CommandDocs({
    id: 'holdStock',
    summary: 'Put stock on hold',
    description: 'It stays on hand and is not available until the hold is lifted.',
    created: true,
    codes: [...KNOWN, 'INSUFFICIENT_STOCK'],
    answer: movedStock,
    example: exampleHeld,
    request: holdRequest,
  })
  hold(
    @Body() body: HoldBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.run(request, reply, { type: 'HoldStock', data: moved(body) }, body);
  }

  @Post('unhold')
  @CommandDocs({
    id: 'unholdStock',
    summary: 'Lift a hold',
    created: true,
    codes: [...KNOWN, 'INSUFFICIENT_STOCK'],
    answer: movedStock,
    example: exampleHeld,
    request: holdRequest,
  })
  unhold(
    @Body() body: HoldBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.run(request, reply, { type: 'LiftHold', data: moved(body) }, body);
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: StockCommand,
    body: ReturnBody | HoldBody,
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
