import { Body, Controller, Get, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  item,
  itemStream,
  locationsAsked,
  type ItemCommand,
  type ItemEvent,
} from '../../../libs/domain';
import {
  findItem,
  listItems,
  listThresholdHistory,
  type ItemRow,
  type Queryable,
} from '../../../libs/postgres/queries';
import { changedItem, itemAnswer, registeredItem, thresholdChange } from './answers';
import { defined } from '../http/canonical';
import { CommandGate, type Accepted } from '../commands/dispatch';
import { CommandDocs, QueryDocs } from '../document/docs-decorators';
import { ProblemError } from '../http/errors';
import {
  CommandBody,
  ItemsQuery,
  RegisterItemBody,
  ThresholdHistoryQuery,
  UpdateItemBody,
} from './items.dto';
import { presentChanges, presentItem, presentRegistered } from './items.present';
import { ITEM_FIELDS, THRESHOLD_HISTORY_FIELDS } from '../reading/list-fields';
import { AfterQuery } from '../reading/page-query';
import { skuIn } from '../http/path';
import { QueryGate } from '../reading/read';
import {
  registerItemRequest,
  reasonRequest,
  updateItemRequest,
} from '../document/example-requests';
import {
  exampleItem,
  examplePlace,
  exampleRegisteredItem,
  exampleThresholdChange,
} from '../document/examples';

const VIEWS = ['items', 'item_thresholds'];
/** What can be wrong with the details of an item. */
const DETAIL_CODES = [
  'ITEM_UNIT_INVALID',
  'LOCATION_NOT_FOUND',
  'THRESHOLDS_OUT_OF_ORDER',
  'QUANTITY_INVALID',
  'QUANTITY_TOO_PRECISE',
  'QUANTITY_TOO_LARGE',
] as const;

