import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stock, stockStream } from '../../libs/domain';
import { CommandGate } from './dispatch';
import { CommandDocs } from './docs-decorators';
import type { ProblemCode } from './errors';
import { exampleMovement, examplePlace } from './examples';
import {
  adjustCommand,
  genericMovement,
  issueCommand,
  type Movement,
  receiveCommand,
} from './movements';
import { presentMovement } from './present';
import { AdjustBody, GenericMovementBody, IssueBody, ReceiveBody } from './stock.dto';

const KNOWN: readonly ProblemCode[] = [
  'ITEM_NOT_FOUND',
  'LOCATION_NOT_FOUND',
  'QUANTITY_INVALID',
  'QUANTITY_TOO_PRECISE',
  'QUANTITY_TOO_LARGE',
  'LOT_CODE_REQUIRED',
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
];
const example = {
  commandId: '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d',
  sku: 'WIDGET-001',
  location: 'MAIN',
  movements: [exampleMovement],
  ...examplePlace,
};

@ApiTags('stock')
@Controller('api/v1')
export class StockController {
  constructor(private readonly commands: CommandGate) {}

  @Post('inventory/receive')
  @CommandDocs({
    summary: 'Receive stock',
    created: true,
    example,
    codes: [...KNOWN, ...RECEIPT],
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
    summary: 'Issue stock',
    description: 'Without a lotCode the allocation policy of the item chooses the lots.',
    created: true,
    example,
    codes: [...KNOWN, ...SHORTAGE],
  })
  issue(
    @Body() body: IssueBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.move(request, reply, { body, command: issueCommand(body) });
  }

  @Post('inventory/adjust')
  @CommandDocs({
    summary: 'Adjust stock',
    description: 'The quantity is the effect: below 0 for what is gone. A reason is required.',
    created: true,
    example,
    codes: [...KNOWN, 'LOT_NOT_FOUND', 'INSUFFICIENT_STOCK'],
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
    summary: 'Record a movement of any type',
    created: true,
    example,
    codes: ['UNKNOWN_MOVEMENT_TYPE', ...KNOWN, ...RECEIPT, ...SHORTAGE],
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
    const { sku, location } = command.data;
    const { reason, effectiveAt } = body;
    return this.commands.run(request, reply, {
      definition: stock,
      stream: stockStream(this.commands.tenant, sku, location),
      command,
      asked: { body, reason, effectiveAt },
      facts: (fresh, context) =>
        this.commands.facts.stockFacts(
          sku,
          location,
          context.effectiveAt,
          context.commandId,
          fresh,
        ),
      creates: true,
      present: ({ events }, commandId) => ({
        commandId,
        sku,
        location,
        movements: events.map(presentMovement),
      }),
    });
  }
}
