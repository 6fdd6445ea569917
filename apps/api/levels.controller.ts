import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { lotIdOf } from '../../libs/domain';
import {
  findItem,
  findLot,
  findSummary,
  listLevels,
  listLots,
  listPlaceSummaries,
  listSummaries,
  type LotRow,
  type PageOf,
  type PageRequest,
  type Queryable,
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
import { unknownItem } from './items.controller';
import { LevelsQuery } from './locations.dto';
import { AfterQuery } from './page-query';
import { lotIn, skuIn } from './path';
import { presentRow } from './present';
import { type ListAnswer, QueryGate } from './read';
import { LotsQuery, SummaryQuery } from './stock-queries.dto';

const SUMMARY_VIEWS = ['items', 'stock_by_item', 'stock_by_location', 'stock_levels'];
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
  levels(@Query() query: LevelsQuery): Promise<ListAnswer> {
    const { today } = this.queries;
    return this.queries.list('stock-levels', query, ['stock_levels'], (db, page) =>
      listLevels(db, query, today, page),
    );
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
  async levelsOf(@Param('sku') path: string, @Query() query: LevelsQuery): Promise<ListAnswer> {
    const sku = skuIn(path);
    const { today } = this.queries;
    return this.queries.list(
      `stock-levels ${sku}`,
      query,
      ['stock_levels', 'items'],
      async (db, page) => {
        if (!(await findItem(db, sku))) throw unknownItem(sku);
        return listLevels(db, { ...query, sku }, today, page);
      },
    );
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
  summaries(@Query() query: SummaryQuery): Promise<ListAnswer> {
    return this.summariesOf('summary', query);
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
  report(@Query() query: SummaryQuery): Promise<ListAnswer> {
    return this.summariesOf('inventory report', query);
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
  async summary(@Param('sku') path: string, @Query() query: AfterQuery): Promise<object> {
    const sku = skuIn(path);
    const { today } = this.queries;
    const found = await this.queries.ask(query, SUMMARY_VIEWS, (db) => findSummary(db, sku, today));
    if (!found) throw unknownItem(sku);
    return { ...presentRow(found.item), locations: found.locations.map(presentRow) };
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
  lots(@Query() query: LotsQuery): Promise<ListAnswer> {
    const { sort = 'lot' } = query;
    const { today } = this.queries;
    return this.queries.list(
      'lots',
      query,
      LOT_VIEWS,
      (db, page) => listLots(db, query, sort, today, page),
      presentLot,
    );
  }

  @Get('lots/:lotId')
  @QueryDocs({
    id: 'getLot',
    summary: 'Get a lot',
    codes: ['LOT_NOT_FOUND'],
    answer: lotAnswer,
    example: exampleLot,
  })
  async lot(
    @Param('lotId') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const { sku, lotCode } = lotIn(path, request);
    return this.ofLot(query, async (db, today) => {
      const lot = await findLot(db, sku, lotCode, today);
      return lot && presentLot(lot);
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
  async lotSummary(
    @Param('lotId') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const { sku, lotCode } = lotIn(path, request);
    return this.ofLot(query, async (db, today) => {
      const lot = await findLot(db, sku, lotCode, today);
      const places = { limit: MAX_PLACES, after: undefined };
      const levels = await listLevels(db, { sku, lotCode }, today, places);
      return lot && { ...presentLot(lot), locations: levels.rows.map(presentRow) };
    });
  }

  private async ofLot(
    query: AfterQuery,
    find: (db: Queryable, today: string) => Promise<object | undefined>,
  ): Promise<object> {
    const { today } = this.queries;
    const lot = await this.queries.ask(query, LOT_VIEWS, (db) => find(db, today));
    if (!lot)
      throw new ProblemError('LOT_NOT_FOUND', 'there is no such lot; GET /api/v1/lots lists them');
    return lot;
  }

  private summariesOf(name: string, query: SummaryQuery): Promise<ListAnswer> {
    const { today } = this.queries;
    const run = (db: Queryable, page: PageRequest): Promise<PageOf<SummaryRow>> =>
      query.location === undefined
        ? listSummaries(db, query, today, page)
        : listPlaceSummaries(db, query, today, page);
    return this.queries.list(name, query, SUMMARY_VIEWS, run);
  }
}

const MAX_PLACES = 10_000;

const presentLot = (lot: LotRow): object => ({
  lotId: lotIdOf(lot.sku, lot.lotCode),
  ...presentRow(lot),
});
