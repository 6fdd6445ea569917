import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lotIdOf } from '../../../libs/domain';
import { positionToken } from '../../../libs/eventstore';
import {
  type LedgerRow,
  listAudit,
  listLotMovements,
  listLowStock,
  listMovements,
  readStats,
  type Stats,
} from '../../../libs/postgres/queries';
import { auditRow, ledgerRow, lotLedgerRow, lowStockRow, statsAnswer } from './answers';
import { API_DEPS, type ApiDeps } from '../deps';
import { QueryDocs } from '../document/docs-decorators';
import {
  exampleAuditRow,
  exampleLedgerRow,
  exampleLowStock,
  exampleStats,
} from '../document/examples';
import { itemThere } from '../catalogue/items.controller';
import {
  AUDIT_FIELDS,
  LEDGER_FIELDS,
  LOT_LEDGER_FIELDS,
  LOW_STOCK_FIELDS,
} from '../reading/list-fields';
import { lotThere } from '../lots/lots.controller';
import { AfterQuery } from '../reading/page-query';
import { lotIn, skuIn } from '../http/path';
import { inUnits, presentLedgerRow } from '../http/present';
import { type Listing, QueryGate } from '../reading/read';
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
  movements(
    @Query() query: LedgerQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, this.movementsOf('stock-movements', query));
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
  ledger(
    @Query() query: LedgerQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, this.movementsOf('ledger', query));
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
  itemLedger(
    @Param('sku') path: string,
    @Query() query: LedgerQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const sku = skuIn(path);
    return this.queries.list(request, reply, {
      ...this.movementsOf('item-ledger', query),
      of: sku,
      views: ['ledger', 'items'],
      rows: () => listMovements({ ...query, sku }, query.sort ?? NEWEST_FIRST),
      exists: (db) => itemThere(db, sku),
    });
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
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sku, lotCode } = lotIn(path, request);
    return this.queries.list(request, reply, {
      ...this.movementsOf('lot-ledger', query),
      of: lotIdOf(sku, lotCode),
      views: ['ledger', 'lots'],
      fields: LOT_LEDGER_FIELDS,
      rows: () => listLotMovements({ sku, lotCode }, query, query.sort ?? NEWEST_FIRST),
      exists: (db, today) => lotThere(db, sku, lotCode, today),
    });
  }

  @Get('audit-logs')
  @QueryDocs({
    id: 'listAuditLogs',
    summary: 'Every event: who, what, when, where, why',
    list: true,
    answer: auditRow,
    example: exampleAuditRow,
  })
  audit(
    @Query() query: AuditQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'audit-logs',
      query,
      views: ['audit_log'],
      fields: AUDIT_FIELDS,
      rows: () => listAudit(query, query.sort ?? NEWEST_FIRST),
      present: (row) => ({ ...row, position: this.token(row.position) }),
    });
  }

  @Get('reports/low-stock')
  @QueryDocs({
    id: 'reportLowStock',
    summary: 'Active items at or below their reorder threshold',
    description:
      'Without a location: items against their own thresholds over all places (location null), and places that have ' +
      'thresholds of their own against those. With one: what is or was there, against each threshold of the place or ' +
      'else of the item. What counts is what is available by the date of UTC, for the maximum what is on hand. With a ' +
      'state: what is in that state, of what has any threshold.',
    list: true,
    answer: lowStockRow,
    example: exampleLowStock,
  })
  lowStock(
    @Query() query: LowStockQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'low-stock',
      query,
      views: ['items', 'item_thresholds', 'stock_levels', 'stock_by_location'],
      fields: LOW_STOCK_FIELDS,
      rows: (today) => listLowStock(query, query.sort ?? 'sku', today),
    });
  }

  @Get('stats')
  @QueryDocs({
    id: 'getStats',
    summary: 'Figures over everything',
    description: 'Quantities by unit: what is counted differently is never added up.',
    answer: statsAnswer,
    example: exampleStats,
  })
  stats(
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.one(request, reply, {
      name: 'stats',
      query,
      views: STATS_VIEWS,
      find: async (db, today) => presentStats(await readStats(db, today)),
    });
  }

  private movementsOf(name: string, query: LedgerQuery): Listing<LedgerRow> {
    return {
      name,
      query,
      views: ['ledger'],
      fields: LEDGER_FIELDS,
      rows: () => listMovements(query, query.sort ?? NEWEST_FIRST),
      present: this.presentMovement,
    };
  }

  private readonly presentMovement = (row: LedgerRow): object =>
    presentLedgerRow(row, this.deps.store.storeId);

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
