import { Body, Controller, Get, Param, Patch, Put, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lot, lotIdOf, lotStream, type LotCommand, type StockLot } from '../../../libs/domain';
import {
  findLot,
  type LevelRow,
  listLots,
  lotHistory,
  lotPlaces,
  type LotRow,
  type Queryable,
} from '../../../libs/postgres/queries';
import { correctedLot, decidedLot, lotAnswer, lotDetail } from './answers';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs, QueryDocs } from '../document/docs-decorators';
import { ProblemError } from '../http/errors';
import { correctLotRequest, decideLotRequest } from '../document/example-requests';
import { exampleCorrectedLot, exampleDecidedLot, exampleLot, exampleLotDetail } from './examples';
import { LOT_FIELDS } from '../reading/list-fields';
import { CorrectLotBody, DecideLotBody, LotsQuery } from './lots.dto';
import { AfterQuery } from '../reading/page-query';
import { lotIn } from '../http/path';
import { presentRow } from '../http/present';
import { reached, sorted } from '../commands/reached';
import { QueryGate } from '../reading/read';

const LOT_VIEWS = ['lots', 'stock_levels'];
const DETAIL_VIEWS = [...LOT_VIEWS, 'audit_log'];
const TODAY = 'Available is approved, not expired by the date of UTC, and not reserved.';

@ApiTags('lots')
@Controller('api/v1')
export class LotsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly queries: QueryGate,
  ) {}

  @Put('lots/qc-status')
  @CommandDocs({
    id: 'decideLot',
    summary: 'Approve, reject, quarantine or recall a lot',
    description:
      'QUARANTINE becomes APPROVED, REJECTED or RECALLED; APPROVED becomes QUARANTINE or RECALLED; REJECTED and ' +
      'RECALLED become QUARANTINE. The answer tells where it is in force, and where it is pending (202).',
    codes: ['LOT_NOT_FOUND', 'LOT_TRANSITION_NOT_ALLOWED'],
    answer: decidedLot,
    example: exampleDecidedLot,
    examplePending: { ...exampleDecidedLot, applied: ['MAIN'], pending: ['SHOP-1'] },
    request: decideLotRequest,
  })
  decide(
    @Body() body: DecideLotBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sku, lotCode, status, inspector } = body;
    const data = { sku, lotCode, status, ...(inspector !== undefined && { inspector }) };
    return this.run(request, reply, { type: 'DecideLot', data }, body, { qcStatus: status });
  }

  @Patch('lots/:lotId')
  @CommandDocs({
    id: 'correctLotExpiry',
    summary: 'Correct the expiry of a lot',
    description: 'Wherever some of it is; null: it never expires.',
    codes: ['LOT_NOT_FOUND'],
    answer: correctedLot,
    example: exampleCorrectedLot,
    examplePending: { ...exampleCorrectedLot, applied: ['MAIN'], pending: ['SHOP-1'] },
    request: correctLotRequest,
  })
  correct(
    @Param('lotId') path: string,
    @Body() body: CorrectLotBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { expiresOn } = body;
    const data = { ...lotIn(path, request), expiresOn };
    return this.run(request, reply, { type: 'CorrectLotExpiry', data }, body, { expiresOn });
  }

  @Get('lots')
  @QueryDocs({
    id: 'listLots',
    summary: 'List lots',
    description: TODAY,
    list: true,
    answer: lotAnswer,
    example: exampleLot,
  })
  list(
    @Query() query: LotsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'lots',
      query,
      views: LOT_VIEWS,
      fields: LOT_FIELDS,
      rows: (today) => listLots(query, query.sort ?? 'lot', today),
      present: presentLot,
    });
  }

  @Get('lots/:lotId')
  @QueryDocs({
    id: 'getLot',
    summary: 'Get a lot, with its locations and what was said of it',
    description: TODAY,
    codes: ['LOT_NOT_FOUND'],
    answer: lotDetail,
    example: exampleLotDetail,
  })
  one(
    @Param('lotId') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.detail('lot', path, query, request, reply);
  }

  @Get('inventory/lot/:lotId')
  @QueryDocs({
    id: 'getLotSummary',
    summary: 'Stock of a lot, with its locations and what was said of it',
    description: TODAY,
    codes: ['LOT_NOT_FOUND'],
    answer: lotDetail,
    example: exampleLotDetail,
  })
  summary(
    @Param('lotId') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.detail('stock of lot', path, query, request, reply);
  }

  private detail(
    name: string,
    path: string,
    query: AfterQuery,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { sku, lotCode } = lotIn(path, request);
    const stream = lotStream(this.commands.tenant, sku, lotCode);
    return this.queries.one(request, reply, {
      name: `${name} ${lotIdOf(sku, lotCode)}`,
      query,
      views: DETAIL_VIEWS,
      find: async (db, today) => {
        const found = await lotThere(db, sku, lotCode, today);
        const places = await lotPlaces(db, { sku, lotCode }, today);
        return {
          ...presentLot(found),
          locations: places.map((place) => presentPlace(place, found)),
          history: await lotHistory(db, stream),
        };
      },
    });
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: LotCommand,
    body: DecideLotBody | CorrectLotBody,
    told: object,
  ): Promise<void> {
    const { sku, lotCode } = command.data;
    const { reason, effectiveAt } = body;
    return this.commands.run(request, reply, {
      definition: lot,
      stream: lotStream(this.commands.tenant, sku, lotCode),
      command,
      asked: { body: { ...body, sku, lotCode }, reason, effectiveAt },
      facts: NOTHING_ELSE,
      creates: false,
      tellsLegs: true,
      standing: async () => {
        const places = await this.commands.facts.lotAtPlaces(sku, lotCode);
        return sorted(places.map(([place, known]) => [place, isAsTold(command, known)] as const));
      },
      present: (_accepted, _commandId, followed) => ({
        lotId: lotIdOf(sku, lotCode),
        ...told,
        ...reached(followed),
      }),
    });
  }
}

/** A place goes by what the command says, whichever command has said it first. */
function isAsTold({ type, data }: LotCommand, known: StockLot | undefined): boolean {
  if (!known || type === 'NoteLotAt') return false;
  return type === 'DecideLot' ? known.qcStatus === data.status : known.expiresOn === data.expiresOn;
}

/** A lot is decided upon by itself alone. */
const NOTHING_ELSE = (): Promise<null> => Promise.resolve(null);

const presentLot = (row: LotRow): object => ({
  lotId: lotIdOf(row.sku, row.lotCode),
  ...presentRow(row),
});

/** A place that has not learned yet what the lot is now goes by what it knows. */
const presentPlace = (place: LevelRow, { qcStatus, expiresOn }: LotRow): object => ({
  ...presentRow(place),
  isUpToDate: place.qcStatus === qcStatus && place.expiresOn === expiresOn,
});

/** Throws LOT_NOT_FOUND. */
export async function lotThere(
  db: Queryable,
  sku: string,
  lotCode: string,
  today: string,
): Promise<LotRow> {
  const found = await findLot(db, sku, lotCode, today);
  if (found) return found;
  throw new ProblemError(
    'LOT_NOT_FOUND',
    `there is no lot ${lotCode} of ${sku}; GET /api/v1/lots lists them`,
  );
}
