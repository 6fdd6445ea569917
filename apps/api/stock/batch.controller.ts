import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerMany } from '../commands/many';
import { ManyCommandsDocs } from '../document/docs-decorators';
import { batchRequest } from '../document/example-requests';
import { BatchMovements } from './batch';
import { exampleRecordedBatch, exampleTriedBatch, recordedBatch } from './batch-answers';
import { BatchMovementsBody } from './batch.dto';

/** Many movements at once, such as the rows of a file or the day of a till. */
@ApiTags('stock')
@Controller('api/v1')
export class BatchController {
  constructor(private readonly batch: BatchMovements) {}

  @Post('batch-stock-movements')
  @HttpCode(200)
  @ApiBody({ type: BatchMovementsBody })
  @ManyCommandsDocs({
    id: 'recordMovements',
    summary: 'Record many movements',
    description:
      'Each is a command of its own, with a key and a verdict of its own: some may be applied and others refused. Those of one SKU at ' +
      'one location are decided in their order, and after one that stays undecided none of them is. The same request with the same ' +
      'key, or the same movements with theirs, goes on where it stopped. A dry run judges each movement alone, as if the others were not there.',
    answer: recordedBatch,
    example: exampleRecordedBatch,
    exampleDryRun: exampleTriedBatch,
    request: batchRequest,
  })
  record(
    @Body() form: object,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return answerMany(request, reply, (headers) => this.batch.record(form, headers));
  }
}