@ApiTags('items')
@Controller('api/v1/items')
export class ItemsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly queries: QueryGate,
  ) {}

  @Post()
  @CommandDocs({
    id: 'registerItem',
    summary: 'Register an item',
    created: true,
    codes: ['ITEM_CODE_ALREADY_EXISTS', ...DETAIL_CODES],
    answer: registeredItem,
    example: exampleRegisteredItem,
    request: registerItemRequest,
  })
  register(
    @Body() body: RegisterItemBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { sku } = body;
    const command: ItemCommand = { type: 'RegisterItem', data: { sku, ...wishesOf(body) } };
    return this.run(request, reply, command, body, presentRegistered);
  }

  @Patch(':sku')
  @CommandDocs({
    id: 'updateItem',
    summary: 'Change an item',
    description:
      'Only the fields that are sent. Unit and decimals stay as they were registered. What was told in a pack keeps ' +
      'the factor that the pack had then.',
    codes: ['ITEM_NOT_FOUND', ...DETAIL_CODES],
    answer: changedItem,
    example: { sku: 'WIDGET-001', changes: { name: 'Large Widget' }, ...examplePlace },
    request: updateItemRequest,
  })
  update(
    @Param('sku') path: string,
    @Body() body: UpdateItemBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const sku = skuIn(path);
    const command: ItemCommand = { type: 'UpdateItem', data: { sku, ...wishesOf(body) } };
    return this.run(request, reply, command, body, presentChanges);
  }

  @Post(':sku/deactivate')
  @CommandDocs({
    id: 'deactivateItem',
    summary: 'Deactivate an item',
    description: 'It takes no more receipts; what is there can still be issued and counted.',
    codes: ['ITEM_NOT_FOUND'],
    answer: changedItem,
    example: { sku: 'WIDGET-001', changes: { active: false }, ...examplePlace },
    request: reasonRequest,
  })
  deactivate(
    @Param('sku') path: string,
    @Body() body: CommandBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const command: ItemCommand = { type: 'DeactivateItem', data: { sku: skuIn(path) } };
    return this.run(request, reply, command, body, presentChanges);
  }

  @Post(':sku/reactivate')
  @CommandDocs({
    id: 'reactivateItem',
    summary: 'Reactivate an item',
    codes: ['ITEM_NOT_FOUND'],
    answer: changedItem,
    example: { sku: 'WIDGET-001', changes: { active: true }, ...examplePlace },
    request: reasonRequest,
  })
  reactivate(
    @Param('sku') path: string,
    @Body() body: CommandBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const command: ItemCommand = { type: 'ReactivateItem', data: { sku: skuIn(path) } };
    return this.run(request, reply, command, body, presentChanges);
  }

  @Get()
  @QueryDocs({
    id: 'listItems',
    summary: 'List items',
    list: true,
    answer: itemAnswer,
    example: exampleItem,
  })
  list(
    @Query() query: ItemsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'items',
      query,
      views: VIEWS,
      fields: ITEM_FIELDS,
      rows: () => listItems(query, query.sort ?? 'sku'),
      present: presentItem,
    });
  }

  @Get(':sku')
  @QueryDocs({
    id: 'getItem',
    summary: 'Get an item',
    codes: ['ITEM_NOT_FOUND'],
    answer: itemAnswer,
    example: exampleItem,
    etag: true,
  })
  get(
    @Param('sku') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const sku = skuIn(path);
    return this.queries.revised<ItemRow>(request, reply, {
      query,
      views: VIEWS,
      find: (db) => itemThere(db, sku),
      present: presentItem,
    });
  }

  @Get(':sku/threshold-history')
  @QueryDocs({
    id: 'listThresholdHistory',
    summary: 'How the thresholds of an item came to be',
    description: 'Every change: who, when, why, from what to what.',
    list: true,
    codes: ['ITEM_NOT_FOUND'],
    answer: thresholdChange,
    example: exampleThresholdChange,
  })
  thresholdHistory(
    @Param('sku') path: string,
    @Query() query: ThresholdHistoryQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const sku = skuIn(path);
    return this.queries.list(request, reply, {
      name: 'threshold-history',
      of: sku,
      query,
      views: ['threshold_history', 'items'],
      fields: THRESHOLD_HISTORY_FIELDS,
      rows: () => listThresholdHistory(sku, query, query.sort ?? '-position'),
      exists: (db) => itemThere(db, sku),
    });
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: ItemCommand,
    body: CommandBody,
    present: (accepted: Accepted<ItemEvent>, sku: string) => object,
  ): Promise<void> {
    const { sku } = command.data;
    const { reason, effectiveAt } = body;
    const codes = isTelling(command) ? locationsAsked(command.data) : [];
    return this.commands.run(request, reply, {
      definition: item,
      stream: itemStream(this.commands.tenant, sku),
      command,
      asked: { body: { ...body, sku }, reason, effectiveAt },
      facts: (fresh) => this.commands.facts.itemFacts(codes, fresh),
      creates: command.type === 'RegisterItem',
      present: (accepted) => present(accepted, sku),
    });
  }
}

export const unknownItem = (sku: string): ProblemError =>
  new ProblemError('ITEM_NOT_FOUND', `there is no item ${sku}; POST /api/v1/items registers one`);

/** Throws ITEM_NOT_FOUND. */
export async function itemThere(db: Queryable, sku: string): Promise<ItemRow> {
  const row = await findItem(db, sku);
  if (!row) throw unknownItem(sku);
  return row;
}

type Telling = Extract<ItemCommand, { type: 'RegisterItem' | 'UpdateItem' }>;
const isTelling = (command: ItemCommand): command is Telling =>
  command.type === 'RegisterItem' || command.type === 'UpdateItem';

/** The command's own fields, of those that were sent. */
function wishesOf({
  reason: _,
  effectiveAt: __,
  suppliers,
  units,
  thresholds,
  reorderThresholds,
  ...body
}: UpdateItemBody): Omit<Extract<ItemCommand, { type: 'UpdateItem' }>['data'], 'sku'> {
  return defined({
    ...body,
    suppliers: suppliers?.map(({ supplier, supplierSku = null, leadTimeDays = null }) => ({
      supplier,
      supplierSku,
      leadTimeDays,
    })),
    units: units?.map(({ unit, numerator, denominator = 1 }) => ({ unit, numerator, denominator })),
    thresholds: thresholds?.map((wish) => defined({ ...wish })),
    reorderThresholds: reorderThresholds?.map((wish) => ({ ...wish })),
  });
}
