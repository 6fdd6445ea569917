import { Body, Controller, Get, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  location,
  locationStream,
  type LocationCommand,
  type LocationEvent,
} from '../../../libs/domain';
import {
  findLocation,
  listLevels,
  listLocations,
  type LocationRow,
  type Queryable,
} from '../../../libs/postgres/queries';
import { changedLocation, locationAnswer, registeredLocation } from './answers';
import { levelAnswer } from '../stock/answers';
import { defined } from '../http/canonical';
import { CommandGate } from '../commands/dispatch';
import { CommandDocs, QueryDocs } from '../document/docs-decorators';
import { ProblemError } from '../http/errors';
import {
  reasonRequest,
  registerLocationRequest,
  updateLocationRequest,
} from '../document/example-requests';
import {
  exampleLevel,
  exampleLocation,
  examplePlace,
  exampleRegisteredLocation,
} from '../document/examples';
import { CommandBody } from './items.dto';
import { LEVEL_FIELDS, LOCATION_FIELDS } from '../reading/list-fields';
import { LocationsQuery, RegisterLocationBody, UpdateLocationBody } from './locations.dto';
import { AfterQuery } from '../reading/page-query';
import { locationIn } from '../http/path';
import { asDomainEvents, foldOf, presentLocation } from '../http/present';
import { QueryGate } from '../reading/read';
import { LevelsQuery } from '../stock/stock-queries.dto';

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
  list(
    @Query() query: LocationsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.queries.list(request, reply, {
      name: 'locations',
      query,
      views: VIEWS,
      fields: LOCATION_FIELDS,
      rows: () => listLocations(query, query.sort ?? 'code'),
    });
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
  get(
    @Param('code') path: string,
    @Query() query: AfterQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const code = locationIn(path);
    return this.queries.revised(request, reply, {
      query,
      views: VIEWS,
      find: (db) => locationThere(db, code),
    });
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
  levels(
    @Param('code') path: string,
    @Query() query: LevelsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const code = locationIn(path);
    return this.queries.list(request, reply, {
      name: 'location-stock-levels',
      of: code,
      query,
      views: ['stock_levels', 'locations'],
      fields: LEVEL_FIELDS,
      rows: (today) => listLevels({ ...query, location: code }, query.sort ?? 'sku', today),
      exists: (db) => locationThere(db, code),
    });
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

const unknownLocation = (code: string): ProblemError =>
  new ProblemError(
    'LOCATION_NOT_FOUND',
    `there is no location ${code}; POST /api/v1/locations registers one`,
  );

/** Throws LOCATION_NOT_FOUND. */
async function locationThere(db: Queryable, code: string): Promise<LocationRow> {
  const row = await findLocation(db, code);
  if (!row) throw unknownLocation(code);
  return row;
}

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
