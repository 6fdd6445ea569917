import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stock, stockStream, type StockCommand } from '../../../libs/domain';
import { findMovement } from '../../../libs/postgres/queries';
import { movedStock } from './answers';
import { defined } from '../http/canonical';
import { API_DEPS, type ApiDeps } from '../deps';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs } from '../document/docs-decorators';
import { ProblemError, type ProblemCode } from '../http/errors';
import { holdRequest, returnRequest, reverseRequest } from '../document/example-requests';
import { exampleHeld, exampleReturned, exampleReversed } from '../document/examples';
import { HoldBody, ReturnBody, ReverseBody } from './goods.dto';
import { moved } from './movements';
import { presentMovements } from '../http/present';
import { readModelProblem } from '../reading/read-failures';
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

/** Goods that come back, goods on hold, and movements that are taken back. */
@ApiTags('stock')
@Controller('api/v1/inventory')
export class GoodsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly timelines: Timelines,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
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

  @Post('reverse')
  @CommandDocs({
    id: 'reverseMovement',
    summary: 'Take a movement back',
    description:
      'Writes a movement with the opposite effect that points at it; the old one stays. Receipts, returns, issues, adjustments and counts.',
    created: true,
    codes: [
      'ITEM_NOT_FOUND',
      'LOCATION_NOT_FOUND',
      'PERIOD_CLOSED',
      'MOVEMENT_NOT_FOUND',
      'MOVEMENT_NOT_REVERSIBLE',
      'MOVEMENT_ALREADY_REVERSED',
      'REVERSAL_CONFLICT',
      'QUANTITY_TOO_LARGE',
      'READ_MODEL_UNAVAILABLE',
    ],
    answer: movedStock,
    example: exampleReversed,
    request: reverseRequest,
  })
  async reverse(
    @Body() body: ReverseBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { movementId, error } = body;
    const found = await this.movementOf(movementId);
    const { sku, location, revision } = found;
    const command = {
      type: 'ReverseMovement',
      data: { sku, location, movementId, error },
    } as const;
    return this.run(request, reply, command, body, revision);
  }

  /** The ledger knows where it stands; the log is asked what it is. */
  private async movementOf(movementId: string) {
    try {
      const found = await findMovement(this.deps.readModels, movementId);
      if (found) return found;
    } catch (error) {
      throw readModelProblem(error) ?? error;
    }
    throw new ProblemError(
      'MOVEMENT_NOT_FOUND',
      `the ledger has no movement ${movementId}, or not yet; GET /api/v1/ledger lists them`,
    );
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: StockCommand,
    body: ReturnBody | HoldBody | ReverseBody,
    reversedAt?: number,
  ): Promise<void> {
    const { sku, location } = command.data;
    const { reason, effectiveAt } = body;
    const { facts } = this.commands;
    return this.commands.run(request, reply, {
      definition: stock,
      stream: stockStream(this.commands.tenant, sku, location),
      command,
      asked: { body, reason, effectiveAt },
      facts: async (fresh, context) => {
        const known = await facts.factsOf(command, context, fresh);
        if (command.type !== 'ReverseMovement' || reversedAt === undefined) return known;
        const { movementId } = command.data;
        return { ...known, movement: await facts.movementAt(command.data, movementId, reversedAt) };
      },
      creates: true,
      tried: this.timelines.triedAt(effectiveAt),
      present: ({ events }, commandId) => ({
        commandId,
        sku,
        location,
        movements: presentMovements(events),
      }),
    });
  }
}
