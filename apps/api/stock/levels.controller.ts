import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  findSummary,
  listLevels,
  listPlaceSummaries,
  type ListQuery,
  listSummaries,
  type SummaryRow,
} from '../../../libs/postgres/queries';
import { itemSummary, levelAnswer, summaryAnswer } from './answers';
import { QueryDocs } from '../document/docs-decorators';
import { exampleItemSummary, exampleLevel, exampleSummary } from '../document/examples';
import { itemThere, unknownItem } from '../catalogue/items.controller';
import { LEVEL_FIELDS, PLACE_SUMMARY_FIELDS, SUMMARY_FIELDS } from '../reading/list-fields';
import { AfterQuery } from '../reading/page-query';
import { skuIn } from '../http/path';
import { presentRow } from '../http/present';
import { QueryGate } from '../reading/read';
import { LevelsQuery, SummaryQuery } from './stock-queries.dto';

const SUMMARY_VIEWS = ['items', 'stock_by_item', 'stock_by_location', 'stock_levels', 'in_transit'];
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
