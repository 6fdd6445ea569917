import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findMovement } from '../../../libs/postgres/queries';
import { CommandGate } from '../commands/dispatch';
import { answerMany } from '../commands/many';
import { API_DEPS, type ApiDeps } from '../deps';
import { CommandDocs, ManyCommandsDocs } from '../document/docs-decorators';
import { reverseRequest } from '../document/example-requests';
import { exampleReversed } from '../document/examples';
import { ProblemError, type ProblemCode } from '../http/errors';
import { presentMoved } from './decided';
import { readModelProblem } from '../reading/read-failures';
import { movedStock } from './answers';
import {
  exampleReversedCorrelation,
  exampleTriedCorrelation,
  reverseCorrelationRequest,
  reversedCorrelation,
} from './reversal-answers';
import { Reversals, type Standing } from './reversals';
import { ReverseBody, ReverseCorrelationBody } from './reversals.dto';
import { Timelines } from './timelines';

const KNOWN: readonly ProblemCode[] = ['MOVEMENT_NOT_FOUND', 'READ_MODEL_UNAVAILABLE'];

/** Movements that are taken back. */
@ApiTags('stock')
@Controller('api/v1/inventory')
export class ReversalsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly reversals: Reversals,
    private readonly timelines: Timelines,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
  ) {}

  @Post('reverse')
  @CommandDocs({
    id: 'reverseMovement',
    summary: 'Take a movement back',
    description:
      'Writes a movement with the opposite effect that points at it; the old one stays. Receipts, returns, issues, adjustments and counts.',
    created: true,
    codes: [
      ...KNOWN,
      'ITEM_NOT_FOUND',
      'LOCATION_NOT_FOUND',
      'PERIOD_CLOSED',
      'MOVEMENT_NOT_REVERSIBLE',
      'MOVEMENT_ALREADY_REVERSED',
      'REVERSAL_CONFLICT',
      'QUANTITY_TOO_LARGE',
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
    const { movementId, error, reason, effectiveAt } = body;
    const { sku, location, revision } = await this.movementOf(movementId);
    const decided = this.reversals.of({ movementId, sku, location, revision }, error);
    return this.commands.run(request, reply, {
      asked: { body, reason, effectiveAt },
      creates: true,
      tried: this.timelines.triedAt(effectiveAt),
      present: presentMoved(decided.command),
      ...decided,
    });
  }

  @Post('reverse-correlation')
  @HttpCode(200)
  @ManyCommandsDocs({
    id: 'reverseCorrelation',
    summary: 'Take back everything that came with a correlation id',
    description:
      'Such as a whole import. What came last goes back first, each movement by a command of its own; what cannot is a conflict and stays. ' +
      'At most 500 movements in one request, and no more than it gets through in some seconds: go on with nextCursor. The same ' +
      'request with the same key goes on where it stopped. A dry run judges each movement alone, as if those after it had stayed.',
    codes: [...KNOWN, 'CURSOR_INVALID', 'PROJECTION_BEHIND'],
    answer: reversedCorrelation,
    example: exampleReversedCorrelation,
    exampleDryRun: exampleTriedCorrelation,
    request: reverseCorrelationRequest,
  })
  reverseCorrelation(
    @Body() body: ReverseCorrelationBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return answerMany(request, reply, (headers) => this.reversals.ofCorrelation(body, headers));
  }

  /** The ledger knows where it stands; the log is asked what it is. */
  private async movementOf(movementId: string): Promise<Omit<Standing, 'movementId'>> {
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
}
