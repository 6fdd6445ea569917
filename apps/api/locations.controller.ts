import { Body, Controller, Get, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  location,
  locationStream,
  type LocationCommand,
  type LocationEvent,
} from '../../libs/domain';
import { findLocation, listLevels, listLocations } from '../../libs/postgres/queries';
import { changedLocation, locationAnswer, registeredLocation } from './answers-catalogue';
import { levelAnswer } from './answers-stock';
import { defined } from './canonical';
import { CommandGate } from './dispatch';
import { CommandDocs, QueryDocs } from './docs-decorators';
import { ProblemError } from './errors';
import { reasonRequest, registerLocationRequest, updateLocationRequest } from './example-requests';
import { exampleLevel, exampleLocation, examplePlace, exampleRegisteredLocation } from './examples';
import { CommandBody } from './items.dto';
import {
  LevelsQuery,
  LocationsQuery,
  RegisterLocationBody,
  UpdateLocationBody,
} from './locations.dto';
import { AfterQuery } from './page-query';
import { locationIn } from './path';
import { asDomainEvents, foldOf, presentLocation } from './present';
import { type ListAnswer, QueryGate } from './read';

const VIEWS = ['locations'];

@ApiTags('locations')
@Controller('api/v1/locations')
export class LocationsController {
  constructor(
    private readonly commands: CommandGate,
    private readonly queries: QueryGate,
  ) {}

  @Post()
  @CommandDocs({
    id: 'registerLocation',
    summary: 'Register a location',
    created: true,
    codes: ['LOCATION_CODE_ALREADY_EXISTS', 'LOCATION_PARENT_INVALID'],
    answer: registeredLocation,
    example: exampleRegisteredLocation,
    request: registerLocationRequest,
  })
  register(
    @Body() body: RegisterLocationBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = { code: body.code, ...wishesOf(body) };
    return this.run(request, reply, { type: 'RegisterLocation', data }, body);
  }

  @Patch(':code')
  @CommandDocs({
    id: 'updateLocation',
    summary: 'Change a location',
    codes: ['LOCATION_NOT_FOUND', 'LOCATION_PARENT_INVALID'],
    answer: changedLocation,
    example: { code: 'SHOP-1', changes: { name: 'Shop in the centre' }, ...examplePlace },
    request: updateLocationRequest,
  })
  update(
    @Param('code') path: string,
    @Body() body: UpdateLocationBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = { code: locationIn(path), ...wishesOf(body) };
    return this.run(request, reply, { type: 'UpdateLocation', data }, body);
  }

  @Post(':code/deactivate')
  @CommandDocs({
    id: 'deactivateLocation',
    summary: 'Deactivate a location',
    description: 'It takes no more receipts; what is there can still be issued and counted.',
    codes: ['LOCATION_NOT_FOUND'],
    answer: changedLocation,
    example: { code: 'SHOP-1', changes: { active: false }, ...examplePlace },
    request: reasonRequest,
  })
  deactivate(
    @Param('code') path: string,
    @Body() body: CommandBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = { code: locationIn(path) };
    return this.run(request, reply, { type: 'DeactivateLocation', data }, body);
  }

  @Post(':code/reactivate')
  @CommandDocs({
    id: 'reactivateLocation',
    summary: 'Reactivate a location',
    codes: ['LOCATION_NOT_FOUND'],
    answer: changedLocation,
    example: { code: 'SHOP-1', changes: { active: true }, ...examplePlace },
    request: reasonRequest,
  })
  reactivate(
    @Param('code') path: string,
    @Body() body: CommandBody,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const data = { code: locationIn(path) };
    return this.run(request, reply, { type: 'ReactivateLocation', data }, body);
  }

  @Get()
  @QueryDocs({
    id: 'listLocations',
    summary: 'List locations',
    list: true,
    answer: locationAnswer,
    example: exampleLocation,
  })
  list(@Query() query: LocationsQuery): Promise<ListAnswer> {
    const { sort = 'code' } = query;
    return this.queries.list('locations', query, VIEWS, (db, page) =>
      listLocations(db, query, sort, page),
    );
  }

  @Get(':code')
  @QueryDocs({
    id: 'getLocation',
    summary: 'Get a location',
    codes: ['LOCATION_NOT_FOUND'],
    answer: locationAnswer,
    example: exampleLocation,
    etag: true,
  })
  async get(
    @Param('code') path: string,
    @Query() query: AfterQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const code = locationIn(path);
    const row = await this.queries.ask(query, VIEWS, (db) => findLocation(db, code));
    if (!row) throw unknownLocation(code);
    void reply.header('etag', `"${row.revision}"`);
    return row;
  }

  @Get(':code/stock-levels')
  @QueryDocs({
    id: 'listStockLevelsAtLocation',
    summary: 'Stock at a location, per SKU and lot',
    list: true,
    codes: ['LOCATION_NOT_FOUND'],
    answer: levelAnswer,
    example: exampleLevel,
  })
  async levels(@Param('code') path: string, @Query() query: LevelsQuery): Promise<ListAnswer> {
    const code = locationIn(path);
    const filter = { ...query, location: code };
    const { today } = this.queries;
    return this.queries.list(
      `location ${code}`,
      query,
      ['stock_levels', 'locations'],
      async (db, page) => {
        if (!(await findLocation(db, code))) throw unknownLocation(code);
        return listLevels(db, filter, today, page);
      },
    );
  }

  private run(
    request: FastifyRequest,
    reply: FastifyReply,
    command: LocationCommand,
    body: CommandBody,
  ): Promise<void> {
    const { code } = command.data;
    const { reason, effectiveAt } = body;
    const parent = 'parent' in command.data ? command.data.parent : undefined;
    const registers = command.type === 'RegisterLocation';
    return this.commands.run(request, reply, {
      definition: location,
      stream: locationStream(this.commands.tenant, code),
      command,
      asked: { body: { ...body, code }, reason, effectiveAt },
      facts: (fresh) => this.commands.facts.locationFacts(parent, fresh),
      creates: registers,
      present: ({ events }) =>
        registers
          ? presentLocation(foldOf(location, events))
          : presentChanges(asDomainEvents(events), code),
    });
  }
}

export const unknownLocation = (code: string): ProblemError =>
  new ProblemError(
    'LOCATION_NOT_FOUND',
    `there is no location ${code}; POST /api/v1/locations registers one`,
  );

const wishesOf = ({ name, kind, parent, timeZone }: UpdateLocationBody) =>
  defined({ name, kind, parent, timeZone });

function presentChanges(events: readonly LocationEvent[], code: string): object {
  const changes: Record<string, unknown> = {};
  for (const { type, data } of events) {
    if (type === 'LocationUpdated') Object.assign(changes, data.changes);
    else if (type === 'LocationDeactivated') changes.active = false;
    else if (type === 'LocationReactivated') changes.active = true;
  }
  return { code, changes };
}
