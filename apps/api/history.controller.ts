import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { lotIdOf } from '../../libs/domain';
import { positionToken } from '../../libs/eventstore';
import {
  type AuditRow,
  findItem,
  findLot,
  isDescending,
  type LedgerRow,
  listAudit,
  listLotMovements,
  listLowStock,
  listMovements,
  readStats,
  type Stats,
} from '../../libs/postgres/queries';
import { auditRow, ledgerRow, lotLedgerRow, lowStockRow, statsAnswer } from './answers-stock';
import { API_DEPS, type ApiDeps } from './deps';
import { QueryDocs } from './docs-decorators';
import { ProblemError } from './errors';
import { exampleAuditRow, exampleLedgerRow, exampleLowStock, exampleStats } from './examples';
import { unknownItem } from './items.controller';
import { AfterQuery } from './page-query';
import { lotIn, skuIn } from './path';
import { inUnits, presentRow } from './present';
import { type ListAnswer, QueryGate } from './read';
import { AuditQuery, LedgerQuery, LowStockQuery } from './stock-queries.dto';

const NEWEST_FIRST = '-position';
const STATS_VIEWS = [
  'items',
  'item_thresholds',
  'locations',
  'lots',
  'stock_by_item',
  'stock_by_location',
  'stock_levels',
];

/** What happened, and what it adds up to. */
@ApiTags('history and reports')
@Controller('api/v1')
export class HistoryController {
  constructor(
    private readonly queries: QueryGate,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
  ) {}

  @Get('stock-movements')
  @QueryDocs({
    id: 'listMovements',
    summary: 'List movements',
    list: true,
    answer: ledgerRow,
    example: exampleLedgerRow,
  })
  movements(@Query() query: LedgerQuery): Promise<ListAnswer> {
    return this.ledgerOf('stock-movements', query);
  }

  @Get('ledger')
  @QueryDocs({
    id: 'listLedger',
    summary: 'The ledger',
    description:
      'Every movement with the balance of its SKU at its location after it, in log order.',
    list: true,
    answer: ledgerRow,
    example: exampleLedgerRow,
  })
  ledger(@Query() query: LedgerQuery): Promise<ListAnswer> {
    return this.ledgerOf('ledger', query);
  }

  @Get('ledger/item/:sku')
  @QueryDocs({
    id: 'listLedgerOfItem',
    summary: 'The ledger of an item',
    list: true,
    codes: ['ITEM_NOT_FOUND'],
    answer: ledgerRow,
    example: exampleLedgerRow,
  })
  itemLedger(@Param('sku') path: string, @Query() query: LedgerQuery): Promise<ListAnswer> {
    const sku = skuIn(path);
    const { sort = NEWEST_FIRST } = query;
    return this.queries.list(
      `ledger of ${sku}`,
      query,
      ['ledger', 'items'],
      async (db, page) => {
        if (!(await findItem(db, sku))) throw unknownItem(sku);
        return listMovements(db, { ...query, sku }, sort, page);
      },
      this.presentMovement,
    );
  }

  @Get('ledger/lot/:lotId')
  @QueryDocs({
    id: 'listLedgerOfLot',
    summary: 'The ledger of a lot',
    description: 'lotBalance runs over the lot at all places.',
    list: true,
    codes: ['LOT_NOT_FOUND'],
    answer: lotLedgerRow,
    example: { ...exampleLedgerRow, lotBalance: 50 },
  })
  lotLedger(
    @Param('lotId') path: string,
    @Query() query: LedgerQuery,
    @Req() request: FastifyRequest,
  ): Promise<ListAnswer> {
    const lot = lotIn(path, request);
    const { sort = NEWEST_FIRST } = query;
    const { today } = this.queries;
    return this.queries.list(
      `ledger of ${lotIdOf(lot.sku, lot.lotCode)}`,
      query,
      ['ledger', 'lots'],
      async (db, page) => {
        if (!(await findLot(db, lot.sku, lot.lotCode, today))) {
          throw new ProblemError(
            'LOT_NOT_FOUND',
            `there is no lot ${lot.lotCode} of ${lot.sku}; GET /api/v1/lots lists them`,
          );
        }
        return listLotMovements(db, lot, query, sort, page);
      },
      this.presentMovement,
    );
  }

  @Get('audit-logs')
  @QueryDocs({
    id: 'listAuditLogs',
    summary: 'Every event: who, what, when, where, why',
    list: true,
    answer: auditRow,
    example: exampleAuditRow,
  })
  audit(@Query() query: AuditQuery): Promise<ListAnswer> {
    const { sort = NEWEST_FIRST } = query;
    return this.queries.list(
      'audit-logs',
      query,
      ['audit_log'],
      (db, page) => listAudit(db, query, isDescending(sort), page),
      (row: AuditRow) => ({ ...row, position: this.token(row.position) }),
    );
  }

  @Get('reports/low-stock')
  @QueryDocs({
    id: 'reportLowStock',
    summary: 'Active items at or below their reorder threshold',
    description:
      'Without a location: items against their own threshold over all places (location null), and places that have a ' +
      'threshold of their own against that. With one: what is or was there, against the threshold of the place or ' +
      'else of the item. What counts is what is available by the date of UTC.',
    list: true,
    answer: lowStockRow,
    example: exampleLowStock,
  })
  lowStock(@Query() query: LowStockQuery): Promise<ListAnswer> {
    const { today } = this.queries;
    return this.queries.list(
      'low-stock',
      query,
      ['items', 'item_thresholds', 'stock_levels', 'stock_by_location'],
      (db, page) => listLowStock(db, query, today, page),
    );
  }

  @Get('stats')
  @QueryDocs({
    id: 'getStats',
    summary: 'Figures over everything',
    description: 'Quantities by unit: what is counted differently is never added up.',
    answer: statsAnswer,
    example: exampleStats,
  })
  async stats(@Query() query: AfterQuery): Promise<object> {
    const { today } = this.queries;
    return presentStats(await this.queries.ask(query, STATS_VIEWS, (db) => readStats(db, today)));
  }

  private ledgerOf(name: string, query: LedgerQuery): Promise<ListAnswer> {
    const { sort = NEWEST_FIRST } = query;
    return this.queries.list(
      name,
      query,
      ['ledger'],
      (db, page) => listMovements(db, query, sort, page),
      this.presentMovement,
    );
  }

  private readonly presentMovement = (row: LedgerRow): object => ({
    ...presentRow(row),
    position: this.token(row.position),
    lotId: row.lotCode === null ? null : lotIdOf(row.sku, row.lotCode),
  });

  private token(position: string): string {
    return positionToken(this.deps.store.storeId, BigInt(position));
  }
}

const TOTALS = ['onHand', 'reserved', 'received', 'issued', 'adjusted'] as const;

function presentStats({ units, ...counts }: Stats): object {
  const totals = new Map<string, Record<(typeof TOTALS)[number], number>>();
  for (const row of units) {
    const total = totals.get(row.unit) ?? {
      onHand: 0,
      reserved: 0,
      received: 0,
      issued: 0,
      adjusted: 0,
    };
    for (const name of TOTALS) total[name] += inUnits(row[name], row.decimals);
    totals.set(row.unit, total);
  }
  return { ...counts, units: [...totals].map(([unit, total]) => ({ unit, ...total })) };
}
