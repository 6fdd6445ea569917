import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lotIdOf } from '../../libs/domain';
import {
  findLot,
  findSummary,
  listLevels,
  listLots,
  listPlaceSummaries,
  type ListQuery,
  listSummaries,
  type LotRow,
  type Queryable,
  readPage,
  type SummaryRow,
} from '../../libs/postgres/queries';
import { itemSummary, levelAnswer, lotAnswer, lotSummary, summaryAnswer } from './answers-stock';
import { QueryDocs } from './docs-decorators';
import { ProblemError } from './errors';
import {
  exampleItemSummary,
  exampleLevel,
  exampleLot,
  exampleLotSummary,
  exampleSummary,
} from './examples';
import { itemThere, unknownItem } from './items.controller';
import { LEVEL_FIELDS, LOT_FIELDS, PLACE_SUMMARY_FIELDS, SUMMARY_FIELDS } from './list-fields';
import { AfterQuery } from './page-query';
import { lotIn, skuIn } from './path';
import { presentRow } from './present';
import { QueryGate } from './read';
import { LevelsQuery, LotsQuery, SummaryQuery } from './stock-queries.dto';

const SUMMARY_VIEWS = ['items', 'stock_by_item', 'stock_by_location', 'stock_levels', 'in_transit'];
const LOT_VIEWS = ['lots', 'stock_levels'];
const TODAY = 'Available is approved, not expired by the date of UTC, and not reserved.';

@ApiTags('stock levels')
@Controller('api/v1')
export class LevelsController {
  constructor(private readonly queries: QueryGate) {}

  @Get('stock-levels')
  @QueryDocs({
    id: 'listStockLevels',
    summary: 'Stock per SKU, location and lot',
    description: TODAY,
    list: true,
    answer: levelAnswer,
    example: exampleLevel,
  })
  levels(
    @Query() query: LevelsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'stock-levels',
      query,
      views: ['stock_levels'],
      fields: LEVEL_FIELDS,
      rows: (today) => listLevels(query, query.sort ?? 'sku', today),
    });
  }

  @Get('stock-levels/:sku')
  @QueryDocs({
    id: 'listStockLevelsOfItem',
    summary: 'Stock of an item, per location and lot',
    description: TODAY,
    list: true,
    codes: ['ITEM_NOT_FOUND'],
    answer: levelAnswer,
    example: exampleLevel,
  })
  levelsOf(
    @Param('sku') path: string,
    @Query() query: LevelsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const sku = skuIn(path);
    return this.queries.list(request, reply, {
      name: 'item-stock-levels',
      of: sku,
      query,
      views: ['stock_levels', 'items'],
      fields: LEVEL_FIELDS,
      rows: (today) => listLevels({ ...query, sku }, query.sort ?? 'sku', today),
      exists: (db) => itemThere(db, sku),
    });
  }

  @Get('inventory/summary')
  @QueryDocs({
    id: 'listSummaries',
    summary: 'Stock per SKU, or per SKU and location',
    description: TODAY,
    list: true,
    answer: summaryAnswer,
    example: exampleSummary,
  })
  summaries(
    @Query() query: SummaryQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.summariesOf('summary', query, request, reply);
  }

  @Get('reports/inventory')
  @QueryDocs({
    id: 'reportInventory',
    summary: 'Inventory report: every item with its stock',
    description: TODAY,
    list: true,
    answer: summaryAnswer,
    example: exampleSummary,
  })
  report(
    @Query() query: SummaryQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.summariesOf('inventory', query, request, reply);
  }

  @Get('inventory/summary/:sku')
  @QueryDocs({
    id: 'getItemSummary',
    summary: 'Stock of an item, with its locations',
    description: TODAY,
    codes: ['ITEM_NOT_FOUND'],
    answer: itemSummary,
    example: exampleItemSummary,
  })
  summary(
    @Param('sku') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const sku = skuIn(path);
    return this.queries.one(request, reply, {
      name: `summary ${sku}`,
      query,
      views: SUMMARY_VIEWS,
      find: async (db, today) => {
        const found = await findSummary(db, sku, today);
        if (!found) throw unknownItem(sku);
        return { ...presentRow(found.item), locations: found.locations.map(presentRow) };
      },
    });
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
  lots(
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
    summary: 'Get a lot',
    codes: ['LOT_NOT_FOUND'],
    answer: lotAnswer,
    example: exampleLot,
  })
  lot(
    @Param('lotId') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sku, lotCode } = lotIn(path, request);
    return this.queries.one(request, reply, {
      name: `lot ${lotIdOf(sku, lotCode)}`,
      query,
      views: LOT_VIEWS,
      find: async (db, today) => presentLot(await lotThere(db, sku, lotCode, today)),
    });
  }

  @Get('inventory/lot/:lotId')
  @QueryDocs({
    id: 'getLotSummary',
    summary: 'Stock of a lot, with its locations',
    description: TODAY,
    codes: ['LOT_NOT_FOUND'],
    answer: lotSummary,
    example: exampleLotSummary,
  })
  lotSummary(
    @Param('lotId') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sku, lotCode } = lotIn(path, request);
    return this.queries.one(request, reply, {
      name: `stock of lot ${lotIdOf(sku, lotCode)}`,
      query,
      views: LOT_VIEWS,
      find: async (db, today) => {
        const lot = await lotThere(db, sku, lotCode, today);
        const places = { limit: MAX_PLACES, after: undefined };
        const levels = await readPage(db, listLevels({ sku, lotCode }, 'sku', today), places);
        return { ...presentLot(lot), locations: levels.rows.map(presentRow) };
      },
    });
  }

  private summariesOf(
    name: string,
    query: SummaryQuery,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { location, sort = 'sku' } = query;
    const summaries = location === undefined ? listSummaries : listPlaceSummaries;
    return this.queries.list(request, reply, {
      name,
      query,
      views: SUMMARY_VIEWS,
      fields: location === undefined ? SUMMARY_FIELDS : PLACE_SUMMARY_FIELDS,
      rows: (today): ListQuery<SummaryRow> => summaries(query, sort, today),
    });
  }
}

const MAX_PLACES = 10_000;

const presentLot = (lot: LotRow): object => ({
  lotId: lotIdOf(lot.sku, lot.lotCode),
  ...presentRow(lot),
});

/** Throws LOT_NOT_FOUND. */
export async function lotThere(
  db: Queryable,
  sku: string,
  lotCode: string,
  today: string,
): Promise<LotRow> {
  const lot = await findLot(db, sku, lotCode, today);
  if (lot) return lot;
  throw new ProblemError(
    'LOT_NOT_FOUND',
    `there is no lot ${lotCode} of ${sku}; GET /api/v1/lots lists them`,
  );
}
